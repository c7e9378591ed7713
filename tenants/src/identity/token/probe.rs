//! Does an issuer publish keys? Asked by whoever looks at a deployment, as the verifier would ask it.

use super::fetch::{Fetch, HttpConfig};
use super::issuer::{IssuerBinding, KeySource, TrustedIssuer};
use url::Url;
use uuid::Uuid;

/// Asks issuers for their keys.
pub struct KeyProbe(Fetch);

impl KeyProbe {
    /// One that asks in this way.
    #[must_use]
    pub fn new(http: HttpConfig) -> Self {
        Self(Fetch::new(http))
    }

    /// Asks an issuer, at `keys` if that is said, else where discovery leads.
    ///
    /// # Errors
    /// Why no keys came, for people.
    pub async fn ask(&self, issuer: &str, keys: Option<&str>) -> Result<(), String> {
        let keys = match keys.map(Url::parse) {
            Some(Ok(url)) => KeySource::Jwks(url),
            Some(Err(e)) => return Err(format!("the address of its keys is no URL ({e})")),
            None => KeySource::Discovery,
        };
        let issuer = TrustedIssuer {
            id: Uuid::nil(),
            issuer: issuer.to_owned(),
            binding: IssuerBinding::Platform,
            algorithms: Vec::new(),
            keys,
        };
        self.0.keys(&issuer).await.map(drop).map_err(|e| e.to_string())
    }
}
