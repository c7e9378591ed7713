use super::{Failure, runtime, serve::signal};
use crate::clock::Clock;
use crate::config::Config;
use crate::http::{health, metrics};
use crate::telemetry;
use axum::Router;
use axum::routing::get;
use clap::Args;
use quartermaster_tenants::Error;
use quartermaster_tenants::feed::forget_keys;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;

/// Does what nobody waits for: forgets idempotency keys older than 25 hours. One is enough; several do no harm.
#[derive(Debug, Args)]
pub struct Worker {
    /// Do it once and end
    #[arg(long)]
    once: bool,
}

/// Between two rounds.
const EVERY: Duration = Duration::from_secs(60);
/// After a round that failed.
const AGAIN: Duration = Duration::from_secs(5);
/// A statement that takes longer has lost its database.
const SILENT: Duration = Duration::from_secs(60);
/// Keys of one statement: short locks.
const AT_ONCE: i32 = 5_000;

impl Worker {
    pub fn run(self, config: &Config) -> Result<(), Failure> {
        telemetry::start(config);
        let url = config.database_relay_url.as_str();
        if url.is_empty() {
            return Err(Failure::new(
                78,
                "DATABASE_RELAY_URL is missing: the database, as the role that works over all tenants (quartermaster_relay).",
            ));
        }
        config.check_wires()?;
        runtime()?.block_on(async {
            metrics::start();
            if let Some(address) = config.worker_listen.filter(|_| !self.once) {
                listen(address).await?;
            }
            let mut stop = std::pin::pin!(signal());
            loop {
                let done = round(url).await;
                let pause = if done.is_ok() { EVERY } else { AGAIN };
                metrics::worked(done.as_ref().ok().copied(), Clock::default().now().timestamp());
                match done {
                    Ok(forgotten) => tracing::info!(forgotten, "idempotency keys"),
                    Err(e) if self.once => return Err(Failure::new(69, format!("The database does not answer: {e}"))),
                    Err(error) => tracing::warn!(%error, "the database does not answer; trying again"),
                }
                if self.once {
                    return Ok(());
                }
                tokio::select! {
                    () = &mut stop => return Ok(()),
                    () = tokio::time::sleep(pause) => {}
                }
            }
        })
    }
}

/// Answers whether the process is alive, and its figures, until it ends.
async fn listen(address: SocketAddr) -> Result<(), Failure> {
    let cannot = |e| {
        Failure::new(
            69,
            format!("Cannot listen on {address} ({e}). Is worker_listen another's port?"),
        )
    };
    let listener = TcpListener::bind(address).await.map_err(cannot)?;
    let address = listener.local_addr().map_err(cannot)?;
    tracing::info!(%address, "listening");
    let routes = Router::new()
        .route("/healthz", get(health::alive))
        .route("/metrics", get(metrics::counted));
    tokio::spawn(async move { axum::serve(listener, routes).await });
    Ok(())
}

async fn round(url: &str) -> quartermaster_tenants::Result<i64> {
    let mut forgotten = 0;
    loop {
        let some = tokio::time::timeout(SILENT, forget_keys(url, AT_ONCE))
            .await
            .unwrap_or_else(|_| Err(Error::Unavailable("it says nothing".to_owned())))?;
        forgotten += some;
        if some < i64::from(AT_ONCE) {
            return Ok(forgotten);
        }
    }
}
