//! What the process says of itself: log lines for people in development, JSON in production, and traces where a collector
//! is configured. Credentials, bodies and variables are in neither.

pub mod traces;

use crate::config::Config;
use tracing::{Level, Metadata};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

/// Starts logging to standard error, and tracing where `otlp_endpoint` is set. A second call does nothing.
pub fn start(config: &Config) {
    let filter = EnvFilter::try_from_default_env()
        .or_else(|_| EnvFilter::try_new(&config.log_filter))
        .unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = fmt::layer().with_writer(std::io::stderr);
    let lines = if config.log_json() {
        lines.json().flatten_event(true).boxed()
    } else {
        lines.compact().boxed()
    };
    let lines = lines.with_filter(filter).with_filter(filter_fn(may_say));
    let traces = config.otlp_endpoint.as_deref().map(traces::layer);
    let (traces, failed) = match traces {
        Some(Err(error)) => (None, Some(error)),
        Some(Ok(layer)) => (Some(layer), None),
        None => (None, None),
    };
    let _ = tracing_subscriber::registry().with(lines).with(traces).try_init();
    if let Some(error) = failed {
        tracing::error!(%error, "there will be no traces");
    }
}

/// Below `info` only our own lines are written, whatever the filter asks for: the database driver would tell the values of
/// every statement, the HTTP client the headers of every request.
fn may_say(line: &Metadata<'_>) -> bool {
    *line.level() <= Level::INFO || line.target().starts_with("quartermaster")
}
