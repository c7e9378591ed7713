//! How a request arrives: method, media type, body within its limits and its time.

use super::App;
use super::admission::Place;
use super::answer::Fault;
use super::media::Media;
use super::request::{Parameters, is_json};
use async_graphql::parser::types::OperationType;
use axum::body::{Body, to_bytes};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use std::time::Duration;
use uuid::Uuid;

/// What was sent, once all of it is here and there is room to work on it.
///
/// # Errors
/// Another method or media type, a body that is too large or too slow, no room.
pub async fn arrived(app: &App, id: Uuid, parts: &Parts, body: Body) -> Result<(Place, Parameters), Fault> {
    match parts.method {
        Method::POST => {
            if !is_json(&parts.headers) {
                return Err(Fault::http(
                    StatusCode::UNSUPPORTED_MEDIA_TYPE,
                    "Send application/json in UTF-8.",
                ));
            }
            let encoding = parts.headers.get(header::CONTENT_ENCODING);
            if encoding.is_some_and(|e| !e.as_bytes().eq_ignore_ascii_case(b"identity")) {
                return Err(Fault::http(
                    StatusCode::UNSUPPORTED_MEDIA_TYPE,
                    "Send the body as it is, without Content-Encoding.",
                ));
            }
            let within = Duration::from_secs(app.config.body_seconds);
            let body = body_within(app.config.body_limit_bytes, within, &parts.headers, body).await?;
            let place = app.enter(&parts.headers, id).await?;
            Ok((place, Parameters::from_body(&body)?))
        }
        Method::GET => {
            let text = parts.uri.query().unwrap_or_default();
            let place = app.enter(&parts.headers, id).await?;
            Ok((place, Parameters::from_query_string(text)?))
        }
        _ => Err(Fault::http(
            StatusCode::METHOD_NOT_ALLOWED,
            "Use POST, or GET for queries and subscriptions.",
        )),
    }
}

/// Whether an operation of this kind may come by this method, and be answered in a form that the client takes.
///
/// # Errors
/// A mutation by GET; a subscription for somebody who takes no events.
pub fn may_come_so(parts: &Parts, kind: OperationType) -> Result<(), Fault> {
    if parts.method == Method::GET && kind == OperationType::Mutation {
        return Err(Fault::http(
            StatusCode::METHOD_NOT_ALLOWED,
            "GET is for queries and subscriptions: send this with POST.",
        ));
    }
    if kind == OperationType::Subscription && !Media::takes_events(&parts.headers) {
        return Err(Fault::http(
            StatusCode::BAD_REQUEST,
            "Subscriptions are served as events (accept text/event-stream) and over WebSocket (graphql-transport-ws).",
        ));
    }
    Ok(())
}

async fn body_within(
    limit: usize,
    within: Duration,
    headers: &HeaderMap,
    body: Body,
) -> Result<axum::body::Bytes, Fault> {
    let too_large = || Fault {
        code: "BAD_USER_INPUT",
        ..Fault::http(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("A body has at most {limit} bytes."),
        )
    };
    let promised = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|v| v.to_str().ok())
        .and_then(|t| t.parse::<usize>().ok());
    if promised.is_some_and(|n| n > limit) {
        return Err(too_large());
    }
    let late = || Fault::http(StatusCode::REQUEST_TIMEOUT, "The body did not arrive in time.");
    let arrived = tokio::time::timeout(within, to_bytes(body, limit)).await;
    arrived.map_err(|_| late())?.map_err(|_| too_large())
}
