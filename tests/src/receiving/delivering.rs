//! Deliveries as they come: for several orders, too much, too little, damaged, or never ordered; and taken back.

use crate::database::fixture::strict;
use crate::duties::Company;
use crate::world::Person;
use quartermaster_tenants::settings::{NegativeStock, Settings};
use rust_decimal::dec;
use serde_json::{Value, json};

const WHOLE: &str = "receipt { id status purchaseOrders { id status } \
    discrepancies { kind status foundBySystem reason ownerId itemId orderLineNumber quantity { value unit } amount { amount } } lines(first: 20) { nodes { orderLineNumber purchaseOrderId quantity { value } } } }";

/// On hand and in quarantine of an item.
async fn stock(company: &Company, item: usize) -> [String; 2] {
    let ask = "query($item: ID!) { inventoryPositions(filter: { itemIds: [$item] }) { nodes { onHand { value } quarantined { value } } } }";
    let keeper = company.person(&["inventory_manager"]).await;
    let page = keeper.run(ask, json!({ "item": company.item(item) })).await;
    ["onHand", "quarantined"].map(|f| page["nodes"][0][f]["value"].as_str().unwrap_or("0").to_owned())
}

/// A released order of ten of each of the first items, and who made it.
async fn released(company: &Company, items: usize) -> (Value, Person) {
    let (buyer, approver) = (company.person(&["buyer"]).await, company.person(&["approver_l2"]).await);
    let mut input = company.order(true);
    input["order"]["lines"].as_array_mut().unwrap().truncate(items);
    let order = company.order_of(&buyer, input).await;
    approver.does("purchaseOrderApprove", "", json!({ "id": order })).await;
    (order, buyer)
}

#[tokio::test]
async fn one_delivery_serves_several_orders_of_one_supplier() {
    let company = Company::open().await;
    let receiver = company.person(&["receiver"]).await;
    let ((a, _), (b, _)) = (released(&company, 1).await, released(&company, 2).await);
    let unclear = json!({ "orderIds": [a, b], "lines": [{ "orderLineNumber": 1, "quantity": "10" }] });
    let refused = receiver.cannot("receiptCreate", unclear).await;
    assert_eq!(
        (&refused["code"], &refused["field"]),
        (&json!("REQUIRED"), &json!(["lines", "0", "purchaseOrderId"]))
    );
    let input = json!({ "orderIds": [a, b], "lines": [
        { "purchaseOrderId": a, "orderLineNumber": 1, "quantity": "10" },
        { "purchaseOrderId": b, "orderLineNumber": 2, "quantity": "10" },
        { "purchaseOrderId": b, "orderLineNumber": 1, "quantity": "4" } ] });
    let receipt = receiver.does("receiptCreate", WHOLE, input).await["receipt"].clone();
    assert_eq!(receipt["status"], "ACCEPTED");
    let status = |id: &Value| {
        let orders = receipt["purchaseOrders"].as_array().unwrap();
        orders.iter().find(|o| o["id"] == *id).unwrap()["status"].clone()
    };
    assert_eq!(
        (status(&a), status(&b)),
        (json!("RECEIVED"), json!("PARTIALLY_RECEIVED"))
    );
    assert_eq!(stock(&company, 0).await, ["14", "0"]);
    // The rest of the second order, entered by item beside a third order: first those that ask for it.
    let (c, _) = released(&company, 1).await;
    let by_item = json!({ "orderIds": [b, c], "lines": [{ "itemId": company.item(0), "quantity": "16" }] });
    let receipt = receiver.does("receiptCreate", WHOLE, by_item).await["receipt"].clone();
    let mut spread: Vec<(bool, &str)> = receipt["lines"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|l| (l["purchaseOrderId"] == c, l["quantity"]["value"].as_str().unwrap()))
        .collect();
    spread.sort_unstable();
    assert_eq!(spread, [(false, "6"), (true, "10")]);
    let all = receipt["purchaseOrders"].as_array().unwrap();
    assert!(all.iter().all(|o| o["status"] == "RECEIVED"), "{receipt:#}");
    // Orders of two suppliers come in two deliveries.
    let steward = company.person(&["category_manager"]).await;
    let (supplier, change) = company.proposed_supplier(&steward).await;
    let keeper = company.person(&["supplier_approver"]).await;
    keeper.does("supplierChangeApprove", "", json!({ "id": change })).await;
    let (buyer, approver) = (company.person(&["buyer"]).await, company.person(&["approver_l2"]).await);
    let theirs = company.order_of(&buyer, company.order_to(&supplier)).await;
    approver.does("purchaseOrderApprove", "", json!({ "id": theirs })).await;
    let (ours, _) = released(&company, 1).await;
    let mixed = json!({ "orderIds": [ours, theirs], "lines": [{ "itemId": company.item(0), "quantity": "1" }] });
    let refused = receiver.cannot("receiptCreate", mixed).await;
    assert_eq!(
        (&refused["code"], &refused["field"]),
        (&json!("INVALID_INPUT"), &json!(["orderIds", "1"]))
    );
}

#[tokio::test]
async fn each_difference_is_a_discrepancy_with_its_reason_and_the_orders_buyer_as_owner() {
    let company = Company::with(Settings {
        over_receipt_tolerance_percent: dec!(10),
        ..strict()
    })
    .await;
    let receiver = company.person(&["receiver"]).await;
    let (order, buyer) = released(&company, 3).await;
    let input = json!({ "orderIds": [order], "lines": [
        { "orderLineNumber": 1, "quantity": "11" },
        { "orderLineNumber": 2, "quantity": "8", "damagedQuantity": "3", "final": true },
        { "orderLineNumber": 3, "itemId": company.item(7), "quantity": "2" },
        { "itemId": company.item(9), "quantity": "5" } ] });
    let receipt = receiver.does("receiptCreate", WHOLE, input).await["receipt"].clone();
    assert_eq!(receipt["status"], "DISCREPANT");
    let mut found: Vec<[String; 4]> = Vec::new();
    for d in receipt["discrepancies"].as_array().unwrap() {
        assert_eq!(d["ownerId"], Company::member(&buyer), "{d:#}");
        assert_eq!((&d["status"], &d["foundBySystem"]), (&json!("OPEN"), &json!(true)));
        let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
        found.push([
            text(&d["kind"]),
            text(&d["quantity"]["value"]),
            text(&d["amount"]["amount"]),
            text(&d["reason"]),
        ]);
    }
    found.sort();
    assert_eq!(
        found,
        [
            ["DAMAGED", "3", "7.5", "3 EA came damaged."],
            ["OVER", "1", "2.5", "1 EA more came than were ordered."],
            [
                "SHORT",
                "2",
                "5",
                "2 EA fewer came than were ordered, and no more is expected."
            ],
            ["UNORDERED", "5", "0", "5 EA came that nobody ordered."],
            [
                "WRONG_ITEM",
                "2",
                "5",
                "2 EA of another item came than the order line asks for."
            ],
        ]
        .map(|d| d.map(str::to_owned))
    );
    // Only good goods that were ordered may be sold.
    assert_eq!(stock(&company, 0).await, ["11", "0"]);
    assert_eq!(stock(&company, 1).await, ["5", "3"]);
    assert_eq!(stock(&company, 7).await, ["0", "2"]);
    assert_eq!(stock(&company, 9).await, ["0", "5"]);
    // Settling the last of them accepts the receipt.
    let settler = company.person(&["approver_l2"]).await;
    let all = settler.sees("{ discrepancies { nodes { id } } }").await;
    let all = all["nodes"].as_array().unwrap().clone();
    for (n, d) in all.iter().enumerate() {
        let settle = json!({ "id": d["id"], "resolution": "ACCEPT" });
        let settled = settler
            .does(
                "discrepancyResolve",
                "discrepancy { status receipt { status } }",
                settle,
            )
            .await["discrepancy"]
            .clone();
        let last = n + 1 == all.len();
        let expected = if last { "ACCEPTED" } else { "DISCREPANT" };
        assert_eq!(
            (&settled["status"], &settled["receipt"]["status"]),
            (&json!("RESOLVED"), &json!(expected))
        );
    }
}

#[tokio::test]
async fn what_is_too_much_is_taken_up_to_the_tolerance_and_not_a_crumb_above_it() {
    let company = Company::with(Settings {
        over_receipt_tolerance_percent: dec!(2.5),
        under_receipt_tolerance_percent: dec!(5),
        ..strict()
    })
    .await;
    let receiver = company.person(&["receiver"]).await;
    let came = |order: &Value, quantity: &str, last: bool| json!({ "orderIds": [order], "lines": [{ "orderLineNumber": 1, "quantity": quantity, "final": last }] });
    let (order, _) = released(&company, 1).await;
    let before = company.events().await;
    let refused = receiver.cannot("receiptCreate", came(&order, "10.250001", false)).await;
    assert_eq!(
        (&refused["code"], &refused["field"]),
        (&json!("OVER_TOLERANCE"), &json!(["lines", "0", "quantity"]))
    );
    assert_eq!(
        (company.events().await, stock(&company, 0).await),
        (before, ["0", "0"].map(str::to_owned))
    );
    let receipt = receiver
        .does("receiptCreate", WHOLE, came(&order, "10.25", false))
        .await["receipt"]
        .clone();
    assert_eq!(receipt["discrepancies"][0]["kind"], "OVER");
    assert_eq!(receipt["discrepancies"][0]["quantity"]["value"], "0.25");
    assert_eq!(receipt["purchaseOrders"][0]["status"], "RECEIVED");

    // Less, at the tolerance: no difference, nothing more is expected. Under it: a difference.
    for (quantity, kinds, status) in [
        ("9.5", json!([]), "RECEIVED"),
        ("9.499999", json!(["SHORT"]), "PARTIALLY_RECEIVED"),
    ] {
        let (order, _) = released(&company, 1).await;
        let receipt = receiver
            .does("receiptCreate", WHOLE, came(&order, quantity, true))
            .await["receipt"]
            .clone();
        let found: Vec<&Value> = receipt["discrepancies"]
            .as_array()
            .unwrap()
            .iter()
            .map(|d| &d["kind"])
            .collect();
        assert_eq!(json!(found), kinds, "{quantity}");
        assert_eq!(receipt["purchaseOrders"][0]["status"], status, "{quantity}");
    }
}

#[tokio::test]
async fn a_receipt_is_not_taken_back_while_its_goods_are_promised_or_after_they_were_used() {
    // Whatever the tenant thinks of negative stock: goods that are gone cannot be given back.
    for negative_stock in [NegativeStock::Refuse, NegativeStock::Flag] {
        let company = Company::with(Settings {
            negative_stock,
            ..strict()
        })
        .await;
        let (order, _) = released(&company, 1).await;
        let receipt = company.received(&order, &company.person(&["receiver"]).await).await;
        let admin = company.person(&["tenant_admin"]).await;
        let place = json!({ "code": "L2", "name": "Second", "kind": "STORE", "timeZone": "UTC" });
        let second = admin.does("locationCreate", "location { id }", place).await["location"]["id"].clone();
        let controller = company.person(&["inventory_controller"]).await;
        let away = json!({ "fromLocationId": company.location(), "toLocationId": second, "lines": [{ "itemId": company.item(0), "quantity": "4" }] });
        let transfer = controller.does("transferCreate", "transfer { id }", away).await["transfer"]["id"].clone();
        company
            .person(&["receiver"])
            .await
            .does("transferPick", "", json!({ "id": transfer }))
            .await;
        let reverser = company.person(&["receiver"]).await;
        let back = json!({ "id": receipt, "reason": "Wrong store" });
        let promised = reverser.cannot("receiptReverse", back.clone()).await;
        assert_eq!(
            promised["code"], "INSUFFICIENT_STOCK",
            "{negative_stock:?} {promised:#}"
        );
        controller
            .does("transferCancel", "", json!({ "id": transfer, "reason": "Not now" }))
            .await;

        let broken = json!({ "locationId": company.location(), "reason": "DAMAGE", "submit": true, "lines": [{ "itemId": company.item(0), "quantity": "-1" }] });
        let broken = controller.does("adjustmentCreate", "adjustment { id }", broken).await["adjustment"]["id"].clone();
        let manager = company.person(&["inventory_manager"]).await;
        manager.does("adjustmentApprove", "", json!({ "id": broken })).await;
        assert_eq!(
            reverser.cannot("receiptReverse", back.clone()).await["code"],
            "INSUFFICIENT_STOCK"
        );
        assert_eq!(stock(&company, 0).await, ["9", "0"]);
        let another = company.person(&["approver_l4"]).await;
        another
            .does(
                "adjustmentReverse",
                "",
                json!({ "id": broken, "reason": "It is whole" }),
            )
            .await;
        let done = reverser.does("receiptReverse", WHOLE, back).await["receipt"].clone();
        assert_eq!(
            (&done["status"], &done["purchaseOrders"][0]["status"]),
            (&json!("REVERSED"), &json!("RELEASED"))
        );
        assert_eq!(stock(&company, 0).await, ["0", "0"]);
    }
}

#[tokio::test]
async fn each_step_of_a_delivery_in_one_call_is_an_act_and_an_entry_of_its_own() {
    let company = Company::open().await;
    let (receiver, auditor) = (company.person(&["receiver"]).await, company.person(&["auditor"]).await);
    let (order, _) = released(&company, 1).await;
    let receipt = company.received(&order, &receiver).await;
    let log = async |id: &Value| {
        let ask = format!(
            "{{ events(filter: {{ documentIds: [{id}] }}, orderBy: OLDEST) {{ nodes {{ type sequence actorKind actId actorId }} }} }}"
        );
        auditor.sees(&ask).await["nodes"].as_array().unwrap().clone()
    };
    let kinds = |events: &[Value]| {
        let all = events.iter().map(|e| {
            format!(
                "{} {} {}",
                e["sequence"],
                e["type"].as_str().unwrap(),
                e["actorKind"].as_str().unwrap()
            )
        });
        all.collect::<Vec<_>>()
    };
    let events = log(&receipt).await;
    assert_eq!(
        kinds(&events),
        [
            "1 receipt-opened HUMAN",
            "2 receipt-line-recorded HUMAN",
            "3 goods-received HUMAN",
            "4 receipt-accepted SYSTEM"
        ]
    );
    let acts: std::collections::BTreeSet<String> = events[..3].iter().map(|e| e["actId"].to_string()).collect();
    assert_eq!(acts.len(), 3, "three acts");
    let of_order = kinds(&log(&order).await);
    assert_eq!(
        of_order,
        [
            "1 purchase-order-created HUMAN",
            "2 purchase-order-submitted HUMAN",
            "3 purchase-order-approved HUMAN",
            "4 purchase-order-released SYSTEM",
            "5 purchase-order-received SYSTEM"
        ]
    );
}
