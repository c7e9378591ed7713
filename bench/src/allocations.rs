//! What the server allocates for each work, with one client. It is a server that was built to count it (feature `count-allocations`),
//! and measured for nothing else: counting costs something itself.

use crate::driver::{Window, Work, load};
use crate::server::{self, Server};
use crate::town;
use anyhow::{Context, Result, ensure};
use clap::Args;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const CALLS: &str = "quartermaster_allocations_total";
const BYTES: &str = "quartermaster_allocated_bytes_total";

#[derive(Debug, Args)]
pub struct Allocations {
    /// The server that counts
    server: PathBuf,
}

/// What one work allocates for each unit.
#[derive(Debug, Serialize, Deserialize)]
pub struct Allocated {
    pub work: String,
    pub units: u64,
    pub calls: u64,
    pub bytes: u64,
}

impl Allocations {
    pub async fn run(self, state: &Path) -> Result<()> {
        let (_, town) = town::measured(state).await?;
        let town = Arc::new(town);
        let server = Server::start_binary(&self.server, state, &[]).await?;
        server::warm_up(&server, &town).await?;
        let mut all = Vec::new();
        for work in Work::ALL {
            let before = counted(server.address).await?;
            let window = Window {
                warm: Duration::ZERO,
                counted: Duration::from_secs(2),
            };
            let done = load(server.address, &town, work, 1, window).await?;
            let after = counted(server.address).await?;
            ensure!(done.errors == 0 && done.units > 0, "{} failed", work.name());
            all.push(Allocated {
                work: work.name().to_owned(),
                units: done.units,
                calls: (after.0 - before.0) / done.units,
                bytes: (after.1 - before.1) / done.units,
            });
        }
        std::fs::write(state.join("allocations.json"), serde_json::to_vec_pretty(&all)?)?;
        server.stop().await
    }
}

/// Calls and bytes so far.
async fn counted(address: SocketAddr) -> Result<(u64, u64)> {
    let mut stream = tokio::net::TcpStream::connect(address).await?;
    let request = format!("GET /metrics HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let value = |name: &str| {
        let mut lines = answer.lines().filter_map(|line| line.strip_prefix(name));
        let found = lines.next().and_then(|value| value.trim().parse().ok());
        found.with_context(|| format!("the server does not count {name}: it was built without “count-allocations”"))
    };
    Ok((value(CALLS)?, value(BYTES)?))
}

/// Writes them as a table.
pub fn write(out: &mut String, all: &[Allocated]) -> Result<()> {
    if all.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n### Allocations of each work, S1, one client\n")?;
    writeln!(out, "| work | allocations | kB | units |\n|---|--:|--:|--:|")?;
    for one in all {
        writeln!(
            out,
            "| {} | {} | {} | {} |",
            one.work,
            one.calls,
            one.bytes / 1_000,
            one.units
        )?;
    }
    Ok(())
}
