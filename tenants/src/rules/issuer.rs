//! Binding an OpenID issuer to the tenant: an issuer that one administrator binds could forge the second person.

use crate::error::{Code, Refusal};
use crate::identity::token::SigningAlgorithm;
use crate::input::Refusals;
use serde::{Deserialize, Serialize};
use url::Url;

/// An issuer that is to speak for the tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IssuerBindingDraft {
    /// The issuer identifier, exactly as in the `iss` claim: an https URL (OpenID Connect Discovery 1.0).
    pub issuer: String,
    /// JWA names of the algorithms that it may sign with.
    pub algorithms: Vec<String>,
    /// Where its keys are, if not found by discovery.
    pub jwks_url: Option<String>,
}

impl IssuerBindingDraft {
    /// All that is wrong with it.
    #[must_use]
    pub fn problems(&self) -> Vec<Refusal> {
        let mut found = Refusals::default();
        found.take(https(&["issuer", "issuer"], &self.issuer));
        if let Some(url) = &self.jwks_url {
            found.take(https(&["issuer", "jwksUrl"], url));
        }
        if self.algorithms.is_empty() {
            let message = "Say which algorithms the issuer signs with.";
            found.push(Refusal::new(Code::Required, &["issuer", "algorithms"], message));
        }
        if self.algorithms.len() > SigningAlgorithm::ALL.len()
            || self.algorithms.iter().any(|a| SigningAlgorithm::parse(a).is_none())
        {
            let known = SigningAlgorithm::ALL.map(SigningAlgorithm::as_str).join(", ");
            let message = format!("Tokens are signed with one of {known}.");
            found.push(Refusal::new(Code::UnknownCode, &["issuer", "algorithms"], message));
        }
        found.0
    }
}

fn https(field: &[&str], text: &str) -> Result<(), Refusal> {
    let good = text.len() <= 255
        && Url::parse(text).is_ok_and(|url| {
            url.scheme() == "https"
                && url.has_host()
                && url.username().is_empty()
                && url.password().is_none()
                && url.query().is_none()
                && url.fragment().is_none()
        });
    if good {
        return Ok(());
    }
    let message = "An https address without user, query or fragment is expected, of at most 255 characters.";
    Err(Refusal::invalid(field, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_https_addresses_and_known_algorithms_pass() {
        let draft = |issuer: &str, algorithm: &str| IssuerBindingDraft {
            issuer: issuer.to_owned(),
            algorithms: vec![algorithm.to_owned()],
            jwks_url: None,
        };
        assert!(draft("https://login.example/tenant", "RS256").problems().is_empty());
        for wrong in [
            "http://login.example",
            "https://a:b@login.example",
            "https://login.example?x",
            "login",
            "",
        ] {
            assert_eq!(draft(wrong, "RS256").problems().len(), 1, "{wrong}");
        }
        for wrong in ["none", "HS256", "rs256"] {
            assert_eq!(draft("https://login.example", wrong).problems().len(), 1, "{wrong}");
        }
    }
}
