//! What each work asks of the database: its statements, by pg_stat_statements. Counted apart from the comparisons, since counting
//! costs something itself.

use crate::driver::{Window, Work, load};
use crate::server::Server;
use crate::town::Town;
use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::Client;

/// The statements of one work.
#[derive(Debug, Serialize, Deserialize)]
pub struct Asked {
    pub work: String,
    pub units: u64,
    pub statements: Vec<Statement>,
}

/// One statement, in all units.
#[derive(Debug, Serialize, Deserialize)]
pub struct Statement {
    pub text: String,
    pub calls: u64,
    pub rows: u64,
    /// Microseconds of execution, waits for locks included.
    pub micros: u64,
}

const AVAILABLE: &str = "SELECT count(*) FROM pg_extension WHERE extname = 'pg_stat_statements'";
const FOUND: &str = "SELECT s.query, s.calls, s.rows, round(s.total_exec_time * 1000)::bigint FROM pg_stat_statements s \
    JOIN pg_roles r ON r.oid = s.userid WHERE r.rolname = 'quartermaster_app' AND s.calls * 20 >= $1 ORDER BY s.total_exec_time DESC";

/// Counts them, on a server of its own; nothing where the database was made without pg_stat_statements.
pub async fn count(state: &Path, owner: &Client, town: &Arc<Town>) -> Result<Vec<Asked>> {
    if owner.query_one(AVAILABLE, &[]).await?.try_get::<_, i64>(0)? == 0 {
        return Ok(Vec::new());
    }
    let database: String = owner
        .query_one("SELECT quote_ident(current_database())", &[])
        .await?
        .try_get(0)?;
    let track = format!("ALTER DATABASE {database} SET pg_stat_statements.track = 'top'");
    owner.batch_execute(&track).await?;
    let counted = of_all(state, owner, town).await;
    let reset = format!("ALTER DATABASE {database} RESET pg_stat_statements.track");
    owner.batch_execute(&reset).await?;
    counted
}

async fn of_all(state: &Path, owner: &Client, town: &Arc<Town>) -> Result<Vec<Asked>> {
    let server = Server::start(state).await?;
    crate::server::warm_up(&server, town).await?;
    let mut all = Vec::new();
    for work in Work::ALL {
        owner.execute("SELECT pg_stat_statements_reset()", &[]).await?;
        let window = Window {
            warm: Duration::ZERO,
            counted: Duration::from_secs(1),
        };
        let done = load(server.address, town, work, 8, window).await?;
        ensure!(done.errors == 0, "{} failed", work.name());
        let units = done.units.max(1);
        // What fewer than one unit in twenty asks is no part of the work: checks of answers, blocks of numbers.
        let rows = owner.query(FOUND, &[&i64::try_from(units)?]).await?;
        let statements = rows.iter().map(|row| {
            let number = |at: usize| Ok::<_, anyhow::Error>(u64::try_from(row.try_get::<_, i64>(at)?)?);
            Ok(Statement {
                text: row.try_get(0)?,
                calls: number(1)?,
                rows: number(2)?,
                micros: number(3)?,
            })
        });
        all.push(Asked {
            work: work.name().to_owned(),
            units,
            statements: statements.collect::<Result<_>>()?,
        });
    }
    server.stop().await?;
    Ok(all)
}

/// The most characters of a statement that are shown.
const SHOWN: usize = 110;

/// Writes them as tables, the dearest first.
pub fn write(out: &mut String, asked: &[Asked]) -> Result<()> {
    for Asked {
        work,
        units,
        statements,
    } in asked
    {
        let calls: u64 = statements.iter().map(|s| s.calls).sum();
        let micros: u64 = statements.iter().map(|s| s.micros).sum();
        writeln!(
            out,
            "\n{work}: {} statements and {} µs of execution for each unit, 8 clients.\n",
            tenths(calls, *units),
            micros / units
        )?;
        writeln!(out, "| statement | times | rows | µs |\n|---|--:|--:|--:|")?;
        for s in statements {
            let words = s
                .text
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
                .replace('|', "\\|");
            let text: String = words.chars().take(SHOWN).collect();
            let (times, rows) = (tenths(s.calls, *units), tenths(s.rows, *units));
            writeln!(out, "| `{text}` | {times} | {rows} | {} |", s.micros / units)?;
        }
    }
    Ok(())
}

fn tenths(of: u64, units: u64) -> String {
    let tenths = (of * 10 + units / 2) / units;
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::{Asked, Statement, write};

    #[test]
    fn a_statement_is_shown_for_each_unit_on_one_line() {
        let statement = Statement {
            text: "SELECT a || b\n  FROM c".to_owned(),
            calls: 30,
            rows: 100,
            micros: 450,
        };
        let asked = Asked {
            work: "W2".to_owned(),
            units: 10,
            statements: vec![statement],
        };
        let mut out = String::new();
        write(&mut out, &[asked]).unwrap();
        assert!(out.contains("W2: 3.0 statements and 45 µs"), "{out}");
        assert!(
            out.contains("| `SELECT a \\|\\| b FROM c` | 3.0 | 10.0 | 45 |"),
            "{out}"
        );
    }
}
