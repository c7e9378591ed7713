//! Thin edges beside GraphQL, for what is no question and answer: streamed uploads and downloads. Each capability adds its
//! routes here.

use crate::http::App;
use axum::Router;

/// All routes besides GraphQL.
pub fn routes() -> Router<App> {
    Router::new()
}
