use super::{Failure, runtime, serve::signal};
use crate::config::Config;
use crate::telemetry;
use clap::Args;
use quartermaster_tenants::feed::forget_keys;
use std::time::Duration;

/// Does what nobody waits for: forgets idempotency keys older than 25 hours. One is enough; several do no harm.
#[derive(Debug, Args)]
pub struct Worker {
    /// Do it once and end
    #[arg(long)]
    once: bool,
}

/// Between two rounds.
const EVERY: Duration = Duration::from_secs(60);
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
        runtime()?.block_on(async {
            let mut stop = std::pin::pin!(signal());
            loop {
                match round(url).await {
                    Ok(forgotten) => tracing::info!(forgotten, "idempotency keys"),
                    Err(e) if self.once => return Err(Failure::new(69, format!("The database does not answer: {e}"))),
                    Err(error) => tracing::warn!(%error, "the database does not answer; trying again"),
                }
                if self.once {
                    return Ok(());
                }
                tokio::select! {
                    () = &mut stop => return Ok(()),
                    () = tokio::time::sleep(EVERY) => {}
                }
            }
        })
    }
}

async fn round(url: &str) -> quartermaster_tenants::Result<i64> {
    let mut forgotten = 0;
    loop {
        let some = forget_keys(url, AT_ONCE).await?;
        forgotten += some;
        if some < i64::from(AT_ONCE) {
            return Ok(forgotten);
        }
    }
}
