//! Closed-loop clients of the GraphQL API: each sends its next request as soon as the answer to the last one is read and checked.

mod client;
mod connection;
pub mod documents;

use crate::figures::Latencies;
use crate::town::Town;
use anyhow::Result;
pub use client::Client;
pub use connection::Refused;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A piece of work, as bench/RESULTS.md names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// The newest 50 orders with 10 lines each.
    W1,
    /// One order with its lines.
    W2,
    /// The stock of an item at all 20 locations.
    W6,
    /// An order created and submitted (W3), approved and released (W4), received (W5): three requests by three people.
    W7,
}

impl Work {
    pub const ALL: [Self; 4] = [Self::W1, Self::W2, Self::W6, Self::W7];

    pub fn name(self) -> &'static str {
        match self {
            Self::W1 => "W1",
            Self::W2 => "W2",
            Self::W6 => "W6",
            Self::W7 => "W7",
        }
    }
}

/// A request that comes at its own rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// W1
    List,
    /// W2
    Order,
    /// W3
    Create,
    /// As much as one question may ask for.
    Most,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::List => "W1",
            Self::Order => "W2",
            Self::Create => "W3",
            Self::Most => "the most that a question may ask for",
        }
    }
}

/// What the clients did inside the window.
#[derive(Debug, Default)]
pub struct Done {
    pub latencies: Latencies,
    /// Of W7: create, approve, receive.
    pub steps: [Latencies; 3],
    /// Units in all, also before the window.
    pub units: u64,
    pub errors: u64,
    pub first_error: Option<String>,
}

impl Done {
    fn add(&mut self, other: Self) {
        self.latencies.extend(other.latencies);
        for (mine, step) in self.steps.iter_mut().zip(other.steps) {
            mine.extend(step);
        }
        self.units += other.units;
        self.errors += other.errors;
        self.first_error = self.first_error.take().or(other.first_error);
    }
}

/// When a load begins to count, and when it ends.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    pub warm: Duration,
    pub counted: Duration,
}

/// So many clients at once, until the window ends. A unit counts when it ends inside the window.
pub async fn load(address: SocketAddr, town: &Arc<Town>, work: Work, clients: usize, window: Window) -> Result<Done> {
    let start = Instant::now() + window.warm;
    let end = start + window.counted;
    let mut running = Vec::new();
    for _ in 0..clients {
        let mut client = Client::open(address, Arc::clone(town)).await?;
        running.push(tokio::spawn(async move {
            let mut done = Done::default();
            while Instant::now() < end {
                let began = Instant::now();
                let result = client.unit(work).await;
                let ended = Instant::now();
                let counts = ended >= start && ended < end;
                match result {
                    Ok(steps) => {
                        done.units += 1;
                        if counts {
                            done.latencies.add(ended - began);
                            for (mine, took) in done.steps.iter_mut().zip(steps) {
                                mine.add(took);
                            }
                        }
                    }
                    Err(error) => {
                        done.errors += 1;
                        done.first_error.get_or_insert(format!("{error:#}"));
                        client = Client::open(address, Arc::clone(&client.town)).await?;
                    }
                }
            }
            anyhow::Ok(done)
        }));
    }
    let mut done = Done::default();
    for one in running {
        done.add(one.await??);
    }
    Ok(done)
}
