//! An order's life beside the straight way: withdrawn, refused, stopped, cut short; its number; what its goods are meanwhile.

use crate::database::fixture::strict;
use crate::duties::Company;
use futures::future::join_all;
use quartermaster_tenants::settings::Settings;
use quartermaster_tenants::tx::Numbering;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What there is of the first item, as its keeper sees it.
async fn stock(company: &Company) -> Value {
    let query = "{ inventoryPositions(filter: { itemIds: [ITEM] }) { nodes { onHand { value } quarantined { value } inbound { value } allocated { value } available { value } } } }";
    let keeper = company.person(&["inventory_manager"]).await;
    let nodes = keeper.sees(&query.replace("ITEM", &company.item(0).to_string())).await["nodes"].clone();
    let of = |field: &str| nodes[0][field]["value"].as_str().unwrap_or("0").to_owned();
    json!([
        of("onHand"),
        of("quarantined"),
        of("inbound"),
        of("allocated"),
        of("available")
    ])
}

#[tokio::test]
async fn goods_are_inbound_when_ordered_quarantined_when_damaged_and_available_when_good() {
    let company = Company::open().await;
    let order = company.some_released().await;
    company.ordered(&company.person(&["buyer"]).await).await;
    company.received(&order, &company.person(&["receiver"]).await).await;
    let another = company.some_released().await;
    // What waits for approval is not inbound.
    assert_eq!(stock(&company).await, json!(["10", "0", "10", "0", "10"]));
    let broken =
        json!({ "orderIds": [another], "lines": [{ "orderLineNumber": 1, "quantity": "10", "damagedQuantity": "4" }] });
    company
        .person(&["receiver"])
        .await
        .does("receiptCreate", "", broken)
        .await;
    assert_eq!(stock(&company).await, json!(["16", "4", "0", "0", "16"]));
}

#[tokio::test]
async fn an_order_is_withdrawn_while_nothing_came_and_cut_short_afterwards() {
    let company = Company::open().await;
    let buyer = company.person(&["buyer"]).await;
    let status = async |name: &str, input: Value| {
        let payload = buyer.does(name, "purchaseOrder { status reason }", input).await;
        payload["purchaseOrder"].clone()
    };
    let unwanted = company.some_released().await;
    let cancel = |order: &Value| json!({ "id": order, "reason": "Nobody wants it" });
    assert_eq!(
        status("purchaseOrderCancel", cancel(&unwanted)).await,
        json!({ "status": "CANCELLED", "reason": "Nobody wants it" })
    );
    assert_eq!(
        stock(&company).await,
        json!(["0", "0", "0", "0", "0"]),
        "nothing is inbound any more"
    );
    let receiver = company.person(&["receiver"]).await;
    assert_eq!(
        receiver.cannot("receiptCreate", Company::delivery(&unwanted)).await["code"],
        "INVALID_STATE"
    );

    let begun = company.some_released().await;
    company.received(&begun, &receiver).await;
    assert_eq!(
        buyer.cannot("purchaseOrderCancel", cancel(&begun)).await["code"],
        "INVALID_STATE"
    );
    let cut = |lines: Vec<i32>| json!({ "id": begun, "lineNumbers": lines, "reason": "Sold out" });
    let twice = buyer.cannot("purchaseOrderShortClose", cut(vec![1])).await;
    assert_eq!(twice["code"], "INVALID_STATE", "{twice:#}");
    assert_eq!(
        status("purchaseOrderShortClose", cut((2..10).collect())).await["status"],
        "PARTIALLY_RECEIVED"
    );
    assert_eq!(
        status("purchaseOrderShortClose", cut(vec![10])).await["status"],
        "RECEIVED"
    );
}

#[tokio::test]
async fn an_order_that_was_refused_is_refused_for_good_and_a_held_one_goes_on_where_it_was() {
    let company = Company::open().await;
    let (buyer, approver) = (company.person(&["buyer"]).await, company.person(&["approver_l2"]).await);
    let order = company.ordered(&buyer).await;
    let reject = json!({ "id": order, "reason": "Too dear" });
    let refused = approver
        .does("purchaseOrderReject", "purchaseOrder { status reason }", reject)
        .await;
    assert_eq!(
        refused["purchaseOrder"],
        json!({ "status": "REJECTED", "reason": "Too dear" })
    );
    for command in ["purchaseOrderSubmit", "purchaseOrderRelease"] {
        assert_eq!(
            buyer.cannot(command, json!({ "id": order })).await["code"],
            "INVALID_STATE"
        );
    }

    let order = company.ordered(&buyer).await;
    let hold = json!({ "id": order, "reason": "Wait for the budget" });
    buyer.does("purchaseOrderHold", "", hold).await;
    let held = approver.cannot("purchaseOrderApprove", json!({ "id": order })).await;
    assert_eq!(
        (&held["code"], &held["state"]),
        (&json!("INVALID_STATE"), &json!("ON_HOLD"))
    );
    buyer.does("purchaseOrderResume", "", json!({ "id": order })).await;
    approver.does("purchaseOrderApprove", "", json!({ "id": order })).await;
}

#[tokio::test]
async fn without_the_rule_an_approved_order_waits_for_its_buyer_to_release_it() {
    let company = Company::with(Settings {
        release_on_approval: false,
        ..strict()
    })
    .await;
    let (buyer, auditor) = (company.person(&["buyer"]).await, company.person(&["auditor"]).await);
    let order = company.released(&buyer, &company.person(&["approver_l2"]).await).await;
    let receiver = company.person(&["receiver"]).await;
    assert_eq!(
        receiver.cannot("receiptCreate", Company::delivery(&order)).await["code"],
        "INVALID_STATE"
    );
    buyer.does("purchaseOrderRelease", "", json!({ "id": order })).await;
    let log =
        format!("{{ events(filter: {{ documentIds: [{order}] }}, orderBy: OLDEST) {{ nodes {{ type actorKind }} }} }}");
    let last = auditor.sees(&log).await["nodes"].as_array().unwrap().last().cloned();
    assert_eq!(
        last,
        Some(json!({ "type": "purchase-order-released", "actorKind": "HUMAN" }))
    );
    receiver.does("receiptCreate", "", Company::delivery(&order)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_without_gaps_have_none_though_every_third_order_fails() {
    let mut settings = strict();
    let pattern = "B-{NNNN}/X".to_owned();
    let numbering = Numbering { pattern, gapless: true };
    settings.numbering.insert("PURCHASE_ORDER".to_owned(), numbering);
    let company = Company::with(settings).await;
    let buyer = company.person(&["buyer"]).await;
    let orders = (0..24).map(|n| {
        let mut input = company.order(n % 2 == 0);
        if n % 3 == 0 {
            input["order"]["lines"][0]["quantity"] = json!("0");
        }
        let buyer = &buyer;
        async move {
            buyer
                .tries("purchaseOrderCreate", "purchaseOrder { number }", input)
                .await
        }
    });
    let made = join_all(orders).await;
    let numbers: BTreeSet<String> = made
        .iter()
        .filter_map(|m| m["purchaseOrder"]["number"].as_str().map(str::to_owned))
        .collect();
    let expected: BTreeSet<String> = (1..=16).map(|n| format!("B-{n:04}/X")).collect();
    assert_eq!(numbers, expected);
}

#[tokio::test]
async fn forty_of_a_hundred_that_will_not_come_are_on_order_no_longer() {
    let company = Company::open().await;
    let (buyer, approver) = (company.person(&["buyer"]).await, company.person(&["approver_l2"]).await);
    let mut input = company.order(true);
    input["order"]["lines"].as_array_mut().unwrap().truncate(1);
    input["order"]["lines"][0]["quantity"] = json!("100");
    let order = company.order_of(&buyer, input).await;
    approver.does("purchaseOrderApprove", "", json!({ "id": order })).await;
    let receiver = company.person(&["receiver"]).await;
    let came = |n: &str| json!({ "orderIds": [order], "lines": [{ "orderLineNumber": 1, "quantity": n }] });
    receiver.does("receiptCreate", "", came("60")).await;
    assert_eq!(stock(&company).await, json!(["60", "0", "40", "0", "60"]));
    let cut = json!({ "id": order, "lineNumbers": [1], "reason": "Sold out" });
    let line = "purchaseOrder { status lines { nodes { quantity { value } receivedQuantity { value } closedQuantity { value } outstandingQuantity { value } } } }";
    let closed = buyer.does("purchaseOrderShortClose", line, cut).await["purchaseOrder"].clone();
    assert_eq!(closed["status"], "RECEIVED");
    let figures = json!({ "quantity": { "value": "100" }, "receivedQuantity": { "value": "60" }, "closedQuantity": { "value": "40" }, "outstandingQuantity": { "value": "0" } });
    assert_eq!(closed["lines"]["nodes"], json!([figures]));
    assert_eq!(stock(&company).await, json!(["60", "0", "0", "0", "60"]));
    assert_eq!(
        receiver.cannot("receiptCreate", came("1")).await["code"],
        "INVALID_STATE"
    );
}

#[tokio::test]
async fn an_order_whose_supplier_was_put_on_hold_meanwhile_is_approved_and_not_released() {
    let limits = [300, 5_000, 50_000, 500_000].map(rust_decimal::Decimal::from);
    let company = Company::with(Settings {
        approval_limits: limits,
        ..strict()
    })
    .await;
    let (buyer, approver) = (company.person(&["buyer"]).await, company.person(&["approver_l2"]).await);
    let mut dear = company.order(true);
    dear["order"]["lines"][0]["quantity"] = json!("100");
    let (dear, cheap) = (
        company.order_of(&buyer, dear).await,
        company.order_of(&buyer, company.order(false)).await,
    );
    let steward = company.person(&["supplier_steward"]).await;
    let hold = json!({ "id": company.supplier(), "reason": "Late again" });
    steward.does("supplierHold", "", hold).await;
    let stands = "purchaseOrder { status }";
    // One needs an approver, the other nobody: neither goes to a supplier on hold by itself.
    let approved = approver
        .does("purchaseOrderApprove", stands, json!({ "id": dear }))
        .await;
    let submitted = buyer.does("purchaseOrderSubmit", stands, json!({ "id": cheap })).await;
    for (payload, order) in [(approved, &dear), (submitted, &cheap)] {
        assert_eq!(payload["purchaseOrder"]["status"], "APPROVED");
        assert_eq!(
            buyer.cannot("purchaseOrderRelease", json!({ "id": order })).await["code"],
            "INACTIVE"
        );
    }
    let other = company.person(&["supplier_approver"]).await;
    other
        .does("supplierRelease", "", json!({ "id": company.supplier() }))
        .await;
    for order in [&dear, &cheap] {
        let released = buyer.does("purchaseOrderRelease", stands, json!({ "id": order })).await;
        assert_eq!(released["purchaseOrder"]["status"], "RELEASED");
    }
}
