//! Closed vocabularies are enums: what a field can say, the schema says.

use crate::database::fixture::strict;
use crate::isolation::schema::base;
use crate::world::{Person, World};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const TYPE: &str = "kind name ofType { kind name ofType { kind name ofType { kind name } } }";

/// The types of the schema by name.
async fn types(person: &Person) -> BTreeMap<String, Value> {
    let query = format!(
        "{{ __schema {{ types {{ kind name enumValues {{ name }} fields {{ name type {{ {TYPE} }} }} inputFields {{ name type {{ {TYPE} }} }} }} }} }}"
    );
    let answer = person.run(&query, json!({})).await;
    let named = |t: &Value| (t["name"].as_str().unwrap_or_default().to_owned(), t.clone());
    answer["types"].as_array().expect("types").iter().map(named).collect()
}

fn values(of: &Value) -> BTreeSet<&str> {
    let all = of["enumValues"].as_array().map(Vec::as_slice).unwrap_or_default();
    all.iter().filter_map(|v| v["name"].as_str()).collect()
}

#[tokio::test]
async fn kinds_of_documents_actors_and_accounts_and_incoterms_are_enums_wherever_they_occur() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let types = types(&world.member(&shop, &[]).await).await;
    let closed = [
        ("documentKind", "DocumentKind"),
        ("documentKinds", "DocumentKind"),
        ("actorKind", "ActorKind"),
        ("accountKind", "AccountKind"),
        ("incoterm", "Incoterm"),
    ];
    let mut seen = BTreeMap::new();
    for (name, t) in &types {
        for place in ["fields", "inputFields"] {
            for field in t[place].as_array().map(Vec::as_slice).unwrap_or_default() {
                if let Some((field_name, wanted)) = closed.iter().find(|(f, _)| field["name"] == *f) {
                    assert_eq!(base(&field["type"]), *wanted, "{name}.{field_name}");
                    *seen.entry(*field_name).or_insert(0) += 1;
                }
            }
        }
    }
    assert_eq!(seen.len(), closed.len(), "{seen:?}");
    assert_eq!(values(&types["Incoterm"]).len(), 11);
}

#[tokio::test]
async fn a_refusal_can_name_every_state_that_a_document_can_have() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let types = types(&world.member(&shop, &[]).await).await;
    let known = values(&types["DocumentState"]);
    let state = types["InvalidStateError"]["fields"].as_array().expect("fields");
    let state = state.iter().find(|f| f["name"] == "state").expect("state");
    assert_eq!(base(&state["type"]), "DocumentState");
    let mut machines = 0;
    for (name, t) in types.iter().filter(|(_, t)| t["kind"] == "OBJECT") {
        let fields = t["fields"].as_array().map(Vec::as_slice).unwrap_or_default();
        let Some(status) = fields.iter().find(|f| f["name"] == "status") else {
            continue;
        };
        let of = values(&types[base(&status["type"])]);
        let missing: Vec<_> = of.difference(&known).collect();
        assert!(
            missing.is_empty(),
            "{name} can be {missing:?}: api/src/graphql/document_state.rs"
        );
        machines += 1;
    }
    assert!(machines > 20, "{machines}");
}

#[tokio::test]
async fn only_documents_that_have_numbers_are_numbered() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let security = world.member(&shop, &["security_admin"]).await;
    let numbered =
        |kind: &str| json!({ "settings": { "numbering": [{ "documentKind": kind, "pattern": "X-{NNNN}" }] } });
    let refused = security.cannot("workflowRuleEdit", numbered("INVITATION")).await;
    assert_eq!(
        (&refused["code"], &refused["field"]),
        (&json!("INVALID_INPUT"), &json!(["settings", "numbering", "INVITATION"]))
    );
    security
        .does("workflowRuleEdit", "workflowRule { id }", numbered("RECEIPT"))
        .await;
}

#[tokio::test]
async fn a_role_of_the_tenants_own_is_of_people_or_machines_and_of_no_supplier() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let security = world.member(&shop, &["security_admin"]).await;
    let role = |kind: &str| json!({ "roles": [{ "name": "own", "title": "Own", "accountKind": kind, "duties": [{ "duty": "CONF.RECORD", "maxLevel": 0 }] }] });
    let refused = security.cannot("sodPolicyEdit", role("SUPPLIER")).await;
    assert_eq!(refused["code"], "INVALID_INPUT", "{refused}");
    let draft = security
        .does(
            "sodPolicyEdit",
            "sodPolicyDraft { roles { name accountKind } }",
            role("INTEGRATION"),
        )
        .await;
    let told = &draft["sodPolicyDraft"]["roles"][0];
    assert_eq!(told, &json!({ "name": "own", "accountKind": "INTEGRATION" }));
}
