use std::sync::OnceLock;
use std::time::Duration;

use reqwest::header::CACHE_CONTROL;
use reqwest::redirect::Policy;
use serde_json::Value;
use url::Url;

use super::issuer::{KeySource, TrustedIssuer};
use super::key_set::KeySet;
use super::public_address::{NotPublic, Reach};
use super::strict_json;

/// In bytes, of either document.
const BODY_LIMIT: usize = 256 * 1024;
const REDIRECTS_LIMIT: usize = 3;

/// How keys are fetched.
#[derive(Debug, Clone)]
pub struct HttpConfig {
    /// For discovery and keys together.
    pub timeout: Duration,
    /// Whether issuers on this machine may be asked, also without TLS. For development and tests: in production it would
    /// let whoever registers an issuer reach the machine's own services.
    pub allow_loopback: bool,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(3),
            allow_loopback: false,
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("the issuer is no URL that discovery can start from")]
    NoDiscovery,
    #[error(transparent)]
    NotPublic(#[from] NotPublic),
    #[error("the request failed: {0}")]
    Request(#[from] reqwest::Error),
    #[error("the answer has status {0}")]
    Status(u16),
    #[error("the answer is longer than 256 KiB")]
    TooLarge,
    #[error("the discovery document is malformed")]
    Discovery,
    #[error("the discovery document is another issuer's")]
    OtherIssuer,
    #[error("the key set is malformed")]
    Keys,
    #[error("no answer in time")]
    Timeout,
}

/// Keys as they came, and for how long the issuer says that they may be kept.
#[derive(Debug)]
pub(super) struct Fetched {
    pub keys: KeySet,
    pub max_age: Option<Duration>,
}

/// Fetches keys. Proxies of the environment are not used: behind one, this process would not see the address that it
/// reaches.
pub(super) struct Fetch {
    config: HttpConfig,
    /// Made when first needed, so that a machine without certificate authorities can still use static keys.
    client: OnceLock<reqwest::Client>,
}

impl Fetch {
    pub(super) fn new(config: HttpConfig) -> Self {
        Self {
            config,
            client: OnceLock::new(),
        }
    }

    pub(super) async fn keys(&self, issuer: &TrustedIssuer) -> Result<Fetched, FetchError> {
        tokio::time::timeout(self.config.timeout, self.keys_unlimited(issuer))
            .await
            .map_err(|_| FetchError::Timeout)?
    }

    async fn keys_unlimited(&self, issuer: &TrustedIssuer) -> Result<Fetched, FetchError> {
        let url = match &issuer.keys {
            KeySource::Static(keys) => {
                return Ok(Fetched {
                    keys: keys.clone(),
                    max_age: None,
                });
            }
            KeySource::Jwks(url) => url.clone(),
            KeySource::Discovery => self.discover(&issuer.issuer).await?,
        };
        let (body, max_age) = self.get(&url).await?;
        let keys = KeySet::parse(&body).map_err(|_| FetchError::Keys)?;
        Ok(Fetched { keys, max_age })
    }

    /// OpenID Connect Discovery 1.0 section 4: where the issuer publishes its keys.
    async fn discover(&self, issuer: &str) -> Result<Url, FetchError> {
        let url = discovery_url(issuer).ok_or(FetchError::NoDiscovery)?;
        let (body, _) = self.get(&url).await?;
        let document = strict_json::object(&body).map_err(|_| FetchError::Discovery)?;
        if document.get("issuer").and_then(Value::as_str) != Some(issuer) {
            return Err(FetchError::OtherIssuer);
        }
        document
            .get("jwks_uri")
            .and_then(Value::as_str)
            .and_then(|uri| Url::parse(uri).ok())
            .ok_or(FetchError::Discovery)
    }

    async fn get(&self, url: &Url) -> Result<(Vec<u8>, Option<Duration>), FetchError> {
        self.reach().check(url)?;
        let mut response = self.client()?.get(url.clone()).send().await?;
        if response.status() != reqwest::StatusCode::OK {
            return Err(FetchError::Status(response.status().as_u16()));
        }
        let max_age = response
            .headers()
            .get(CACHE_CONTROL)
            .and_then(|value| value.to_str().ok())
            .and_then(max_age);
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > BODY_LIMIT {
                return Err(FetchError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok((body, max_age))
    }

    fn reach(&self) -> Reach {
        Reach {
            allow_loopback: self.config.allow_loopback,
        }
    }

    fn client(&self) -> Result<&reqwest::Client, reqwest::Error> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = reqwest::Client::builder()
            .no_proxy()
            .dns_resolver(self.reach())
            .redirect(Policy::custom(|attempt| {
                let same_origin = attempt
                    .previous()
                    .last()
                    .is_some_and(|from| from.origin() == attempt.url().origin());
                if same_origin && attempt.previous().len() <= REDIRECTS_LIMIT {
                    attempt.follow()
                } else {
                    attempt.stop()
                }
            }))
            .build()?;
        Ok(self.client.get_or_init(|| client))
    }
}

fn discovery_url(issuer: &str) -> Option<Url> {
    let url = Url::parse(issuer).ok()?;
    if url.query().is_some() || url.fragment().is_some() {
        return None;
    }
    format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))
        .parse()
        .ok()
}

/// RFC 9111 section 5.2.2, as far as it bears on keys; an answer that must not be stored is stored for no time.
fn max_age(cache_control: &str) -> Option<Duration> {
    let mut age = None;
    for directive in cache_control.split(',') {
        let directive = directive.trim().to_ascii_lowercase();
        if directive == "no-store" || directive == "no-cache" {
            return Some(Duration::ZERO);
        }
        if let Some(seconds) = directive.strip_prefix("max-age=") {
            age = seconds.trim_matches('"').parse().ok().map(Duration::from_secs);
        }
    }
    age
}

#[cfg(test)]
mod tests {
    use super::{discovery_url, max_age};
    use std::time::Duration;

    #[test]
    fn discovery_starts_below_the_issuer() {
        let url = |issuer| discovery_url(issuer).map(|url| url.to_string());
        let expected = Some("https://a.example/t/1/.well-known/openid-configuration".to_owned());
        assert_eq!(url("https://a.example/t/1"), expected);
        assert_eq!(url("https://a.example/t/1/"), expected);
        for issuer in ["https://a.example/?x=", "https://a.example/#f", "a.example", ""] {
            assert_eq!(url(issuer), None, "{issuer}");
        }
    }

    #[test]
    fn the_age_that_the_issuer_allows_is_read() {
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        assert_eq!(max_age("public, max-age=600, must-revalidate"), seconds(600));
        assert_eq!(max_age("MAX-AGE=\"60\""), seconds(60));
        assert_eq!(max_age("max-age=60, no-store"), seconds(0));
        assert_eq!(max_age("public"), None);
        assert_eq!(max_age("max-age=-5"), None);
        assert_eq!(max_age("max-age=99999999999999999999999"), None);
    }
}
