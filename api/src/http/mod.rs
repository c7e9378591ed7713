//! The HTTP edge: one router, and in each file one thing that a request passes.
//!
//! | step | file |
//! |---|---|
//! | connections | `listen.rs` |
//! | request id, security headers, log line | `envelope.rs` |
//! | whether there is room for it; how the server ends | `admission/`, `drain.rs` |
//! | method, media types, body; parameters | `arrive.rs`, `media.rs`, `request.rs` |
//! | text before it is parsed; the parsed document and its cost | `scan.rs`, `document.rs` |
//! | documents that are registered | `registered.rs` |
//! | values of variables that must be there | `variables.rs` |
//! | what it may cost by its arguments | `charge.rs` |
//! | what of it is deprecated | `../lifecycle` |
//! | who asks | `../auth` |
//! | how much he may ask for in a minute | `rate/` |
//! | whether an operation is run at all | `fits.rs` |
//! | idempotency key | `idempotency.rs` |
//! | status and codes of the answer | `answer.rs` |
//! | subscriptions, over sockets or as server-sent events; who watches, how many | `socket.rs`, `events.rs`; `watching.rs`, `places.rs` |
//! | pages of other origins | `cors.rs` |
//! | health, readiness; figures, also by tenant | `health.rs`; `metrics.rs`, `tenant_figures.rs` |
//! | GraphiQL | `graphiql.rs` |
//! | the start page; what is no route | `unrouted.rs` |

pub mod admission;
pub mod answer;
mod arrive;
pub mod charge;
pub mod cors;
pub mod document;
pub mod drain;
pub mod envelope;
pub mod events;
mod fits;
pub mod graphiql;
pub mod graphql;
pub mod health;
pub mod idempotency;
pub mod listen;
pub mod media;
pub mod metrics;
pub mod places;
pub mod rate;
pub mod registered;
pub mod request;
pub mod scan;
pub mod socket;
mod standing;
pub mod tenant_figures;
pub mod unrouted;
mod variables;
mod watching;

use crate::auth::Door;
use crate::config::Config;
use crate::database::Database;
use crate::graphql::ApiSchema;
use crate::lifecycle::{Counts, Lifecycle};
use crate::live::Live;
use admission::Admission;
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
    /// The same for requests that are known to keep the rules.
    pub proven: ApiSchema,
    /// The door to tenant data.
    pub db: Tenants,
    /// Who may come in.
    pub door: Door,
    /// What documents cost.
    pub tariff: charge::Tariff,
    /// How much may be asked for in a minute.
    pub limits: rate::Limits,
    /// Parsed documents.
    pub documents: Documents,
    /// Registered documents.
    pub registered: Registered,
    /// What of the schema is on its way out.
    pub lifecycle: Lifecycle,
    /// Who still uses it.
    pub deprecated: Counts,
    /// Where subscriptions listen; none without a relay's role.
    pub live: Option<Live>,
    /// Is the database there?
    pub database: Database,
    /// Who may work now.
    pub admission: Arc<Admission>,
    /// One permit for each open socket and each stream of events.
    pub sockets: Arc<Semaphore>,
    /// The sockets and streams of each account.
    pub places: places::Places,
    /// Ends when the server is told to stop: from then on others are to get what comes.
    pub draining: CancellationToken,
    /// Ends when nothing more is taken, and what lasts ends too.
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
        .layer(axum::middleware::from_fn_with_state(app.clone(), drain::last))
        .layer(axum::middleware::from_fn(envelope::envelope))
        .with_state(app)
}
