//! The reference: pgbench with prepared statements as the serving role, and its log of transactions.

use crate::driver::{Done, Window, Work};
use crate::town::Shape;
use anyhow::{Context, Result, bail, ensure};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::process::Command;
use tokio_postgres::config::Host;

/// What pgbench is to do in place of the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reference {
    /// The same logical work on a schema that knows nothing of duties, audit, events and repeats: a hard bound.
    Bare,
    /// The rows of W7 as the product writes them, into its own tables: the bound for the code alone.
    SameRows,
}

/// How to call pgbench.
pub struct Pgbench {
    program: PathBuf,
    environment: Vec<(&'static str, String)>,
    folder: PathBuf,
    shape: Shape,
    same_rows: String,
}

impl Pgbench {
    /// For the database of this URL, with a town of this shape.
    pub async fn new(app_url: &str, owner: &tokio_postgres::Client, state: &Path, shape: Shape) -> Result<Self> {
        let config: tokio_postgres::Config = app_url.parse()?;
        let host = match config.get_hosts().first() {
            Some(Host::Tcp(name)) => name.clone(),
            _ => bail!("the database has no TCP address"),
        };
        let port = config.get_ports().first().copied().unwrap_or(5432);
        let password = String::from_utf8_lossy(config.get_password().unwrap_or_default()).into_owned();
        Ok(Self {
            program: PathBuf::from(std::env::var_os("POSTGRES_BIN").unwrap_or_default()).join("pgbench"),
            environment: vec![
                ("PGHOST", host),
                ("PGPORT", port.to_string()),
                ("PGUSER", config.get_user().unwrap_or_default().to_owned()),
                ("PGPASSWORD", password),
                ("PGDATABASE", config.get_dbname().unwrap_or_default().to_owned()),
                // As PostgreSQL comes: the role of the product asks for generic plans, which would change the reference.
                ("PGOPTIONS", "-c plan_cache_mode=auto".to_owned()),
            ],
            folder: state.join("pgbench"),
            shape,
            same_rows: same_rows(owner).await?,
        })
    }

    /// What the scripts draw from; the ten items of an order are each of another tenth of all.
    fn draws(&self) -> [(&'static str, i64); 4] {
        let Shape { tenants, items, orders } = self.shape;
        [
            ("tenants", tenants),
            ("item_count", items),
            ("tenth", items / 10),
            ("orders", orders),
        ]
    }

    /// Runs a reference of a work; a transaction counts when it ends inside the window.
    pub async fn load(&self, work: Work, reference: Reference, clients: usize, window: Window) -> Result<Done> {
        let script = self.folder.join(format!("{}.sql", work.name()));
        let _ = std::fs::remove_dir_all(&self.folder);
        std::fs::create_dir_all(&self.folder)?;
        let text = match reference {
            Reference::Bare => bare(work),
            Reference::SameRows => &self.same_rows,
        };
        std::fs::write(&script, text)?;
        let whole = window.warm + window.counted;
        let start = SystemTime::duration_since(&clock(), UNIX_EPOCH)? + window.warm;
        let output = Command::new(&self.program)
            .args(["--no-vacuum", "--protocol=prepared", "--log"])
            .arg(format!("--log-prefix={}", self.folder.join("log").display()))
            .arg(format!("--file={}", script.display()))
            .arg(format!("--client={clients}"))
            .arg(format!("--jobs={}", clients.min(2)))
            .arg(format!("--time={}", whole.as_secs() + 1))
            .args(self.draws().map(|(name, number)| format!("--define={name}={number}")))
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .with_context(|| format!("cannot start {}", self.program.display()))?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "pgbench failed: {said}");
        let mut done = Done::default();
        for entry in std::fs::read_dir(&self.folder)? {
            let path = entry?.path();
            if path != script {
                add(
                    &std::fs::read_to_string(path)?,
                    start,
                    start + window.counted,
                    &mut done,
                );
            }
        }
        ensure!(done.latencies.count() > 0, "pgbench did nothing: {said}");
        Ok(done)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "pgbench logs the time of day; nothing here is business time"
)]
fn clock() -> SystemTime {
    SystemTime::now()
}

fn bare(work: Work) -> &'static str {
    match work {
        Work::W1 => include_str!("../sql/reference/w1.sql"),
        Work::W2 => include_str!("../sql/reference/w2.sql"),
        Work::W6 => include_str!("../sql/reference/w6.sql"),
        Work::W7 => include_str!("../sql/reference/w7.sql"),
    }
}

/// The script of the second reference. Its `@copy table changes source` become INSERTs with the columns that the table has now.
async fn same_rows(owner: &tokio_postgres::Client) -> Result<String> {
    owner.batch_execute(include_str!("../sql/copying.sql")).await?;
    let mut script = String::new();
    for line in include_str!("../sql/same_rows/w7.sql").lines() {
        match line.strip_prefix("@copy ") {
            None => script.push_str(line),
            Some(copy) => {
                let (table, rest) = copy.split_once(' ').context("@copy without changes")?;
                let (changes, source) = rest.split_once("} ").context("@copy without a source")?;
                let sql = "SELECT pg_temp.copying($1::text::regclass, $2::text::jsonb, $3)";
                let row = owner
                    .query_one(sql, &[&table, &format!("{changes}}}"), &source])
                    .await?;
                script.push_str(row.try_get(0)?);
                script.push(';');
            }
        }
        script.push('\n');
    }
    Ok(script)
}

/// Reads a log: client, transaction, latency in microseconds, script, second and microsecond at which it ended.
fn add(log: &str, start: Duration, end: Duration, done: &mut Done) {
    for line in log.lines() {
        let mut fields = line.split_whitespace().skip(2);
        let Some(Ok(took)) = fields.next().map(str::parse) else {
            done.errors += 1;
            continue;
        };
        done.units += 1;
        let mut number = || fields.next().and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
        let (_, second, micro) = (number(), number(), number());
        let ended = Duration::from_secs(second) + Duration::from_micros(micro);
        if ended >= start && ended < end {
            done.latencies.add(Duration::from_micros(took));
        }
    }
}

/// How long until the window begins to count, and until it ends, from `began`.
pub async fn until(began: Instant, after: Duration) {
    tokio::time::sleep(after.saturating_sub(began.elapsed())).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transaction_counts_when_it_ends_inside_the_window() {
        let log = "0 1 500 0 100 999999\n0 2 700 0 101 0\n1 1 900 0 103 0\n1 2 failed 0 102 0\n";
        let mut done = Done::default();
        add(log, Duration::from_secs(101), Duration::from_secs(103), &mut done);
        assert_eq!((done.units, done.errors, done.latencies.count()), (3, 1, 1));
        assert_eq!(done.latencies.percentile(99), 700);
    }
}
