//! Tells subscribers that something happened: one reader of events for the process, however many subscribe.

use crate::clock::Clock;
use crate::http::metrics;
use quartermaster_tenants::feed::{Feed, Happened};
use quartermaster_tenants::{Error, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;
use tokio::sync::broadcast::{Receiver, Sender, channel};
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

/// Where subscribers listen.
#[derive(Clone)]
pub struct Live {
    sender: Sender<Arc<Happened>>,
    failing: Arc<AtomicBool>,
}

impl Live {
    /// Starts the reader; it ends with `stopping`. It looks only while somebody listens.
    #[must_use]
    pub fn start(relay_url: String, stopping: CancellationToken) -> Self {
        let (sender, _) = channel(BEHIND);
        let live = Self {
            sender: sender.clone(),
            failing: Arc::default(),
        };
        let failing = live.failing.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = stopping.cancelled() => {}
                () = read(&relay_url, &sender, &failing) => {}
            }
        });
        live
    }

    /// Listens from now on.
    #[must_use]
    pub fn listen(&self) -> Receiver<Arc<Happened>> {
        self.sender.subscribe()
    }

    /// `idle` while nobody listens, `reading`, or `unreachable` after a fault, until it is over.
    #[must_use]
    pub fn state(&self) -> &'static str {
        match (self.failing.load(Relaxed), self.sender.receiver_count()) {
            (true, _) => "unreachable",
            (false, 0) => "idle",
            (false, _) => "reading",
        }
    }
}

async fn read(relay_url: &str, sender: &Sender<Arc<Happened>>, failing: &AtomicBool) {
    let mut feed: Option<Feed> = None;
    loop {
        tokio::time::sleep(EVERY).await;
        if sender.receiver_count() == 0 {
            feed = None;
            failing.store(false, Relaxed);
            continue;
        }
        let looking = look(&mut feed, failing.load(Relaxed), relay_url);
        let looked = timeout(SILENT, looking)
            .await
            .unwrap_or_else(|_| Err(Error::Unavailable("the database says nothing".to_owned())));
        failing.store(looked.is_err(), Relaxed);
        match looked {
            Ok(happened) => {
                let now = Clock::default().now();
                for h in happened {
                    metrics::told(now - h.at);
                    drop(sender.send(Arc::new(h)));
                }
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
