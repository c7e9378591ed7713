//! The table of mutations and duties, against the schema and against what the server does.

use super::company::Company;
use super::estate::one_of_each;
use crate::isolation::schema::{Operation, Schema};
use crate::world::Person;
use quartermaster_api::graphql::commands::{COMMANDS, duties_of};
use quartermaster_tenants::policy::{Duty, PolicyRows, StandardRole};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

#[tokio::test]
async fn every_mutation_has_a_row_and_every_row_a_mutation() {
    let company = Company::open().await;
    let schema = Schema::ask(&company.person(&[]).await).await;
    let there: BTreeSet<String> = mutations(&schema).into_iter().map(|o| o.name).collect();
    let told: BTreeSet<String> = COMMANDS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(there, told, "one row for each mutation: api/src/graphql/commands.rs");
    assert_eq!(told.len(), COMMANDS.len(), "each once");
}

fn mutations(schema: &Schema) -> Vec<Operation> {
    schema.operations().into_iter().filter(|o| o.is_mutation).collect()
}

/// Roles of a tenant's people that grant any of these duties, the one that goes highest first.
pub fn roles_with(duties: &[Duty]) -> Vec<String> {
    let mut grants = PolicyRows::standard().grants;
    grants.sort_by_key(|g| std::cmp::Reverse(g.max_level));
    let human = |role: &str| StandardRole::find(role).is_some_and(|r| r.account_kind == "human" && r.level == "tenant");
    let of_duty = |duty: &str| duties.iter().any(|d| d.code() == duty);
    grants
        .into_iter()
        .filter(|g| of_duty(&g.duty) && human(&g.role))
        .map(|g| g.role)
        .collect()
}

/// Every role of a tenant's people but those.
fn roles_without(duties: &[Duty]) -> Vec<&'static str> {
    let with = roles_with(duties);
    let tenants = |r: &StandardRole| r.account_kind == "human" && r.level == "tenant";
    let rest = StandardRole::all().filter(tenants).map(|r| r.role);
    rest.filter(|role| with.iter().all(|w| w != role)).collect()
}

/// The first code of an answer: of a payload's errors, of the first element's, or at the top.
fn code(answer: &Value) -> Option<&str> {
    let payload = answer["data"].as_object().and_then(|d| d.values().next());
    let errors = payload.map(|p| {
        let errors = &p["userErrors"];
        if errors.is_null() {
            &p["results"][0]["userErrors"]
        } else {
            errors
        }
    });
    let told = errors.and_then(|e| e[0]["code"].as_str());
    told.or_else(|| answer["errors"][0]["extensions"]["code"].as_str())
}

/// Commands that not even everybody with the duty may do: only the one who made the document takes it back.
const ONLY_ITS_MAKER: &[&str] = &[
    "changeOrderWithdraw",
    "importJobCancel",
    "itemChangeWithdraw",
    "priceListWithdraw",
    "supplierChangeWithdraw",
    "workflowRuleWithdraw",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_mutation_lets_in_somebody_without_its_duty_nor_turns_away_somebody_with_it() {
    let company = Company::open().await;
    let ids = one_of_each(&company).await;
    let nobody = company.person(&[]).await;
    let schema = Schema::ask(&nobody).await;
    let mut asked = Vec::new();
    let of_a_duty = |o: &Operation| duties_of(&o.name).is_some_and(|duties| !duties.is_empty());
    for operation in mutations(&schema).into_iter().filter(of_a_duty) {
        let places = operation.id_places(&nobody).await;
        let variables = operation.variables_of(&places, |prefix| ids.get(prefix).cloned());
        asked.push((operation, variables));
    }

    let before = company.events().await;
    let mut others: BTreeMap<&[Duty], Person> = BTreeMap::new();
    for (operation, variables) in &asked {
        let duties = duties_of(&operation.name).expect("a row");
        let answer = nobody.ask(&operation.document, variables.clone()).await;
        assert_eq!(code(&answer), Some("FORBIDDEN"), "{} {answer:#}", operation.name);
        if !others.contains_key(duties) {
            others.insert(duties, company.person(&roles_without(duties)).await);
        }
        let answer = others[duties].ask(&operation.document, variables.clone()).await;
        assert_eq!(
            code(&answer),
            Some("FORBIDDEN"),
            "{} by somebody with all roles but those with {duties:?}: {answer:#}",
            operation.name
        );
    }
    assert_eq!(company.events().await, before, "what is forbidden changes nothing");

    for (operation, variables) in &asked {
        let duties = duties_of(&operation.name).expect("a row");
        // What a partner's people do has no role in the tenant.
        let highest = |duty: &Duty| roles_with(&[*duty]).into_iter().next();
        let roles: Vec<String> = duties.iter().filter_map(highest).collect();
        if roles.is_empty() || ONLY_ITS_MAKER.contains(&operation.name.as_str()) {
            continue;
        }
        let roles: Vec<&str> = roles.iter().map(String::as_str).collect();
        let person = company.person(&roles).await;
        let answer = person.ask(&operation.document, variables.clone()).await;
        let turned_away = match code(&answer) {
            // The document is there and seen; what else the input names may be another matter.
            Some("NOT_FOUND") => answer.to_string().contains("\"field\":[\"id\"]"),
            Some(code) => ["FORBIDDEN", "BAD_USER_INPUT", "INTERNAL"].contains(&code),
            None => false,
        };
        assert!(!turned_away, "{} as {roles:?}: {answer:#}", operation.name);
    }
}
