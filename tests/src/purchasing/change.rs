use crate::database::fixture::strict;
use crate::world::{APPROVE, CREATE, World, order_input};
use serde_json::json;

const PROPOSE: &str = "mutation($input: ChangeOrderCreateInput!) { changeOrderCreate(input: $input) { changeOrder { id status revision changes { lineNumber field before after } } \
    userErrors { code message field } } }";
const ACCEPT: &str = "mutation($id: ID!) { changeOrderApprove(input: { id: $id }) { changeOrder { status } userErrors { code message ... on SegregationOfDutiesError { rule } } } }";

#[tokio::test]
async fn a_released_order_changes_by_a_new_revision_that_somebody_else_approves() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let proposer = world.member(&shop, &["buyer", "approver_l2"]).await;
    let approver = world.member(&shop, &["approver_l2"]).await;
    let maker = world.member(&shop, &["buyer", "approver_l2"]).await;
    let order = maker.done(CREATE, order_input(&shop, true)).await["purchaseOrder"]["id"].clone();
    approver.done(APPROVE, json!({ "id": order })).await;

    let input = json!({ "input": { "purchaseOrderId": order, "reason": "The store needs more", "lines": [{ "lineNumber": 1, "quantity": "40" }] } });
    let change = proposer.done(PROPOSE, input.clone()).await["changeOrder"].clone();
    assert_eq!(change["status"], "IN_APPROVAL");
    assert_eq!(
        change["changes"],
        json!([{ "lineNumber": 1, "field": "quantity", "before": "10", "after": "40" }])
    );
    assert_eq!(
        buyer.refused(PROPOSE, input).await["code"],
        "INVALID_STATE",
        "one change at a time"
    );

    let look =
        "query($id: ID!) { purchaseOrder(id: $id) { revision lines(first: 1) { nodes { quantity { value } } } } }";
    let before = buyer.run(look, json!({ "id": order })).await;
    assert_eq!(
        (&before["revision"], &before["lines"]["nodes"][0]["quantity"]["value"]),
        (&json!(1), &json!("10"))
    );

    assert_eq!(
        proposer.refused(ACCEPT, json!({ "id": change["id"] })).await["rule"],
        "P2P-05"
    );
    assert_eq!(
        maker.refused(ACCEPT, json!({ "id": change["id"] })).await["rule"],
        "P2P-06"
    );
    let done = approver.done(ACCEPT, json!({ "id": change["id"] })).await;
    assert_eq!(done["changeOrder"]["status"], "EFFECTIVE");
    let after = buyer.run(look, json!({ "id": order })).await;
    assert_eq!(
        (&after["revision"], &after["lines"]["nodes"][0]["quantity"]["value"]),
        (&json!(2), &json!("40"))
    );
}

#[tokio::test]
async fn a_change_that_changes_nothing_or_a_line_that_is_not_there_is_refused() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let approver = world.member(&shop, &["approver_l2"]).await;
    let order = buyer.done(CREATE, order_input(&shop, true)).await["purchaseOrder"]["id"].clone();
    let input = |lines: serde_json::Value| json!({ "input": { "purchaseOrderId": order, "reason": "why not", "lines": lines } });
    assert_eq!(
        buyer
            .refused(PROPOSE, input(json!([{ "lineNumber": 1, "quantity": "40" }])))
            .await["code"],
        "INVALID_STATE",
        "not released yet"
    );
    approver.done(APPROVE, json!({ "id": order })).await;
    assert_eq!(
        buyer
            .refused(PROPOSE, input(json!([{ "lineNumber": 1, "quantity": "10" }])))
            .await["code"],
        "REQUIRED"
    );
    assert_eq!(
        buyer
            .refused(PROPOSE, input(json!([{ "lineNumber": 77, "quantity": "10" }])))
            .await["code"],
        "NOT_FOUND"
    );
}
