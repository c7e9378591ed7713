//! 64 people at once on one order.

use crate::database::fixture::strict;
use crate::world::{APPROVE, CREATE, World, order_input};
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
