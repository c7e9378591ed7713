use super::{Failure, replay, runtime};
use crate::config::{Config, Environment};
use crate::{server, telemetry};
use clap::Args;
use quartermaster_demo::{Size, write_world};

/// A small retail world with a server in front of it, to explore: `make demo` calls this.
///
/// The first start generates the world and lives eight weeks of orders through the API; later starts find it there.
#[derive(Debug, Args)]
pub struct Demo {}

/// The same seed gives the same world, on every machine.
const SEED: u64 = 20_260_601;
/// Documents lived at a time.
const AT_ONCE: usize = 8;

impl Demo {
    pub fn run(self, mut config: Config) -> Result<(), Failure> {
        config.environment = Environment::Development;
        config.log_filter = "warn".to_owned();
        telemetry::start(&config);
        runtime()?.block_on(async {
            let owner = config.database_owner_url.clone();
            if owner.is_empty() {
                return Err(Failure::new(
                    78,
                    "DATABASE_OWNER_URL is missing. `make demo` makes a database of its own and sets it.",
                ));
            }
            quartermaster_migrations::migrate(&owner, None)
                .await
                .map_err(|e| Failure::new(69, format!("The migration did not go through: {e}")))?;
            let state = replay::state_folder(&config);
            let world = state.join("world");
            if !world.join("world.toml").exists() {
                eprintln!("Inventing a retail world");
                write_world(&world, SEED, Size::DEMO).map_err(|e| Failure::new(74, e.to_string()))?;
            }
            let mut running = server::start(config.clone())
                .await
                .map_err(|e| Failure::new(e.exit_code(), e.to_string()))?;
            let _lived = replay::replay(&config, &running, &world, &state.join("replay"), AT_ONCE).await?;
            tokio::select! {
                () = super::serve::signal() => {}
                () = running.ended() => return Err(Failure::new(70, "The server ended by itself; see the log.")),
            }
            running.shutdown().await;
            Ok(())
        })
    }
}
