//! A mutation by its name, as a person does it.

use super::Bearer;
use serde_json::{Value, json};

const ERRORS: &str = "userErrors { code message field ... on SegregationOfDutiesError { rule tier conflictsWith { duty personDisplay relation via } } \
    ... on InvalidStateError { state } ... on ConflictError { currentVersion } }";

/// The document of one mutation, which asks for `selection` beside the errors.
pub fn command(name: &str, selection: &str) -> String {
    let input = match name {
        "roleAssignmentPropose" => "RoleAssignmentInput".to_owned(),
        "supplierPartyAdd" | "supplierPartyRemove" => "SupplierPartyInput".to_owned(),
        _ => {
            let (first, rest) = name.split_at(1);
            format!("{}{rest}Input", first.to_uppercase())
        }
    };
    format!("mutation($input: {input}!) {{ {name}(input: $input) {{ __typename {selection} {ERRORS} }} }}")
}

impl Bearer {
    /// Does it, and gives what was selected; the test fails when it is refused.
    pub async fn does(&self, name: &str, selection: &str, input: Value) -> Value {
        self.done(&command(name, selection), json!({ "input": input })).await
    }

    /// Tries it, and gives the first refusal; the test fails when it is done.
    pub async fn cannot(&self, name: &str, input: Value) -> Value {
        self.refused(&command(name, ""), json!({ "input": input })).await
    }

    /// Tries it, and gives the whole payload whatever came of it.
    pub async fn tries(&self, name: &str, selection: &str, input: Value) -> Value {
        self.run(&command(name, selection), json!({ "input": input })).await
    }

    /// What a query with one root field answers.
    pub async fn sees(&self, query: &str) -> Value {
        self.run(query, json!({})).await
    }
}
