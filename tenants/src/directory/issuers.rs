//! Which issuers are trusted: those of the directory, and in development the built-in one.

use super::{Directory, FoundIssuer};
use crate::identity::token::{
    DevIssuer, DirectoryUnavailable, IssuerBinding, IssuerDirectory, KeySource, SigningAlgorithm, TrustedIssuer,
};
use async_trait::async_trait;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use url::Url;

/// How long an answer is kept: also how long a withdrawn issuer may still be trusted.
const KEPT: Duration = Duration::from_secs(10);
/// Identifiers come from unverified tokens: no more than this many are remembered.
const MOST: usize = 1_000;

/// The directory's issuers, remembered for a while.
pub struct Issuers {
    directory: Directory,
    dev: Option<Arc<DevIssuer>>,
    answers: Mutex<HashMap<String, (Instant, Option<TrustedIssuer>)>>,
}

impl Issuers {
    /// Issuers of this directory. The keys of the development issuer are in this process; it still needs its row.
    #[must_use]
    pub fn new(directory: Directory, dev: Option<Arc<DevIssuer>>) -> Self {
        Self {
            directory,
            dev,
            answers: Mutex::default(),
        }
    }

    fn remembered(&self, iss: &str) -> Option<Option<TrustedIssuer>> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers
            .get(iss)
            .filter(|(at, _)| at.elapsed() < KEPT)
            .map(|(_, found)| found.clone())
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
        if let Some(known) = self.remembered(iss) {
            return Ok(known);
        }
        let found = self.ask(iss).await?;
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.len() >= MOST {
            answers.clear();
        }
        answers.insert(iss.to_owned(), (Instant::now(), found.clone()));
        Ok(found)
    }
}
