//! Everything that is measured of one size.

use crate::account;
use crate::compare::{Comparison, Plan};
use crate::driver::{Window, Work};
use crate::figures::median;
use crate::pgbench::{Pgbench, Reference};
use crate::server::{self, Server};
use crate::statements::{self, Asked};
use crate::town::{self, Registry, Shape, Town};
use crate::{say, town::owner};
use anyhow::{Context, Result, ensure};
use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// How much there is before anything is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Size {
    /// 10,000 orders of 10 lines, in 10 tenants
    S1,
    /// 100,000 orders of 10 lines, in 10 tenants
    S2,
    /// As many as S2, in 1,000 tenants
    T1000,
}

impl Size {
    pub fn shape(self) -> Shape {
        let (tenants, items, orders) = match self {
            Self::S1 => (10, 1_000, 1_000),
            Self::S2 => (10, 1_000, 10_000),
            // A position for each item at each location: with all items it would be twenty million.
            Self::T1000 => (1_000, 100, 100),
        };
        Shape { tenants, items, orders }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::S1 => "S1",
            Self::S2 => "S2",
            Self::T1000 => "T1000",
        }
    }
}

#[derive(Debug, Args)]
pub struct Measure {
    /// How much there is
    size: Size,
    /// A few short runs instead of many longer ones
    #[arg(long)]
    quick: bool,
    /// Only this work
    #[arg(long, value_name = "W7")]
    only: Option<String>,
    /// What is measured: a commit
    #[arg(long, default_value = "unknown")]
    commit: String,
}

/// The figures of one size.
#[derive(Debug, Serialize, Deserialize)]
pub struct Measured {
    pub size: String,
    pub quick: bool,
    /// The day, by the database.
    pub on: String,
    /// What was measured.
    pub commit: String,
    pub postgresql: String,
    pub comparisons: Vec<Comparison>,
    /// Milliseconds from the start of the process.
    pub first_answer: u64,
    /// KiB: before any load, and the most of all loads.
    pub memory: (u64, u64),
    /// By work.
    #[serde(default)]
    pub statements: Vec<Asked>,
}

/// Server, reference and what is needed to load them.
pub struct Stage {
    pub server: Server,
    pub town: Arc<Town>,
    pub pgbench: Pgbench,
    pub postmaster: u32,
}

impl Measure {
    pub async fn run(self, state: &Path) -> Result<()> {
        let [owner_url, app_url] = ["DATABASE_OWNER_URL", "DATABASE_APP_URL"].map(town::from_environment);
        let (owner_url, app_url) = (owner_url?, app_url?);
        let shape = self.size.shape();
        let owner = owner(&owner_url).await?;
        let registry = Registry::open(&server::issuer_folder(state), &owner).await?;
        let server = Server::start(state).await?;
        town::found(&owner_url, &owner, &registry, server.address, shape).await?;
        server.stop().await?;
        settle(&owner).await?;

        let town = Arc::new(Town::read(&owner, &registry, shape).await?);
        let mut starts = Vec::new();
        for _ in 0..3 {
            starts.push(server::start_to_first_answer(state, &town).await?);
        }
        let server = Server::start(state).await?;
        let idle = account::memory(server.pid);
        let before = town.movements(server.address).await?;
        server::warm_up(&server, &town).await?;
        let stage = Stage {
            pgbench: Pgbench::new(&app_url, &owner, state, shape).await?,
            postmaster: postmaster(&owner).await?,
            server,
            town,
        };
        let comparisons = self.compare(&stage).await?;
        let after = stage.town.movements(stage.server.address).await?;
        say(&format!(
            "ledger and positions agree, {} movements later",
            after - before
        ));
        ensure!(
            (after - before).is_multiple_of(10),
            "a receipt moved less than ten lines"
        );
        let row = owner
            .query_one("SELECT current_date::text, current_setting('server_version')", &[])
            .await?;
        let measured = Measured {
            size: self.size.name().to_owned(),
            quick: self.quick,
            commit: self.commit,
            on: row.try_get(0)?,
            postgresql: row.try_get(1)?,
            comparisons,
            first_answer: median(starts).map_or(0, |t| u64::try_from(t.as_millis()).unwrap_or(u64::MAX)),
            memory: (idle, account::peak_memory(stage.server.pid)),
            statements: statements::count(state, &owner, &stage.town).await?,
        };
        let path = state.join(format!("{}.json", measured.size));
        std::fs::write(path, serde_json::to_vec_pretty(&measured)?)?;
        stage.server.stop().await
    }

    async fn compare(&self, stage: &Stage) -> Result<Vec<Comparison>> {
        let seconds = Duration::from_secs;
        let (runs, counted) = if self.quick { (3, seconds(2)) } else { (5, seconds(4)) };
        let warm = seconds(1);
        let plan = Plan {
            runs,
            window: Window { warm, counted },
        };
        let mut contests: Vec<_> = Work::ALL.map(|work| (work, Reference::Bare)).into();
        contests.push((Work::W7, Reference::SameRows));
        let mut comparisons = Vec::new();
        for (work, to) in contests {
            if self.only.as_deref().is_some_and(|only| only != work.name()) {
                continue;
            }
            for clients in [1, 8, 32] {
                // What is short has the bars, and the whole work also with one client and with many.
                if self.quick && clients != 8 && (work, to) != (Work::W7, Reference::Bare) {
                    continue;
                }
                // Many tenants are held against few where the bars are.
                if self.size == Size::T1000 && clients != 8 {
                    continue;
                }
                let one = stage.compare(work, to, clients, plan).await?;
                let (size, work, rate, cpu) = (self.size.name(), &one.work, one.rate, one.cpu);
                say(&format!(
                    "{size} {work}, {clients} clients: rate {rate} and CPU {cpu} of pgbench"
                ));
                comparisons.push(one);
            }
        }
        Ok(comparisons)
    }
}

/// Vacuums both sides and keeps autovacuum out of the runs: it would be charged to whoever is measured when it comes.
async fn settle(owner: &tokio_postgres::Client) -> Result<()> {
    say("vacuum");
    let tables = "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('qm', 'reference') AND tableowner = current_user";
    for row in owner.query(tables, &[]).await? {
        let table: String = row.try_get(0)?;
        owner
            .batch_execute(&format!("ALTER TABLE {table} SET (autovacuum_enabled = off)"))
            .await?;
        owner.batch_execute(&format!("VACUUM (ANALYZE) {table}")).await?;
    }
    Ok(())
}

/// The process under which all of the database's processes are.
pub async fn postmaster(owner: &tokio_postgres::Client) -> Result<u32> {
    let backend: i32 = owner.query_one("SELECT pg_backend_pid()", &[]).await?.try_get(0)?;
    let backend = u32::try_from(backend)?;
    account::parent(backend).context("the database does not run on this machine: its CPU time cannot be read")
}
