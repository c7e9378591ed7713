//! Figures for Prometheus: requests by operation, errors by code, who was let in and who was sent away, the pool, round trips, refusals by duty rule, sockets,
//! how late subscribers are told, imports, and what the worker did. Dashboard and alerts in `helm/` are made of them.

use super::admission::SentAway;
use super::document::Operation;
use super::{App, SOCKETS, tenant_figures};
use async_graphql::Response as Executed;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;
use metrics::{Counter, Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use quartermaster_domain::imports::ImportKind;
use quartermaster_tenants::id::TenantId;
use std::collections::HashSet;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

static EXPORTER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
/// Names come from clients: no more than this many become labels, the others are counted as `other`.
const NAMES: usize = 300;
static KNOWN: OnceLock<Mutex<HashSet<String>>> = OnceLock::new();

/// Upper bounds of what takes time, in seconds: histograms, since quantiles of several servers cannot be added up.
const SECONDS: [f64; 13] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0,
];

/// Begins to count, once for the process.
pub fn start() {
    EXPORTER.get_or_init(|| {
        let exporter = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_duration_seconds".to_owned()), &SECONDS)
            .ok()?
            .install_recorder()
            .ok()?;
        describe();
        gauge!("quartermaster_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1);
        for why in SentAway::ALL {
            refused_counter(why).increment(0);
        }
        Some(exporter)
    });
}

fn describe() {
    describe_gauge!(
        "quartermaster_build_info",
        "Always 1; the label says which version this is."
    );
    describe_counter!("quartermaster_requests_total", "GraphQL operations that ran.");
    describe_histogram!(
        "quartermaster_request_duration_seconds",
        Unit::Seconds,
        "How long GraphQL operations took."
    );
    describe_counter!("quartermaster_errors_total", "Errors answered, by their code.");
    describe_counter!("quartermaster_admission_admitted_total", "Requests that were let in.");
    describe_counter!(
        "quartermaster_admission_refused_total",
        "Requests that were sent away before anything of them was done, by reason: full, waited, database."
    );
    describe_histogram!(
        "quartermaster_admission_wait_duration_seconds",
        Unit::Seconds,
        "How long requests that were let in had waited for it."
    );
    describe_gauge!("quartermaster_admission_working", "Requests that work.");
    describe_gauge!("quartermaster_admission_most", "The most requests that may work now.");
    describe_gauge!("quartermaster_admission_waiting", "Requests that wait to work.");
    describe_counter!(
        "quartermaster_duty_refusals_total",
        "Acts refused by segregation of duties, by rule."
    );
    describe_counter!(
        "quartermaster_deprecated_uses_total",
        "Requests of tenants that used something deprecated, by its schema coordinate."
    );
    describe_gauge!("quartermaster_database_connections_used", "Connections in use.");
    describe_gauge!(
        "quartermaster_database_connections_most",
        "The most connections there may be."
    );
    describe_gauge!(
        "quartermaster_database_connections_waiting",
        "Requests that wait for a connection."
    );
    describe_counter!(
        "quartermaster_database_round_trips_total",
        "Flights of statements sent to the database."
    );
    describe_gauge!("quartermaster_connections_open", "Open HTTP connections.");
    describe_gauge!(
        "quartermaster_sockets_open",
        "Open WebSockets and streams of server-sent events."
    );
    describe_histogram!(
        "quartermaster_event_delivery_duration_seconds",
        Unit::Seconds,
        "From an event's time until this server told its subscribers."
    );
    describe_gauge!("quartermaster_imports_running", "Files that are being imported.");
    describe_counter!(
        "quartermaster_imports_total",
        "Imports that ended, by kind and outcome."
    );
    describe_counter!("quartermaster_worker_rounds_total", "Rounds of the worker, by outcome.");
    describe_gauge!(
        "quartermaster_worker_last_success_timestamp_seconds",
        Unit::Seconds,
        "When the worker last did all of its work, in seconds since 1970."
    );
    describe_counter!(
        "quartermaster_idempotency_keys_forgotten_total",
        "Idempotency keys that the worker forgot."
    );
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

/// Who sent an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sender {
    /// Somebody with an account.
    Known,
    /// Anybody.
    Stranger,
}

/// Counts an operation that ran. Its name becomes a label when somebody of ours sent it: a stranger's names would fill the labels.
pub fn ran(operation: &Operation, by: Sender, executed: &Executed, took: Duration) {
    let name = match by {
        Sender::Known => bounded(operation.name.as_deref()),
        Sender::Stranger => "stranger".to_owned(),
    };
    let kind = operation.kind.to_string();
    counter!("quartermaster_requests_total", "operation" => name.clone(), "kind" => kind).increment(1);
    histogram!("quartermaster_request_duration_seconds", "operation" => name).record(took);
    for error in &executed.errors {
        refused(super::answer::code_of(error).unwrap_or("INTERNAL"));
    }
}

/// Counts a request that was let in after so long.
pub fn admitted(waited: Duration) {
    counter!("quartermaster_admission_admitted_total").increment(1);
    histogram!("quartermaster_admission_wait_duration_seconds").record(waited);
}

/// Counts a request that was sent away.
pub fn sent_away(why: SentAway) {
    refused_counter(why).increment(1);
}

fn refused_counter(why: SentAway) -> Counter {
    counter!("quartermaster_admission_refused_total", "reason" => why.as_str())
}

/// Counts an error by its code.
pub fn refused(code: &str) {
    counter!("quartermaster_errors_total", "code" => code.to_owned()).increment(1);
}

/// Measures how long after an event its subscribers were told. The two times are of two clocks.
pub fn told(after: TimeDelta) {
    histogram!("quartermaster_event_delivery_duration_seconds").record(after.to_std().unwrap_or_default());
}

/// A connection that is open, for as long as this lives.
pub struct Connected(());

/// Counts a connection as open.
#[must_use]
pub fn connected() -> Connected {
    gauge!("quartermaster_connections_open").increment(1);
    Connected(())
}

impl Drop for Connected {
    fn drop(&mut self) {
        gauge!("quartermaster_connections_open").decrement(1);
    }
}

/// An import that runs, for as long as this lives.
pub struct Importing(ImportKind, tenant_figures::Importing);

/// Counts an import as running.
#[must_use]
pub fn importing(kind: ImportKind, tenant: TenantId) -> Importing {
    gauge!("quartermaster_imports_running").increment(1);
    Importing(kind, tenant_figures::importing(tenant))
}

impl Importing {
    /// Counts it as ended: `done`, `refused` (the file is at fault) or `failed` (we are).
    pub fn ended(self, outcome: &'static str) {
        counter!("quartermaster_imports_total", "kind" => self.0.as_str(), "outcome" => outcome).increment(1);
        self.1.ended(outcome);
    }
}

impl Drop for Importing {
    fn drop(&mut self) {
        gauge!("quartermaster_imports_running").decrement(1);
    }
}

/// Counts a round of the worker; `forgotten` is the number of keys, `None` after a fault.
pub fn worked(forgotten: Option<i64>, at: i64) {
    let outcome = if forgotten.is_some() { "done" } else { "failed" };
    counter!("quartermaster_worker_rounds_total", "outcome" => outcome).increment(1);
    if let Some(forgotten) = forgotten {
        let forgotten = u64::try_from(forgotten).unwrap_or_default();
        counter!("quartermaster_idempotency_keys_forgotten_total").increment(forgotten);
        gauge!("quartermaster_worker_last_success_timestamp_seconds").set(u32::try_from(at).unwrap_or(u32::MAX));
    }
}

/// All figures of a server, in Prometheus' text format.
pub async fn figures(State(app): State<App>) -> Response {
    let load = app.db.load();
    let (working, most, waiting) = app.admission.figures();
    for (name, value) in [
        ("quartermaster_admission_working", working),
        ("quartermaster_admission_most", most),
        ("quartermaster_admission_waiting", waiting),
        ("quartermaster_database_connections_used", load.used),
        ("quartermaster_database_connections_most", load.most),
        ("quartermaster_database_connections_waiting", load.waiting),
        (
            "quartermaster_sockets_open",
            (SOCKETS as usize).saturating_sub(app.sockets.available_permits()),
        ),
    ] {
        gauge!(name).set(u32::try_from(value).unwrap_or(u32::MAX));
    }
    counter!("quartermaster_database_round_trips_total").absolute(app.db.round_trips());
    #[cfg(feature = "count-allocations")]
    allocated();
    counted().await
}

/// What this process ever allocated: calls of the allocator that gave or moved memory, and bytes that they gave.
#[cfg(feature = "count-allocations")]
fn allocated() {
    let stats = stats_alloc::INSTRUMENTED_SYSTEM.stats();
    let total = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    counter!("quartermaster_allocations_total").absolute(total(stats.allocations + stats.reallocations));
    counter!("quartermaster_allocated_bytes_total").absolute(total(stats.bytes_allocated));
}

/// All figures of a process that serves nobody.
pub async fn counted() -> Response {
    let Some(Some(exporter)) = EXPORTER.get() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    exporter.run_upkeep();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], exporter.render()).into_response()
}
