//! A server, the files of a world that no other test has, and a replay that can be cut off.

use crate::database::fixture;
use quartermaster_api::commands::Failure;
use quartermaster_api::commands::replay::client::{Caller, Client};
use quartermaster_api::commands::replay::{Lived, WorldFiles, replay};
use quartermaster_api::config::Config;
use quartermaster_api::server::{Running, start};
use quartermaster_demo::plan::{Function, TenantPlan};
use quartermaster_demo::{Description, Size, write_world};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::task::Poll;
use uuid::Uuid;

/// Where a world is lived.
pub struct Town {
    pub owner: tokio_postgres::Client,
    pub folder: tempfile::TempDir,
    config: Config,
    server: Running,
}

impl Town {
    pub async fn start() -> Self {
        let (_, owner) = fixture::database().await;
        let folder = tempfile::tempdir().expect("folder");
        let config = Config {
            development_issuer_folder: folder.path().join("issuer"),
            ..Config::development(
                fixture::url("DATABASE_APP_URL"),
                fixture::url("DATABASE_OWNER_URL"),
                fixture::url("DATABASE_RELAY_URL"),
            )
        };
        let server = start(config.clone()).await.expect("start");
        Self {
            owner,
            folder,
            config,
            server,
        }
    }

    /// Where the world's files are.
    pub fn world(&self) -> PathBuf {
        self.folder.path().join("world")
    }

    /// An invented world in which something goes back to its supplier; `change` may make it another.
    pub fn invent(&self, size: Size, change: impl FnOnce(&mut Description)) {
        let returns = |seed| write_world(&self.world(), seed, size).expect("a world").return_lines;
        assert!(
            (0..100).any(|seed| returns(seed) > 0),
            "no world of this size has returns"
        );
        let mut description = Description::read(&self.world()).expect("a description");
        change(&mut description);
        self.describe(description);
    }

    /// Describes the world under codes that nobody else has: other tests' worlds have the same people.
    pub fn describe(&self, mut description: Description) {
        let own = &Uuid::new_v4().simple().to_string()[..8];
        let partner = &mut description.partner.code;
        *partner = format!("{partner}-{own}");
        for tenant in &mut description.tenants {
            tenant.code = format!("{}-{own}", tenant.code);
        }
        let text = toml::to_string(&description).expect("TOML");
        std::fs::write(self.world().join("world.toml"), text).expect("written");
    }

    /// Lives it to the end and proves it.
    pub async fn live(&self) -> Result<Lived, Failure> {
        let journals = self.folder.path().join("journal");
        let files = WorldFiles {
            file: &self.world(),
            folder: &journals,
            at_once: 4,
            prove_again: true,
        };
        replay(&self.config, &self.server, files).await
    }

    /// Lives it until the journal has this many lines, and drops it so many polls later, as a kill would: in the middle of
    /// whatever it is doing. Gives the lines of the journal; the server goes on with what it was asked.
    pub async fn live_until(&self, lines: usize, polls: usize) -> usize {
        let mut living = pin!(self.live());
        let mut left = polls;
        let ended = std::future::poll_fn(|cx| {
            let poll = living.as_mut().poll(cx);
            left -= usize::from(self.journal().len() >= lines);
            match poll {
                Poll::Ready(_) => Poll::Ready(true),
                Poll::Pending if left == 0 => Poll::Ready(false),
                Poll::Pending => Poll::Pending,
            }
        });
        assert!(
            !ended.await,
            "the replay ended before it had {lines} lines in its journal"
        );
        self.journal().len()
    }

    /// What is noted as done.
    pub fn journal(&self) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.folder.path().join("journal")) else {
            return Vec::new();
        };
        let mut paths = entries.flatten().map(|entry| entry.path());
        let journal = paths.find(|path| path.extension().is_some_and(|end| end == "journal"));
        let text = journal.and_then(|path| std::fs::read_to_string(path).ok());
        text.unwrap_or_default().lines().map(str::to_owned).collect()
    }
}

/// What the API answers somebody of a tenant.
pub async fn ask(lived: &Lived, tenant: &TenantPlan, function: Function, query: &str) -> Value {
    let place = lived.world.place(&tenant.entry.code).expect("a place");
    let person = tenant.office(function).next().expect("a person");
    asked(&lived.client, place.caller(person), query).await
}

async fn asked(client: &Client, caller: Caller<'_>, query: &str) -> Value {
    client.ask(caller, query, json!({})).await.expect("an answer")
}

/// Every difference of a proof, as people read it.
pub fn differences(lived: &Lived) -> Vec<String> {
    let all = lived.proof.iter().flat_map(|tenant| &tenant.differences);
    all.map(ToString::to_string).collect()
}

/// The real files beside the repository (one level further up, seen from a worktree), or none.
pub fn real_files() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    ["../../shared/data/iowa", "../../../shared/data/iowa"]
        .into_iter()
        .map(|path| root.join(path))
        .find(|path| path.exists())
}
