//! The parts of pages that are made from the schema and the sources, between `<!-- generated: NAME -->` and `<!-- end of NAME -->`:
//! compared, or written anew where `UPDATE_GOLDEN` is set (`make golden`).

use super::page::Page;
use super::{codes, limits};
use crate::house::root;
use async_graphql::Positioned;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    ConstDirective, InputValueDefinition, TypeDefinition, TypeKind, TypeSystemDefinition,
};

/// What a name makes.
fn made(name: &str) -> Option<String> {
    match name {
        "error-codes" => Some(codes::table()),
        "user-error-codes" => Some(user_error_codes()),
        "scalars" => Some(scalars()),
        "limits" => Some(limits::table()),
        "deprecated" => Some(deprecated()),
        _ => None,
    }
}

#[test]
fn what_pages_say_of_schema_and_limits_is_what_these_say_themselves() {
    let mut seen = Vec::new();
    for page in Page::all() {
        let text = anew(&page, &mut seen);
        if text == page.text {
            continue;
        }
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(root().join(&page.name), text).unwrap();
            continue;
        }
        let differs = text.lines().zip(page.text.lines()).find(|(a, b)| a != b);
        panic!(
            "{} is not current: run `make golden` and read the difference. {differs:#?}",
            page.name
        );
    }
    seen.sort();
    assert_eq!(
        seen,
        ["deprecated", "error-codes", "limits", "scalars", "user-error-codes"]
    );
}

/// A page with its parts made anew.
fn anew(page: &Page, seen: &mut Vec<String>) -> String {
    let mut out = String::new();
    let mut rest = page.text.as_str();
    while let Some((before, after)) = rest.split_once("<!-- generated: ") {
        let (name, after) = after.split_once(" -->\n").expect("a mark");
        let end = format!("<!-- end of {name} -->");
        let (_, after) = after
            .split_once(&end)
            .unwrap_or_else(|| panic!("{}: no {end}", page.name));
        let new = made(name).unwrap_or_else(|| panic!("{}: nobody makes {name}", page.name));
        out += &format!("{before}<!-- generated: {name} -->\n\n{new}\n{end}");
        seen.push(name.to_owned());
        rest = after;
    }
    out + rest
}

/// A table in Markdown.
pub fn rows(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut out = line(head.iter().map(|h| (*h).to_owned()).collect());
    out += &format!("|{}\n", "---|".repeat(head.len()));
    rows.into_iter().for_each(|cells| out += &line(cells));
    out
}

/// A text on one line of a table.
pub fn flat(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace('|', "\\|")
}

fn types() -> Vec<TypeDefinition> {
    let document = parse_schema(quartermaster_api::graphql::sdl()).expect("the schema");
    let types = document.definitions.into_iter().filter_map(|d| match d {
        TypeSystemDefinition::Type(t) => Some(t.node),
        _ => None,
    });
    types.collect()
}

fn described(text: Option<Positioned<String>>) -> String {
    flat(&text.map(|t| t.node).unwrap_or_default())
}

fn user_error_codes() -> String {
    let all = types().into_iter().find(|t| t.name.node == "UserErrorCode");
    let Some(TypeKind::Enum(all)) = all.map(|t| t.kind) else {
        panic!("no UserErrorCode");
    };
    let values = all.values.into_iter().map(|v| v.node);
    rows(
        &["code", "meaning"],
        values.map(|v| vec![format!("`{}`", v.value.node), described(v.description)]),
    )
}

fn argument(directives: &[Positioned<ConstDirective>], directive: &str, argument: &str) -> Option<String> {
    let found = directives.iter().find(|d| d.node.name.node == directive)?;
    match &found.node.get_argument(argument)?.node {
        async_graphql::Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

fn scalars() -> String {
    let scalars = types().into_iter().filter(|t| matches!(t.kind, TypeKind::Scalar));
    rows(
        &["scalar", "what it is", "specification"],
        scalars.map(|t| {
            let url = argument(&t.directives, "specifiedBy", "url");
            let said = described(t.description);
            assert!(!said.is_empty(), "{} says nothing of itself", t.name.node);
            vec![
                format!("`{}`", t.name.node),
                said,
                url.map_or_else(|| "–".to_owned(), |u| format!("<{u}>")),
            ]
        }),
    )
}

/// What is deprecated: where it stands and what the schema says of it.
fn deprecations() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for t in types() {
        let name = t.name.node.to_string();
        let mut note = |at: String, directives: &[Positioned<ConstDirective>]| {
            if directives.iter().any(|d| d.node.name.node == "deprecated") {
                found.push((at, argument(directives, "deprecated", "reason").unwrap_or_default()));
            }
        };
        let input = |v: &InputValueDefinition| v.name.node.to_string();
        match t.kind {
            TypeKind::Object(async_graphql::parser::types::ObjectType { fields, .. })
            | TypeKind::Interface(async_graphql::parser::types::InterfaceType { fields, .. }) => {
                for field in fields {
                    let at = format!("{name}.{}", field.node.name.node);
                    note(at.clone(), &field.node.directives);
                    for argument in field.node.arguments {
                        note(format!("{at}({}:)", input(&argument.node)), &argument.node.directives);
                    }
                }
            }
            TypeKind::InputObject(object) => {
                object
                    .fields
                    .iter()
                    .for_each(|f| note(format!("{name}.{}", input(&f.node)), &f.node.directives));
            }
            TypeKind::Enum(all) => {
                let values = all.values.into_iter().map(|v| v.node);
                values.for_each(|v| note(format!("{name}.{}", v.value.node), &v.directives));
            }
            TypeKind::Scalar | TypeKind::Union(_) => {}
        }
    }
    found
}

fn deprecated() -> String {
    let all = deprecations();
    if all.is_empty() {
        return "Nothing is deprecated at the moment.\n".to_owned();
    }
    rows(
        &["deprecated", "what to use, and until when it stays"],
        all.into_iter()
            .map(|(at, reason)| vec![format!("`{at}`"), flat(&reason)]),
    )
}

/// Does a reason name what to use instead, and a date until when the old one stays?
fn is_enough(reason: &str) -> bool {
    let names = reason.split('`').nth(1).is_some_and(|name| !name.is_empty());
    let dates = |word: &str| {
        word.trim_matches(|c: char| !c.is_ascii_digit())
            .parse::<chrono::NaiveDate>()
            .is_ok()
    };
    names && reason.split_whitespace().any(dates)
}

#[test]
fn whatever_is_deprecated_says_what_to_use_and_until_when_it_stays() {
    for (at, reason) in deprecations() {
        assert!(is_enough(&reason), "{at}: “{reason}” does not say both");
    }
    assert!(is_enough("Use `legalName`. Stays until 2027-06-30."));
    for wrong in ["", "No longer supported", "Use `legalName`.", "Gone on 2027-06-30."] {
        assert!(!is_enough(wrong), "{wrong}");
    }
}
