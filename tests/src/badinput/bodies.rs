//! Requests that are wrong as a whole: their characters, their nesting, their size.

use crate::duties::Company;
use crate::world::command::command;
use serde_json::{Value, json};

/// The status and the code of a body that is sent as it is.
async fn answer(company: &Company, bearer: &str, body: String) -> (u16, String) {
    let request = company.world.http.post(company.world.url()).bearer_auth(bearer);
    let request = request
        .header("content-type", "application/json")
        .header("accept", "application/graphql-response+json");
    let answer = request.body(body).send().await.expect("an answer");
    let status = answer.status().as_u16();
    let told: Value = answer.json().await.expect("JSON");
    let code = told["errors"][0]["extensions"]["code"].as_str();
    (status, code.unwrap_or_else(|| panic!("no code: {told:#}")).to_owned())
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_told_so_and_change_nothing() {
    let company = Company::open().await;
    let buyer = company.person(&["buyer"]).await;
    let order = company.order_of(&buyer, company.order(false)).await;
    let bearer = crate::api::token(&company.world, &buyer, chrono::TimeDelta::hours(1)).await;
    let cancel = command("purchaseOrderCancel", "");
    let id = order.as_str().expect("an id");
    let inline = |reason: &str| {
        json!({ "query": format!("mutation {{ purchaseOrderCancel(input: {{ id: \"{id}\", reason: \"{reason}\" }}) {{ userErrors {{ code }} }} }}") }).to_string()
    };
    let variables = |reason: &str| {
        let query = json!(cancel);
        format!("{{\"query\":{query},\"variables\":{{\"input\":{{\"id\":\"{id}\",\"reason\":{reason}}}}}}}")
    };
    let deep = |open: &str, close: &str| format!("{}\"x\"{}", open.repeat(100), close.repeat(100));
    let selection = format!(
        "mutation {{ purchaseOrderCancel(input: {{ id: \"{id}\", reason: \"x\" }}) {{ {} __typename {} }} }}",
        "purchaseOrder { ".repeat(100),
        "}".repeat(100)
    );
    let before = company.events().await;
    for (what, body, status, code) in [
        ("NUL in a document", inline("a\u{0}b"), 400, "BAD_USER_INPUT"),
        ("NUL escaped in a document", inline("a\\u0000b"), 400, "BAD_USER_INPUT"),
        (
            "half a surrogate pair in a document",
            inline("\\ud800"),
            400,
            "GRAPHQL_PARSE_FAILED",
        ),
        ("NUL in variables", variables("\"a\\u0000b\""), 400, "BAD_USER_INPUT"),
        (
            "half a surrogate pair in variables",
            variables("\"\\ud800\""),
            400,
            "BAD_USER_INPUT",
        ),
        ("the other half", variables("\"\\udc00x\""), 400, "BAD_USER_INPUT"),
        (
            "lists 100 deep in variables",
            variables(&deep("[", "]")),
            400,
            "BAD_USER_INPUT",
        ),
        (
            "objects 100 deep in variables",
            variables(&deep("{\"a\":", "}")),
            400,
            "BAD_USER_INPUT",
        ),
        (
            "a selection 100 deep",
            json!({ "query": selection }).to_string(),
            400,
            "QUERY_TOO_COMPLEX",
        ),
        (
            "a body over the limit",
            variables(&format!("\"{}\"", "x".repeat(4 * 1024 * 1024))),
            413,
            "BAD_USER_INPUT",
        ),
    ] {
        assert_eq!(
            answer(&company, &bearer, body).await,
            (status, code.to_owned()),
            "{what}"
        );
    }
    assert_eq!(company.events().await, before);
    buyer
        .does(
            "purchaseOrderCancel",
            "",
            json!({ "id": order, "reason": "Not wanted" }),
        )
        .await;
}
