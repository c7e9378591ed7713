//! How much a tenant, and somebody in it, may ask for in a minute.
//!
//! | question | file |
//! |---|---|
//! | how much is left | `bucket.rs` |
//! | what was used at the other servers | `others.rs` |
//! | how the client learns of it | `told.rs` |
//!
//! It is counted in points: one for a request and one for each hundred fields that it could read (`../charge.rs`), so that a large
//! question costs what it is. There is one bucket for the tenant, and one for whoever asks in it: a person, an API key, or a partner's
//! operator, who has one over all tenants. [`Limits::charge`] is the one entry, called before anything is read or written. Whoever has
//! used up his points is turned away by his credential alone, before the database is asked who he is.

mod bucket;
mod others;
mod told;

pub use others::listen;
pub use told::{RATE_LIMIT, RATE_LIMIT_POLICY, tell};

use super::answer::Fault;
use crate::config::Config;
use axum::http::StatusCode;
use bucket::{Bucket, Level, WINDOW};
use lru::LruCache;
use quartermaster_tenants::authenticate::Caller;
use quartermaster_tenants::directory::Directory;
use quartermaster_tenants::op::AccountKind;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use uuid::Uuid;

/// Fields of an answer for one point.
const FIELDS: u64 = 100;
/// A file, in either direction: each of its pages or parts costs again.
pub const FILE: u64 = 10_000;
/// Buckets that are remembered; beyond it the full ones are forgotten.
const BUCKETS: usize = 100_000;
/// Credentials that are turned away without being looked at.
const TURNED_AWAY: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();

/// Whose points they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key(Whose, Uuid);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Whose {
    Tenant,
    Partner,
    Account,
    ApiKey,
    Operator,
    Platform,
}

impl Whose {
    const ALL: [Self; 6] = [
        Self::Tenant,
        Self::Partner,
        Self::Account,
        Self::ApiKey,
        Self::Operator,
        Self::Platform,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::Partner => "partner",
            Self::Account => "account",
            Self::ApiKey => "key",
            Self::Operator => "operator",
            Self::Platform => "platform",
        }
    }
}

/// How one bucket stands.
#[derive(Debug, Clone, Copy)]
struct Share {
    name: &'static str,
    quota: u32,
    level: Level,
}

/// How whoever asked stands: for all he belongs to, and for himself.
#[derive(Debug, Clone, Copy, Default)]
struct Standing([Option<Share>; 2]);

impl Standing {
    fn shares(&self) -> impl Iterator<Item = Share> + '_ {
        self.0.iter().flatten().copied()
    }

    fn open_in(&self) -> std::time::Duration {
        self.shares().map(|share| share.level.open_in).max().unwrap_or_default()
    }
}

/// One bucket, and all that this server ever took out of it.
#[derive(Debug, Clone, Copy, Default)]
struct Spending {
    bucket: Bucket,
    spent: u64,
    quota: Option<u32>,
}

/// Who was turned away, until when, and what he is told.
struct TurnedAway {
    until: u64,
    keys: [Option<(Key, u32)>; 2],
}

/// The limits of one server.
pub struct Limits {
    tenant: Option<u32>,
    account: Option<u32>,
    began: Instant,
    spendings: Mutex<HashMap<Key, Spending>>,
    turned_away: Mutex<LruCache<[u8; 32], TurnedAway>>,
}

impl Limits {
    /// As configured.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self {
            tenant: config.tenant_points_per_minute().map(at_once),
            account: config.account_points_per_minute().map(at_once),
            began: Instant::now(),
            spendings: Mutex::default(),
            turned_away: Mutex::new(LruCache::new(TURNED_AWAY)),
        }
    }

    /// Is anything limited?
    #[must_use]
    pub fn any(&self) -> bool {
        self.tenant.is_some() || self.account.is_some()
    }

    /// Turns away, unseen, a credential whose holder has just used up what he may.
    ///
    /// # Errors
    /// `RATE_LIMITED`
    pub fn look(&self, credential: &str) -> Result<(), Fault> {
        if !self.any() {
            return Ok(());
        }
        let (now, digest) = (self.now(), digest(credential));
        let mut turned_away = self.turned_away.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(found) = turned_away.get(&digest) else {
            return Ok(());
        };
        if found.until <= now {
            turned_away.pop(&digest);
            return Ok(());
        }
        let keys = found.keys;
        drop(turned_away);
        told::note(self.standing(&keys, now));
        Err(refused())
    }

    /// Charges a request to whoever sends it, before anything is done for it. `fields` is what it could read.
    ///
    /// # Errors
    /// `RATE_LIMITED`
    pub async fn charge(
        &self,
        directory: &Directory,
        caller: &Caller,
        credential: Option<&str>,
        fields: u64,
    ) -> Result<(), Fault> {
        if !self.any() {
            return Ok(());
        }
        let keys = self.keys(directory, caller).await;
        let (points, now) = (1 + fields / FIELDS, self.now());
        let before = self.standing(&keys, now);
        if !before.open_in().is_zero() {
            if let Some(credential) = credential {
                let until = now + u64::try_from(before.open_in().as_micros()).unwrap_or(u64::MAX);
                let mut turned_away = self.turned_away.lock().unwrap_or_else(PoisonError::into_inner);
                turned_away.put(digest(credential), TurnedAway { until, keys });
            }
            told::note(before);
            return Err(refused());
        }
        {
            let mut spendings = self.spendings();
            if spendings.len() >= BUCKETS {
                spendings.retain(|_, spending| !spending.bucket.is_full(now));
            }
            for (key, quota) in keys.iter().flatten() {
                let spending = spendings.entry(*key).or_default();
                spending.bucket.take(points, *quota, now);
                spending.spent = spending.spent.saturating_add(points);
                spending.quota = Some(*quota);
            }
        }
        told::note(self.standing(&keys, now));
        Ok(())
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    fn spendings(&self) -> MutexGuard<'_, HashMap<Key, Spending>> {
        self.spendings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The buckets of a caller, each with its quota.
    async fn keys(&self, directory: &Directory, caller: &Caller) -> [Option<(Key, u32)>; 2] {
        let own = |whose, id| self.account.map(|quota| (Key(whose, id), quota));
        match caller {
            Caller::Member(op) => {
                let agreed = directory.quota_of(op.tenant).await;
                let tenant = agreed.map(at_once).or(self.tenant);
                let tenant = tenant.map(|quota| (Key(Whose::Tenant, op.tenant.0), quota));
                let own = match (op.kind, op.person) {
                    (AccountKind::Operator, Some(person)) => own(Whose::Operator, person),
                    (AccountKind::Integration | AccountKind::Agent, _) => own(Whose::ApiKey, op.account),
                    (AccountKind::Human | AccountKind::Operator, _) => own(Whose::Account, op.account),
                };
                [tenant, own]
            }
            Caller::Partner(op) => {
                let partner = self.tenant.map(|quota| (Key(Whose::Partner, op.partner.0), quota));
                [partner, own(Whose::Account, op.person)]
            }
            Caller::Platform(op) => [own(Whose::Platform, op.person), None],
        }
    }

    fn standing(&self, keys: &[Option<(Key, u32)>; 2], now: u64) -> Standing {
        let spendings = self.spendings();
        Standing(keys.map(|key| {
            key.map(|(key, quota)| Share {
                name: key.0.name(),
                quota,
                level: spendings
                    .get(&key)
                    .copied()
                    .unwrap_or_default()
                    .bucket
                    .level(quota, now),
            })
        }))
    }
}

/// The part of a minute's points that a bucket holds.
fn at_once(per_minute: u32) -> u32 {
    u32::try_from(u64::from(per_minute) * WINDOW / 60).map_or(u32::MAX, |points| points.max(1))
}

fn digest(credential: &str) -> [u8; 32] {
    Sha256::digest(credential).into()
}

fn refused() -> Fault {
    Fault {
        code: "RATE_LIMITED",
        ..Fault::http(
            StatusCode::TOO_MANY_REQUESTS,
            "Too much was asked in too short a time. The header Retry-After says when to ask again.",
        )
    }
}
