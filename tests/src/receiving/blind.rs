//! Blind receiving: who counts sees nowhere how much was ordered.

use crate::database::fixture::strict;
use crate::duties::Company;
use crate::world::Person;
use quartermaster_tenants::settings::Settings;
use rust_decimal::dec;
use serde_json::{Value, json};

/// Every way to an order's quantities and amounts.
const WAYS: &str = "query($order: ID!, $orders: [ID!]!, $item: ID!) { purchaseOrder(id: $order) { ...o } \
    purchaseOrders(first: 2, filter: { ids: $orders }) { nodes { ...o } } node(id: $order) { ... on PurchaseOrder { ...o } } nodes(ids: $orders) { ... on PurchaseOrder { ...o } } \
    receipts(first: 3, filter: { purchaseOrderIds: $orders }) { nodes { purchaseOrders { ...o } lines(first: 3) { nodes { unitCost orderedQuantity { value } purchaseOrder { ...o } } } } } \
    changeOrders(first: 2, purchaseOrderId: $order) { totalCount nodes { netAmountBefore { amount } netAmountAfter { amount } changes { before after } } } \
    inventoryAvailability(itemId: $item, on: \"2999-01-01\") { inbound } inventoryPositions(first: 2, filter: { itemIds: [$item] }) { nodes { inbound { value } } } } \
    fragment o on PurchaseOrder { requiredLevel netAmount { amount } taxAmount { amount } totalAmount { amount } lines(first: 2) { nodes { ...l } } end: lines(last: 1) { nodes { ...l } } } \
    fragment l on PurchaseOrderLine { quantity { value } netAmount { amount } taxAmount { amount } outstandingQuantity { value } receivedQuantity { value } }";

/// 739 of the first item at 2.50: no other number of the test looks like that.
async fn ordered(company: &Company, buyer: &Person) -> Value {
    let mut input = company.order(true);
    input["order"]["lines"].as_array_mut().unwrap().truncate(1);
    input["order"]["lines"][0]["quantity"] = json!("739");
    input["order"]["expectedOn"] = json!("2998-01-01");
    let order = company.order_of(buyer, input).await;
    let approver = company.person(&["approver_l2"]).await;
    approver.does("purchaseOrderApprove", "", json!({ "id": order })).await;
    order
}

/// What somebody is told by all ways together.
async fn told(company: &Company, who: &Person, order: &Value) -> Value {
    let asked = json!({ "order": order, "orders": [order], "item": company.item(0) });
    let answer = who.ask(WAYS, asked).await;
    assert!(answer.get("errors").is_none(), "{answer:#}");
    answer["data"].clone()
}

fn tells(answer: &Value, numbers: &[&str]) -> Vec<String> {
    let text = answer.to_string();
    let said = numbers.iter().filter(|n| text.contains(&format!("\"{n}\"")));
    said.map(|n| (*n).to_owned()).collect()
}

/// Ordered, outstanding, the amount, and what a change would make of it.
const ALL: [&str; 5] = ["739", "735", "1847.5", "751", "1877.5"];

#[tokio::test]
async fn where_the_tenant_wants_it_a_receiver_learns_what_was_ordered_when_all_of_it_came() {
    let company = Company::with(Settings {
        blind_receiving: true,
        over_receipt_tolerance_percent: dec!(10),
        ..strict()
    })
    .await;
    let buyer = company.person(&["buyer"]).await;
    let (receiver, manager) = (
        company.person(&["receiver"]).await,
        company.person(&["store_manager"]).await,
    );
    let order = ordered(&company, &buyer).await;
    for who in [&receiver, &manager] {
        let before = told(&company, who, &order).await;
        assert_eq!(tells(&before, &ALL), [""; 0], "before anything came: {before:#}");
    }
    let some = json!({ "orderIds": [order], "lines": [{ "orderLineNumber": 1, "quantity": "4" }] });
    receiver.does("receiptCreate", "", some).await;
    let more = json!({ "purchaseOrderId": order, "reason": "More", "lines": [{ "lineNumber": 1, "quantity": "751" }] });
    buyer.does("changeOrderCreate", "", more).await;
    let opened = receiver
        .does("receiptOpen", "receipt { id blind }", json!({ "orderIds": [order] }))
        .await["receipt"]
        .clone();
    assert_eq!(opened["blind"], true);
    let id = json!({ "id": opened["id"] });
    let count = |quantity: &str| json!({ "id": opened["id"], "replace": true, "lines": [{ "orderLineNumber": 1, "quantity": quantity }] });
    receiver.does("receiptRecordLines", "", count("5")).await;
    for who in [&receiver, &manager] {
        let meanwhile = told(&company, who, &order).await;
        assert_eq!(tells(&meanwhile, &ALL), [""; 0], "{meanwhile:#}");
        assert_eq!(meanwhile["purchaseOrder"]["requiredLevel"], Value::Null);
        assert_eq!(meanwhile["changeOrders"]["totalCount"], 0);
        assert_eq!(
            meanwhile["purchaseOrder"]["lines"]["nodes"][0]["receivedQuantity"]["value"],
            "4"
        );
    }
    // Who orders and who approves see all of it; so does who receives and orders as well.
    for role in [&["buyer"][..], &["approver_l2"], &["buyer", "receiver"], &["auditor"]] {
        let seen = told(&company, &company.person(role).await, &order).await;
        assert_eq!(tells(&seen, &ALL), ALL, "{role:?} {seen:#}");
    }
    // A refusal does not tell it either.
    receiver.does("receiptRecordLines", "", count("900")).await;
    let refused = receiver.cannot("receiptComplete", id.clone()).await;
    assert_eq!(refused["code"], "OVER_TOLERANCE");
    let sentence = refused["message"].as_str().unwrap();
    assert!(
        !["739", "735", "812", "808"].iter().any(|n| sentence.contains(n)),
        "{sentence}"
    );

    receiver.does("receiptRecordLines", "", count("735")).await;
    receiver.does("receiptComplete", "", id).await;
    let after = told(&company, &receiver, &order).await;
    assert_eq!(after["purchaseOrder"]["lines"]["nodes"][0]["quantity"]["value"], "739");
    assert_eq!(after["purchaseOrder"]["totalAmount"]["amount"], "1847.5");
}

#[tokio::test]
async fn elsewhere_an_order_is_hidden_while_a_blind_receipt_is_open_against_it() {
    let company = Company::open().await;
    let receiver = company.person(&["receiver"]).await;
    let order = ordered(&company, &company.person(&["buyer"]).await).await;
    let numbers = ["739", "1847.5"];
    assert_eq!(tells(&told(&company, &receiver, &order).await, &numbers), numbers);
    let open = json!({ "orderIds": [order], "blind": true });
    let id = receiver.does("receiptOpen", "receipt { id }", open).await["receipt"]["id"].clone();
    let count = json!({ "id": id, "lines": [{ "orderLineNumber": 1, "quantity": "5" }] });
    receiver.does("receiptRecordLines", "", count).await;
    let colleague = company.person(&["receiver"]).await;
    for who in [&receiver, &colleague] {
        assert_eq!(tells(&told(&company, who, &order).await, &numbers), [""; 0]);
    }
    receiver.does("receiptComplete", "", json!({ "id": id })).await;
    assert_eq!(tells(&told(&company, &receiver, &order).await, &numbers), numbers);
}
