use super::{Failure, runtime};
use crate::config::Config;
use crate::{server, telemetry};
use clap::Args;
use std::net::SocketAddr;

/// Serves the API until it is told to stop (Ctrl-C or SIGTERM); requests in flight are finished first.
#[derive(Debug, Args)]
pub struct Serve {
    /// Address and port, instead of the configured ones
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
}

impl Serve {
    pub fn run(self, mut config: Config) -> Result<(), Failure> {
        telemetry::start(&config);
        config.listen = self.listen.unwrap_or(config.listen);
        let served = runtime()?.block_on(async {
            let mut running = server::start(config)
                .await
                .map_err(|e| Failure::new(e.exit_code(), e.to_string()))?;
            tracing::info!(address = %running.addr, "serving");
            tokio::select! {
                () = signal() => {}
                () = running.ended() => return Err(Failure::new(70, "The server ended by itself; see the log.")),
            }
            tracing::info!("draining: new requests are to go elsewhere");
            tokio::select! {
                () = running.drain() => {}
                // Whoever says it twice does not want to wait.
                () = signal() => {}
            }
            tracing::info!("stopping: requests in flight are finished first");
            running.shutdown().await;
            Ok(())
        });
        telemetry::traces::stop();
        served
    }
}

/// Waits for Ctrl-C or SIGTERM.
pub async fn signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
