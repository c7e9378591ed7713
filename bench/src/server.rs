//! The server that is measured: the release build, as a process of its own, configured as it comes.

use crate::driver::{Work, load};
use crate::town::Town;
use anyhow::{Context, Result, ensure};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};

/// A server that runs until this is dropped.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    pub pid: u32,
    /// When it was started.
    pub began: Instant,
}

impl Server {
    /// Starts one and waits until it takes connections; the environment names the database.
    pub async fn start(state: &Path) -> Result<Self> {
        Self::start_with(state, &[]).await
    }

    /// The same, configured also by these.
    pub async fn start_with(state: &Path, configured: &[(&str, &str)]) -> Result<Self> {
        let binary = std::env::current_exe()?.with_file_name("quartermaster");
        Self::start_binary(&binary, state, configured).await
    }

    /// The same of this program.
    pub async fn start_binary(binary: &Path, state: &Path, configured: &[(&str, &str)]) -> Result<Self> {
        let address = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let log = std::fs::File::create(state.join("server.log"))?;
        let began = Instant::now();
        let mut child = Command::new(binary)
            .arg("serve")
            .env("QUARTERMASTER_LISTEN", address.to_string())
            .env("QUARTERMASTER_ENVIRONMENT", "development")
            .env("QUARTERMASTER_DEVELOPMENT_ISSUER_FOLDER", issuer_folder(state))
            .envs(configured.iter().copied())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", binary.display()))?;
        while tokio::net::TcpStream::connect(address).await.is_err() {
            let ended = child.try_wait()?;
            ensure!(
                ended.is_none(),
                "the server ended: see {}",
                state.join("server.log").display()
            );
            ensure!(began.elapsed() < Duration::from_secs(30), "the server does not listen");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let pid = child.id().context("the server has ended")?;
        Ok(Self {
            child,
            address,
            pid,
            began,
        })
    }

    /// Stops it.
    pub async fn stop(mut self) -> Result<()> {
        self.child.kill().await?;
        Ok(())
    }
}

/// Where the development issuer of server and clients keeps its key.
pub fn issuer_folder(state: &Path) -> std::path::PathBuf {
    state.join("issuer")
}

/// How long it takes from the start of a process to its first answer that comes from tables.
pub async fn start_to_first_answer(state: &Path, town: &Arc<Town>) -> Result<Duration> {
    let server = Server::start(state).await?;
    let mut client = crate::driver::Client::open(server.address, Arc::clone(town)).await?;
    client.unit(Work::W6).await?;
    let took = server.began.elapsed();
    server.stop().await?;
    Ok(took)
}

/// Fills the caches of server and database before anything is measured.
pub async fn warm_up(server: &Server, town: &Arc<Town>) -> Result<()> {
    for work in Work::ALL {
        let window = crate::driver::Window {
            warm: Duration::ZERO,
            counted: Duration::from_secs(1),
        };
        let done = load(server.address, town, work, 8, window).await?;
        let said = done.first_error.unwrap_or_default();
        ensure!(done.errors == 0, "{} failed: {said}", work.name());
    }
    Ok(())
}
