//! Figures for Prometheus: requests by operation, errors by code, the pool, round trips, refusals by duty rule.

use super::App;
use super::document::Operation;
use async_graphql::Response as Executed;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::collections::HashSet;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

static EXPORTER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
/// Names come from clients: no more than this many become labels, the others are counted as `other`.
const NAMES: usize = 300;
static KNOWN: OnceLock<Mutex<HashSet<String>>> = OnceLock::new();

/// Begins to count, once for the process.
pub fn start() {
    EXPORTER.get_or_init(|| PrometheusBuilder::new().install_recorder().ok());
}

fn bounded(name: Option<&str>) -> String {
    let Some(name) = name else {
        return "anonymous".to_owned();
    };
    let mut known = KNOWN
        .get_or_init(Mutex::default)
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    if known.contains(name) || (known.len() < NAMES && name.len() <= 100 && known.insert(name.to_owned())) {
        return name.to_owned();
    }
    "other".to_owned()
}

/// Counts an operation that ran.
pub fn ran(operation: &Operation, executed: &Executed, took: Duration) {
    let name = bounded(operation.name.as_deref());
    let kind = operation.kind.to_string();
    metrics::counter!("quartermaster_requests_total", "operation" => name.clone(), "kind" => kind).increment(1);
    metrics::histogram!("quartermaster_request_seconds", "operation" => name).record(took);
    for error in &executed.errors {
        refused(super::answer::code_of(error).unwrap_or("INTERNAL"));
    }
}

/// Counts an error by its code.
pub fn refused(code: &str) {
    metrics::counter!("quartermaster_errors_total", "code" => code.to_owned()).increment(1);
}

/// All figures, in Prometheus' text format.
pub async fn figures(State(app): State<App>) -> Response {
    let Some(Some(exporter)) = EXPORTER.get() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let (used, most) = app.db.load();
    metrics::gauge!("quartermaster_database_connections_used").set(u32::try_from(used).unwrap_or(u32::MAX));
    metrics::gauge!("quartermaster_database_connections_most").set(u32::try_from(most).unwrap_or(u32::MAX));
    metrics::counter!("quartermaster_database_round_trips_total").absolute(app.db.round_trips());
    exporter.run_upkeep();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], exporter.render()).into_response()
}
