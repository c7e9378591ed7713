//! What goes wrong around it: more work than can be done, a database that is gone or says nothing, kills at any moment, restarts under load.

mod balancer;
mod cluster;
mod crew;
mod gone;
mod killed;
mod overload;
mod proof;
mod restart;

use crate::database::fixture;
use crate::operate::process::{Process, command};
use crate::world::World;
use quartermaster_api::config::Config;
use quartermaster_domain::shared::AnyId;
use serde_json::Value;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Longer than anything takes that is not lost, on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(120);

/// Where the server is at the moment, for clients that outlive it: `http://…`; and how often they were answered.
#[derive(Clone, Default)]
pub struct Address {
    base: Arc<Mutex<String>>,
    answers: Arc<AtomicUsize>,
}

impl Address {
    pub fn get(&self) -> String {
        self.base.lock().expect("an address").clone()
    }

    pub fn set(&self, base: String) {
        *self.base.lock().expect("an address") = base;
    }

    fn answered(&self) {
        self.answers.fetch_add(1, Ordering::Relaxed);
    }

    /// Waits for so many answers more.
    async fn until_answered(&self, many: usize) {
        let (began, wanted) = (Instant::now(), self.answers.load(Ordering::Relaxed) + many);
        while self.answers.load(Ordering::Relaxed) < wanted {
            assert!(began.elapsed() < PATIENCE, "nobody is answered any more");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// A server in a process of its own on this database, which takes the world's tokens; with these settings besides.
async fn serve(config: &Config, world: &World, settings: &[(&str, &str)]) -> (Process, String) {
    let mut command = command("serve");
    command
        .env("QUARTERMASTER_ENVIRONMENT", "development")
        .env("QUARTERMASTER_LISTEN", "127.0.0.1:0")
        .env("QUARTERMASTER_DEVELOPMENT_ISSUER_FOLDER", world.folder())
        .env("DATABASE_APP_URL", &config.database_app_url)
        .env("DATABASE_OWNER_URL", &config.database_owner_url)
        .env("DATABASE_RELAY_URL", &config.database_relay_url)
        .envs(settings.iter().copied());
    let process = Process::start(command);
    let address = process.address("serving").await;
    (process, address)
}

/// Whether a server is ready, and what it says of it.
async fn readiness(world: &World, base: &str) -> (u16, Value) {
    let answer = world
        .http
        .get(format!("{base}/readyz"))
        .send()
        .await
        .expect("an answer");
    (answer.status().as_u16(), answer.json().await.expect("JSON"))
}

/// Waits until a server says that this is its only problem; `None` until it is ready.
async fn until_ready(world: &World, base: &str, problem: Option<&str>) {
    let wanted: Vec<&str> = problem.into_iter().collect();
    loop {
        let (status, told) = readiness(world, base).await;
        if told["problems"] == serde_json::json!(wanted) {
            assert_eq!(status, if problem.is_some() { 503 } else { 200 });
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Something that somebody holds, so that whoever wants it waits.
struct Held(tokio_postgres::Client);

impl Held {
    /// A table: also whoever reads it waits.
    async fn table(owner_url: &str, name: &str) -> Self {
        let client = fixture::client(owner_url).await;
        let hold = format!("BEGIN; LOCK TABLE {name} IN ACCESS EXCLUSIVE MODE");
        client.batch_execute(&hold).await.expect("a lock");
        Self(client)
    }

    /// An order: whoever wants to change it waits.
    async fn order(id: &Value) -> Self {
        let id: AnyId = id.as_str().expect("an id").parse().expect("an id");
        let client = fixture::client(&fixture::url("DATABASE_OWNER_URL")).await;
        client.batch_execute("BEGIN").await.expect("begin");
        let hold = "SELECT 1 FROM qm.purchase_order WHERE id = $1 FOR UPDATE";
        assert_eq!(client.query(hold, &[&id.id]).await.expect("a lock").len(), 1);
        Self(client)
    }

    /// Until somebody waits for it.
    async fn until_wanted(&self) {
        let wanted =
            "SELECT EXISTS (SELECT FROM pg_stat_activity a WHERE pg_backend_pid() = ANY(pg_blocking_pids(a.pid)))";
        while !self
            .0
            .query_one(wanted, &[])
            .await
            .expect("an answer")
            .get::<_, bool>(0)
        {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn release(self) {
        self.0.batch_execute("ROLLBACK").await.expect("released");
    }
}
