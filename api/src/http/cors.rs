//! Which pages of other origins may call: those that are configured, and no other.

use super::envelope::REQUEST_ID;
use super::rate::{RATE_LIMIT, RATE_LIMIT_POLICY};
use crate::config::Config;
use crate::lifecycle::{DEPRECATION, NAME, SUNSET, VERSION};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use std::time::Duration;
use tower_http::cors::CorsLayer;

/// The answer to preflights.
pub fn layer(config: &Config) -> CorsLayer {
    let origins: Vec<HeaderValue> = config.cors_origins.iter().filter_map(|o| o.parse().ok()).collect();
    CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([
            header::ACCEPT,
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            HeaderName::from_static("idempotency-key"),
            REQUEST_ID,
            NAME,
            VERSION,
            HeaderName::from_static("traceparent"),
            HeaderName::from_static("tracestate"),
        ])
        .expose_headers([
            REQUEST_ID,
            header::RETRY_AFTER,
            RATE_LIMIT,
            RATE_LIMIT_POLICY,
            DEPRECATION,
            SUNSET,
        ])
        .max_age(Duration::from_secs(3_600))
}

/// May a page that says this open a socket? CORS does not cover sockets.
#[must_use]
pub fn may_open(config: &Config, headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN).and_then(|v| v.to_str().ok()) else {
        return true;
    };
    let own = headers.get(header::HOST).and_then(|v| v.to_str().ok());
    let same = own.is_some_and(|host| origin.split_once("://").is_some_and(|(_, o)| o == host));
    same || config.cors_origins.iter().any(|o| o == origin)
}
