//! Made-up credentials: however many there are, they take from nobody what he needs.

use crate::api::{post, query};
use crate::database::fixture::{client, strict, url};
use crate::world::World;
use quartermaster_tenants::identity::api_key::ApiKey;
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn made_up_keys_take_neither_the_connections_nor_the_turns_of_anybody_else() {
    // With room for all of them: how many are let in at a time is another question.
    let world = World::with_room().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    buyer.run("{ __typename }", json!({})).await;
    // As slow as a look-up can be: it waits until this ends.
    let locking = client(&url("DATABASE_OWNER_URL")).await;
    let lock = "BEGIN; LOCK TABLE qm.api_key IN ACCESS EXCLUSIVE MODE";
    locking.batch_execute(lock).await.expect("the lock");
    let mut flood = tokio::task::JoinSet::new();
    for _ in 0..60 {
        let (made_up, _) = ApiKey::generate(Uuid::now_v7(), Uuid::now_v7()).expect("a key");
        let request = post(&world, &query("{ __typename }")).bearer_auth(made_up);
        flood.spawn(request.send());
    }
    // Until they have taken what they can get.
    let mut used = 0;
    for _ in 0..20 {
        used = world.server.db().load().used;
        if used == 16 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let answer = buyer.ask("{ purchaseOrders { totalCount } }", json!({})).await;
    locking.batch_execute("ROLLBACK").await.expect("the end of the lock");
    assert_eq!(
        answer["data"]["purchaseOrders"]["totalCount"], 0,
        "{used} connections in use: {answer:#}"
    );
    while let Some(answer) = flood.join_next().await {
        let status = answer.expect("a task").expect("an answer").status().as_u16();
        assert!([401, 503].contains(&status), "{status}");
    }
}
