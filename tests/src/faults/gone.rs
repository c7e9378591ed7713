//! The database is gone for a while, or says nothing.

use super::cluster::Cluster;
use super::crew::Crew;
use super::proof::prove;
use super::{Address, Held, serve, until_ready};
use crate::api::socket::Socket;
use crate::database::fixture::strict;
use crate::operate::process::{Process, command};
use crate::world::{CREATE, Person, World, order_input};
use quartermaster_api::config::Config;
use quartermaster_tenants::id::encode;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const WHO: &str = "{ viewer { memberId } }";

/// A question is refused, cleanly.
async fn refused(person: &Person, base: &str) {
    let answer = person.post(&format!("{base}/graphql"), &json!({ "query": WHO }));
    let answer = answer.send().await.expect("an answer");
    let again = answer.headers().get("retry-after").cloned();
    let status = answer.status().as_u16();
    let told: Value = answer.json().await.expect("JSON");
    assert_eq!(
        (status, &told["errors"][0]["extensions"]["code"]),
        (503, &json!("UNAVAILABLE")),
        "{told:#}"
    );
    assert!(again.is_some(), "when to come again");
}

/// How many were sent away before anything of them was begun, for want of a database.
async fn sent_away(world: &World, base: &str) -> u64 {
    let figures = world.http.get(format!("{base}/metrics")).send().await.expect("figures");
    let text = figures.text().await.expect("text");
    let name = "quartermaster_admission_refused_total{reason=\"database\"} ";
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.expect("a figure").parse().expect("a number")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_database_is_gone_requests_are_refused_and_all_goes_on_when_it_returns() {
    let mut cluster = Cluster::start();
    let config = cluster.config();
    let world = World::of(config.clone()).await;
    let crew = Crew::of(&world).await;
    let base = format!("http://{}", world.server.addr);
    let (at, stop) = (Address::default(), Arc::new(AtomicBool::new(false)));
    at.set(base.clone());
    let workers: Vec<_> = (0..4)
        .map(|_| {
            let (crew, at, stop) = (crew.clone(), at.clone(), stop.clone());
            tokio::spawn(async move { crew.work(at, &stop).await })
        })
        .collect();
    let mut cycles = vec![crew.cycle(&at).await];
    for _ in 0..2 {
        cluster.kill().await;
        until_ready(&world, &base, Some("database-unreachable")).await;
        let before = sent_away(&world, &base).await;
        for _ in 0..10 {
            refused(&crew.buyer, &base).await;
        }
        assert!(sent_away(&world, &base).await > before, "all of them were begun");
        cluster.up();
        until_ready(&world, &base, None).await;
        cycles.push(crew.cycle(&at).await);
    }
    stop.store(true, Ordering::Relaxed);
    for worker in workers {
        cycles.extend(worker.await.expect("a worker"));
    }
    prove(&at, &config.database_owner_url, &crew, &cycles, 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_breaks_while_a_document_is_loaded_is_no_defect() {
    let cluster = Cluster::start();
    let config = cluster.config();
    let world = World::of(config.clone()).await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let supplier = json!({ "id": encode("sup", shop.supplier) });
    let held = Held::table(&config.database_owner_url, "qm.supplier").await;
    let asked = tokio::spawn(async move {
        buyer
            .send("query($id: ID!) { node(id: $id) { id } }", supplier, None)
            .await
    });
    held.until_wanted().await;
    cluster.kill().await;
    let (status, told) = asked.await.expect("an answer");
    let code = &told["errors"][0]["extensions"]["code"];
    assert_eq!((status, code), (503, &json!("UNAVAILABLE")), "{told:#}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_says_nothing_is_not_waited_for() {
    let cluster = Cluster::start();
    // A request would have a quarter of an hour.
    let config = Config {
        database_silence_seconds: 2,
        request_timeout_seconds: 900,
        ..cluster.config()
    };
    let world = World::of(config.clone()).await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let base = format!("http://{}", world.server.addr);
    buyer.done(CREATE, order_input(&shop, false)).await;
    cluster.freeze();
    // Under way before anybody knows, and answered while it still says nothing.
    let order = order_input(&shop, false);
    let (asked, (status, told)) = tokio::join!(refused(&buyer, &base), buyer.send(CREATE, order.clone(), Some("once")));
    let () = asked;
    assert_eq!(
        (status, &told["errors"][0]["extensions"]["code"]),
        (503, &json!("UNAVAILABLE"))
    );
    until_ready(&world, &base, Some("database-silent")).await;
    refused(&buyer, &base).await;
    cluster.thaw();
    until_ready(&world, &base, None).await;
    // Whether the first attempt came through or not: once.
    let (status, first) = buyer.send(CREATE, order.clone(), Some("once")).await;
    assert_eq!((status, &first["errors"]), (200, &Value::Null), "{first:#}");
    let (_, again) = buyer.send(CREATE, order, Some("once")).await;
    assert_eq!(first["data"], again["data"]);
    let orders = buyer
        .run("{ purchaseOrders(first: 0) { totalCount } }", json!({}))
        .await;
    assert_eq!(orders["totalCount"], 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscriber_misses_nothing_of_what_is_done_once_the_database_is_back() {
    let mut cluster = Cluster::start();
    let world = World::of(cluster.config()).await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let base = format!("http://{}", world.server.addr);
    let mut socket = Socket::admitted(&world, buyer.token()).await;
    let watch = "subscription { documentChanged(types: [PURCHASE_ORDER]) { documentId } }";
    socket
        .say(json!({ "type": "subscribe", "id": "1", "payload": { "query": watch } }))
        .await;
    // Heard once, so that the feed is open; from then on every change is.
    let heard =
        async |socket: &mut Socket| socket.hear().await["payload"]["data"]["documentChanged"]["documentId"].clone();
    let first = loop {
        let made = buyer.done(CREATE, order_input(&shop, false)).await["purchaseOrder"]["id"].clone();
        let soon = std::time::Duration::from_secs(1);
        if let Ok(id) = tokio::time::timeout(soon, heard(&mut socket)).await {
            break (made, id);
        }
    };
    assert!(first.0.is_string() && first.1.is_string());
    cluster.kill().await;
    until_ready(&world, &base, Some("database-unreachable")).await;
    cluster.up();
    until_ready(&world, &base, None).await;
    // The feed tries again more slowly than requests do: this one is there before it is.
    let made = buyer.done(CREATE, order_input(&shop, false)).await["purchaseOrder"]["id"].clone();
    while heard(&mut socket).await != made {}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_finds_no_database_does_its_work_once_there_is_one() {
    let mut cluster = Cluster::start();
    let config = cluster.config();
    let world = World::of(config.clone()).await;
    cluster.kill().await;
    let mut command = command("worker");
    command.env("DATABASE_RELAY_URL", &config.database_relay_url);
    let mut worker = Process::start(command);
    worker.says("the database does not answer; trying again").await;
    cluster.up();
    worker.says("idempotency keys").await;
    worker.stop();
    drop(world);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_was_told_to_stop_ends_although_the_database_says_nothing() {
    let cluster = Cluster::start();
    let config = cluster.config();
    let world = World::of(config.clone()).await;
    let crew = Crew::of(&world).await;
    let (mut server, base) = serve(&config, &world, &[("QUARTERMASTER_SHUTDOWN_SECONDS", "1")]).await;
    let at = Address::default();
    at.set(base);
    crew.cycle(&at).await;
    // Something that is still to be written when a server ends, and something that is under way.
    let deprecated = "{ events(first: 1) { nodes { actorDisplay } } }";
    let auditor = crew.auditor.at(&at.get());
    assert_eq!(auditor.ask(deprecated, json!({})).await["errors"], Value::Null);
    cluster.freeze();
    let under_way = tokio::spawn(async move { auditor.attempt(WHO, json!({}), None).await.map(drop) });
    server.terminate();
    server.ended().await;
    cluster.thaw();
    under_way.abort();
}
