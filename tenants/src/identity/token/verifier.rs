use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::compact::{Compact, Remembered};
use super::error::TokenError;
use super::fetch::HttpConfig;
use super::header::Header;
use super::issuer::{IssuerBinding, IssuerDirectory, TrustedIssuer};
use super::jwks::{KeyCache, MonotonicClock};

/// What a verifier is told once.
#[derive(Debug, Clone)]
pub struct VerifierConfig {
    /// The `aud` that tokens for this deployment carry, compared exactly.
    pub audience: String,
    /// How far the clocks of issuers may differ from ours.
    pub leeway: TimeDelta,
    /// How keys are fetched.
    pub http: HttpConfig,
}

impl VerifierConfig {
    /// Thirty seconds of leeway, and fetching as in production.
    pub fn new(audience: impl Into<String>) -> Self {
        Self {
            audience: audience.into(),
            leeway: TimeDelta::seconds(30),
            http: HttpConfig::default(),
        }
    }
}

/// Verifies RFC 9068 access tokens of trusted issuers. One for the process: it keeps their keys.
pub struct Verifier {
    audience: String,
    leeway: TimeDelta,
    directory: Arc<dyn IssuerDirectory>,
    keys: KeyCache,
    remembered: Remembered,
}

/// A token that its issuer signed, for us, and that is valid now.
#[derive(Clone)]
pub struct VerifiedToken {
    /// The issuer's id in the directory.
    pub issuer_id: Uuid,
    /// `iss`.
    pub issuer: String,
    /// For whom the issuer may speak. The token's own claims never widen it.
    pub binding: IssuerBinding,
    /// `sub`: whom the issuer means; unique within the issuer only.
    pub subject: String,
    /// `client_id`: the application that the person used.
    pub client_id: String,
    /// `exp`.
    pub expires_at: DateTime<Utc>,
    /// `iat`.
    pub issued_at: DateTime<Utc>,
    /// `jti`.
    pub jti: String,
    /// `scope`, split.
    pub scope: Vec<String>,
    /// The private claim `tenant`, by which a person with accounts in several tenants says which one this token is for.
    pub tenant: Option<String>,
    /// All claims as they came, for mapping groups to roles.
    pub claims: Arc<Map<String, Value>>,
}

impl Verifier {
    /// A verifier that asks this directory whom to trust.
    pub fn new(config: VerifierConfig, directory: Arc<dyn IssuerDirectory>) -> Self {
        Self::with_clock(config, directory, Arc::new(std::time::Instant::now))
    }

    /// The same with another clock for the age of fetched keys (times in tokens are judged by the `now` of each call).
    pub fn with_clock(config: VerifierConfig, directory: Arc<dyn IssuerDirectory>, clock: MonotonicClock) -> Self {
        Self {
            audience: config.audience,
            leeway: config.leeway,
            directory,
            keys: KeyCache::new(config.http, clock),
            remembered: Remembered::new(),
        }
    }

    /// The token's meaning, if it is good at `now`.
    ///
    /// # Errors
    /// The first reason found to refuse it, or [`TokenError::is_outage`].
    pub async fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<VerifiedToken, TokenError> {
        let compact = Compact::parse(token)?;
        let words = self.remembered.of(&compact)?;
        let issuer = self.trusted(words.claims.issuer()?).await?;
        self.check_signature(&issuer, &words.header, &compact).await?;
        self.remembered.keep(&compact, &words);
        let meaning = words.claims.check(&self.audience, self.leeway, now)?;
        Ok(VerifiedToken {
            issuer_id: issuer.id,
            issuer: issuer.issuer,
            binding: issuer.binding,
            subject: meaning.subject,
            client_id: meaning.client_id,
            expires_at: meaning.expires_at,
            issued_at: meaning.issued_at,
            jti: meaning.token_id,
            scope: meaning.scope,
            tenant: meaning.tenant,
            claims: words.claims.0.clone(),
        })
    }

    async fn trusted(&self, iss: &str) -> Result<TrustedIssuer, TokenError> {
        self.directory
            .issuer(iss)
            .await?
            .filter(|issuer| issuer.issuer == iss)
            .ok_or(TokenError::UnknownIssuer)
    }

    async fn check_signature(
        &self,
        issuer: &TrustedIssuer,
        header: &Header,
        compact: &Compact<'_>,
    ) -> Result<(), TokenError> {
        if !issuer.algorithms.contains(&header.algorithm) {
            return Err(TokenError::AlgorithmRefused);
        }
        let keys = self.keys.of(issuer, header.key_id.as_deref()).await?;
        let key_id = header.key_id.as_deref();
        keys.check(key_id, header.algorithm, compact)
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Verifier")
            .field("audience", &self.audience)
            .finish_non_exhaustive()
    }
}

/// Without the claims, which are personal.
impl fmt::Debug for VerifiedToken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("VerifiedToken")
            .field("issuer", &self.issuer)
            .field("binding", &self.binding)
            .field("jti", &self.jti)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}
