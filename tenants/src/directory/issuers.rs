//! Which issuers are trusted: those of the directory, and in development the built-in one.

use super::{Directory, FoundIssuer};
use crate::identity::token::{
    DevIssuer, DirectoryUnavailable, IssuerBinding, IssuerDirectory, KeySource, SigningAlgorithm, TrustedIssuer,
};
use async_trait::async_trait;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use url::Url;

/// How long an answer is kept: also how long a withdrawn issuer may still be trusted.
const KEPT: Duration = Duration::from_secs(10);
/// Identifiers come from unverified tokens: no more than this many that nobody knows are remembered.
const MOST: usize = 1_000;
/// So many that nobody knew so far are asked about at the same time: made-up ones leave connections to the others.
const AT_ONCE: usize = 2;
/// Whoever waits longer for that is told to come again.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// The directory's issuers, remembered for a while.
pub struct Issuers {
    directory: Directory,
    dev: Option<Arc<DevIssuer>>,
    known: Mutex<HashMap<String, (Instant, TrustedIssuer)>>,
    unknown: Mutex<HashMap<String, Instant>>,
    turns: Semaphore,
}

/// What is remembered of an issuer.
enum Memory {
    Fresh(Option<TrustedIssuer>),
    /// Trusted when it was last asked about.
    Stale,
    Nothing,
}

impl Issuers {
    /// Issuers of this directory. The keys of the development issuer are in this process; it still needs its row.
    #[must_use]
    pub fn new(directory: Directory, dev: Option<Arc<DevIssuer>>) -> Self {
        Self {
            directory,
            dev,
            known: Mutex::default(),
            unknown: Mutex::default(),
            turns: Semaphore::new(AT_ONCE),
        }
    }

    fn remembered(&self, iss: &str) -> Memory {
        if let Some((at, found)) = locked(&self.known).get(iss) {
            return if at.elapsed() < KEPT {
                Memory::Fresh(Some(found.clone()))
            } else {
                Memory::Stale
            };
        }
        match locked(&self.unknown).get(iss) {
            Some(at) if at.elapsed() < KEPT => Memory::Fresh(None),
            _ => Memory::Nothing,
        }
    }

    fn remember(&self, iss: &str, found: Option<&TrustedIssuer>) {
        if let Some(found) = found {
            locked(&self.known).insert(iss.to_owned(), (Instant::now(), found.clone()));
            return;
        }
        locked(&self.known).remove(iss);
        let mut unknown = locked(&self.unknown);
        if unknown.len() >= MOST {
            unknown.clear();
        }
        unknown.insert(iss.to_owned(), Instant::now());
    }

    async fn ask(&self, iss: &str) -> Result<Option<TrustedIssuer>, DirectoryUnavailable> {
        let found = self.directory.find_issuer(iss).await.map_err(|error| {
            tracing::warn!(%error, "the directory of issuers did not answer");
            DirectoryUnavailable
        })?;
        let Some(found) = found else { return Ok(None) };
        if let Some(dev) = self.dev.as_ref().filter(|dev| dev.issuer() == iss) {
            return Ok(Some(dev.trusted(found.id)));
        }
        Ok(trusted(iss, &found))
    }
}

/// What a row says; a row that cannot be read trusts nobody.
fn trusted(iss: &str, found: &FoundIssuer) -> Option<TrustedIssuer> {
    let keys = match found.jwks_url.as_deref().map(Url::parse) {
        Some(Ok(url)) => KeySource::Jwks(url),
        Some(Err(_)) => return None,
        None => KeySource::Discovery,
    };
    let binding = match (found.partner, found.tenant) {
        (_, Some(tenant)) => IssuerBinding::Tenant(tenant),
        (Some(partner), None) => IssuerBinding::Partner(partner),
        (None, None) => IssuerBinding::Platform,
    };
    Some(TrustedIssuer {
        id: found.id,
        issuer: iss.to_owned(),
        binding,
        algorithms: found
            .algorithms
            .iter()
            .filter_map(|a| SigningAlgorithm::parse(a))
            .collect(),
        keys,
    })
}

#[async_trait]
impl IssuerDirectory for Issuers {
    async fn issuer(&self, iss: &str) -> Result<Option<TrustedIssuer>, DirectoryUnavailable> {
        let _turn = match self.remembered(iss) {
            Memory::Fresh(found) => return Ok(found),
            Memory::Stale => None,
            Memory::Nothing => {
                let turn = tokio::time::timeout(LONGEST_WAIT, self.turns.acquire()).await;
                let turn = turn.ok().and_then(Result::ok).ok_or(DirectoryUnavailable)?;
                // Meanwhile others may have asked the same.
                if let Memory::Fresh(found) = self.remembered(iss) {
                    return Ok(found);
                }
                Some(turn)
            }
        };
        let found = self.ask(iss).await?;
        self.remember(iss, found.as_ref());
        Ok(found)
    }
}

fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
