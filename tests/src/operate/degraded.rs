//! What a server does without, and serves all the same.

use crate::api::socket::Socket;
use crate::database::fixture::{client, strict, url};
use crate::world::World;
use quartermaster_api::config::Config;
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_its_relay_a_server_is_degraded_says_what_is_missing_goes_on_serving_and_recovers_by_itself() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let superuser = client(&url("DATABASE_SUPERUSER_URL")).await;
    let role = format!("relay_{}", Uuid::now_v7().simple());
    let sql = format!("CREATE ROLE {role} LOGIN PASSWORD 'relay' IN ROLE quartermaster_relay");
    superuser.batch_execute(&sql).await.expect("a role");
    let relay = url("DATABASE_RELAY_URL");
    let (_, place) = relay.split_once('@').expect("a URL");
    let relay = format!("postgres://{role}:relay@{place}");
    let server = world
        .another_server_with(|config| Config {
            database_relay_url: relay,
            ..config
        })
        .await;
    let ready = async || {
        let answer = reqwest::get(format!("http://{}/readyz", server.addr))
            .await
            .expect("an answer");
        assert_eq!(answer.status().as_u16(), 200, "it serves all the same");
        answer.json::<Value>().await.expect("JSON")
    };
    let until = async |events: &str| {
        for _ in 0..600 {
            let told = ready().await;
            if told["components"]["events"] == events {
                return told;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("events are not {events}: {}", ready().await);
    };
    assert_eq!(until("idle").await["state"], "ready");
    let mut socket = Socket::admitted_at(server.addr, buyer.token()).await;
    let watch = "subscription { documentChanged(types: [PURCHASE_ORDER]) { eventType } }";
    socket
        .say(json!({ "type": "subscribe", "id": "1", "payload": { "query": watch } }))
        .await;
    assert_eq!(until("reading").await["degraded"], json!([]));

    let away = format!(
        "ALTER ROLE {role} NOLOGIN; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{role}'"
    );
    superuser.batch_execute(&away).await.expect("away");
    let told = until("unreachable").await;
    assert_eq!(
        (&told["state"], &told["degraded"], &told["ready"]),
        (&json!("degraded"), &json!(["events"]), &json!(true))
    );
    assert_eq!(told["components"]["database"], "ok");
    buyer.through(&server).run("{ viewer { memberId } }", json!({})).await;

    superuser
        .batch_execute(&format!("ALTER ROLE {role} LOGIN"))
        .await
        .expect("back");
    assert_eq!(until("reading").await["state"], "ready");
    server.shutdown().await;
}
