use std::fmt;

use async_trait::async_trait;
use jsonwebtoken::Algorithm;
use url::Url;
use uuid::Uuid;

use super::key_set::KeySet;

/// For whom an issuer may speak. A token never widens this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IssuerBinding {
    /// The platform itself, and the development issuer.
    Platform,
    /// One partner and the people it operates tenants with.
    Partner(Uuid),
    /// One tenant.
    Tenant(Uuid),
}

/// The signatures that are accepted at all: asymmetric only, so that a public key can never serve as a shared secret
/// (RFC 8725 section 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SigningAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// ECDSA with P-256 and SHA-256.
    Es256,
    /// EdDSA with Ed25519.
    EdDsa,
}

impl SigningAlgorithm {
    /// All of them, for issuers registered without a narrower choice.
    pub const ALL: [Self; 4] = [Self::Rs256, Self::Ps256, Self::Es256, Self::EdDsa];

    /// The algorithm of this JWA name (RFC 7518, RFC 8037); names are case-sensitive.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == name)
    }

    /// Its JWA name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    pub(super) fn jsonwebtoken(self) -> Algorithm {
        match self {
            Self::Rs256 => Algorithm::RS256,
            Self::Ps256 => Algorithm::PS256,
            Self::Es256 => Algorithm::ES256,
            Self::EdDsa => Algorithm::EdDSA,
        }
    }
}

impl fmt::Display for SigningAlgorithm {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// Where an issuer's public keys come from.
#[derive(Debug, Clone)]
pub enum KeySource {
    /// OpenID Connect Discovery below the issuer's own URL.
    Discovery,
    /// A JWK Set (RFC 7517) at this URL.
    Jwks(Url),
    /// Given when the issuer was registered; never fetched.
    Static(KeySet),
}

/// An issuer that somebody here decided to trust.
#[derive(Debug, Clone)]
pub struct TrustedIssuer {
    /// Its id in the directory; fetched keys are kept under it.
    pub id: Uuid,
    /// Its identifier, exactly as its tokens write it in `iss`.
    pub issuer: String,
    /// For whom it may speak.
    pub binding: IssuerBinding,
    /// The algorithms it signs with.
    pub algorithms: Vec<SigningAlgorithm>,
    /// Where its keys come from.
    pub keys: KeySource,
}

/// The directory could not be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the directory of issuers did not answer")]
pub struct DirectoryUnavailable;

/// Looks up trusted issuers. The identifier comes from an unverified token: expect any text, and remember unknown ones
/// for a while if a look-up is dear.
#[async_trait]
pub trait IssuerDirectory: Send + Sync {
    /// The trusted issuer of exactly this identifier.
    async fn issuer(&self, iss: &str) -> Result<Option<TrustedIssuer>, DirectoryUnavailable>;
}

/// A directory of one.
#[async_trait]
impl IssuerDirectory for TrustedIssuer {
    async fn issuer(&self, iss: &str) -> Result<Option<TrustedIssuer>, DirectoryUnavailable> {
        Ok((self.issuer == iss).then(|| self.clone()))
    }
}
