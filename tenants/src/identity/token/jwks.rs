//! Keys of issuers, kept and renewed.
//!
//! | situation | answer |
//! |---|---|
//! | kept keys are fresh (five minutes, or the issuer's `max-age` between one and fifteen) and know the key id | they are used |
//! | kept keys do not know the key id | fetched again, at most once in fifteen seconds for an issuer: a rotation is seen, a storm of forged ids is not passed on |
//! | kept keys are stale | one caller fetches them again; the others go on with those kept |
//! | the issuer does not answer | kept keys serve for 24 hours after they were fetched |
//!
//! A fetch runs in a task of its own: callers who go away neither stop it nor use up its turn.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::error::TokenError;
use super::fetch::{Fetch, Fetched, HttpConfig};
use super::issuer::{KeySource, TrustedIssuer};
use super::key_set::KeySet;

const FRESH: Duration = Duration::from_secs(5 * 60);
const FRESH_LEAST: Duration = Duration::from_secs(60);
const FRESH_MOST: Duration = Duration::from_secs(15 * 60);
const USABLE: Duration = Duration::from_secs(24 * 60 * 60);
/// Between two fetches for one issuer.
const REST: Duration = Duration::from_secs(15);
/// The same while there are no keys at all: nobody of this issuer can work then.
const REST_WITHOUT_KEYS: Duration = Duration::from_secs(3);

/// Where the age of kept keys is read from.
pub type MonotonicClock = Arc<dyn Fn() -> Instant + Send + Sync>;

pub(super) struct KeyCache {
    fetch: Arc<Fetch>,
    clock: MonotonicClock,
    issuers: Mutex<HashMap<Uuid, Arc<Issuer>>>,
}

/// The keys of one issuer, as long as it keeps its source.
struct Issuer {
    source: String,
    state: Mutex<State>,
    /// Held while fetching.
    turn: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Default, Clone)]
struct State {
    kept: Option<Kept>,
    tried: Option<Instant>,
}

#[derive(Clone)]
struct Kept {
    keys: KeySet,
    fetched: Instant,
    fresh_for: Duration,
}

impl KeyCache {
    pub(super) fn new(http: HttpConfig, clock: MonotonicClock) -> Self {
        Self {
            fetch: Arc::new(Fetch::new(http)),
            clock,
            issuers: Mutex::default(),
        }
    }

    /// The issuer's keys, if possible such that know this key id.
    pub(super) async fn of(&self, issuer: &TrustedIssuer, key_id: Option<&str>) -> Result<KeySet, TokenError> {
        if let KeySource::Static(keys) = &issuer.keys {
            return Ok(keys.clone());
        }
        let kept = self.entry(issuer);
        if !kept.wants_fetch(key_id, (self.clock)()) {
            return kept.usable((self.clock)());
        }
        let turn = match Arc::clone(&kept.turn).try_lock_owned() {
            Ok(turn) => turn,
            Err(_) => match kept.usable((self.clock)()) {
                Ok(keys) if keys.knows(key_id) => return Ok(keys),
                _ => Arc::clone(&kept.turn).lock_owned().await,
            },
        };
        if kept.wants_fetch(key_id, (self.clock)()) {
            let (fetch, clock) = (Arc::clone(&self.fetch), Arc::clone(&self.clock));
            let (issuer, kept) = (issuer.clone(), Arc::clone(&kept));
            let fetching = tokio::spawn(async move {
                let _turn = turn;
                let answer = fetch.keys(&issuer).await;
                match &answer {
                    Ok(_) => tracing::debug!(issuer = issuer.issuer, "fetched keys"),
                    Err(error) => {
                        tracing::warn!(issuer = issuer.issuer, %error, "cannot fetch keys");
                    }
                }
                kept.keep(answer.ok(), clock());
            });
            fetching.await.map_err(|_| TokenError::KeysUnavailable)?;
        }
        kept.usable((self.clock)())
    }

    fn entry(&self, issuer: &TrustedIssuer) -> Arc<Issuer> {
        let source = match &issuer.keys {
            KeySource::Jwks(url) => url.as_str(),
            KeySource::Discovery | KeySource::Static(_) => issuer.issuer.as_str(),
        };
        let mut issuers = self.issuers.lock().unwrap_or_else(PoisonError::into_inner);
        match issuers.get(&issuer.id) {
            Some(known) if known.source == source => Arc::clone(known),
            _ => {
                let fresh = Arc::new(Issuer {
                    source: source.to_owned(),
                    state: Mutex::default(),
                    turn: Arc::default(),
                });
                issuers.insert(issuer.id, Arc::clone(&fresh));
                fresh
            }
        }
    }
}

impl Issuer {
    fn wants_fetch(&self, key_id: Option<&str>, now: Instant) -> bool {
        let state = self.state();
        let rest = if state.kept.is_some() { REST } else { REST_WITHOUT_KEYS };
        let rested = state.tried.is_none_or(|tried| now.duration_since(tried) >= rest);
        let sufficient = state
            .kept
            .is_some_and(|kept| now.duration_since(kept.fetched) < kept.fresh_for && kept.keys.knows(key_id));
        rested && !sufficient
    }

    fn usable(&self, now: Instant) -> Result<KeySet, TokenError> {
        self.state()
            .kept
            .filter(|kept| now.duration_since(kept.fetched) < USABLE)
            .map(|kept| kept.keys)
            .ok_or(TokenError::KeysUnavailable)
    }

    fn keep(&self, answer: Option<Fetched>, now: Instant) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.tried = Some(now);
        if let Some(Fetched { keys, max_age }) = answer {
            let fresh_for = max_age.map_or(FRESH, |age| age.clamp(FRESH_LEAST, FRESH_MOST));
            state.kept = Some(Kept {
                keys,
                fetched: now,
                fresh_for,
            });
        }
    }

    fn state(&self) -> State {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
