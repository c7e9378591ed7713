//! Credentials that a server has never seen: however many are made up, they take from nobody what he needs; and who comes with a good one
//! comes in.

use crate::api::{post, query};
use crate::database::fixture::{client, strict, url};
use crate::keys::office::{VIEWER, office};
use crate::world::World;
use quartermaster_tenants::identity::api_key::ApiKey;
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

/// As slow as a look-up can be: it waits until this ends.
const NO_LOOK: &str = "BEGIN; LOCK TABLE qm.api_key IN ACCESS EXCLUSIVE MODE";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn made_up_keys_take_neither_the_places_nor_the_connections_nor_the_turns_of_anybody_else() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    buyer.run("{ __typename }", json!({})).await;
    let locking = client(&url("DATABASE_OWNER_URL")).await;
    locking.batch_execute(NO_LOOK).await.expect("the lock");
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fleet_of_machines_whose_keys_a_new_server_has_never_seen_comes_in_all_at_once() {
    let office = office().await;
    let mut keys = Vec::new();
    for _ in 0..50 {
        keys.push(office.key_of(office.new_key(&office.owner)).await.1);
    }
    let server = office.world.another_server().await;
    let locking = client(&url("DATABASE_OWNER_URL")).await;
    locking.batch_execute(NO_LOOK).await.expect("the lock");
    let mut fleet = tokio::task::JoinSet::new();
    for key in keys {
        let machine = office.owner.with_credential(key).through(&server);
        fleet.spawn(async move { machine.send(VIEWER, json!({}), None).await });
    }
    // Until some of them are looked up, and the others wait for that.
    while server.db().load().used < 4 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    locking.batch_execute("ROLLBACK").await.expect("the end of the lock");
    while let Some(answer) = fleet.join_next().await {
        let (status, answer) = answer.expect("a task");
        assert_eq!(status, 200, "{answer:#}");
        assert_eq!(answer["data"]["viewer"]["displayName"], "Till system", "{answer:#}");
    }
}
