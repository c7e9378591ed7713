//! `quartermaster replay`: lives a world's order lines through the public API and proves that nothing was lost.
//!
//! | step | file |
//! |---|---|
//! | partner, tenants, people, master data | `setup/` |
//! | what stands where: ids | `world.rs` |
//! | many documents at once, in the order that returns need | `live.rs` |
//! | the steps of one document | `order.rs`, `supplier_return.rs` |
//! | calls: tokens, idempotency keys, repeats | `client/` |
//! | the bar | `progress.rs` |
//! | what the API says when all is lived, against the files | `proof/` |
//!
//! What it knows of the product is its public API. The one thing that it does at the console is the partner's beginning.

pub mod client;
mod live;
mod order;
pub(super) mod progress;
pub mod proof;
pub mod setup;
mod supplier_return;
pub mod world;

use super::{Failure, runtime};
use crate::clock::Clock;
use crate::config::Config;
use crate::server::{self, Running};
use crate::telemetry;
use clap::Args;
use client::Client;
use proof::{Proved, grouped};
use quartermaster_demo::plan::DocumentKey;
use quartermaster_demo::{Expectation, Journal, Plan};
use std::path::{Path, PathBuf};
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
            let world = WorldFiles {
                file: &self.file,
                folder: &folder,
                at_once: self.concurrency.into(),
                prove_again: true,
            };
            let end = replay(&config, &running, world).await;
            running.shutdown().await;
            end.and_then(|lived| if lived.equal() { Ok(()) } else { Err(differs()) })
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

/// What is to be lived, and how.
#[derive(Debug, Clone, Copy)]
pub struct WorldFiles<'a> {
    /// Order lines, or the folder of a world.
    pub file: &'a Path,
    /// Where the journal and the ids are kept.
    pub folder: &'a Path,
    /// Documents at a time.
    pub at_once: usize,
    /// Prove also what an earlier process proved.
    pub prove_again: bool,
}

/// A world that was lived.
pub struct Lived {
    /// Its plan.
    pub plan: Plan,
    /// Its ids.
    pub world: World,
    /// How it was called.
    pub client: Client,
    /// The partner, as `ptn_…`.
    pub partner: String,
    /// What is done; the next process cannot go on while this is open.
    pub journal: Journal,
    /// Documents that were not lived, and why.
    pub failures: Vec<(DocumentKey, String)>,
    /// The proof, by tenant; empty when an earlier process had it.
    pub proof: Vec<Proved>,
}

impl Lived {
    /// Whether everything was lived and agreed.
    #[must_use]
    pub fn equal(&self) -> bool {
        self.failures.is_empty() && self.proof.iter().all(|tenant| tenant.differences.is_empty())
    }
}

/// Sets up and lives a world in the database of this server, or goes on with it, and proves it.
///
/// # Errors
/// What stopped it, in a sentence.
pub async fn replay(config: &Config, running: &Running, files: WorldFiles<'_>) -> Result<Lived, Failure> {
    let issuer = running
        .development_issuer()
        .ok_or_else(|| Failure::new(78, "The development issuer is off."))?;
    let (plan, expectation) = read(files.file)?;
    let partner = setup::partner(&plan, &config.database_owner_url, issuer.issuer())
        .await
        .map_err(lost)?;
    std::fs::create_dir_all(files.folder).map_err(lost)?;
    let journal = files.folder.join(format!("{partner}.journal"));
    let mut journal = Journal::open(&journal, &plan.digest, &partner).map_err(lost)?;
    let clock = Clock::ahead_by(config.clock_offset());
    let client = Client::new(&format!("http://{}", running.addr), issuer.clone(), clock).map_err(lost)?;

    let kept = files.folder.join(format!("{partner}.json"));
    let stage = setup::Stage::new(&plan, &client, &partner, issuer.issuer(), &mut journal);
    let world = setup::set_up(&stage, &kept, &mut say).await.map_err(lost)?;
    let mut lived = Lived {
        plan,
        world,
        client,
        partner,
        journal,
        failures: Vec::new(),
        proof: Vec::new(),
    };
    if lived.journal.is_done(PROVED) && !files.prove_again {
        say("  lived and proved before");
        return Ok(lived);
    }
    live_and_prove(&mut lived, &expectation, files.at_once).await?;
    Ok(lived)
}

fn read(file: &Path) -> Result<(Plan, Expectation), Failure> {
    say(&format!("Reading {}", file.display()));
    let plan = Plan::read(file).map_err(|e| Failure::new(65, e.to_string()))?;
    let expectation = plan.expectation().map_err(|e| Failure::new(65, e.to_string()))?;
    say(&format!(
        "  {} lines: {} orders and {} returns of {} stores in {} tenants",
        grouped(&plan.totals.lines.to_string()),
        grouped(&plan.totals.orders.to_string()),
        grouped(&plan.totals.returns.to_string()),
        plan.tenants.iter().map(|t| t.stores.len()).sum::<usize>(),
        plan.tenants.len()
    ));
    Ok((plan, expectation))
}

async fn live_and_prove(lived: &mut Lived, expectation: &Expectation, at_once: usize) -> Result<(), Failure> {
    say("Living it");
    let before = progress::cpu();
    let scene = live::Scene {
        plan: &lived.plan,
        world: &lived.world,
        client: &lived.client,
    };
    let living = live::live(scene, &mut lived.journal, at_once).await.map_err(lost)?;
    figures(&lived.client, living.pace, before);
    for (document, why) in living.failures.iter().take(SHOWN) {
        say(&format!("  not lived: {document}: {why}"));
    }
    if living.failures.len() > SHOWN {
        say(&format!("  and {} more", living.failures.len() - SHOWN));
    }
    say("Proving it");
    lived.proof = proof::prove(scene, expectation).await.map_err(lost)?;
    lived.failures = living.failures;
    say(&proof::table(&lived.proof));
    if lived.equal() {
        lived.journal.done(PROVED, "").map_err(lost)?;
    }
    Ok(())
}

fn lost(error: impl std::fmt::Display) -> Failure {
    Failure::new(70, error.to_string())
}

/// So many documents that were not lived are told.
const SHOWN: usize = 10;
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
