//! Who still uses what is deprecated: added up here, off the way of requests, and written by one statement now and then.

use super::notice::Notice;
use metrics::counter;
use quartermaster_tenants::deprecated_uses::{self, Use};
use quartermaster_tenants::{Op, Tenants};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Between two writes.
const EVERY: Duration = Duration::from_secs(15);
/// The most counts that wait to be written; what comes when there are so many is in the figures alone.
const MOST: usize = 10_000;
/// Clients choose their names: no more than this many of a tenant are kept apart.
const NAMES: usize = 20;

/// Uses that are not written yet.
#[derive(Clone, Default)]
pub struct Counts(Arc<Mutex<Waiting>>);

#[derive(Default)]
struct Waiting {
    uses: HashMap<Use, i64>,
    names: HashMap<Uuid, HashSet<String>>,
}

impl Waiting {
    /// A client's name, or `other` when its tenant has too many.
    fn bounded(&mut self, tenant: Uuid, client: String) -> String {
        let known = self.names.entry(tenant).or_default();
        if known.contains(&client) || (known.len() < NAMES && known.insert(client.clone())) {
            client
        } else {
            "other".to_owned()
        }
    }
}

impl Counts {
    /// Counts what a member's request uses.
    pub fn add(&self, op: &Op, client: String, used: &[Arc<Notice>]) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let client = waiting.bounded(op.tenant.0, client);
        for notice in used {
            counter!("quartermaster_deprecated_uses_total", "coordinate" => notice.coordinate.clone()).increment(1);
            let one = Use {
                tenant: op.tenant.0,
                account: op.account,
                coordinate: notice.coordinate.clone(),
                client: client.clone(),
            };
            if waiting.uses.len() < MOST || waiting.uses.contains_key(&one) {
                *waiting.uses.entry(one).or_default() += 1;
            }
        }
    }

    /// Writes what has been added up. What cannot be written waits for the next time.
    pub async fn write(&self, db: &Tenants) {
        let uses = std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner).uses);
        if uses.is_empty() {
            return;
        }
        let counted: Vec<(Use, i64)> = uses.into_iter().collect();
        if let Err(error) = deprecated_uses::record(db, &counted).await {
            tracing::warn!(%error, "uses of what is deprecated cannot be written");
            let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            for (one, n) in counted {
                *waiting.uses.entry(one).or_default() += n;
            }
        }
    }

    /// Goes on writing until the server stops.
    pub fn keep_writing(&self, db: Tenants, stopping: CancellationToken) {
        let counts = self.clone();
        tokio::spawn(async move {
            while tokio::time::timeout(EVERY, stopping.cancelled()).await.is_err() {
                counts.write(&db).await;
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::{NAMES, Waiting};
    use uuid::Uuid;

    #[test]
    fn no_tenant_has_names_without_end() {
        let mut waiting = Waiting::default();
        for n in 0..NAMES {
            assert_eq!(waiting.bounded(Uuid::nil(), n.to_string()), n.to_string());
        }
        assert_eq!(waiting.bounded(Uuid::nil(), "more".to_owned()), "other");
        assert_eq!(waiting.bounded(Uuid::nil(), "3".to_owned()), "3");
        assert_eq!(waiting.bounded(Uuid::from_u128(1), "more".to_owned()), "more");
    }
}
