//! The same from outside, over GraphQL.

use crate::database::fixture::strict;
use crate::world::{APPROVE, CREATE, World, order_input};
use quartermaster_tenants::id::encode;
use serde_json::{Value, json};

const RECEIVE: &str = "mutation($input: ReceiptCreateInput!) { receiptCreate(input: $input) { receipt { id status version \
    viewerCan { reverse { allowed refusal { rule } } } purchaseOrders { id status } discrepancies { id kind status requiredLevel quantity { value unit } amount { amount currencyCode } } \
    lines(first: 20) { totalCount nodes { lineNumber itemId quantity { value } orderedQuantity { value } } } } userErrors { code message field ... on SegregationOfDutiesError { rule } } } }";
const OPEN: &str = "mutation($id: ID!) { receiptOpen(input: { orderIds: [$id], blind: true }) { receipt { id } userErrors { code } } }";
const RECORD: &str = "mutation($id: ID!) { receiptRecordLines(input: { id: $id, lines: [{ orderLineNumber: 1, quantity: \"10\" }] }) \
    { receipt { lines { nodes { unitCost orderedQuantity { value } } } } userErrors { code } } }";
const COMPLETE: &str = "mutation($id: ID!) { receiptComplete(input: { id: $id }) { receipt { status lines { nodes { orderedQuantity { value } } } } userErrors { code } } }";
const RESOLVE: &str = "mutation($id: ID!) { discrepancyResolve(input: { id: $id, resolution: SHORT_CLOSE }) { discrepancy { status resolution receipt { status } } userErrors { code } } }";
const RETURN: &str = "mutation($input: SupplierReturnCreateInput!) { supplierReturnCreate(input: $input) { supplierReturn { id status netAmount { amount } lines { quantity { value } } } userErrors { code field } } }";
const APPROVE_RETURN: &str = "mutation($id: ID!) { supplierReturnApprove(input: { id: $id }) { supplierReturn { status } userErrors { code } } }";
const SHIP: &str = "mutation($id: ID!) { supplierReturnShip(input: { id: $id }) { supplierReturn { status lines { unitCost } } userErrors { code } } }";

#[tokio::test]
async fn a_delivery_is_received_settled_and_partly_sent_back_by_five_people() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let approver = world.member(&shop, &["approver_l2"]).await;
    let receiver = world.member(&shop, &["receiver"]).await;
    let shipper = world.member(&shop, &["receiver"]).await;
    let order = buyer.done(CREATE, order_input(&shop, true)).await["purchaseOrder"]["id"].clone();
    approver.done(APPROVE, json!({ "id": order })).await;

    let mut lines: Vec<Value> = (2..=10)
        .map(|n| json!({ "orderLineNumber": n, "quantity": "10" }))
        .collect();
    lines.push(json!({ "orderLineNumber": 1, "quantity": "7", "final": true }));
    let input = json!({ "input": { "orderIds": [order], "lines": lines } });
    let refused = buyer.refused(RECEIVE, input.clone()).await;
    assert_eq!(refused["code"], "FORBIDDEN");
    let receipt = receiver.done(RECEIVE, input).await["receipt"].clone();
    assert_eq!(receipt["status"], "DISCREPANT");
    assert_eq!(receipt["lines"]["totalCount"], 10);
    assert_eq!(receipt["purchaseOrders"][0]["status"], "PARTIALLY_RECEIVED");
    assert_eq!(receipt["viewerCan"]["reverse"]["refusal"]["rule"], "P2P-23");
    let discrepancy = &receipt["discrepancies"][0];
    assert_eq!(
        (&discrepancy["kind"], &discrepancy["quantity"]["value"]),
        (&json!("SHORT"), &json!("3"))
    );

    let resolved = approver.done(RESOLVE, json!({ "id": discrepancy["id"] })).await;
    assert_eq!(resolved["discrepancy"]["receipt"]["status"], "ACCEPTED");

    let input = json!({ "input": { "supplierId": encode("sup", shop.supplier), "locationId": encode("loc", shop.location), "reason": "Stale", "submit": true,
        "lines": [{ "receiptId": receipt["id"], "receiptLineNumber": 1, "quantity": "2" }] } });
    let goods = buyer.done(RETURN, input).await["supplierReturn"].clone();
    assert_eq!(
        (&goods["status"], &goods["netAmount"]["amount"]),
        (&json!("IN_APPROVAL"), &json!("5"))
    );
    approver.done(APPROVE_RETURN, json!({ "id": goods["id"] })).await;
    let shipped = shipper.done(SHIP, json!({ "id": goods["id"] })).await;
    assert_eq!(shipped["supplierReturn"]["status"], "SHIPPED");

    let found = buyer
        .ask(
            "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } receipts { totalCount nodes { id } } discrepancies(filter: { statuses: [RESOLVED] }) { totalCount } \
             supplierReturns(filter: { statuses: [SHIPPED] }) { totalCount } }",
            json!({ "ids": [receipt["id"], discrepancy["id"], goods["id"]] }),
        )
        .await;
    let data = &found["data"];
    let names: Vec<&Value> = data["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| &n["__typename"])
        .collect();
    assert_eq!(names, ["Receipt", "Discrepancy", "SupplierReturn"], "{found:#}");
    for list in ["receipts", "discrepancies", "supplierReturns"] {
        assert_eq!(data[list]["totalCount"], 1, "{list}");
    }
}

#[tokio::test]
async fn a_blind_receiver_sees_what_was_ordered_only_after_he_counted() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let approver = world.member(&shop, &["approver_l2"]).await;
    let receiver = world.member(&shop, &["receiver"]).await;
    let order = buyer.done(CREATE, order_input(&shop, true)).await["purchaseOrder"]["id"].clone();
    approver.done(APPROVE, json!({ "id": order })).await;
    let id = receiver.done(OPEN, json!({ "id": order })).await["receipt"]["id"].clone();
    let line = receiver.done(RECORD, json!({ "id": id })).await["receipt"]["lines"]["nodes"][0].clone();
    assert_eq!(line, json!({ "unitCost": null, "orderedQuantity": null }));
    let done = receiver.done(COMPLETE, json!({ "id": id })).await["receipt"].clone();
    assert_eq!(done["status"], "ACCEPTED");
    assert_eq!(done["lines"]["nodes"][0]["orderedQuantity"]["value"], "10");
}
