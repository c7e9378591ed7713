//! Sockets: how many somebody may have, and for how long without using one. (They end with their token: `../api/socket.rs`.)

use crate::api::socket::Socket;
use crate::database::fixture::strict;
use crate::world::World;
use quartermaster_api::config::Config;
use serde_json::json;

const WATCH: &str = "subscription { documentChanged(types: [PURCHASE_ORDER]) { eventType } }";

#[tokio::test]
async fn one_account_has_so_many_sockets_and_another_has_its_own() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let (eager, other) = (
        world.member(&shop, &["buyer"]).await,
        world.member(&shop, &["buyer"]).await,
    );
    let server = world
        .another_server_with(|c| Config {
            sockets_per_account: 2,
            ..c
        })
        .await;
    let mut open = Vec::new();
    for _ in 0..2 {
        let mut socket = Socket::open_at(server.addr).await;
        socket.presents(eager.token()).await;
        assert_eq!(socket.hear().await["type"], "connection_ack");
        open.push(socket);
    }
    let mut third = Socket::open_at(server.addr).await;
    third.presents(eager.token()).await;
    assert_eq!(third.closed().await, 4429);
    let mut others = Socket::open_at(server.addr).await;
    others.presents(other.token()).await;
    assert_eq!(others.hear().await["type"], "connection_ack");
    drop(open);
    // A place is free once the server has seen the end of a socket.
    for _ in 0..100 {
        let mut again = Socket::open_at(server.addr).await;
        again.presents(eager.token()).await;
        if again.is_acknowledged().await {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("a place was not given back");
}

#[tokio::test]
async fn a_socket_that_subscribes_to_nothing_is_closed_and_one_that_does_is_not() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let server = world
        .another_server_with(|c| Config {
            socket_idle_seconds: 2,
            ..c
        })
        .await;
    let mut listening = Socket::open_at(server.addr).await;
    listening.presents(buyer.token()).await;
    assert_eq!(listening.hear().await["type"], "connection_ack");
    listening
        .say(json!({ "type": "subscribe", "id": "1", "payload": { "query": WATCH } }))
        .await;
    let mut idle = Socket::open_at(server.addr).await;
    idle.presents(buyer.token()).await;
    assert_eq!(idle.hear().await["type"], "connection_ack");
    assert_eq!(idle.closed().await, 4408);
    listening.say(json!({ "type": "ping" })).await;
    assert_eq!(listening.hear().await["type"], "pong");
}

#[tokio::test]
async fn subscriptions_of_one_socket_are_counted() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let server = world
        .another_server_with(|c| Config {
            subscriptions_per_socket: 2,
            ..c
        })
        .await;
    let mut socket = Socket::open_at(server.addr).await;
    socket.presents(buyer.token()).await;
    assert_eq!(socket.hear().await["type"], "connection_ack");
    for id in ["1", "2", "3"] {
        socket
            .say(json!({ "type": "subscribe", "id": id, "payload": { "query": WATCH } }))
            .await;
    }
    let told = socket.hear().await;
    assert_eq!((&told["type"], &told["id"]), (&json!("error"), &json!("3")), "{told:#}");
    assert_eq!(told["payload"][0]["extensions"]["code"], "QUERY_TOO_COMPLEX");
}
