use super::{GRAPHQL, post, refusal, token};
use crate::database::fixture::strict;
use crate::world::{CREATE, World, order_input};
use chrono::TimeDelta;
use serde_json::json;

#[tokio::test]
async fn the_same_request_with_the_same_key_gives_the_same_document_quoted_or_bare() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let input = order_input(&shop, false);
    let (_, first) = buyer.send(CREATE, input.clone(), Some("k-1")).await;
    let (_, second) = buyer.send(CREATE, input.clone(), Some("\"k-1\"")).await;
    let (_, third) = buyer.send(CREATE, input, Some("k-2")).await;
    let id = |answer: &serde_json::Value| answer["data"]["purchaseOrderCreate"]["purchaseOrder"]["id"].clone();
    assert!(id(&first).is_string(), "{first:#}");
    assert_eq!(id(&first), id(&second));
    assert_ne!(id(&first), id(&third));
}

#[tokio::test]
async fn another_request_with_the_same_key_is_refused() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let bearer = token(&world, &buyer, TimeDelta::hours(1)).await;
    buyer.send(CREATE, order_input(&shop, false), Some("k")).await;
    let other = json!({ "query": CREATE, "variables": order_input(&shop, true) });
    let request = || post(&world, &other).bearer_auth(&bearer).header("idempotency-key", "k");
    let reused = "IDEMPOTENCY_KEY_REUSED".to_owned();
    assert_eq!(refusal(request()).await, (200, reused.clone()));
    assert_eq!(refusal(request().header("accept", GRAPHQL)).await, (422, reused));
}

#[tokio::test]
async fn a_key_that_is_none_and_two_mutations_with_one_key_are_refused() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let bearer = token(&world, &buyer, TimeDelta::hours(1)).await;
    let submit = "purchaseOrderSubmit(input: { id: \"po_00000000000000000000000000\" }) { userErrors { code } }";
    let one = format!("mutation {{ {submit} }}");
    let two = format!("mutation {{ a: {submit} b: {submit} }}");
    for (text, key) in [(&one, ""), (&one, "a b"), (&one, "\"a"), (&two, "k")] {
        let request = post(&world, &json!({ "query": text }))
            .bearer_auth(&bearer)
            .header("idempotency-key", key);
        assert_eq!(refusal(request).await.1, "BAD_USER_INPUT", "{key} {text}");
    }
}
