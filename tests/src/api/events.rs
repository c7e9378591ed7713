//! Server-sent events: npm graphql-sse's distinct connections mode.

use super::{media, post, query, refusal, token, until_heard};
use crate::database::fixture::strict;
use crate::world::{CREATE, World, order_input};
use chrono::TimeDelta;
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use std::time::Duration;

const WATCH: &str = "subscription { documentChanged(types: [PURCHASE_ORDER]) { eventType documentId document { ... on PurchaseOrder { number status } } } }";
const EVENTS: &str = "text/event-stream";

/// A stream of events as a client reads it.
struct Events {
    answer: Response,
    read: String,
}

impl Events {
    async fn of(request: RequestBuilder) -> Self {
        let answer = request.header("accept", EVENTS).send().await.expect("an answer");
        assert_eq!((answer.status().as_u16(), media(&answer).as_str()), (200, EVENTS));
        Self {
            answer,
            read: String::new(),
        }
    }

    /// The next event and its data; `None` when the stream has ended. Comments keep a stream open for ever.
    async fn next(&mut self) -> Option<(String, Value)> {
        let next = tokio::time::timeout(Duration::from_secs(60), self.wait());
        next.await.expect("an event, or the end, in time")
    }

    async fn wait(&mut self) -> Option<(String, Value)> {
        loop {
            while let Some((event, rest)) = self.read.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.read = rest;
                let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
                if let Some(kind) = field("event:") {
                    let data = field("data:").expect("data");
                    let data = if data.is_empty() {
                        Value::Null
                    } else {
                        serde_json::from_str(data).expect("JSON")
                    };
                    return Some((kind.to_owned(), data));
                }
                assert!(event.starts_with(':'), "neither an event nor a comment: {event}");
            }
            let more = self.answer.chunk().await.expect("an unbroken stream")?;
            self.read.push_str(std::str::from_utf8(&more).expect("text"));
        }
    }

    async fn result(&mut self) -> Value {
        let (kind, data) = self.next().await.expect("an event");
        assert_eq!(kind, "next", "{data:#}");
        data
    }

    /// Nothing more but that it is complete.
    async fn completes(&mut self) {
        assert_eq!(self.next().await, Some(("complete".to_owned(), Value::Null)));
        assert_eq!(self.next().await, None);
    }
}

fn get(world: &World, text: &str) -> RequestBuilder {
    let url = reqwest::Url::parse_with_params(&world.url(), [("query", text)]);
    world.http.get(url.expect("an address"))
}

#[tokio::test]
async fn a_subscriber_hears_changes_of_its_own_tenant_and_of_no_other_as_events() {
    let world = World::start().await;
    let (here, there) = (world.shop(&strict()).await, world.shop(&strict()).await);
    let (watcher, other) = (
        world.member(&here, &["buyer"]).await,
        world.member(&there, &["buyer"]).await,
    );
    let mut streams = [
        Events::of(post(&world, &query(WATCH)).bearer_auth(watcher.token())).await,
        Events::of(get(&world, WATCH).bearer_auth(watcher.token())).await,
    ];
    for events in &mut streams {
        until_heard(&watcher, &here, async || events.result().await).await;
    }
    let theirs = other.done(CREATE, order_input(&there, false)).await;
    let made = watcher.done(CREATE, order_input(&here, false)).await;
    for events in &mut streams {
        let mut last = Value::Null;
        while last != made["purchaseOrder"]["id"] {
            let mut told = events.result().await;
            let change = &mut told["data"]["documentChanged"];
            assert_eq!(change["eventType"], "purchase-order-created", "{change:#}");
            assert_eq!(change["document"]["status"], "DRAFT");
            last = change["documentId"].take();
            assert_ne!(last, theirs["purchaseOrder"]["id"]);
        }
    }
}

#[tokio::test]
async fn queries_and_mutations_are_streams_of_one_event() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let body = json!({ "query": CREATE, "variables": order_input(&shop, false) });
    let made = post(&world, &body).bearer_auth(buyer.token());
    let mut events = Events::of(made.header("idempotency-key", "made-once")).await;
    let told = events.result().await;
    assert_eq!(
        told["data"]["purchaseOrderCreate"]["purchaseOrder"]["status"], "DRAFT",
        "{told:#}"
    );
    events.completes().await;
    let list = "{ purchaseOrders { nodes { status } } }";
    let mut events = Events::of(get(&world, list).bearer_auth(buyer.token())).await;
    let orders = events.result().await;
    assert_eq!(
        orders,
        json!({ "data": { "purchaseOrders": { "nodes": [{ "status": "DRAFT" }] } } })
    );
    events.completes().await;
    let by_get = get(&world, "mutation { __typename }").header("accept", EVENTS);
    assert_eq!(refusal(by_get).await.0, 405);
}

#[tokio::test]
async fn a_document_that_is_refused_is_told_in_the_stream_and_a_bad_request_is_not() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let wrong_id = "subscription { documentChanged(ids: [\"x\"]) { documentId } }";
    for (text, code) in [
        ("subscription { nope }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ nope }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ nope", "GRAPHQL_PARSE_FAILED"),
        (wrong_id, "BAD_USER_INPUT"),
    ] {
        let mut events = Events::of(post(&world, &query(text)).bearer_auth(buyer.token())).await;
        let told = events.result().await;
        assert_eq!(told["errors"][0]["extensions"]["code"], code, "{text}: {told:#}");
        assert!(told["data"].is_null(), "{told:#}");
        events.completes().await;
    }
    let bad = |body: Value| post(&world, &body).bearer_auth(buyer.token()).header("accept", EVENTS);
    assert_eq!(refusal(bad(json!({ "query": 1 }))).await.0, 400);
    let stranger = post(&world, &query(WATCH)).header("accept", EVENTS);
    assert_eq!(refusal(stranger).await, (401, "UNAUTHENTICATED".to_owned()));
}

#[tokio::test]
async fn a_subscription_goes_to_those_who_take_events_even_if_they_like_json_more() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let ask = |text: &str, accept: &str| {
        post(&world, &query(text))
            .bearer_auth(buyer.token())
            .header("accept", accept)
    };
    let accept = "application/graphql-response+json, application/json, text/event-stream, multipart/mixed";
    let answer = ask(WATCH, accept).send().await.expect("an answer");
    assert_eq!((answer.status().as_u16(), media(&answer).as_str()), (200, EVENTS));
    let answer = ask("{ __typename }", accept).send().await.expect("an answer");
    assert_eq!(media(&answer), "application/graphql-response+json");
    let answer = ask(WATCH, "application/json").send().await.expect("an answer");
    assert_eq!(answer.status().as_u16(), 400);
}

#[tokio::test]
async fn a_stream_ends_with_its_token_and_is_not_complete() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let soon = token(&world, &buyer, TimeDelta::seconds(3)).await;
    let mut events = Events::of(post(&world, &query(WATCH)).bearer_auth(&soon)).await;
    assert_eq!(events.next().await, None);
    let again = post(&world, &query(WATCH)).bearer_auth(&soon).header("accept", EVENTS);
    assert_eq!(refusal(again).await, (401, "UNAUTHENTICATED".to_owned()));
}

#[tokio::test]
async fn a_members_stream_ends_at_once_when_he_is_deactivated() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let (watcher, buyer) = (
        world.member(&shop, &["buyer"]).await,
        world.member(&shop, &["buyer"]).await,
    );
    let security = world.member(&shop, &["security_admin"]).await;
    let mut events = Events::of(post(&world, &query(WATCH)).bearer_auth(watcher.token())).await;
    until_heard(&buyer, &shop, async || events.result().await).await;
    let member = quartermaster_tenants::id::encode("mem", watcher.op.account);
    let leaves = json!({ "id": member, "reason": "Left" });
    security.does("memberDeactivate", "", leaves).await;
    let late = buyer.done(CREATE, order_input(&shop, false)).await;
    while let Some((kind, earlier)) = events.next().await {
        assert_eq!(kind, "next");
        assert_ne!(
            earlier["data"]["documentChanged"]["documentId"], late["purchaseOrder"]["id"],
            "told after he left"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_stops_ends_its_streams() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let other = world
        .another_server_with(|config| quartermaster_api::config::Config {
            shutdown_seconds: 600,
            ..config
        })
        .await;
    let url = format!("http://{}/graphql", other.addr);
    let mut events = Events::of(world.http.post(url).json(&query(WATCH)).bearer_auth(buyer.token())).await;
    // It waits for its streams: with this patience it would not be done in time if they did not end.
    other.shutdown().await;
    assert_eq!(events.next().await, None);
}
