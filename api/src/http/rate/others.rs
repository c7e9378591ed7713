//! What was used at the other servers of the deployment. Once a second each says in the database what it has taken out of its buckets,
//! and takes out of its own what the others say; no request waits for it. So a limit is one limit, however many servers there are,
//! and late by a second at most. While the database does not answer, each server counts alone.

use super::{Key, Limits, Whose};
use crate::http::App;
use quartermaster_tenants::directory::Directory;
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};
use uuid::Uuid;

const EVERY: Duration = Duration::from_secs(1);
/// Buckets that a server tells of: those out of which most was taken.
const TOLD: usize = 2_000;

/// What each of the others had taken out when it was last heard of.
#[derive(Default)]
struct Heard(HashMap<Uuid, HashMap<String, u64>>);

/// Goes on until the server stops; at once where nothing is limited.
pub async fn listen(app: App) {
    if !app.limits.any() {
        return;
    }
    let (own, mut heard) = (Uuid::now_v7(), Heard::default());
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = app.stopping.cancelled() => return,
            _ = ticks.tick() => {}
        }
        if let Err(error) = exchange(&app.limits, app.door.directory(), own, &mut heard).await {
            tracing::warn!(%error, "what the other servers have served is not known");
        }
    }
}

async fn exchange(
    limits: &Limits,
    directory: &Directory,
    own: Uuid,
    heard: &mut Heard,
) -> quartermaster_tenants::Result<()> {
    let told = directory.tell_spent(own, &limits.spent()).await?;
    heard.0.retain(|server, _| told.contains_key(server));
    for (server, spent) in told {
        // One that began before this one has a past, of which nobody knows how much is still owed. (Ids rise with time.)
        if server < own && !heard.0.contains_key(&server) {
            heard.0.insert(server, spent);
            continue;
        }
        let before = heard.0.entry(server).or_default();
        for (name, spent) in spent {
            let known = before.insert(name.clone(), spent).filter(|known| *known <= spent);
            let more = spent - known.unwrap_or_default();
            if let Some(key) = Key::read(&name).filter(|_| more > 0) {
                limits.take_for_others(key, more);
            }
        }
    }
    Ok(())
}

impl Limits {
    /// What was taken out of the buckets that are not full.
    fn spent(&self) -> HashMap<String, u64> {
        let now = self.now();
        let mut lately: Vec<(Key, u64)> = self
            .spendings()
            .iter()
            .filter(|(_, spending)| spending.spent > 0 && !spending.bucket.is_full(now))
            .map(|(key, spending)| (*key, spending.spent))
            .collect();
        if lately.len() > TOLD {
            lately.sort_unstable_by_key(|(_, spent)| std::cmp::Reverse(*spent));
            lately.truncate(TOLD);
        }
        lately.into_iter().map(|(key, spent)| (key.written(), spent)).collect()
    }

    /// Of a bucket that this server has never been asked for nothing is known: whose quota it is comes with the first request.
    fn take_for_others(&self, key: Key, points: u64) {
        let quota = match key.0 {
            Whose::Tenant | Whose::Partner => self.tenant,
            Whose::Account | Whose::ApiKey | Whose::Operator | Whose::Platform => self.account,
        };
        let now = self.now();
        let mut spendings = self.spendings();
        let spending = spendings.entry(key).or_default();
        if let Some(quota) = spending.quota.or(quota) {
            spending.bucket.take(points, quota, now);
        }
    }
}

impl Key {
    fn written(self) -> String {
        format!("{} {}", self.0.name(), self.1.simple())
    }

    fn read(text: &str) -> Option<Self> {
        let (name, id) = text.split_once(' ')?;
        let whose = Whose::ALL.into_iter().find(|whose| whose.name() == name)?;
        Some(Self(whose, Uuid::parse_str(id).ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::{Key, Whose};
    use uuid::Uuid;

    #[test]
    fn a_bucket_is_named_the_same_at_every_server() {
        for whose in Whose::ALL {
            let key = Key(whose, Uuid::now_v7());
            assert_eq!(Key::read(&key.written()), Some(key));
        }
        assert_eq!(Key::read("tenant"), None);
    }
}
