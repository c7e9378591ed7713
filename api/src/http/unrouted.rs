//! The start page, and what is no route: an answer in the manner of the others.

use super::App;
use super::answer::Fault;
use super::media::Media;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Response, StatusCode};
use axum::response::{IntoResponse, Redirect};

/// Whoever opens the server in a browser comes to GraphiQL, where it is served.
pub async fn start(State(app): State<App>) -> Response<Body> {
    if app.config.graphiql() {
        return Redirect::to("/graphiql").into_response();
    }
    unknown().await
}

/// No such path.
pub async fn unknown() -> Response<Body> {
    let fault = Fault {
        code: "NOT_FOUND",
        ..Fault::http(
            StatusCode::NOT_FOUND,
            "There is nothing here. The API is at /graphql, files are at /v1/imports and /v1/exports.",
        )
    };
    fault.answer(Media::Json)
}

/// A path that is served, by another method.
pub async fn method() -> Response<Body> {
    Fault::http(
        StatusCode::METHOD_NOT_ALLOWED,
        "This path does not answer that method: the header Allow names those that it does.",
    )
    .answer(Media::Json)
}
