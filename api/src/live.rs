//! Tells subscribers that something happened: one reader of events for the process, however many subscribe.

use crate::clock::Clock;
use crate::http::metrics;
use quartermaster_tenants::feed::{Feed, Happened};
use quartermaster_tenants::{Error, Result};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::{Receiver, Sender, channel};
use tokio::sync::{Notify, watch};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// Events that a slow subscriber may be behind.
const BEHIND: usize = 4_096;
/// Between two looks.
const EVERY: Duration = Duration::from_millis(250);
/// A look that takes longer has lost its database.
const SILENT: Duration = Duration::from_secs(30);
/// After a fault.
const AFTER_FAULT: Duration = Duration::from_secs(2);

/// Whoever begins to listen waits no longer for the reader to begin.
const BEGUN_WITHIN: Duration = Duration::from_secs(5);

/// What the reader does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nobody listens.
    Idle,
    Reading,
    /// After a fault, until it is over.
    Unreachable,
}

/// Where subscribers listen.
#[derive(Clone)]
pub struct Live {
    sender: Sender<Arc<Happened>>,
    wanted: Arc<Notify>,
    state: watch::Receiver<State>,
}

impl Live {
    /// Starts the reader; it ends with `stopping`. It looks only while somebody listens.
    #[must_use]
    pub fn start(relay_url: String, stopping: CancellationToken) -> Self {
        let (sender, _) = channel(BEHIND);
        let (told, state) = watch::channel(State::Idle);
        let live = Self {
            sender: sender.clone(),
            wanted: Arc::default(),
            state,
        };
        let wanted = live.wanted.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = stopping.cancelled() => {}
                () = read(&relay_url, &sender, &wanted, &told) => {}
            }
        });
        live
    }

    /// Listens: whatever is committed after this is told, unless the database cannot be reached.
    pub async fn listen(&self) -> Receiver<Arc<Happened>> {
        // The reader may be about to stop for want of listeners. It looks for them in the same breath as it says so: either it
        // sees this one, or this one sees that it is idle.
        let events = self.sender.subscribe();
        self.wanted.notify_one();
        let mut state = self.state.clone();
        let begun = timeout(BEGUN_WITHIN, state.wait_for(|state| *state != State::Idle));
        drop(begun.await);
        events
    }

    /// `idle` while nobody listens, `reading`, or `unreachable` after a fault, until it is over.
    #[must_use]
    pub fn state(&self) -> &'static str {
        match *self.state.borrow() {
            State::Idle => "idle",
            State::Reading => "reading",
            State::Unreachable => "unreachable",
        }
    }
}

async fn read(relay_url: &str, sender: &Sender<Arc<Happened>>, wanted: &Notify, state: &watch::Sender<State>) {
    let mut feed: Option<Feed> = None;
    loop {
        let idle = state.send_if_modified(|state| {
            let idle = sender.receiver_count() == 0;
            if idle {
                *state = State::Idle;
            }
            idle
        });
        if idle {
            feed = None;
            wanted.notified().await;
            continue;
        }
        let broken = *state.borrow() == State::Unreachable;
        let looked = timeout(SILENT, look(&mut feed, broken, relay_url))
            .await
            .unwrap_or_else(|_| Err(Error::Unavailable("the database says nothing".to_owned())));
        state.send_replace(if looked.is_ok() {
            State::Reading
        } else {
            State::Unreachable
        });
        match looked {
            Ok(happened) => {
                let now = Clock::default().now();
                for h in happened {
                    metrics::told(now - h.at);
                    drop(sender.send(Arc::new(h)));
                }
                tokio::time::sleep(EVERY).await;
            }
            Err(error) => {
                tracing::warn!(%error, "events cannot be read");
                tokio::time::sleep(AFTER_FAULT).await;
            }
        }
    }
}

/// What was committed since the last look. After a fault the feed goes on where it was, so that subscribers miss nothing.
async fn look(feed: &mut Option<Feed>, broken: bool, relay_url: &str) -> Result<Vec<Happened>> {
    match feed {
        Some(open) => {
            if broken {
                open.reconnect(relay_url).await?;
            }
            open.look().await
        }
        None => {
            *feed = Some(Feed::open(relay_url).await?);
            Ok(Vec::new())
        }
    }
}
