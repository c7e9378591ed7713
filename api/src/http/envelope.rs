//! Around every request: its id, the headers that protect browsers, its log line.

use super::rate;
use crate::telemetry::traces;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use std::time::Instant;
use tracing::Instrument;
use uuid::Uuid;

/// The header with the request's id, both ways.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request: in log lines, events and the answer.
#[derive(Debug, Clone, Copy)]
pub struct RequestId(pub Uuid);

/// The client's own id, if it is a UUID; else a fresh one. Anything else would let clients write into logs.
fn request_id(headers: &HeaderMap) -> Uuid {
    headers
        .get(REQUEST_ID)
        .and_then(|v| v.to_str().ok())
        .and_then(|t| Uuid::parse_str(t).ok())
        .filter(|id| !id.is_nil())
        .unwrap_or_else(Uuid::now_v7)
}

/// Gives a request its id, and its answer the headers that every answer has.
pub async fn envelope(mut request: Request, next: Next) -> Response {
    let id = request_id(request.headers());
    request.extensions_mut().insert(RequestId(id));
    // The route, not the path: what a client writes into a path is not ours to keep.
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("none", MatchedPath::as_str);
    let span = tracing::info_span!(
        "request",
        request_id = %id,
        method = %request.method(),
        route,
        trace_id = tracing::field::Empty,
        otel.kind = tracing::field::Empty,
        otel.name = tracing::field::Empty,
        tenant = tracing::field::Empty,
        document = tracing::field::Empty,
    );
    traces::joined(&span, request.method().as_str(), route, request.headers());
    let began = Instant::now();
    let mut response = rate::tell(next.run(request).instrument(span.clone())).await;
    let answer = response.status();
    let headers = response.headers_mut();
    traces::answered(&span, answer, headers);
    if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
        headers.insert(REQUEST_ID, value);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    let (status, micros) = (answer.as_u16(), began.elapsed().as_micros());
    span.in_scope(|| tracing::debug!(status, micros, "answered"));
    response
}
