//! 64 people at once on one order.

use crate::database::fixture::strict;
use crate::duties::Company;
use crate::world::{APPROVE, CREATE, World, order_input};
use quartermaster_tenants::settings::Settings;
use rust_decimal::dec;
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_people_approve_one_order_once_and_never_their_own() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let maker = world.member(&shop, &["buyer", "approver_l2"]).await;
    let mut people = vec![maker.clone()];
    for _ in 1..64 {
        people.push(world.member(&shop, &["approver_l2"]).await);
    }
    let order = maker.done(CREATE, order_input(&shop, true)).await["purchaseOrder"]["id"].clone();
    let all = people.iter().map(|p| p.run(APPROVE, json!({ "id": order })));
    let answers = futures::future::join_all(all).await;
    let done = answers.iter().filter(|a| a["userErrors"] == json!([])).count();
    assert_eq!(done, 1, "exactly one approval");
    assert_eq!(
        answers[0]["userErrors"].as_array().map(Vec::len),
        Some(1),
        "never the maker"
    );
    for answer in &answers {
        if let Some(error) = answer["userErrors"].get(0) {
            let code = error["code"].as_str().unwrap();
            assert!(
                ["INVALID_STATE", "CONFLICT", "SEGREGATION_OF_DUTIES"].contains(&code),
                "{code}"
            );
        }
    }
    let hands: i64 = world
        .owner
        .query_one(
            "SELECT count(*) FROM qm.authz_hand WHERE tenant_id = $1 AND duty = 'PO.APPROVE'",
            &[&shop.tenant.0],
        )
        .await
        .unwrap()
        .get(0);
    assert_eq!(hands, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_people_receive_one_order_and_never_beyond_its_tolerance() {
    let company = Company::with(Settings {
        over_receipt_tolerance_percent: dec!(2),
        ..strict()
    })
    .await;
    let (buyer, approver) = (company.person(&["buyer"]).await, company.person(&["approver_l2"]).await);
    let mut input = company.order(true);
    input["order"]["lines"].as_array_mut().unwrap().truncate(1);
    input["order"]["lines"][0]["quantity"] = json!("100");
    let order = company.order_of(&buyer, input).await;
    approver.does("purchaseOrderApprove", "", json!({ "id": order })).await;
    let mut people = Vec::new();
    for _ in 0..64 {
        people.push(company.person(&["receiver"]).await);
    }
    let seven = json!({ "orderIds": [order], "lines": [{ "orderLineNumber": 1, "quantity": "7" }] });
    let all = people
        .iter()
        .map(|p| p.tries("receiptCreate", "receipt { id }", seven.clone()));
    let mut taken = 0;
    for answer in futures::future::join_all(all).await {
        match answer["userErrors"].get(0) {
            None => taken += 1,
            Some(e) => assert!(
                ["OVER_TOLERANCE", "CONFLICT"].contains(&e["code"].as_str().unwrap()),
                "{e:#}"
            ),
        }
    }
    // 14 × 7 = 98; 15 × 7 = 105 is beyond 102.
    assert!(taken <= 14, "{taken} of seven are too many");
    let ask = "query($id: ID!) { purchaseOrder(id: $id) { lines { nodes { receivedQuantity { value } } } } }";
    let order = buyer.run(ask, json!({ "id": order })).await;
    let received = order["lines"]["nodes"][0]["receivedQuantity"]["value"].clone();
    assert_eq!(
        received,
        json!((taken * 7).to_string()),
        "the order counts each of them"
    );
    let ask = "query($item: ID!) { inventoryPositions(filter: { itemIds: [$item] }) { nodes { onHand { value } } } }";
    let shelf = buyer.run(ask, json!({ "item": company.item(0) })).await;
    assert_eq!(shelf["nodes"][0]["onHand"]["value"], received, "and so does the shelf");
}
