//! A client that was generated from the release's schema: all that it can say is understood, and answered in the form that it knows.

use super::database::upgraded;
use super::{read, sdl};
use crate::isolation::schema::Schema;
use serde_json::{Value, json};

/// Codes of answers that say that the document itself was not understood.
const NOT_UNDERSTOOD: [&str; 3] = ["GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "INTERNAL"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_of_the_releases_schema_is_executed() {
    let upgraded = upgraded().await;
    let released = sdl::schema(&read("schema.graphql"));
    let people = [
        upgraded.somebody("auditor").await,
        upgraded.somebody("tenant_admin").await,
        upgraded.somebody("buyer").await,
    ];
    let (mut asked, mut shown) = (0, 0);
    for operation in released.operations() {
        for person in &people {
            let answer = person.ask(&operation.document, operation.variables()).await;
            for error in answer["errors"].as_array().into_iter().flatten() {
                let code = error["extensions"]["code"].as_str().unwrap_or_default();
                let bad = NOT_UNDERSTOOD.contains(&code);
                assert!(!bad, "{}: {error}\n{}", operation.name, operation.document);
            }
            asked += 1;
            shown += usize::from(answer["data"].is_object());
            fits(
                &released,
                if operation.is_mutation { "Mutation" } else { "Query" },
                &answer["data"],
                &operation.name,
            );
        }
    }
    assert!(asked > 300 && shown > 100, "{shown} of {asked} were answered with data");
}

/// That each object of an answer has a type that the client knows, each enum a value that it knows.
fn fits(schema: &Schema, name: &str, value: &Value, at: &str) {
    let Some(object) = value.as_object() else { return };
    let name = object.get("__typename").and_then(Value::as_str).unwrap_or(name);
    let of = schema.types.get(name).unwrap_or_else(|| panic!("{at}: {name} is new"));
    for field in of["fields"].as_array().into_iter().flatten() {
        let Some(found) = object.get(field["name"].as_str().unwrap_or_default()) else {
            continue;
        };
        let named = crate::isolation::schema::base(&field["type"]);
        let values = schema.types.get(named).and_then(|t| t["enumValues"].as_array());
        let each: Vec<&Value> = found
            .as_array()
            .map_or_else(|| vec![found], |list| list.iter().collect());
        for one in each.into_iter().filter(|v| !v.is_null()) {
            if let Some(values) = values {
                assert!(
                    values.iter().any(|v| v["name"] == *one),
                    "{at}: {one} is no {named} of the release"
                );
            }
            fits(schema, named, one, at);
        }
    }
}

#[test]
fn nothing_that_a_client_of_the_release_knows_is_gone_or_asks_for_more() {
    let released = sdl::schema(&read("schema.graphql"));
    let now = sdl::schema(&std::fs::read_to_string(crate::house::root().join("schema.graphql")).unwrap());
    let mut wrong = Vec::new();
    for (name, old) in &released.types {
        let Some(new) = now.types.get(name).filter(|t| t["kind"] == old["kind"]) else {
            wrong.push(format!("{name} is gone, or another kind of type"));
            continue;
        };
        for list in ["enumValues", "possibleTypes"] {
            for one in each(old, list).filter(|o| named(new, list, o).is_none()) {
                wrong.push(format!("{name} has lost {}", one["name"]));
            }
        }
        for field in each(old, "fields") {
            let place = format!("{name}.{}", field["name"]);
            match named(new, "fields", field) {
                None => wrong.push(format!("{place} is gone")),
                Some(same) => {
                    if !gives(&same["type"], &field["type"]) {
                        wrong.push(format!("{place} gives another type"));
                    }
                    takes(&mut wrong, &place, field, same, "args");
                }
            }
        }
        takes(&mut wrong, name, old, new, "inputFields");
    }
    assert!(released.types.len() > 300, "{} types", released.types.len());
    assert!(wrong.is_empty(), "clients of the release break: {wrong:#?}");
}

fn each<'a>(of: &'a Value, list: &str) -> impl Iterator<Item = &'a Value> {
    of[list].as_array().into_iter().flatten()
}

fn named<'a>(of: &'a Value, list: &str, like: &Value) -> Option<&'a Value> {
    each(of, list).find(|one| one["name"] == like["name"])
}

/// What it took it takes, and nothing more must be given.
fn takes(wrong: &mut Vec<String>, place: &str, old: &Value, new: &Value, list: &str) {
    for one in each(old, list) {
        match named(new, list, one) {
            None => wrong.push(format!("{place} no longer takes {}", one["name"])),
            // What is asked for may become less, so it is the other way round.
            Some(same) if !gives(&one["type"], &same["type"]) => {
                wrong.push(format!("{place} takes {} in another type", one["name"]));
            }
            Some(_) => {}
        }
    }
    for one in each(new, list).filter(|n| named(old, list, n).is_none()) {
        if one["type"]["kind"] == json!("NON_NULL") && one["defaultValue"].is_null() {
            wrong.push(format!("{place} must be given {}", one["name"]));
        }
    }
}

/// Is whatever is of this type also of that one?
fn gives(this: &Value, that: &Value) -> bool {
    match (this["kind"].as_str(), that["kind"].as_str()) {
        (Some("NON_NULL"), Some("NON_NULL")) => gives(&this["ofType"], &that["ofType"]),
        (Some("NON_NULL"), _) => gives(&this["ofType"], that),
        (Some("LIST"), Some("LIST")) => gives(&this["ofType"], &that["ofType"]),
        (of, kind) => of == kind && this["name"] == that["name"],
    }
}

#[test]
fn what_a_client_would_stumble_over_is_found() {
    let of = |text: &str| sdl::schema(text).types.remove("T").expect("T");
    let old = of("type T { a: String! b(x: Int!): [String!] }");
    for (text, expected) in [
        ("type T { a: String! b(x: Int): [String!]! c: Int }", 0),
        ("type T { a: String b(x: Int!): [String!] }", 1),
        ("type T { a: String! b(x: Int!, y: Int!): [String!] }", 1),
        ("type T { a: String! b(x: Int!, y: Int! = 1): [String!] }", 0),
        ("type T { a: String! b: [String!] }", 1),
        ("type T { a: String! b(x: Int!): [String] }", 1),
    ] {
        let (new, mut wrong) = (of(text), Vec::new());
        for field in each(&old, "fields") {
            let same = named(&new, "fields", field).expect("the field");
            if !gives(&same["type"], &field["type"]) {
                wrong.push("type".to_owned());
            }
            takes(&mut wrong, "T", field, same, "args");
        }
        assert_eq!(wrong.len(), expected, "{text}: {wrong:?}");
    }
}
