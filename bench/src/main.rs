//! Measures Quartermaster against pgbench doing the same work, beside each other in the same minutes. `bench/run` calls this.
//!
//! | file | what |
//! |---|---|
//! | `town/` | tenants with three people each, made through the API, and orders copied until the size is right |
//! | `server.rs` | the server that is measured, as a process of its own |
//! | `driver/` | closed-loop clients of the GraphQL API, which check the answers |
//! | `pgbench.rs` | the reference: pgbench, and its log of transactions |
//! | `account.rs` | CPU time and memory as the kernel accounts them |
//! | `compare.rs` | one after the other, in turns; medians of the ratios |
//! | `measure.rs` | everything that is measured of one size |
//! | `overload.rs` | more work than can be done |
//! | `fairness.rs` | a quiet tenant beside one that floods |
//! | `allocations.rs` | what the server allocates for each work |
//! | `floor/` | the least that a server does, measured like the product |
//! | `statements.rs` | the statements of each work, by pg_stat_statements |
//! | `kernel.rs` | the policy kernel alone |
//! | `figures.rs` | figures as integers, and how they are written |
//! | `report.rs` | `bench/RESULTS.md` |

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod account;
mod allocations;
mod compare;
mod driver;
mod fairness;
mod figures;
mod floor;
mod kernel;
mod measure;
mod overload;
mod pgbench;
mod report;
mod server;
mod statements;
mod town;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::path::PathBuf;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures Quartermaster against pgbench; `bench/run` calls it with a database beside it.
#[derive(Debug, Parser)]
struct Cli {
    /// Where figures wait for the report, with logs and the development issuer's key
    #[arg(long, global = true, default_value = ".quartermaster/bench")]
    state: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// One size, on the database of DATABASE_OWNER_URL and DATABASE_APP_URL
    Measure(measure::Measure),
    /// More work than can be done, on a size that was measured
    Overload(overload::Overload),
    /// A quiet tenant beside one that floods, on a size that was measured
    Fairness(fairness::Fairness),
    /// What the server allocates, on a size that was measured
    Allocations(allocations::Allocations),
    /// The least that a server does, on a size that was measured
    Floor(floor::Floor),
    /// That server
    #[command(hide = true)]
    Serve,
    /// The policy kernel, without a database
    Kernel,
    /// Writes the figures into the results
    Report(report::Report),
}

fn main() -> Result<()> {
    let cli = Cli::parse();
    std::fs::create_dir_all(&cli.state)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    match cli.command {
        Command::Measure(measure) => runtime.block_on(measure.run(&cli.state)),
        Command::Overload(overload) => runtime.block_on(overload.run(&cli.state)),
        Command::Fairness(fairness) => runtime.block_on(fairness.run(&cli.state)),
        Command::Allocations(allocations) => runtime.block_on(allocations.run(&cli.state)),
        Command::Floor(floor) => runtime.block_on(floor.run(&cli.state)),
        Command::Serve => runtime.block_on(floor::serve()),
        Command::Kernel => runtime.block_on(kernel::run(&cli.state)),
        Command::Report(report) => report.run(&cli.state),
    }
}

/// Tells whoever waits.
fn say(line: &str) {
    eprintln!("bench: {line}");
}
