//! Tells subscribers that something happened: one reader of events for the process, however many subscribe.

use crate::clock::Clock;
use crate::http::metrics;
use quartermaster_tenants::feed::{Feed, Happened};
use quartermaster_tenants::{Error, Result};
use std::sync::Arc;
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
pub struct Live(Sender<Arc<Happened>>);

impl Live {
    /// Starts the reader; it ends with `stopping`. It looks only while somebody listens.
    #[must_use]
    pub fn start(relay_url: String, stopping: CancellationToken) -> Self {
        let (sender, _) = channel(BEHIND);
        let live = Self(sender.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = stopping.cancelled() => {}
                () = read(&relay_url, &sender) => {}
            }
        });
        live
    }

    /// Listens from now on.
    #[must_use]
    pub fn listen(&self) -> Receiver<Arc<Happened>> {
        self.0.subscribe()
    }
}

async fn read(relay_url: &str, sender: &Sender<Arc<Happened>>) {
    let mut feed: Option<Feed> = None;
    let mut broken = false;
    loop {
        tokio::time::sleep(EVERY).await;
        if sender.receiver_count() == 0 {
            (feed, broken) = (None, false);
            continue;
        }
        let looking = look(&mut feed, broken, relay_url);
        let looked = timeout(SILENT, looking)
            .await
            .unwrap_or_else(|_| Err(Error::Unavailable("the database says nothing".to_owned())));
        broken = looked.is_err();
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
