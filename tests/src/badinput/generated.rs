//! Every field of every input and every argument of every query, generated from the schema, with values of the right type that
//! nobody wants: whatever they come to, it is no failure of ours, and each error says where.

use crate::duties::{Company, one_of_each, roles_with};
use crate::isolation::schema::{Operation, Schema, base};
use crate::world::Person;
use quartermaster_api::graphql::commands::duties_of;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Values that the type of a leaf accepts, or nearly.
pub fn hostile(schema: &Schema, of: &str) -> Vec<Value> {
    match of {
        "String" => vec![
            json!(""),
            json!("x".repeat(100_000)),
            json!("a\u{0}b"),
            json!("👩‍👩‍👧 \u{202e}\u{feff}e\u{301}"),
            json!("'; DROP TABLE qm.event; --"),
        ],
        "Int" => vec![json!(0), json!(-1), json!(i32::MAX), json!(i32::MIN), json!(i64::MAX)],
        "Decimal" => [
            "0",
            "-1",
            "0.0000000000000000000000000001",
            "9999999999999999999999999999",
            "-9999999999999999999999999999",
            "1000000000",
            "79228162514264337593543950335",
        ]
        .map(|d| json!(d))
        .to_vec(),
        "Date" => ["1900-01-01", "2999-12-31", "0000-00-00"].map(|d| json!(d)).to_vec(),
        "DateTime" => [
            "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59.999999Z",
            "2026-06-01T00:00:60Z",
        ]
        .map(|d| json!(d))
        .to_vec(),
        "CurrencyCode" => vec![json!("XTS"), json!("ZZZ")],
        "CountryCode" => vec![json!("ZZ")],
        "UnitCode" => vec![json!("ZZZ"), json!("00")],
        "Gtin" => vec![json!("00000000"), json!("99999999999999")],
        "Gln" => vec![json!("0000000000000"), json!("9999999999999")],
        "Boolean" => vec![json!(true), json!("true")],
        "ID" => vec![
            json!(""),
            json!("po_7zzzzzzzzzzzzzzzzzzzzzzzzz"),
            json!("é_1"),
            json!(0),
        ],
        name => {
            let values = schema.types.get(name).and_then(|t| t["enumValues"].as_array());
            values.into_iter().flatten().map(|v| v["name"].clone()).collect()
        }
    }
}

/// The paths to all leaves of an input type, each with the name of its type; of a list its first element.
fn leaves(schema: &Schema, of: &Value, path: &[String], out: &mut Vec<(Vec<String>, String)>) {
    if path.len() > 8 {
        return;
    }
    match of["kind"].as_str() {
        Some("NON_NULL") => leaves(schema, &of["ofType"], path, out),
        Some("LIST") => leaves(schema, &of["ofType"], &[path, &["0".to_owned()]].concat(), out),
        Some("INPUT_OBJECT") => {
            let fields = schema.types[base(of)]["inputFields"].as_array();
            for field in fields.into_iter().flatten() {
                let name = field["name"].as_str().expect("a name").to_owned();
                leaves(schema, &field["type"], &[path, &[name]].concat(), out);
            }
        }
        _ => out.push((path.to_vec(), base(of).to_owned())),
    }
}

/// Puts a value where the path says, and on the way what the types ask for.
fn put(schema: &Schema, variables: &mut Value, root: &Value, path: &[String], value: Value) {
    let (mut at, mut of) = (variables, root.clone());
    for step in path {
        while of["kind"] == "NON_NULL" {
            of = of["ofType"].clone();
        }
        if of["kind"] == "LIST" {
            of = of["ofType"].clone();
            if at.as_array().is_none_or(Vec::is_empty) {
                *at = json!([schema.value(&of, 1).unwrap_or(Value::Null)]);
            }
            at = &mut at[0];
        } else {
            if !at.is_object() {
                *at = schema.value(&of, 1).unwrap_or_else(|| json!({}));
            }
            let fields = schema.types[base(&of)]["inputFields"].as_array().expect("fields");
            let field = fields.iter().find(|f| f["name"] == *step).expect("a field");
            of = field["type"].clone();
            at = &mut at[step.as_str()];
        }
    }
    *at = value;
}

/// Is this the path of a field in the type?
pub fn has_field(schema: &Schema, of: &Value, path: &[&str]) -> bool {
    let Some((step, rest)) = path.split_first() else {
        return true;
    };
    match of["kind"].as_str() {
        Some("NON_NULL") => has_field(schema, &of["ofType"], path),
        Some("LIST") => step.parse::<usize>().is_ok() && has_field(schema, &of["ofType"], rest),
        Some("INPUT_OBJECT") => {
            let fields = schema.types[base(of)]["inputFields"].as_array().expect("fields");
            let field = fields.iter().find(|f| f["name"] == *step);
            field.is_some_and(|f| has_field(schema, &f["type"], rest))
        }
        _ => false,
    }
}

/// What is wrong with an answer, whatever it says.
pub fn faults(schema: &Schema, input: Option<&Value>, status: u16, answer: &Value) -> Vec<String> {
    let mut found = Vec::new();
    if status >= 500 {
        found.push(format!("status {status}"));
    }
    for error in answer["errors"].as_array().into_iter().flatten() {
        let code = error["extensions"]["code"].as_str().unwrap_or("no code");
        if ["INTERNAL", "UNAVAILABLE", "no code"].contains(&code) {
            found.push(format!("{code}: {}", error["message"]));
        }
    }
    let payload = answer["data"].as_object().and_then(|d| d.values().next());
    let told = payload.and_then(|p| p["userErrors"].as_array());
    for error in told.into_iter().flatten() {
        let path: Vec<&str> = error["field"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        if input.is_some_and(|of| !has_field(schema, of, &path)) {
            let path: String = path.join(".").chars().take(80).collect();
            found.push(format!("no such field of the input: {path}"));
        }
        if error["message"].as_str().is_none_or(|m| m.len() < 8) {
            found.push(format!("no sentence: {error}"));
        }
    }
    found
}

/// A field's arguments as introspection gives them: the name and the type.
fn arguments(schema: &Schema, operation: &Operation) -> Vec<(String, Value)> {
    let root = if operation.is_mutation { "Mutation" } else { "Query" };
    let fields = schema.types[root]["fields"].as_array().expect("fields");
    let field = fields
        .iter()
        .find(|f| f["name"] == operation.name.as_str())
        .expect("a field");
    let of = |a: &Value| (a["name"].as_str().expect("a name").to_owned(), a["type"].clone());
    field["args"].as_array().expect("arguments").iter().map(of).collect()
}

/// Sends every leaf of the operations' arguments with every value that its type makes one think of.
async fn assail(company: &Company, mutations: bool) {
    let ids = one_of_each(company).await;
    let nobody = company.person(&[]).await;
    let schema = Schema::ask(&nobody).await;
    let mut people: BTreeMap<String, Person> = BTreeMap::new();
    let (mut wrong, mut sent) = (BTreeMap::new(), 0);
    let all = schema.operations().into_iter();
    for operation in all.filter(|o| o.is_mutation == mutations) {
        let roles = duties_of(&operation.name).map(roles_with).unwrap_or_default();
        let role = roles.first().cloned().unwrap_or_else(|| "auditor".to_owned());
        if !people.contains_key(&role) {
            people.insert(role.clone(), company.person(&[role.as_str()]).await);
        }
        let places = operation.id_places(&nobody).await;
        let good = operation.variables_of(&places, |prefix| ids.get(prefix).cloned());
        let arguments = arguments(&schema, &operation);
        let input = arguments.iter().find(|(name, _)| name == "input").map(|(_, of)| of);
        for (argument, of) in &arguments {
            if !operation.document.contains(&format!("${argument}:")) {
                continue;
            }
            let mut paths = Vec::new();
            leaves(&schema, of, &[], &mut paths);
            for (path, leaf) in paths {
                let mut place = vec![argument.clone()];
                place.extend(path.iter().cloned());
                let mut values = hostile(&schema, &leaf);
                values.extend(places.iter().filter(|p| p.path == place).map(|p| json!(p.unknown)));
                for value in values {
                    let mut variables = good.clone();
                    put(&schema, &mut variables[argument.as_str()], of, &path, value.clone());
                    let body = json!({ "query": operation.document, "variables": variables });
                    let (status, answer) = super::send(company, &people[&role], &body).await;
                    sent += 1;
                    let shown: String = value.to_string().chars().take(40).collect();
                    for fault in faults(&schema, input, status, &answer) {
                        let at = format!("{} {argument}.{}", operation.name, path.join("."));
                        wrong.entry(format!("{at}: {fault}")).or_insert(shown.clone());
                    }
                }
            }
        }
    }
    let list: Vec<String> = wrong
        .iter()
        .map(|(what, value)| format!("{what} for {value}"))
        .collect();
    assert!(
        list.is_empty(),
        "{} of {sent} answers:\n{}",
        list.len(),
        list.join("\n")
    );
    assert!(sent > 300, "only {sent}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_value_of_any_input_field_is_a_failure_of_ours() {
    assail(&Company::open().await, true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_value_of_any_query_argument_is_a_failure_of_ours() {
    assail(&Company::open().await, false).await;
}
