//! Requests that are like one before, and the one among them that is not as it should be.

use super::World;
use crate::database::fixture::strict;
use serde_json::{Value, json};

const ORDERS: &str = "query($first: Int!, $id: ID, $ids: [ID!], $filter: PurchaseOrderFilter, $all: Boolean = false) { \
    purchaseOrders(first: $first, filter: $filter) { nodes { id number status } totalCount @include(if: $all) } \
    node(id: $id) { id } nodes(ids: $ids) { id } }";

/// What is wrong is refused as it is in a document that nobody sent before.
#[tokio::test]
async fn a_request_that_is_like_those_before_but_for_what_is_wrong_in_it_is_refused_like_the_first() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let id = buyer
        .done(crate::world::CREATE, crate::world::order_input(&shop, false))
        .await["purchaseOrder"]["id"]
        .clone();
    let good = |status: &str| json!({ "first": 5, "id": id, "ids": [id], "filter": { "statuses": [status] } });
    for status in ["DRAFT", "DRAFT", "APPROVED", "DRAFT"] {
        let (code, answer) = buyer.send(ORDERS, good(status), None).await;
        assert!(code == 200 && answer.get("errors").is_none(), "{answer:#}");
        assert_eq!(
            answer["data"]["purchaseOrders"]["nodes"][0]["status"] == "DRAFT",
            status == "DRAFT"
        );
    }
    let but = |changed: Value| {
        let mut variables = good("DRAFT");
        for (name, value) in changed.as_object().unwrap() {
            variables[name] = value.clone();
        }
        variables
    };
    let mut wrong = vec![
        but(json!({ "first": "5" })),
        but(json!({ "first": 5.5 })),
        but(json!({ "first": null })),
        but(json!({ "first": 251 })),
        but(json!({ "first": -1 })),
        but(json!({ "id": true })),
        but(json!({ "id": "x" })),
        but(json!({ "ids": [null] })),
        but(json!({ "ids": [[]] })),
        but(json!({ "ids": ["x"] })),
        but(json!({ "all": "true" })),
        but(json!({ "filter": "DRAFT" })),
        but(json!({ "filter": { "statuses": ["draft"] } })),
        but(json!({ "filter": { "statuses": ["NONE"] } })),
        but(json!({ "filter": { "statuses": [1] } })),
        but(json!({ "filter": { "statuses": [null] } })),
        but(json!({ "filter": { "nothing": ["DRAFT"] } })),
        but(json!({ "filter": { "orderedFrom": "yesterday" } })),
    ];
    let mut without = good("DRAFT");
    without.as_object_mut().unwrap().remove("first");
    wrong.push(without);
    let mut refused = 0;
    for (nth, variables) in wrong.into_iter().enumerate() {
        let (code, first) = buyer.send(&format!("{ORDERS} # {nth}"), variables.clone(), None).await;
        let (again, like) = buyer.send(ORDERS, variables.clone(), None).await;
        refused += usize::from(first.get("errors").is_some());
        assert_eq!((again, like), (code, first), "{variables}");
        // And those before go on.
        let (code, answer) = buyer.send(ORDERS, but(json!({ "all": nth % 2 == 0 })), None).await;
        assert!(code == 200 && answer.get("errors").is_none(), "{answer:#}");
        assert_eq!(
            answer["data"]["purchaseOrders"].get("totalCount").is_some(),
            nth % 2 == 0
        );
    }
    assert!(refused > 15, "{refused}");
}

/// A value that must be there is, or the operation is not run (GraphQL, 6.1.2); the engine passes an argument over that has none.
#[tokio::test]
async fn a_variable_that_must_have_a_value_has_one_and_it_is_not_null() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let query = "query($first: Int!, $last: Int! = 2, $ids: [ID!]!, $free: Int) { \
        purchaseOrders(first: $first) { nodes { id } } items(last: $last) { nodes { id } } nodes(ids: $ids) { id } \
        suppliers(first: $free) { nodes { id } } }";
    let none = json!([]);
    for (variables, said) in [
        (
            json!({ "ids": none }),
            "The variable “first” of the type Int! has no value.",
        ),
        (
            json!({ "ids": none, "first": null }),
            "The variable “first” is null, and its type Int! must not be.",
        ),
        (
            json!({ "ids": none, "first": 1, "last": null }),
            "The variable “last” is null, and its type Int! must not be.",
        ),
        (
            json!({ "ids": ["x", null], "first": 1 }),
            "The variable “ids.1” is null, and its type ID! must not be.",
        ),
    ] {
        for _ in 0..2 {
            let (status, answer) = buyer.send(query, variables.clone(), None).await;
            assert_eq!(
                (status, &answer["errors"][0]["message"]),
                (200, &json!(said)),
                "{variables}"
            );
            assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
            assert!(answer.get("data").is_none(), "{answer}");
        }
    }
    for free in [json!({}), json!({ "free": null })] {
        let mut variables = json!({ "ids": none, "first": 1 });
        variables
            .as_object_mut()
            .unwrap()
            .extend(free.as_object().unwrap().clone());
        let (status, answer) = buyer.send(query, variables, None).await;
        assert!(status == 200 && answer.get("errors").is_none(), "{answer:#}");
    }
}
