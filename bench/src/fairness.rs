//! One tenant asks for more than can be done, another for little: what the one does to the other. The quiet one asks at a rate of its own,
//! at first alone, then while the other floods with lists, with orders, and with the most that a question may ask for, each at three times what
//! can be done of it.

use crate::driver::Kind;
use crate::figures::{Ratio, milliseconds};
use crate::overload::{Run, drive};
use crate::say;
use crate::server::Server;
use crate::town::{self, Tenant, Town};
use anyhow::{Context, Result, ensure};
use clap::Args;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// What the quiet one asks for, of what can be done of it, in hundredths.
const QUIET: u64 = 7;
/// What the quiet one asks for under the limits of production, of that: no more than its own points allow.
const WITHIN_LIMITS: u64 = 4;
/// What the other asks for, of what can be done of it.
const FLOOD: u64 = 3;
/// The limits of production, which this server has only where it is said: else it would turn a flood away before anything is measured.
const LIMITS: [(&str, &str); 2] = [
    ("QUARTERMASTER_TENANT_POINTS_PER_MINUTE", "120000"),
    ("QUARTERMASTER_ACCOUNT_POINTS_PER_MINUTE", "60000"),
];

#[derive(Debug, Args)]
pub struct Fairness {
    /// Short runs
    #[arg(long)]
    quick: bool,
}

/// A quiet tenant alone, and beside floods.
#[derive(Debug, Serialize, Deserialize)]
pub struct Quiet {
    pub work: String,
    pub alone: Run,
    pub beside: Vec<Beside>,
}

/// What the quiet one got, and what the other.
#[derive(Debug, Serialize, Deserialize)]
pub struct Beside {
    pub quiet: Run,
    pub flood: Run,
}

/// The figures as a table.
pub fn write(out: &mut String, all: &[Quiet]) -> std::fmt::Result {
    if all.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\n### A quiet tenant beside one that floods (bar: p99 ≤ 2.00 x its own when it is alone)\n"
    )?;
    writeln!(
        out,
        "| quiet one asks | asked/s | beside | p50 ms | p99 ms | p50 x | p99 x | refused/s | the other answered/s | refused/s | asking, cores | errors |"
    )?;
    writeln!(out, "|---|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|")?;
    let ratio = |one, other| Ratio::of(one, other).map_or_else(|| "–".to_owned(), |ratio| ratio.to_string());
    for Quiet { work, alone, beside } in all {
        let [p50, p99] = [alone.answers.0, alone.answers.1].map(milliseconds);
        writeln!(
            out,
            "| {work} | {} | nobody | {p50} | {p99} | 1.00 | 1.00 | {} | | | {} | {} |",
            alone.asked,
            alone.refused,
            Ratio(alone.asking),
            alone.errors
        )?;
        for Beside { quiet, flood } in beside {
            let [p50, p99] = [quiet.answers.0, quiet.answers.1].map(milliseconds);
            writeln!(
                out,
                "| {work} | {} | {} | {p50} | {p99} | {} | {} | {} | {} | {} | {} | {} |",
                quiet.asked,
                flood.load,
                ratio(quiet.answers.0, alone.answers.0),
                ratio(quiet.answers.1, alone.answers.1),
                quiet.refused,
                flood.answered,
                flood.refused,
                Ratio(flood.asking),
                quiet.errors + flood.errors
            )?;
        }
    }
    let runs = all.iter().flat_map(|one| {
        one.beside
            .iter()
            .flat_map(|both| [&both.quiet, &both.flood])
            .chain([&one.alone])
    });
    for run in runs {
        if let Some(error) = &run.first_error {
            writeln!(out, "\nThe first error beside “{}”: `{error}`", run.load)?;
        }
    }
    Ok(())
}

/// A server and two of its tenants.
struct Stage {
    server: Server,
    quiet: Arc<Town>,
    flood: Arc<Town>,
    counted: Duration,
}

impl Fairness {
    pub async fn run(self, state: &Path) -> Result<()> {
        let (_, town) = town::measured(state).await?;
        let mut tenants = town.tenants.into_iter();
        let (quiet, flood) = tenants.next().zip(tenants.next()).context("there is one tenant only")?;
        let alone = |tenant: Tenant| Arc::new(Town { tenants: vec![tenant] });
        let mut stage = Stage {
            server: Server::start(state).await?,
            quiet: alone(quiet),
            flood: alone(flood),
            counted: Duration::from_secs(if self.quick { 6 } else { 20 }),
        };
        let floods = [Kind::List, Kind::Create, Kind::Most];
        let mut rates = Vec::new();
        for kind in floods {
            rates.push((kind, stage.capacity(kind).await? * FLOOD));
        }
        let mut all = Vec::new();
        let mut quiet = Vec::new();
        for kind in [Kind::List, Kind::Order, Kind::Create] {
            let rate = (stage.capacity(kind).await? * QUIET / 100).max(1);
            quiet.push((kind, (rate / WITHIN_LIMITS).max(1)));
            all.push(stage.quiet(kind.name().to_owned(), (kind, rate), &rates).await?);
        }
        stage.server.stop().await?;
        stage.server = Server::start_with(state, &LIMITS).await?;
        let flood = rates.get(..1).context("no flood")?;
        for asked in quiet {
            let work = format!("{}, limits of production", asked.0.name());
            all.push(stage.quiet(work, asked, flood).await?);
        }
        stage.server.stop().await?;
        std::fs::write(state.join("fairness.json"), serde_json::to_vec_pretty(&all)?)?;
        Ok(())
    }
}

impl Stage {
    /// Answers for each second, when a few clients send their next request as soon as the last one is answered.
    async fn capacity(&self, kind: Kind) -> Result<u64> {
        let counted = Duration::from_secs(2);
        let most = drive(self.server.address, &self.flood, kind, None, counted).await?;
        let most = most.run("all that can be done", counted);
        ensure!(most.answered > 0, "nothing was done: {:?}", most.first_error);
        Ok(most.answered)
    }

    /// The quiet one alone, then beside each flood.
    async fn quiet(&self, work: String, (kind, rate): (Kind, u64), floods: &[(Kind, u64)]) -> Result<Quiet> {
        let alone = self.ask(kind, rate).await?;
        let mut beside = Vec::new();
        for flood in floods {
            beside.push(self.beside(flood.0.name(), (kind, rate), *flood).await?);
        }
        Ok(Quiet { work, alone, beside })
    }

    async fn ask(&self, kind: Kind, rate: u64) -> Result<Run> {
        let (address, town, counted) = (self.server.address, Arc::clone(&self.quiet), self.counted);
        apart(move || async move {
            Ok(drive(address, &town, kind, Some(rate), counted)
                .await?
                .run("alone", counted))
        })
        .await
    }

    async fn beside(&self, name: &str, (kind, rate): (Kind, u64), (flood, flood_rate): (Kind, u64)) -> Result<Beside> {
        let address: SocketAddr = self.server.address;
        let (quiet, flood) = tokio::try_join!(
            self.ask(kind, rate),
            drive(address, &self.flood, flood, Some(flood_rate), self.counted)
        )?;
        let flood = flood.run(name, self.counted);
        say(&format!(
            "{} at {rate} beside {name}: p50 {} µs, p99 {} µs, {} refused; the other {} answered, {} refused",
            kind.name(),
            quiet.answers.0,
            quiet.answers.1,
            quiet.refused,
            flood.answered,
            flood.refused
        ));
        Ok(Beside { quiet, flood })
    }
}

/// On a thread of its own: what the quiet one measures is not to wait for what the other does in this process.
async fn apart<F>(work: impl FnOnce() -> F + Send + 'static) -> Result<Run>
where
    F: Future<Output = Result<Run>>,
{
    let (done, asked) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let ran = runtime
            .map_err(anyhow::Error::from)
            .and_then(|runtime| runtime.block_on(work()));
        let _ = done.send(ran);
    });
    asked.await?
}
