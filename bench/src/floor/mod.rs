//! The least that a server of this kind does for W2 and W6, measured like the product: HTTP, the token, one pipelined read of exactly
//! the rows that are shown, under row level security, and JSON. It knows no GraphQL, no limits, no accounts and no duties: what the
//! product costs above it is its own, and what it costs above pgbench is nobody's to save.

mod serve;
mod shown;

use crate::compare::{Comparison, Plan};
use crate::driver::{Window, Work};
use crate::measure::{Size, Stage, postmaster};
use crate::pgbench::{Pgbench, Reference};
use crate::server::Server;
use crate::town;
use crate::{figures::milliseconds, say};
use anyhow::Result;
use clap::Args;
pub use serve::serve;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

#[derive(Debug, Args)]
pub struct Floor {
    /// Short runs
    #[arg(long)]
    quick: bool,
}

impl Floor {
    pub async fn run(self, state: &Path) -> Result<()> {
        let app_url = town::from_environment("DATABASE_APP_URL")?;
        let (owner, town) = town::measured(state).await?;
        let stage = Stage {
            // This program serves as the product does: `serve`, with the same environment.
            server: Server::start_binary(&std::env::current_exe()?, state, &[]).await?,
            pgbench: Pgbench::new(&app_url, &owner, state, Size::S1.shape()).await?,
            postmaster: postmaster(&owner).await?,
            town: Arc::new(town),
        };
        let (runs, counted) = if self.quick { (3, 2) } else { (5, 4) };
        let window = Window {
            warm: Duration::from_secs(1),
            counted: Duration::from_secs(counted),
        };
        let mut comparisons = Vec::new();
        for work in [Work::W2, Work::W6] {
            let one = stage.compare(work, Reference::Bare, 8, Plan { runs, window }).await?;
            say(&format!("floor of {}: CPU {} of pgbench", one.work, one.cpu));
            comparisons.push(one);
        }
        std::fs::write(state.join("floor.json"), serde_json::to_vec_pretty(&comparisons)?)?;
        stage.server.stop().await
    }
}

/// Writes them as a table.
pub fn write(out: &mut String, all: &[Comparison]) -> Result<()> {
    if all.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n### The least that a server does, S1, 8 clients\n")?;
    writeln!(
        out,
        "| work | rate x | CPU x | units/s (pgbench) | CPU ms: server + database (pgbench's) | errors |\n|---|--:|--:|--:|--:|--:|"
    )?;
    for one in all {
        let (server, pgbench) = (one.server, one.pgbench);
        let [own, database, reference] =
            [server.server_cpu, server.database_cpu, pgbench.database_cpu].map(milliseconds);
        writeln!(
            out,
            "| {} | {} | {} | {} ({}) | {own} + {database} ({reference}) | {} |",
            one.work, one.rate, one.cpu, server.units_per_second, pgbench.units_per_second, one.errors
        )?;
    }
    Ok(())
}
