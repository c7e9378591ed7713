//! The end of a server that nobody notices. Told to stop, it says at `/readyz` that requests are to go elsewhere, and goes on serving until
//! every proxy has noticed (`drain_seconds`); each answer of that time is the last one of its connection, so that no client sends another
//! request into one that is about to be closed. Then nothing more is taken, what is in flight is finished, and sockets are closed with
//! 1001, upon which clients connect anew, to another server.

use super::App;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

/// Ends the connection with this answer when the server is about to end.
pub async fn last(State(app): State<App>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if app.draining.is_cancelled() && response.status() != StatusCode::SWITCHING_PROTOCOLS {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    response
}
