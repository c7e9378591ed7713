//! What is promised to a transfer is there for no count, no return and no adjustment; and stock below zero as the tenant chose.

use crate::duties::Company;
use crate::world::Person;
use serde_json::{Value, json};

/// A transfer of so many of an item that is picked: they are promised. Who may call it off.
async fn promised(company: &Company, item: usize, quantity: &str) -> (Value, Person) {
    let admin = company.person(&["tenant_admin"]).await;
    let place = json!({ "code": "L2", "name": "Second", "kind": "STORE", "timeZone": "UTC" });
    let second = admin.does("locationCreate", "location { id }", place).await["location"]["id"].clone();
    let controller = company.person(&["inventory_controller"]).await;
    let input = json!({ "fromLocationId": company.location(), "toLocationId": second, "lines": [{ "itemId": company.item(item), "quantity": quantity }] });
    let made = controller.does("transferCreate", "transfer { id }", input).await;
    let transfer = made["transfer"]["id"].clone();
    company
        .person(&["receiver"])
        .await
        .does("transferPick", "", json!({ "id": transfer }))
        .await;
    (transfer, controller)
}

async fn figures(company: &Company, item: usize) -> [String; 3] {
    let ask = "query($item: ID!) { inventoryPositions(filter: { itemIds: [$item] }) { nodes { onHand { value } allocated { value } available { value } } } }";
    let keeper = company.person(&["inventory_manager"]).await;
    let page = keeper.run(ask, json!({ "item": company.item(item) })).await;
    ["onHand", "allocated", "available"].map(|f| page["nodes"][0][f]["value"].as_str().unwrap_or("0").to_owned())
}

#[tokio::test]
async fn a_count_that_finds_less_than_is_promised_is_not_posted_until_the_promise_ends() {
    let company = Company::open().await;
    let count = company
        .counting(&company.person(&["inventory_controller"]).await, "50")
        .await;
    let (transfer, controller) = promised(&company, 0, "90").await;
    company.passed(&count, &company.person(&["store_manager"]).await).await;
    let approver = company.person(&["inventory_manager"]).await;
    let approve = json!({ "id": count });
    let refused = approver.cannot("stockCountApprove", approve.clone()).await;
    assert_eq!(refused["code"], "INSUFFICIENT_STOCK", "{refused:#}");
    assert_eq!(figures(&company, 0).await, ["100", "90", "10"]);
    controller
        .does("transferCancel", "", json!({ "id": transfer, "reason": "Not now" }))
        .await;
    approver.does("stockCountApprove", "", approve).await;
    assert_eq!(figures(&company, 0).await, ["80", "0", "80"]);
}

#[tokio::test]
async fn a_return_does_not_take_what_is_promised() {
    let company = Company::open().await;
    let buyer = company.person(&["buyer"]).await;
    let returned = company.returned(&buyer).await;
    company
        .person(&["approver_l2"])
        .await
        .does("supplierReturnApprove", "", json!({ "id": returned }))
        .await;
    let (transfer, controller) = promised(&company, 0, "9").await;
    let shipper = company.person(&["receiver"]).await;
    let ship = json!({ "id": returned });
    let refused = shipper.cannot("supplierReturnShip", ship.clone()).await;
    assert_eq!(refused["code"], "INSUFFICIENT_STOCK", "{refused:#}");
    assert_eq!(figures(&company, 0).await, ["10", "9", "1"]);
    controller
        .does("transferCancel", "", json!({ "id": transfer, "reason": "Not now" }))
        .await;
    let shipped = shipper
        .does("supplierReturnShip", "supplierReturn { status }", ship)
        .await;
    assert_eq!(shipped["supplierReturn"]["status"], "SHIPPED");
    assert_eq!(figures(&company, 0).await, ["8", "0", "8"]);
}

#[tokio::test]
async fn stock_below_zero_is_refused_until_two_people_publish_that_it_is_flagged() {
    let company = Company::open().await;
    let receiver = company.person(&["receiver"]).await;
    company.received(&company.some_released().await, &receiver).await;
    let (controller, approver) = (
        company.person(&["inventory_controller"]).await,
        company.person(&["inventory_manager"]).await,
    );
    let lost = json!({ "locationId": company.location(), "reason": "THEFT", "submit": true, "lines": [{ "itemId": company.item(0), "quantity": "-13" }] });
    let made = controller.does("adjustmentCreate", "adjustment { id }", lost).await;
    let lost = json!({ "id": made["adjustment"]["id"] });
    let refused = approver.cannot("adjustmentApprove", lost.clone()).await;
    assert_eq!(refused["code"], "INSUFFICIENT_STOCK");
    assert_eq!(figures(&company, 0).await, ["10", "0", "10"]);
    company.published(json!({ "negativeStock": "FLAG" })).await;
    approver.does("adjustmentApprove", "", lost).await;
    assert_eq!(figures(&company, 0).await, ["-3", "0", "-3"]);
    let auditor = company.person(&["auditor"]).await;
    let told = "{ events(filter: { types: [\"inventory-negative-detected\"] }) { nodes { actorKind data } } }";
    let told = auditor.sees(told).await["nodes"].clone();
    assert_eq!(told.as_array().map(Vec::len), Some(1), "{told:#}");
    assert_eq!(
        (&told[0]["actorKind"], &told[0]["data"]["itemId"]),
        (&json!("SYSTEM"), &company.item(0))
    );
    let proof = approver.sees("{ stockIntegrity { ok } }").await;
    assert_eq!(proof["ok"], true);
}

#[tokio::test]
async fn of_twenty_that_were_shipped_eighteen_arrive_and_two_are_a_difference_until_it_is_settled() {
    let company = Company::open().await;
    company.stocked(0).await;
    let (transfer, controller) = promised(&company, 0, "20").await;
    let (shipper, taker) = (company.person(&["receiver"]).await, company.person(&["receiver"]).await);
    shipper.does("transferShip", "", json!({ "id": transfer })).await;
    let places = async || {
        let ask = "query($item: ID!) { inventoryPositions(filter: { itemIds: [$item] }, orderBy: LOCATION_ASC) { nodes { location { code } onHand { value } inTransit { value } } } }";
        let page = controller.run(ask, json!({ "item": company.item(0) })).await;
        let of = |n: &Value| json!([n["location"]["code"], n["onHand"]["value"], n["inTransit"]["value"]]);
        page["nodes"].as_array().unwrap().iter().map(of).collect::<Vec<Value>>()
    };
    assert_eq!(places().await, [json!(["L1", "80", "0"]), json!(["L2", "0", "20"])]);
    let came = json!({ "id": transfer, "lines": [{ "lineNumber": 1, "quantity": "18" }], "complete": true });
    let selection = "transfer { status lines { nodes { shippedQuantity { value } receivedQuantity { value } missingQuantity { value } } } }";
    let received = taker.does("transferReceive", selection, came).await["transfer"].clone();
    assert_eq!(received["status"], "DISCREPANT");
    let line = json!({ "shippedQuantity": { "value": "20" }, "receivedQuantity": { "value": "18" }, "missingQuantity": { "value": "2" } });
    assert_eq!(received["lines"]["nodes"], json!([line]));
    assert_eq!(
        places().await,
        [json!(["L1", "80", "0"]), json!(["L2", "18", "0"])],
        "in transit is cleared"
    );
    let auditor = company.person(&["auditor"]).await;
    let log = format!(
        "{{ events(filter: {{ documentIds: [{transfer}] }}, orderBy: NEWEST) {{ nodes {{ type actorKind }} }} }}"
    );
    let last = auditor.sees(&log).await["nodes"][0].clone();
    assert_eq!(
        last,
        json!({ "type": "transfer-discrepancy-created", "actorKind": "SYSTEM" })
    );
    let settle = json!({ "id": transfer, "reason": "The carrier pays" });
    let settled = controller.does("transferClose", "transfer { status }", settle).await;
    assert_eq!(settled["transfer"]["status"], "CLOSED");
    let proof = controller.sees("{ stockIntegrity { ok } }").await;
    assert_eq!(proof["ok"], true);
}
