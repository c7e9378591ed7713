//! A server is told to stop, and nobody notices.

use super::balancer::Balancer;
use super::crew::Crew;
use super::{Address, Held, serve, until_ready};
use crate::api::socket::Socket;
use crate::database::fixture::{strict, url};
use crate::world::{APPROVE, CREATE, World, order_input};
use quartermaster_api::config::Config;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

fn config() -> Config {
    Config::development(
        url("DATABASE_APP_URL"),
        url("DATABASE_OWNER_URL"),
        url("DATABASE_RELAY_URL"),
    )
}

const WHO: &str = "{ viewer { memberId } }";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_are_restarted_one_after_the_other_under_load_without_one_request_that_fails() {
    let (world, config) = (World::start().await, config());
    let crew = Crew::of(&world).await;
    let drains = [("QUARTERMASTER_DRAIN_SECONDS", "3")];
    let balancer = Balancer::start().await;
    let mut servers = Vec::new();
    for _ in 0..2 {
        let (process, base) = serve(&config, &world, &drains).await;
        balancer.add(&base);
        balancer.until_ready(&base).await;
        servers.push((process, base));
    }
    let (at, stop) = (Address::default(), Arc::new(AtomicBool::new(false)));
    at.set(balancer.base.clone());
    let workers: Vec<_> = (0..3)
        .map(|_| {
            let (crew, at, stop) = (crew.clone(), at.clone(), stop.clone());
            tokio::spawn(async move { crew.work(at, &stop).await })
        })
        .collect();
    let reader = {
        let (reader, stop) = (crew.buyer.at(&balancer.base), stop.clone());
        tokio::spawn(async move {
            let mut answers = 0;
            while !stop.load(Ordering::Relaxed) {
                let answer = reader.send(WHO, json!({}), None).await;
                assert_eq!(answer.0, 200, "{:#}", answer.1);
                answers += 1;
            }
            answers
        })
    };
    for _ in 0..2 {
        for (process, base) in &mut servers {
            process.terminate();
            process.ended().await;
            balancer.remove(base);
            (*process, *base) = serve(&config, &world, &drains).await;
            balancer.add(base);
            balancer.until_ready(base).await;
        }
    }
    stop.store(true, Ordering::Relaxed);
    let mut acts = 0;
    for worker in workers {
        for act in worker.await.expect("a worker").iter().flat_map(|cycle| &cycle.acts) {
            assert_eq!(act.attempts, 1, "a request failed");
            acts += 1;
        }
    }
    assert!(acts > 30 && reader.await.expect("a reader") > 30, "there was no load");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_told_to_stop_says_so_serves_on_and_finishes_what_is_in_flight() {
    let (world, config) = (World::start().await, config());
    let shop = world.shop(&strict()).await;
    let (buyer, approver) = (
        world.member(&shop, &["buyer"]).await,
        world.member(&shop, &["approver_l2"]).await,
    );
    // Longer than anybody waits: only a second word ends it.
    let (mut server, base) = serve(&config, &world, &[("QUARTERMASTER_DRAIN_SECONDS", "3600")]).await;
    let order = buyer.done(CREATE, order_input(&shop, true)).await["purchaseOrder"]["id"].clone();
    let mut socket = Socket::admitted_at(base.trim_start_matches("http://"), buyer.token()).await;
    let watch = "subscription { documentChanged(types: [PURCHASE_ORDER]) { documentId } }";
    socket
        .say(json!({ "type": "subscribe", "id": "1", "payload": { "query": watch } }))
        .await;
    let held = Held::order(&order).await;
    let approving = {
        let (approver, order) = (approver.at(&base), order.clone());
        tokio::spawn(async move { approver.send(APPROVE, json!({ "id": order }), None).await })
    };
    held.until_wanted().await;
    server.terminate();
    until_ready(&world, &base, Some("stopping")).await;
    for _ in 0..3 {
        let answer = buyer
            .post(&format!("{base}/graphql"), &json!({ "query": WHO }))
            .send()
            .await;
        let answer = answer.expect("an answer, on a connection of its own");
        assert_eq!(answer.status().as_u16(), 200);
        assert_eq!(answer.headers()["connection"], "close");
    }
    server.terminate();
    server.says("stopping: requests in flight are finished first").await;
    assert_eq!(socket.closed().await, 1001, "go away, and come again");
    held.release().await;
    let (status, approved) = approving.await.expect("approving");
    assert_eq!(status, 200);
    assert_eq!(approved["data"]["purchaseOrderApprove"]["userErrors"], json!([]));
    server.ended().await;
    assert_ne!(
        approved["data"]["purchaseOrderApprove"]["purchaseOrder"]["id"],
        Value::Null
    );
}
