use super::{World, token, until_heard};
use crate::database::fixture::strict;
use crate::operators::land::{Land, REVOKE_CREDENTIAL};
use crate::world::{CREATE, Person, order_input};
use chrono::TimeDelta;
use futures::{SinkExt, StreamExt};
use quartermaster_api::config::Config;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    pub async fn open(world: &World) -> Self {
        Self::open_at(world.server.addr).await
    }

    /// One at a server elsewhere: `127.0.0.1:8080`.
    pub async fn open_at(address: impl std::fmt::Display) -> Self {
        Self::with(address, &[("sec-websocket-protocol", "graphql-transport-ws")]).await
    }

    /// One that is asked for with these headers.
    pub async fn with(address: impl std::fmt::Display, headers: &[(&'static str, &'static str)]) -> Self {
        let url = format!("ws://{address}/graphql");
        let mut request = url.into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, HeaderValue::from_static(value));
        }
        Self(connect_async(request).await.expect("a socket").0)
    }

    pub async fn admitted(world: &World, bearer: &str) -> Self {
        Self::admitted_at(world.server.addr, bearer).await
    }

    pub async fn admitted_at(address: impl std::fmt::Display, bearer: &str) -> Self {
        let mut socket = Self::open_at(address).await;
        socket.presents(bearer).await;
        assert_eq!(socket.hear().await["type"], "connection_ack");
        socket
    }

    /// Says whose it is.
    pub async fn presents(&mut self, bearer: &str) {
        self.say(json!({ "type": "connection_init", "payload": { "authorization": format!("Bearer {bearer}") } }))
            .await;
    }

    pub async fn say(&mut self, message: Value) {
        self.0.send(Message::Text(message.to_string().into())).await.unwrap();
    }

    async fn next(&mut self) -> Message {
        loop {
            let message = tokio::time::timeout(Duration::from_secs(15), self.0.next())
                .await
                .expect("a message in time");
            match message.expect("an open socket").unwrap() {
                Message::Ping(_) | Message::Pong(_) => {}
                message => return message,
            }
        }
    }

    pub async fn hear(&mut self) -> Value {
        match self.next().await {
            Message::Text(text) => serde_json::from_str(&text).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    /// Was it let in? Else it was closed.
    pub async fn is_acknowledged(&mut self) -> bool {
        matches!(self.next().await, Message::Text(_))
    }

    /// The code that it is closed with. Until then it tells nothing of this.
    async fn closed_before(&mut self, late: &str) -> u16 {
        loop {
            match self.next().await {
                Message::Text(earlier) => assert!(!earlier.contains(late), "{earlier}"),
                Message::Close(Some(frame)) => return frame.code.into(),
                other => panic!("{other:?}"),
            }
        }
    }

    pub async fn closed(&mut self) -> u16 {
        match self.next().await {
            Message::Close(Some(frame)) => frame.code.into(),
            other => panic!("not closed: {other:?}"),
        }
    }
}

const WATCH: &str = "subscription { documentChanged(types: [PURCHASE_ORDER]) { eventType documentId document { ... on PurchaseOrder { number status } } } }";

#[tokio::test]
async fn a_subscriber_sees_changes_of_its_own_tenant_and_of_no_other() {
    let world = World::start().await;
    let (here, there) = (world.shop(&strict()).await, world.shop(&strict()).await);
    let (watcher, other) = (
        world.member(&here, &["buyer"]).await,
        world.member(&there, &["buyer"]).await,
    );
    let bearer = token(&world, &watcher, TimeDelta::hours(1)).await;
    let mut socket = Socket::admitted(&world, &bearer).await;
    socket
        .say(json!({ "type": "subscribe", "id": "1", "payload": { "query": WATCH } }))
        .await;
    until_heard(&watcher, &here, async || socket.hear().await).await;
    let theirs = other.done(CREATE, order_input(&there, false)).await;
    let made = watcher.done(CREATE, order_input(&here, false)).await;
    loop {
        let told = socket.hear().await;
        assert_eq!(told["type"], "next", "{told:#}");
        let change = &told["payload"]["data"]["documentChanged"];
        assert_ne!(change["documentId"], theirs["purchaseOrder"]["id"]);
        assert_eq!(change["eventType"], "purchase-order-created");
        assert_eq!(change["document"]["status"], "DRAFT");
        if change["documentId"] == made["purchaseOrder"]["id"] {
            return;
        }
    }
}

#[tokio::test]
async fn a_socket_ends_with_its_token() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let mut socket = Socket::admitted(&world, &token(&world, &buyer, TimeDelta::seconds(3)).await).await;
    assert_eq!(socket.closed().await, 4403);
}

#[tokio::test]
async fn an_operators_socket_says_nothing_more_once_his_credential_is_revoked() {
    let land = Land::new().await;
    let id = land.admitted().await;
    let (_, secret) = land.credential(&id).await;
    let buyer = land.world.member(&land.shop, &["buyer"]).await;
    let mut socket = Socket::admitted(&land.world, &secret).await;
    socket
        .say(json!({ "type": "subscribe", "id": "1", "payload": { "query": WATCH } }))
        .await;
    let heard = until_heard(&buyer, &land.shop, async || socket.hear().await).await;
    assert_eq!(heard["type"], "next");
    land.tenant_admin.done(REVOKE_CREDENTIAL, id).await;
    let late = buyer.done(CREATE, order_input(&land.shop, false)).await;
    let late = late["purchaseOrder"]["id"].as_str().unwrap();
    assert_eq!(socket.closed_before(late).await, 4403);
}

#[tokio::test]
async fn a_members_socket_ends_at_once_when_he_is_deactivated() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let (watcher, buyer) = (
        world.member(&shop, &["buyer"]).await,
        world.member(&shop, &["buyer"]).await,
    );
    let security = world.member(&shop, &["security_admin"]).await;
    let mut socket = Socket::admitted(&world, &token(&world, &watcher, TimeDelta::hours(1)).await).await;
    socket
        .say(json!({ "type": "subscribe", "id": "1", "payload": { "query": WATCH } }))
        .await;
    let heard = until_heard(&buyer, &shop, async || socket.hear().await).await;
    assert_eq!(heard["type"], "next");
    leaves(&security, &watcher).await;
    let late = buyer.done(CREATE, order_input(&shop, false)).await;
    let late = late["purchaseOrder"]["id"].as_str().unwrap();
    assert_eq!(socket.closed_before(late).await, 4403);
}

/// A server's reader of events stands still until somebody listens, and may need a while to begin.
#[tokio::test]
async fn the_first_socket_of_a_server_hears_what_happens_right_after_it_was_let_in() {
    let world = with_a_late_relay().await;
    let shop = world.shop(&strict()).await;
    let (watcher, security) = (
        world.member(&shop, &["buyer"]).await,
        world.member(&shop, &["security_admin"]).await,
    );
    let mut socket = Socket::admitted(&world, watcher.token()).await;
    leaves(&security, &watcher).await;
    assert_eq!(socket.closed().await, 4403);
}

/// What happens to an account after it was let in and before anybody listens is told to nobody: it is looked at.
#[tokio::test]
async fn who_leaves_while_his_socket_is_let_in_is_out() {
    let world = with_a_late_relay().await;
    let shop = world.shop(&strict()).await;
    let (watcher, security) = (
        world.member(&shop, &["buyer"]).await,
        world.member(&shop, &["security_admin"]).await,
    );
    let mut socket = Socket::open(&world).await;
    socket.presents(watcher.token()).await;
    leaves(&security, &watcher).await;
    // Else he left before it was looked at the first time.
    if socket.is_acknowledged().await {
        assert_eq!(socket.closed().await, 4403);
    }
}

/// A server that hears of events a second late when it begins to.
async fn with_a_late_relay() -> World {
    let config = World::start().await.config().clone();
    let database_relay_url = after_a_second(&config.database_relay_url).await;
    World::of(Config {
        database_relay_url,
        ..config
    })
    .await
}

/// The same database, at a place that connects to it a second late.
async fn after_a_second(url: &str) -> String {
    let mut late: reqwest::Url = url.parse().unwrap();
    let database = (late.host_str().unwrap().to_owned(), late.port().unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    late.set_host(Some("127.0.0.1")).unwrap();
    late.set_port(Some(listener.local_addr().unwrap().port())).unwrap();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let database = database.clone();
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_secs(1)).await;
                let mut server = TcpStream::connect(database).await.unwrap();
                tokio::io::copy_bidirectional(&mut client, &mut server).await
            });
        }
    });
    late.into()
}

async fn leaves(security: &Person, who: &Person) {
    let deactivate =
        "mutation($id: ID!) { memberDeactivate(input: { id: $id, reason: \"Left\" }) { userErrors { message } } }";
    let member = quartermaster_tenants::id::encode("mem", who.op.account);
    security.done(deactivate, json!({ "id": member })).await;
}

#[tokio::test]
async fn a_socket_without_a_good_credential_is_closed_with_the_protocols_codes() {
    let world = World::start().await;
    let mut socket = Socket::open(&world).await;
    socket
        .say(json!({ "type": "subscribe", "id": "1", "payload": { "query": WATCH } }))
        .await;
    assert_eq!(socket.closed().await, 4401);
    let mut socket = Socket::open(&world).await;
    socket
        .say(json!({ "type": "connection_init", "payload": { "authorization": "Bearer x" } }))
        .await;
    assert_eq!(socket.closed().await, 4403);
    let mut socket = Socket::open(&world).await;
    socket.say(json!({ "type": "nonsense" })).await;
    assert_eq!(socket.closed().await, 4400);
}

#[tokio::test]
async fn a_second_subscriber_of_the_same_id_and_a_second_init_close_the_socket() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let bearer = token(&world, &buyer, TimeDelta::hours(1)).await;
    let subscribe = json!({ "type": "subscribe", "id": "1", "payload": { "query": WATCH } });
    let mut socket = Socket::admitted(&world, &bearer).await;
    socket.say(subscribe.clone()).await;
    socket.say(subscribe).await;
    assert_eq!(socket.closed().await, 4409);
    let mut socket = Socket::admitted(&world, &bearer).await;
    socket.say(json!({ "type": "connection_init" })).await;
    assert_eq!(socket.closed().await, 4429);
}

#[tokio::test]
async fn a_socket_that_speaks_no_protocol_or_says_nothing_of_itself_is_closed() {
    let world = World::start().await;
    assert_eq!(Socket::with(world.server.addr, &[]).await.closed().await, 4406);
    let mut socket = Socket::open(&world).await;
    // What is no JSON text, and what lacks its parts.
    socket.0.send(Message::Binary(vec![1].into())).await.unwrap();
    assert_eq!(socket.closed().await, 4400);
    for message in [
        json!({ "type": "subscribe", "payload": { "query": WATCH } }),
        json!({ "type": "subscribe", "id": 1, "payload": { "query": WATCH } }),
        json!({ "type": "complete" }),
        json!(["connection_init"]),
    ] {
        let mut socket = Socket::open(&world).await;
        socket.say(message.clone()).await;
        assert_eq!(socket.closed().await, 4400, "{message}");
    }
    // Pings are answered before anything else, and do not count as `connection_init`.
    let mut silent = Socket::open(&world).await;
    silent.say(json!({ "type": "ping" })).await;
    assert_eq!(silent.hear().await, json!({ "type": "pong" }));
    assert_eq!(silent.closed().await, 4408);
}

#[tokio::test]
async fn a_subscription_that_its_client_completes_tells_nothing_more_and_its_id_is_free() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let mut socket = Socket::admitted(&world, buyer.token()).await;
    let subscribe = |id: &str| json!({ "type": "subscribe", "id": id, "payload": { "query": WATCH } });
    socket.say(subscribe("left")).await;
    socket.say(subscribe("kept")).await;
    let mut heard = std::collections::BTreeSet::new();
    while heard.len() < 2 {
        buyer.done(CREATE, order_input(&shop, false)).await;
        while let Ok(told) = tokio::time::timeout(Duration::from_secs(1), socket.hear()).await {
            heard.insert(told["id"].as_str().unwrap().to_owned());
        }
    }
    socket.say(json!({ "type": "complete", "id": "left" })).await;
    // Neither one that is not there nor a pong that nobody asked for is a fault.
    socket.say(json!({ "type": "complete", "id": "never" })).await;
    socket.say(json!({ "type": "pong", "payload": { "a": 1 } })).await;
    let made = buyer.done(CREATE, order_input(&shop, false)).await;
    let told = socket.hear().await;
    assert_eq!(told["id"], "kept", "{told:#}");
    assert_eq!(
        told["payload"]["data"]["documentChanged"]["documentId"],
        made["purchaseOrder"]["id"]
    );
    socket
        .say(json!({ "type": "subscribe", "id": "left", "payload": { "query": "{ __typename }" } }))
        .await;
    assert_eq!(socket.hear().await["type"], "next");
    assert_eq!(socket.hear().await, json!({ "type": "complete", "id": "left" }));
}

#[tokio::test]
async fn a_document_that_is_refused_is_an_error_of_its_subscription_only() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let mut socket = Socket::admitted(&world, &token(&world, &buyer, TimeDelta::hours(1)).await).await;
    for (text, code) in [
        ("subscription { nope }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ nope", "GRAPHQL_PARSE_FAILED"),
    ] {
        socket
            .say(json!({ "type": "subscribe", "id": "1", "payload": { "query": text } }))
            .await;
        let told = socket.hear().await;
        assert_eq!(told["type"], "error");
        assert_eq!(told["payload"][0]["extensions"]["code"], code);
    }
    socket.say(json!({ "type": "ping", "payload": { "a": 1 } })).await;
    assert_eq!(socket.hear().await, json!({ "type": "pong", "payload": { "a": 1 } }));
    socket
        .say(json!({ "type": "subscribe", "id": "1", "payload": { "query": "{ __typename }" } }))
        .await;
    assert_eq!(socket.hear().await["payload"]["data"]["__typename"], "Query");
    assert_eq!(socket.hear().await["type"], "complete");
}
