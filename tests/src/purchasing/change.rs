use crate::database::fixture::strict;
use crate::duties::Company;
use crate::world::{APPROVE, CREATE, World, order_input};
use serde_json::{Value, json};

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

/// What each field was and would be, and what follows from it once another agreed.
#[tokio::test]
async fn a_revision_says_what_differs_line_by_line_and_receipts_go_by_it() {
    let company = Company::open().await;
    let buyer = company.person(&["buyer"]).await;
    let mut input = company.order(true);
    input["order"]["lines"].as_array_mut().unwrap().truncate(2);
    input["order"]["expectedOn"] = json!("2998-01-01");
    let order = company.order_of(&buyer, input).await;
    let approver = company.person(&["approver_l2"]).await;
    approver.does("purchaseOrderApprove", "", json!({ "id": order })).await;
    let receiver = company.person(&["receiver"]).await;
    let came = |line: i32, quantity: &str| json!({ "orderIds": [order], "lines": [{ "orderLineNumber": line, "quantity": quantity }] });
    receiver.does("receiptCreate", "", came(1, "6")).await;

    let proposer = company.person(&["buyer"]).await;
    let change = |line: Value| json!({ "purchaseOrderId": order, "reason": "As agreed", "lines": [line] });
    let too_few = proposer
        .cannot("changeOrderCreate", change(json!({ "lineNumber": 1, "quantity": "5" })))
        .await;
    assert_eq!(
        (&too_few["code"], &too_few["field"]),
        (&json!("INVALID_INPUT"), &json!(["lines", "0", "quantity"])),
        "six came already"
    );
    let input = json!({ "purchaseOrderId": order, "reason": "As agreed",
        "lines": [{ "lineNumber": 1, "quantity": "8", "unitPrice": "2.75" }, { "lineNumber": 2, "expectedOn": "2999-01-01" }],
        "newLines": [{ "itemId": company.item(4), "quantity": "3", "unitPrice": "1.5" }] });
    let whole = "changeOrder { id status revision netAmountBefore { amount } netAmountAfter { amount } changes { lineNumber field before after } }";
    let proposed = proposer.does("changeOrderCreate", whole, input).await["changeOrder"].clone();
    let new = format!("3 EA of {} at 1.5", company.item(4).as_str().unwrap());
    assert_eq!(
        proposed["changes"],
        json!([
            { "lineNumber": 1, "field": "quantity", "before": "10", "after": "8" },
            { "lineNumber": 1, "field": "unitPrice", "before": "2.5", "after": "2.75" },
            { "lineNumber": 2, "field": "expectedOn", "before": "", "after": "2999-01-01" },
            { "lineNumber": 3, "field": "line", "before": null, "after": new },
        ])
    );
    // 50 before; 22 + 25 + 4.50 after
    assert_eq!(
        (
            &proposed["netAmountBefore"]["amount"],
            &proposed["netAmountAfter"]["amount"]
        ),
        (&json!("50"), &json!("51.5"))
    );
    assert_eq!(
        (&proposed["status"], &proposed["revision"]),
        (&json!("IN_APPROVAL"), &json!(2))
    );
    // Until somebody agreed, the order is what it was.
    assert_eq!(
        receiver.cannot("receiptCreate", came(3, "3")).await["code"],
        "NOT_FOUND"
    );
    approver
        .does("changeOrderApprove", "", json!({ "id": proposed["id"] }))
        .await;
    let now = "query($id: ID!) { purchaseOrder(id: $id) { revision status netAmount { amount } lines { nodes { lineNumber quantity { value } receivedQuantity { value } } } } }";
    let now = buyer.run(now, json!({ "id": order })).await;
    assert_eq!(
        (&now["revision"], &now["status"], &now["netAmount"]["amount"]),
        (&json!(2), &json!("PARTIALLY_RECEIVED"), &json!("51.5"))
    );
    let line = |n: i32, quantity: &str, received: &str| json!({ "lineNumber": n, "quantity": { "value": quantity }, "receivedQuantity": { "value": received } });
    assert_eq!(
        now["lines"]["nodes"],
        json!([line(1, "8", "6"), line(2, "10", "0"), line(3, "3", "0")])
    );
    assert_eq!(
        receiver.cannot("receiptCreate", came(1, "3")).await["code"],
        "OVER_TOLERANCE",
        "two of eight are left"
    );
    for (n, quantity) in [(1, "2"), (2, "10"), (3, "3")] {
        receiver.does("receiptCreate", "", came(n, quantity)).await;
    }
    let done = "query($id: ID!) { purchaseOrder(id: $id) { status } }";
    assert_eq!(buyer.run(done, json!({ "id": order })).await["status"], "RECEIVED");
}
