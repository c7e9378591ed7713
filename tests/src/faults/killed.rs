//! Killed at any moment, under load: `make test-faults`. A few kills are part of every run.

use super::cluster::Cluster;
use super::crew::{Crew, Cycle};
use super::proof::prove;
use super::{Address, serve};
use crate::operate::process::Process;
use crate::world::World;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Kills between two proofs.
const ROUND: usize = 50;
/// Tenants, and people of each who work at the same time.
const TENANTS: usize = 2;
const AT_ONCE: usize = 3;

fn from_environment<T: std::str::FromStr>(name: &str, otherwise: T) -> T {
    std::env::var(name).map_or(otherwise, |text| {
        text.parse().unwrap_or_else(|_| panic!("{name} is no number"))
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes a quarter of an hour: make test-faults"]
async fn killed_five_hundred_times_it_loses_nothing_that_was_answered_and_does_nothing_twice() {
    let seed = from_environment("FAULTS_SEED", uuid::Uuid::new_v4().as_u64_pair().0);
    run(from_environment("FAULTS_KILLS", 500), seed).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_a_few_times_it_loses_nothing_that_was_answered_and_does_nothing_twice() {
    run(5, uuid::Uuid::new_v4().as_u64_pair().0).await;
}

/// Kills a server, and tells what it thought to be defects of its own.
fn defects(server: Process) {
    let said = server.log();
    drop(server);
    for line in said.lines().filter(|line| line.contains("\"ERROR\"")) {
        eprintln!("{line}");
    }
}

/// What is killed next.
enum Victim {
    Server,
    Database,
    Both,
}

async fn run(kills: usize, seed: u64) {
    eprintln!("FAULTS_SEED={seed} FAULTS_KILLS={kills}");
    let mut random = StdRng::seed_from_u64(seed);
    let mut cluster = Cluster::start();
    let config = cluster.config();
    let world = World::of(config.clone()).await;
    let mut crews = Vec::new();
    for _ in 0..TENANTS {
        crews.push(Crew::of(&world).await);
    }
    let at = Address::default();
    let start = async || serve(&config, &world, &[]).await;
    let (mut server, base) = start().await;
    at.set(base);
    let mut spare = None;
    let mut done: Vec<Vec<Cycle>> = crews.iter().map(|_| Vec::new()).collect();
    let mut killed = 0;
    while killed < kills {
        let stop = Arc::new(AtomicBool::new(false));
        let workers: Vec<_> = crews
            .iter()
            .enumerate()
            .flat_map(|one| [one; AT_ONCE])
            .map(|(tenant, crew)| {
                let (crew, at, stop) = (crew.clone(), at.clone(), stop.clone());
                (tenant, tokio::spawn(async move { crew.work(at, &stop).await }))
            })
            .collect();
        for _ in 0..ROUND.min(kills - killed) {
            // The next server starts while this one works; and nobody is killed before he does.
            let next = async {
                match spare.take() {
                    Some(next) => next,
                    None => start().await,
                }
            };
            let (next, ()) = tokio::join!(next, at.until_answered(TENANTS * AT_ONCE));
            tokio::time::sleep(Duration::from_millis(random.random_range(0..500))).await;
            killed += 1;
            let victim = match random.random_range(0..20) {
                _ if kills < 20 && killed == 2 => Victim::Database,
                _ if kills < 20 && killed == 4 => Victim::Both,
                0 => Victim::Database,
                1 => Victim::Both,
                _ => Victim::Server,
            };
            if !matches!(victim, Victim::Server) {
                cluster.kill().await;
            }
            if matches!(victim, Victim::Database) {
                cluster.up();
                spare = Some(next);
                continue;
            }
            defects(std::mem::replace(&mut server, next.0));
            if matches!(victim, Victim::Both) {
                cluster.up();
            }
            at.set(next.1);
        }
        stop.store(true, Ordering::Relaxed);
        let proven: Vec<usize> = done.iter().map(Vec::len).collect();
        for (tenant, worker) in workers {
            done[tenant].extend(worker.await.expect("a worker"));
        }
        for ((crew, cycles), proven) in crews.iter().zip(&done).zip(proven) {
            prove(&at, &config.database_owner_url, crew, cycles, proven).await;
        }
        let acts = done.iter().flatten().flat_map(|cycle| &cycle.acts);
        let repeated = acts.filter(|act| act.attempts > 1).count();
        eprintln!(
            "{killed} kills: {} orders, {repeated} acts repeated",
            done.iter().flatten().count()
        );
        assert!(repeated > 0, "no kill met a request");
    }
    defects(server);
}
