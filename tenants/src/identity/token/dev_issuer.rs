use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::dev_key;
use super::issuer::{IssuerBinding, KeySource, SigningAlgorithm, TrustedIssuer};
use super::key_set::{KeySet, KeySetError};

/// The development issuer's identifier where none is configured. Names below `.localhost` belong to the machine itself
/// (RFC 6761 section 6.3): no one else can be this issuer.
pub const DEV_ISSUER: &str = "https://dev.quartermaster.localhost";

/// What the development issuer writes into its tokens.
#[derive(Debug, Clone)]
pub struct DevIssuerConfig {
    /// `iss`.
    pub issuer: String,
    /// `aud`: the same as the verifier's.
    pub audience: String,
}

impl DevIssuerConfig {
    /// The usual issuer, for this audience.
    pub fn new(audience: impl Into<String>) -> Self {
        Self {
            issuer: DEV_ISSUER.to_owned(),
            audience: audience.into(),
        }
    }
}

/// Makes tokens for anybody, without a password, for demonstrations, tests and a developer's desk. It speaks for the whole
/// platform: **a production configuration refuses to start with it** (the check is where the configuration is read).
pub struct DevIssuer {
    config: DevIssuerConfig,
    signing_key: EncodingKey,
    key_id: String,
    published: JwkSet,
    keys: KeySet,
}

/// The development issuer cannot work.
#[derive(Debug, thiserror::Error)]
pub enum DevIssuerError {
    /// The key file cannot be read or written.
    #[error("the development issuer's key {}: {error}", path.display())]
    File {
        /// The key file.
        path: PathBuf,
        /// What the system said.
        #[source]
        error: io::Error,
    },
    /// The machine's random source gave nothing.
    #[error("the development issuer's key cannot be made")]
    KeyNotMade,
    /// The file holds something else.
    #[error("the development issuer's key is no P-256 private key (PKCS #8, PEM)")]
    KeyMalformed(#[from] jsonwebtoken::errors::Error),
    /// The public half cannot be read back.
    #[error(transparent)]
    Published(#[from] KeySetError),
    /// A lifetime that the verifier would refuse.
    #[error("a token lives for more than nothing and at most 24 hours")]
    Lifetime,
}

impl DevIssuer {
    /// Opens the issuer whose key is in this folder; both are made on first use.
    ///
    /// # Errors
    /// [`DevIssuerError`]
    pub fn open(folder: &Path, config: DevIssuerConfig) -> Result<Self, DevIssuerError> {
        let signing_key = EncodingKey::from_ec_pem(&dev_key::open_or_create(folder)?)?;
        let mut public = Jwk::from_encoding_key(&signing_key, Algorithm::ES256)?;
        let key_id = public.thumbprint(ThumbprintHash::SHA256)?;
        public.common.key_id = Some(key_id.clone());
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        let published = JwkSet { keys: vec![public] };
        let keys = KeySet::try_from(&published)?;
        Ok(Self {
            config,
            signing_key,
            key_id,
            published,
            keys,
        })
    }

    /// Its identifier.
    pub fn issuer(&self) -> &str {
        &self.config.issuer
    }

    /// Its public keys, as an issuer publishes them.
    pub fn jwks(&self) -> &JwkSet {
        &self.published
    }

    /// What the directory says about it, under this id.
    pub fn trusted(&self, id: Uuid) -> TrustedIssuer {
        TrustedIssuer {
            id,
            issuer: self.config.issuer.clone(),
            binding: IssuerBinding::Platform,
            algorithms: vec![SigningAlgorithm::Es256],
            keys: KeySource::Static(self.keys.clone()),
        }
    }

    /// An access token for this subject, valid from `now`.
    ///
    /// # Errors
    /// [`DevIssuerError::Lifetime`], or the signature fails.
    pub fn mint(
        &self,
        subject: &str,
        tenant: Option<&str>,
        client_id: &str,
        ttl: TimeDelta,
        now: DateTime<Utc>,
    ) -> Result<String, DevIssuerError> {
        self.mint_with(Map::new(), subject, tenant, client_id, ttl, now)
    }

    /// The same with further claims, for instance groups; those that RFC 9068 defines cannot be replaced.
    ///
    /// # Errors
    /// As [`DevIssuer::mint`].
    pub fn mint_with(
        &self,
        mut claims: Map<String, Value>,
        subject: &str,
        tenant: Option<&str>,
        client_id: &str,
        ttl: TimeDelta,
        now: DateTime<Utc>,
    ) -> Result<String, DevIssuerError> {
        let issued_at = now.timestamp();
        let seconds = ttl.num_seconds();
        if !(1..=TimeDelta::hours(24).num_seconds()).contains(&seconds) {
            return Err(DevIssuerError::Lifetime);
        }
        let standard = [
            ("iss", json!(self.config.issuer)),
            ("aud", json!(self.config.audience)),
            ("sub", json!(subject)),
            ("client_id", json!(client_id)),
            ("jti", json!(Uuid::new_v4())),
            ("iat", json!(issued_at)),
            ("exp", json!(issued_at + seconds)),
        ];
        claims.extend(standard.map(|(name, value)| (name.to_owned(), value)));
        if let Some(tenant) = tenant {
            claims.insert("tenant".to_owned(), json!(tenant));
        }
        let mut header = Header::new(Algorithm::ES256);
        header.typ = Some("at+jwt".to_owned());
        header.kid = Some(self.key_id.clone());
        Ok(jsonwebtoken::encode(&header, &claims, &self.signing_key)?)
    }
}

impl fmt::Debug for DevIssuer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("DevIssuer")
            .field("issuer", &self.config.issuer)
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}
