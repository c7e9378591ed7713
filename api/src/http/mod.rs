//! The HTTP edge: one router, and in each file one thing that a request passes.
//!
//! | step | file |
//! |---|---|
//! | request id, security headers, log line | `envelope.rs` |
//! | method, media types, parameters | `graphql.rs`, `request.rs` |
//! | text before it is parsed; the parsed document and its cost | `scan.rs`, `document.rs` |
//! | who asks | `../auth` |
//! | idempotency key | `idempotency.rs` |
//! | status and codes of the answer | `answer.rs` |
//! | health, readiness | `health.rs` |

pub mod answer;
pub mod document;
pub mod envelope;
pub mod graphql;
pub mod health;
pub mod idempotency;
pub mod request;
pub mod scan;

use crate::auth::Door;
use crate::config::Config;
use crate::graphql::ApiSchema;
use axum::Router;
use axum::routing::{any, get};
use document::Documents;
use quartermaster_tenants::Tenants;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// What every request may use.
#[derive(Clone)]
pub struct App(pub Arc<Parts>);

/// The parts of a running server.
pub struct Parts {
    /// How it is set up.
    pub config: Config,
    /// The schema that it serves.
    pub schema: ApiSchema,
    /// The door to tenant data.
    pub db: Tenants,
    /// Who may come in.
    pub door: Door,
    /// Parsed documents.
    pub documents: Documents,
    /// Ends when the server is told to stop.
    pub stopping: CancellationToken,
}

impl std::ops::Deref for App {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// All routes.
pub fn router(app: App) -> Router {
    let edges = Router::new()
        .route("/graphql", any(graphql::graphql))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready));
    edges
        .layer(axum::middleware::from_fn(envelope::envelope))
        .with_state(app)
}
