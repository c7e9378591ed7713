//! The HTTP edge: one router, and in each file one thing that a request passes.
//!
//! | step | file |
//! |---|---|
//! | request id, security headers, log line | `envelope.rs` |
//! | method, media types, parameters | `graphql.rs`, `request.rs` |
//! | text before it is parsed; the parsed document and its cost | `scan.rs`, `document.rs` |
//! | documents that are registered | `registered.rs` |
//! | what it may cost by its arguments | `charge.rs` |
//! | who asks | `../auth` |
//! | idempotency key | `idempotency.rs` |
//! | status and codes of the answer | `answer.rs` |
//! | subscriptions, over sockets or as server-sent events; who watches | `socket.rs`, `events.rs`; `watching.rs` |
//! | pages of other origins | `cors.rs` |
//! | health, readiness; figures | `health.rs`, `metrics.rs` |
//! | GraphiQL | `graphiql.rs` |
//! | the start page; what is no route | `unrouted.rs` |

pub mod answer;
pub mod charge;
pub mod cors;
pub mod document;
pub mod envelope;
pub mod events;
pub mod graphiql;
pub mod graphql;
pub mod health;
pub mod idempotency;
pub mod metrics;
pub mod registered;
pub mod request;
pub mod scan;
pub mod socket;
mod standing;
pub mod unrouted;
mod watching;

use crate::auth::Door;
use crate::config::Config;
use crate::graphql::ApiSchema;
use crate::live::Live;
use axum::Router;
use axum::routing::{any, get};
use document::Documents;
use quartermaster_tenants::Tenants;
use registered::Registered;
use std::sync::Arc;
use tokio::sync::Semaphore;
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
    /// What documents cost.
    pub tariff: charge::Tariff,
    /// Parsed documents.
    pub documents: Documents,
    /// Registered documents.
    pub registered: Registered,
    /// Where subscriptions listen; none without a relay's role.
    pub live: Option<Live>,
    /// One permit for each open socket and each stream of events.
    pub sockets: Arc<Semaphore>,
    /// Ends when the server is told to stop.
    pub stopping: CancellationToken,
}

impl std::ops::Deref for App {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// The most sockets and streams of events of one process.
pub const SOCKETS: u32 = 10_000;

/// All routes.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/", get(unrouted::start))
        .route("/graphql", any(graphql::graphql))
        .route("/graphiql", get(graphiql::page))
        .route("/graphiql/{name}", get(graphiql::asset))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::figures))
        .merge(crate::rest::routes())
        .fallback(unrouted::unknown)
        .method_not_allowed_fallback(unrouted::method)
        .layer(cors::layer(&app.config))
        .layer(axum::middleware::from_fn(envelope::envelope))
        .with_state(app)
}
