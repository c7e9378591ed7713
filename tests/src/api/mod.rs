//! The HTTP edge from outside: GraphQL over HTTP, limits, bad input, persisted documents, idempotency, sockets, the schema.

mod alike;
mod batches;
mod bulk;
mod events;
mod federation;
mod http;
mod idempotency;
mod lifecycle;
mod limits;
mod live;
mod one_flight;
mod persisted;
mod planned;
mod registered;
mod relations;
mod schema;
pub mod socket;
mod viewer_can;
mod vocabulary;

use crate::database::fixture::Shop;
use crate::world::{CREATE, Person, World, order_input};
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use std::time::Duration;

/// What GraphQL over HTTP calls the media type whose status tells how it went.
pub const GRAPHQL: &str = "application/graphql-response+json";

pub fn post(world: &World, body: &Value) -> RequestBuilder {
    world.http.post(world.url()).json(body)
}

pub fn query(text: &str) -> Value {
    json!({ "query": text })
}

/// Makes orders until one is heard of, so that a subscription stands: from then on every change is told.
pub async fn until_heard<T>(buyer: &Person, shop: &Shop, mut hear: impl AsyncFnMut() -> T) -> T {
    loop {
        buyer.done(CREATE, order_input(shop, false)).await;
        if let Ok(heard) = tokio::time::timeout(Duration::from_secs(1), hear()).await {
            return heard;
        }
    }
}

/// The status and the code of the first error.
pub async fn refusal(request: RequestBuilder) -> (u16, String) {
    let answer = request.send().await.expect("an answer");
    let status = answer.status().as_u16();
    let body: Value = answer.json().await.expect("JSON");
    let code = body["errors"][0]["extensions"]["code"].as_str();
    (status, code.unwrap_or_else(|| panic!("no code: {body:#}")).to_owned())
}

pub fn media(answer: &Response) -> String {
    let value = answer.headers().get("content-type").expect("a media type");
    value
        .to_str()
        .expect("text")
        .split(';')
        .next()
        .unwrap_or_default()
        .to_owned()
}

pub async fn now(world: &World) -> DateTime<Utc> {
    world
        .owner
        .query_one("SELECT clock_timestamp()", &[])
        .await
        .expect("clock")
        .get(0)
}

/// A token of a person that lives this long.
pub async fn token(world: &World, person: &Person, life: TimeDelta) -> String {
    let issuer = world.server.development_issuer().expect("development issuer");
    let (subject, tenant) = (person.op.account.to_string(), person.op.tenant.to_string());
    issuer
        .mint(&subject, Some(&tenant), "tests", life, now(world).await)
        .expect("token")
}
