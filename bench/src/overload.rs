//! More work than can be done: requests come at a rate of their own, however the server is doing, at half of what it can do, at all of
//! it, at three times as much, and at half again.

use crate::account::Spending;
use crate::driver::{Client, Kind, Refused};
use crate::figures::Latencies;
use crate::say;
use crate::server::Server;
use crate::town::{self, Town};
use anyhow::{Result, ensure};
use clap::Args;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Clients that find out what can be done: each sends its next request when the last one is answered.
const BUSY: usize = 8;
/// Connections over which requests come at their own rate: more than ever wait at a time.
const CONNECTIONS: usize = 256;
/// Before anything counts.
const WARM: Duration = Duration::from_secs(1);

#[derive(Debug, Args)]
pub struct Overload {
    /// Short runs
    #[arg(long)]
    quick: bool,
}

/// A kind of work under each load.
#[derive(Debug, Serialize, Deserialize)]
pub struct Overloaded {
    pub work: String,
    pub loads: Vec<Load>,
}

/// One load, between two runs that find out what can be done.
#[derive(Debug, Serialize, Deserialize)]
pub struct Load {
    /// Answers for each second, when clients send their next request as soon as the last one is answered: the mean of both.
    pub capacity: u64,
    /// What answering and refusing cost the server's process, in thousandths of a processor.
    #[serde(default)]
    pub serving: u64,
    pub run: Run,
}

/// One load; latencies in microseconds.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Run {
    pub load: String,
    /// Requests and answers for each second.
    pub asked: u64,
    pub answered: u64,
    pub refused: u64,
    /// 50th and 99th percentile.
    pub answers: (u64, u64),
    pub refusals: (u64, u64),
    /// What asking cost, in thousandths of a processor.
    #[serde(default)]
    pub asking: u64,
    pub errors: u64,
    pub first_error: Option<String>,
}

impl Overload {
    pub async fn run(self, state: &Path) -> Result<()> {
        let (_, town) = town::measured(state).await?;
        let town = Arc::new(town);
        let counted = Duration::from_secs(if self.quick { 4 } else { 15 });
        let mut all = Vec::new();
        for kind in [Kind::List, Kind::Create] {
            let server = Server::start(state).await?;
            all.push(measured(&server, &town, kind, counted).await?);
            server.stop().await?;
        }
        std::fs::write(state.join("overload.json"), serde_json::to_vec_pretty(&all)?)?;
        Ok(())
    }
}

async fn measured(server: &Server, town: &Arc<Town>, kind: Kind, counted: Duration) -> Result<Overloaded> {
    let drive = |rate| drive(server.address, town, kind, rate, counted);
    let all_that_can_be_done = async || {
        let most = drive(None).await?.run("all that can be done", counted);
        ensure!(most.answered > 0, "nothing was done: {:?}", most.first_error);
        anyhow::Ok(most.answered)
    };
    let load = async |name: &str, rate: u64| {
        let spending = Spending::of(server.pid);
        let run = drive(Some(rate.max(1))).await?.run(name, counted);
        anyhow::Ok((spending.so_far(), run))
    };
    let first = all_that_can_be_done().await?;
    let half = load("half", first / 2).await?;
    let second = all_that_can_be_done().await?;
    let once = load("once", second).await?;
    let third = all_that_can_be_done().await?;
    let thrice = load("three times", third * 3).await?;
    let after_it = load("half, at once after it", third / 2).await?;
    let last = all_that_can_be_done().await?;
    let loads = [
        (first, half, second),
        (second, once, third),
        (third, thrice, last),
        (third, after_it, last),
    ]
    .map(|(before, (serving, run), after)| Load {
        capacity: before.midpoint(after),
        serving,
        run,
    });
    let work = kind.name().to_owned();
    for Load { capacity, run, .. } in &loads {
        say(&format!(
            "{work} {}: {} of {} answered for each second, {capacity} can be, p99 {} µs, {} refused",
            run.load, run.answered, run.asked, run.answers.1, run.refused
        ));
    }
    Ok(Overloaded {
        work,
        loads: loads.into(),
    })
}

/// What came of a load.
#[derive(Default)]
pub struct Tally {
    asked: u64,
    answers: Latencies,
    refusals: Latencies,
    asking: u64,
    errors: u64,
    first_error: Option<String>,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.asked += other.asked;
        self.answers.extend(other.answers);
        self.refusals.extend(other.refusals);
        self.errors += other.errors;
        self.first_error = self.first_error.take().or(other.first_error);
    }

    pub fn run(mut self, load: &str, counted: Duration) -> Run {
        let each = |count: u64| count / counted.as_secs().max(1);
        Run {
            load: load.to_owned(),
            asked: each(self.asked),
            answered: each(self.answers.count()),
            refused: each(self.refusals.count()),
            answers: (self.answers.percentile(50), self.answers.percentile(99)),
            refusals: (self.refusals.percentile(50), self.refusals.percentile(99)),
            asking: self.asking,
            errors: self.errors,
            first_error: self.first_error,
        }
    }
}

/// Asks at this rate; without one, as fast as a few clients are answered. The first second is not counted.
pub async fn drive(
    address: SocketAddr,
    town: &Arc<Town>,
    kind: Kind,
    rate: Option<u64>,
    counted: Duration,
) -> Result<Tally> {
    let clients = rate.map_or(BUSY, |rate| {
        usize::try_from(rate).unwrap_or(CONNECTIONS).clamp(BUSY, CONNECTIONS)
    });
    let mut open = Vec::new();
    for _ in 0..clients {
        open.push(Client::open(address, Arc::clone(town)).await?);
    }
    let schedule = Arc::new(rate.map(|rate| schedule(rate, WARM + counted)));
    let next = Arc::new(AtomicUsize::new(0));
    let (began, end) = (Instant::now(), Instant::now() + WARM + counted);
    let spending = Spending::of(std::process::id());
    let mut running = Vec::new();
    for mut client in open {
        let (schedule, next) = (Arc::clone(&schedule), Arc::clone(&next));
        running.push(tokio::spawn(async move {
            let mut tally = Tally::default();
            loop {
                let turn = next.fetch_add(1, Ordering::Relaxed);
                let mut from = Instant::now();
                if let Some(schedule) = &*schedule {
                    let Some(due) = schedule.get(turn).map(|after| began + *after) else {
                        break;
                    };
                    if due > from {
                        tokio::time::sleep_until(due.into()).await;
                        from = Instant::now();
                    } else {
                        // Nobody was free to send it when it was time: that it waited for that is part of how long it took.
                        from = due;
                    }
                }
                if from >= end {
                    break;
                }
                let result = client.one(kind).await;
                let took = from.elapsed();
                let counts = from >= began + WARM;
                match result {
                    Ok(()) if counts => tally.answers.add(took),
                    Err(error) if error.downcast_ref::<Refused>().is_some_and(Refused::may_come_again) => {
                        if counts {
                            tally.refusals.add(took);
                        }
                    }
                    Ok(()) => {}
                    Err(error) => {
                        tally.errors += 1;
                        tally.first_error.get_or_insert(format!("{error:#}"));
                        client = Client::open(address, Arc::clone(&client.town)).await?;
                    }
                }
                tally.asked += u64::from(counts);
            }
            anyhow::Ok(tally)
        }));
    }
    let mut all = Tally::default();
    for one in running {
        all.add(one.await??);
    }
    all.asking = spending.so_far();
    Ok(all)
}

/// When each request is sent: so many for each second, with gaps drawn between none and twice the mean.
fn schedule(rate: u64, length: Duration) -> Vec<Duration> {
    let twice = 2_000_000_000 / rate;
    let mut random = SmallRng::from_os_rng();
    let mut at = Duration::ZERO;
    let mut all = Vec::new();
    while at < length {
        at += Duration::from_nanos(random.random_range(0..=twice));
        all.push(at);
    }
    all
}
