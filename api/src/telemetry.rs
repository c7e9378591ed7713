//! Log lines: for people in development, JSON in production. Credentials, bodies and variables are never logged.

use crate::config::Config;
use tracing::{Level, Metadata};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

/// Starts logging to standard error. A second call does nothing.
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
    let _ = tracing_subscriber::registry()
        .with(lines.with_filter(filter).with_filter(filter_fn(may_say)))
        .try_init();
}

/// Below `info` only our own lines are written, whatever the filter asks for: the database driver would tell the values of
/// every statement, the HTTP client the headers of every request.
fn may_say(line: &Metadata<'_>) -> bool {
    *line.level() <= Level::INFO || line.target().starts_with("quartermaster")
}
