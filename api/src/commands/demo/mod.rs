//! `quartermaster demo`: a small retail world with a server in front of it.

mod explore;
mod greeting;

use super::{Failure, replay, runtime};
use crate::config::{Config, Environment};
use crate::{server, telemetry};
use clap::Args;
use quartermaster_demo::{Size, write_world};

/// A small retail world with a server in front of it, to explore: `make demo` calls this.
///
/// The first start invents the world and lives eight weeks of orders through the API; later starts find it there.
#[derive(Debug, Args)]
pub struct Demo {
    /// Documents lived at a time
    #[arg(long, default_value_t = 8, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    concurrency: u16,
}

/// The same seed gives the same world, on every machine.
const SEED: u64 = 20_260_601;

impl Demo {
    pub fn run(self, mut config: Config) -> Result<(), Failure> {
        config.environment = Environment::Development;
        config.log_filter = "warn".to_owned();
        telemetry::start(&config);
        runtime()?.block_on(self.serve(config))
    }

    async fn serve(self, config: Config) -> Result<(), Failure> {
        if config.database_owner_url.is_empty() {
            let sentence = "DATABASE_OWNER_URL is missing. `make demo` makes a database of its own and sets it.";
            return Err(Failure::new(78, sentence));
        }
        quartermaster_migrations::migrate(&config.database_owner_url, None)
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
        let folder = state.join("replay");
        let end = tokio::select! {
            end = welcome(&config, &running, &world, &folder, self.concurrency.into()) => end,
            () = super::serve::signal() => {
                eprintln!("\nStopped. The next start goes on from here.");
                running.shutdown().await;
                return Ok(());
            }
        };
        if end.is_ok() {
            tokio::select! {
                () = super::serve::signal() => {}
                () = running.ended() => return Err(Failure::new(70, "The server ended by itself; see the log.")),
            }
        }
        running.shutdown().await;
        end
    }
}

async fn welcome(
    config: &Config,
    running: &server::Running,
    world: &std::path::Path,
    folder: &std::path::Path,
    at_once: usize,
) -> Result<(), Failure> {
    let files = replay::WorldFiles {
        file: world,
        folder,
        at_once,
        prove_again: false,
    };
    let mut lived = replay::replay(config, running, files).await?;
    let issuer = running.development_issuer().map_or("", |issuer| issuer.issuer());
    let open = explore::leave_open(issuer, &mut lived)
        .await
        .map_err(|e| Failure::new(70, format!("The open documents could not be made: {e}")))?;
    println!("{}", greeting::greeting(running.addr, &lived, &open)?);
    if !lived.equal() {
        eprintln!("The proof is not equal: see the table above.");
    }
    Ok(())
}
