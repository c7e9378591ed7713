//! Server and reference in turns: pgbench, server, pgbench, … Each run of the server is compared with the mean of the two runs
//! of pgbench around it, and the median of these ratios is what counts: the speed of a shared machine drifts within minutes.

use crate::account;
use crate::driver::{Done, Window, Work, load};
use crate::figures::{Ratio, median};
use crate::measure::Stage;
use crate::pgbench::{Reference, until};
use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use std::time::{Duration, Instant};

/// How often and for how long each side runs.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    pub runs: usize,
    pub window: Window,
}

/// Behind the name of a work that is compared with the second reference.
pub const SAME_ROWS: &str = ", same rows";

/// A work with so many clients, compared.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Comparison {
    pub work: String,
    pub clients: usize,
    /// Server to pgbench.
    pub rate: Ratio,
    /// CPU of server and database for each unit, to that of pgbench's database.
    pub cpu: Ratio,
    /// 99th percentile of the latency, to pgbench's.
    pub p99: Ratio,
    /// Microseconds and units for each second; medians of the runs.
    pub server: Side,
    pub pgbench: Side,
    /// W7: microseconds of create, approve, receive (50th and 99th percentile).
    pub steps: Vec<(u64, u64)>,
    /// Runs of the server.
    pub runs: usize,
    pub errors: u64,
    pub first_error: Option<String>,
}

/// One side of a comparison.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Side {
    pub units_per_second: u64,
    /// Microseconds of CPU for each unit, in the server process; 0 for pgbench.
    pub server_cpu: u64,
    /// Microseconds of CPU for each unit, in the database.
    pub database_cpu: u64,
    pub p50: u64,
    pub p99: u64,
    /// What others used of this machine meanwhile, in percent of one core.
    pub others: u64,
}

impl Side {
    fn cpu(&self) -> u64 {
        self.server_cpu + self.database_cpu
    }
}

/// One run of one side.
struct Run {
    side: Side,
    done: Done,
}

impl Stage {
    /// Compares a work with so many clients, so many times.
    pub async fn compare(&self, work: Work, to: Reference, clients: usize, plan: Plan) -> Result<Comparison> {
        let Plan { runs, window } = plan;
        let reference = || {
            accounted(
                self.pgbench.load(work, to, clients, window),
                None,
                self.postmaster,
                window,
            )
        };
        let mut references = vec![reference().await?];
        let mut ours = Vec::new();
        for _ in 0..runs {
            ours.push(self.product(work, clients, window).await?);
            references.push(reference().await?);
        }
        let ratios = |of: fn(&Side) -> u64| {
            let pairs = ours.iter().zip(references.windows(2));
            let each = pairs.filter_map(|(run, around)| {
                let around: u64 = around.iter().map(|run| of(&run.side)).sum();
                Ratio::of(of(&run.side) * 2, around)
            });
            median(each.collect()).context("nothing to compare")
        };
        let (rate, cpu, p99) = (ratios(|s| s.units_per_second)?, ratios(Side::cpu)?, ratios(|s| s.p99)?);
        let server = middle(ours.iter().map(|run| run.side).collect())?;
        let pgbench = middle(references.iter().map(|run| run.side).collect())?;
        let mut all = ours
            .into_iter()
            .map(|run| run.done)
            .fold(Done::default(), |mut all, done| {
                for (mine, step) in all.steps.iter_mut().zip(done.steps) {
                    mine.extend(step);
                }
                all.errors += done.errors;
                all.first_error = all.first_error.or(done.first_error);
                all
            });
        let steps = all.steps.iter_mut().filter(|step| step.count() > 0);
        Ok(Comparison {
            work: match to {
                Reference::Bare => work.name().to_owned(),
                Reference::SameRows => format!("{}{SAME_ROWS}", work.name()),
            },
            clients,
            rate,
            cpu,
            p99,
            server,
            pgbench,
            steps: steps.map(|step| (step.percentile(50), step.percentile(99))).collect(),
            runs,
            errors: all.errors,
            first_error: all.first_error,
        })
    }

    async fn product(&self, work: Work, clients: usize, window: Window) -> Result<Run> {
        let pid = Some(self.server.pid);
        let load = load(self.server.address, &self.town, work, clients, window);
        accounted(load, pid, self.postmaster, window).await
    }
}

/// Runs a load and reads the accounts where its window begins and ends.
async fn accounted(
    load: impl Future<Output = Result<Done>>,
    server: Option<u32>,
    postmaster: u32,
    window: Window,
) -> Result<Run> {
    let began = Instant::now();
    let read = || {
        let server = server.map_or(Duration::ZERO, account::of_process);
        let own = account::of_tree(std::process::id());
        // The server is a child of this process.
        (server, account::of_tree(postmaster), own, account::of_machine())
    };
    let accounts = async {
        until(began, window.warm).await;
        let before = read();
        until(began, window.warm + window.counted).await;
        Ok((before, read()))
    };
    let (mut done, (before, after)) = tokio::try_join!(load, accounts)?;
    let units = done.latencies.count();
    ensure!(
        units > 0,
        "nothing was done: {}",
        done.first_error.as_deref().unwrap_or("no answer came in time")
    );
    let each = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX) / units;
    let database = after.1.saturating_sub(before.1);
    let own = after.2.saturating_sub(before.2);
    let others = after.3.saturating_sub(before.3).saturating_sub(own + database);
    let millis = u64::try_from(window.counted.as_millis()).unwrap_or(u64::MAX);
    let side = Side {
        units_per_second: units * 1_000 / millis,
        server_cpu: each(after.0.saturating_sub(before.0)),
        database_cpu: each(database),
        p50: done.latencies.percentile(50),
        p99: done.latencies.percentile(99),
        others: u64::try_from(others.as_millis()).unwrap_or(u64::MAX) * 100 / millis,
    };
    Ok(Run { side, done })
}

/// The median of each figure.
fn middle(sides: Vec<Side>) -> Result<Side> {
    let figure = |of: fn(&Side) -> u64| median(sides.iter().map(of).collect()).context("no runs");
    Ok(Side {
        units_per_second: figure(|s| s.units_per_second)?,
        server_cpu: figure(|s| s.server_cpu)?,
        database_cpu: figure(|s| s.database_cpu)?,
        p50: figure(|s| s.p50)?,
        p99: figure(|s| s.p99)?,
        others: figure(|s| s.others)?,
    })
}
