//! `quartermaster replay`: lives a world's order lines through the public API and proves that nothing was lost.
//!
//! | step | file |
//! |---|---|
//! | partner, tenants, people, master data | `setup/` |
//! | what stands where: ids | `world.rs` |
//! | many documents at once, in the order that returns need | `live.rs` |
//! | the steps of one document | `order.rs`, `supplier_return.rs` |
//! | calls: tokens, idempotency keys, repeats | `client.rs` |
//! | the bar | `progress.rs` |
//! | what the API says when all is lived, against the files | `proof.rs`, `behind.rs`, `table.rs` |

mod behind;
pub mod client;
mod live;
mod order;
pub(super) mod progress;
mod proof;
mod prove;
pub mod setup;
mod supplier_return;
mod table;
pub mod world;

use super::{Failure, runtime};
use crate::clock::Clock;
use crate::config::Config;
use crate::server::{self, Running};
use crate::telemetry;
use clap::Args;
use client::Client;
use quartermaster_demo::{Journal, Plan};
use quartermaster_tenants::directory::Directory;
use std::path::{Path, PathBuf};
use table::grouped;
use world::World;

/// Lives order lines through the API as the people who would, and proves the result.
///
/// FILE is a file of order lines with products and stores beside it, or the folder of a world. Each store orders from each
/// vendor each day: made by the store's buyer, approved by the office, received by the store. It can be killed and started
/// again: nothing is doubled. The exit code is 1 when anything differs from the independent sum of the file.
#[derive(Debug, Args)]
pub struct Replay {
    /// Order lines (.csv or .csv.gz), or a folder with world.toml
    file: PathBuf,
    /// How many documents are lived at a time
    #[arg(long, default_value_t = 8, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    concurrency: u16,
    /// Where the journal of what is done is kept [default: beside the development issuer's folder]
    #[arg(long, value_name = "FOLDER")]
    journal: Option<PathBuf>,
}

impl Replay {
    /// Runs it.
    ///
    /// # Errors
    /// A sentence; code 1 when the proof fails.
    pub fn run(self, mut config: Config) -> Result<(), Failure> {
        if !config.development_issuer() {
            return Err(Failure::new(
                78,
                "A replay makes tokens for its people: it needs the development issuer. Set QUARTERMASTER_ENVIRONMENT=development.",
            ));
        }
        config.log_filter = "warn".to_owned();
        config.listen.set_port(0);
        telemetry::start(&config);
        let folder = self.journal.unwrap_or_else(|| state_folder(&config).join("replay"));
        runtime()?.block_on(async {
            let running = server::start(config.clone())
                .await
                .map_err(|e| Failure::new(e.exit_code(), e.to_string()))?;
            let end = replay(&config, &running, &self.file, &folder, self.concurrency.into()).await;
            running.shutdown().await;
            end.and_then(|lived| if lived.proved { Ok(()) } else { Err(differs()) })
        })
    }
}

/// The folder for what this machine keeps beside the database.
pub(super) fn state_folder(config: &Config) -> PathBuf {
    let issuer = &config.development_issuer_folder;
    issuer.parent().map_or_else(|| issuer.clone(), Path::to_path_buf)
}

fn differs() -> Failure {
    Failure::new(1, "What the API says differs from what the files say; see the table.")
}

/// A world that was lived.
pub struct Lived {
    /// Its plan.
    pub plan: Plan,
    /// Its ids.
    pub world: World,
    /// How it was called.
    pub client: Client,
    /// Whether everything agreed.
    pub proved: bool,
}

/// Sets up and lives a world in the database of this server, or goes on with it, and proves it.
///
/// # Errors
/// What stopped it, in a sentence.
pub async fn replay(
    config: &Config,
    running: &Running,
    file: &Path,
    folder: &Path,
    at_once: usize,
) -> Result<Lived, Failure> {
    let broken = |e: &dyn std::fmt::Display| Failure::new(65, e.to_string());
    let lost = |e: &dyn std::fmt::Display| Failure::new(70, e.to_string());
    let issuer = running
        .development_issuer()
        .ok_or_else(|| Failure::new(78, "The development issuer is off."))?;
    say(&format!("Reading {}", file.display()));
    let plan = Plan::read(file).map_err(|e| broken(&e))?;
    let expectation = plan.expectation().map_err(|e| broken(&e))?;
    say(&format!(
        "  {} lines: {} orders and {} returns of {} stores in {} tenants",
        grouped(&plan.totals.lines.to_string()),
        grouped(&plan.totals.orders.to_string()),
        grouped(&plan.totals.returns.to_string()),
        plan.tenants.iter().map(|t| t.stores.len()).sum::<usize>(),
        plan.tenants.len()
    ));
    let directory = Directory::new(&config.database_app_url, 4)
        .await
        .map_err(|e| lost(&e))?;
    let stage = setup::Stage {
        plan: &plan,
        db: running.db(),
        directory: &directory,
        owner_url: &config.database_owner_url,
        issuer,
    };
    let partner = setup::partner(&stage).await.map_err(|e| lost(&e))?;
    std::fs::create_dir_all(folder).map_err(|e| lost(&e))?;
    let kept = folder.join(format!("{partner}.json"));
    let mut journal = Journal::open(
        &folder.join(format!("{partner}.journal")),
        &plan.digest,
        &partner.to_string(),
    )
    .map_err(|e| lost(&e))?;
    let world = setup::set_up(&stage, partner, &kept, &mut |what| say(&format!("Setting up {what}")))
        .await
        .map_err(|e| lost(&e))?;

    let base = format!("http://{}", running.addr);
    let clock = Clock::ahead_by(config.clock_offset());
    let client = Client::new(&base, issuer.clone(), clock).map_err(|e| lost(&e))?;
    let whole = journal.len() as u64 >= plan.totals.orders + plan.totals.returns;
    let proved = if whole && journal.is_done(PROVED) {
        say("  lived and proved before");
        true
    } else {
        say("Living it");
        let before = progress::cpu();
        let scene = live::Scene {
            plan: &plan,
            world: &world,
            client: &client,
        };
        let lived = live::live(scene, &mut journal, at_once).await.map_err(|e| lost(&e))?;
        figures(&client, lived.pace, before);
        for (document, why) in lived.failures.iter().take(10) {
            say(&format!("  not lived: {document}: {why}"));
        }
        if lived.failures.len() > 10 {
            say(&format!("  and {} more", lived.failures.len() - 10));
        }
        say("Proving it");
        let proved = prove::prove(&stage, scene, &expectation).await.map_err(|e| lost(&e))?;
        say(&table::table(&proved));
        let equal = lived.failures.is_empty() && proved.iter().all(|tenant| tenant.differences.is_empty());
        if equal {
            journal.done(PROVED, "").map_err(|e| lost(&e))?;
        }
        equal
    };
    Ok(Lived {
        plan,
        world,
        client,
        proved,
    })
}

/// The journal's word for a replay whose proof was equal.
const PROVED: &str = "proved";

fn figures(client: &Client, pace: progress::Pace, before: Option<std::time::Duration>) {
    if pace.count == 0 {
        return;
    }
    let (calls, repeats) = client.calls();
    let cpu = before
        .zip(progress::cpu())
        .map(|(before, after)| after.saturating_sub(before));
    let each = cpu.map_or_else(String::new, |cpu| {
        let micros = cpu.as_micros() / u128::from(pace.count);
        format!(", {micros} µs of this process's CPU for each")
    });
    say(&format!(
        "  {} lines in {} s: {} lines/s{each}; {} calls, {repeats} repeated",
        grouped(&pace.count.to_string()),
        pace.took.as_secs(),
        pace.per_second(),
        grouped(&calls.to_string())
    ));
}

fn say(line: &str) {
    eprintln!("{line}");
}
