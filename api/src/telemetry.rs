//! Log lines: for people in development, JSON in production. Credentials, bodies and variables are never logged.

use crate::config::Config;
use tracing_subscriber::EnvFilter;

/// Starts logging to standard error. A second call does nothing.
pub fn start(config: &Config) {
    let filter = EnvFilter::try_from_default_env()
        .or_else(|_| EnvFilter::try_new(&config.log_filter))
        .unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let _ = if config.log_json() {
        lines.json().flatten_event(true).try_init()
    } else {
        lines.compact().try_init()
    };
}
