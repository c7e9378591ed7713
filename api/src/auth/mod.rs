//! From a credential to who acts: bearer token, API key or operator's credential → [`Caller`].

mod unproven;

use crate::clock::Clock;
use crate::config::Config;
use axum::http::{HeaderMap, header};
use chrono::{DateTime, Utc};
use quartermaster_tenants::Tenants;
use quartermaster_tenants::authenticate::{self, Caller, authenticate};
use quartermaster_tenants::directory::{Directory, Issuers};
use quartermaster_tenants::identity::api_key::ApiKey;
use quartermaster_tenants::identity::operator_credential::OperatorCredential;
use quartermaster_tenants::identity::token::{
    CHALLENGE_MISSING, DevIssuer, DevIssuerConfig, DevIssuerError, HttpConfig, TokenError, VerifiedToken, Verifier,
    VerifierConfig, challenge,
};
use quartermaster_tenants::invitations::Login;
use quartermaster_tenants::{keys, operators};
use std::sync::Arc;
use unproven::Unproven;
use uuid::Uuid;

/// Verifies credentials.
pub struct Door {
    verifier: Verifier,
    db: Tenants,
    directory: Directory,
    clock: Clock,
    dev: Option<Arc<DevIssuer>>,
    unproven: Unproven,
}

/// Who acts, and until when the credential says so.
pub struct Admitted {
    /// Who acts.
    pub caller: Caller,
    /// When the credential ends; `None` for an API key that ends by revocation alone.
    pub until: Option<DateTime<Utc>>,
}

/// A good credential: who acts with it, and the login that it proves.
pub struct Presented {
    /// Who acts; or why nobody does, as for a login that nobody here knows.
    pub admitted: Result<Admitted, authenticate::Denied>,
    /// The login of a person's token: enough to accept an invitation, and for nothing else. `None` for the key of a machine or the
    /// credential of an operator, which are nobody's login.
    pub login: Option<Login>,
}

impl Presented {
    fn of(admitted: Result<Admitted, Denied>, login: Option<Login>) -> Result<Self, Denied> {
        let admitted = match admitted {
            Ok(admitted) => Ok(admitted),
            Err(Denied::Stranger(why)) => Err(why),
            Err(other) => return Err(other),
        };
        Ok(Self { admitted, login })
    }
}

/// Why a credential was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum Denied {
    /// Not `Bearer …`.
    #[error("the Authorization header is not a bearer credential")]
    Malformed,
    /// A refused token.
    #[error(transparent)]
    Token(TokenError),
    /// An API key that opens nothing: unknown, another tenant's, revoked, ended.
    #[error("no such API key")]
    Key,
    /// A good token of somebody who may not come in here, or not now.
    #[error(transparent)]
    Stranger(authenticate::Denied),
    /// It could not be judged.
    #[error("unavailable: {0}")]
    Unavailable(String),
}

impl Denied {
    /// `WWW-Authenticate` (RFC 6750 section 3).
    #[must_use]
    pub fn challenge(&self) -> String {
        match self {
            Self::Unavailable(_) => CHALLENGE_MISSING.to_owned(),
            Self::Token(e) => challenge(e),
            Self::Malformed | Self::Key | Self::Stranger(_) => challenge(&TokenError::UnknownIssuer),
        }
    }

    /// For metrics.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "not_bearer",
            Self::Token(e) => e.code(),
            Self::Key => "key",
            Self::Stranger(e) => e.code(),
            Self::Unavailable(_) => "unavailable",
        }
    }
}

impl Door {
    /// A door for this configuration.
    ///
    /// # Errors
    /// The development issuer's key cannot be read or made.
    pub fn new(config: &Config, db: Tenants, directory: Directory) -> Result<Self, DevIssuerError> {
        let dev = config.development_issuer().then(|| {
            DevIssuer::open(
                &config.development_issuer_folder,
                DevIssuerConfig::new(config.audience.clone()),
            )
        });
        let dev = dev.transpose()?.map(Arc::new);
        let issuers = Arc::new(Issuers::new(directory.clone(), dev.clone()));
        let mut told = VerifierConfig::new(config.audience.clone());
        told.http = HttpConfig {
            allow_loopback: config.loopback_issuers(),
            ..HttpConfig::default()
        };
        Ok(Self {
            verifier: Verifier::new(told, issuers),
            db,
            directory,
            clock: Clock::ahead_by(config.clock_offset()),
            dev,
            unproven: Unproven::new(config.database_connections),
        })
    }

    /// The development issuer, where it is trusted.
    #[must_use]
    pub fn development_issuer(&self) -> Option<&Arc<DevIssuer>> {
        self.dev.as_ref()
    }

    /// The clock that tokens are judged by.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// The credential of a request, if it carries one.
    ///
    /// # Errors
    /// [`Denied::Malformed`]: another scheme, two headers.
    pub fn credential(headers: &HeaderMap) -> Result<Option<&str>, Denied> {
        let mut values = headers.get_all(header::AUTHORIZATION).iter();
        let Some(value) = values.next() else { return Ok(None) };
        let text = value.to_str().map_err(|_| Denied::Malformed)?;
        let (scheme, credential) = text.split_once(' ').ok_or(Denied::Malformed)?;
        let credential = credential.trim();
        if values.next().is_some() || !scheme.eq_ignore_ascii_case("bearer") || credential.is_empty() {
            return Err(Denied::Malformed);
        }
        Ok(Some(credential))
    }

    /// Before a request takes a place to work at: key and credential of an operator were good before, or are looked up when it is their
    /// turn. (What anybody can make up has a place only then.)
    ///
    /// # Errors
    /// [`Denied`]
    pub async fn prove(&self, credential: &str, request_id: Uuid) -> Result<(), Denied> {
        if ApiKey::looks_like(credential) {
            let look = || self.machine(&self.db, credential, request_id);
            return self.unproven.prove(credential, look).await;
        }
        if OperatorCredential::looks_like(credential) {
            let look = || self.operator(&self.db, credential, request_id);
            return self.unproven.prove(credential, look).await;
        }
        Ok(())
    }

    /// Who acts with this credential.
    ///
    /// # Errors
    /// [`Denied`]
    pub async fn admit(&self, credential: &str, request_id: Uuid) -> Result<Admitted, Denied> {
        self.prove(credential, request_id).await?;
        let presented = self.present(&self.db, credential, request_id).await?;
        presented.admitted.map_err(Denied::Stranger)
    }

    /// What a credential that is [proven](Self::prove) says, verified once: who acts with it, looked up in the transaction that the request
    /// goes on to read in, and whose login it is.
    ///
    /// # Errors
    /// [`Denied`] for one that is not good.
    pub async fn present(&self, db: &Tenants, credential: &str, request_id: Uuid) -> Result<Presented, Denied> {
        if ApiKey::looks_like(credential) {
            let machine = self.machine(db, credential, request_id).await;
            self.unproven.heard(credential, &machine);
            return Presented::of(machine, None);
        }
        if OperatorCredential::looks_like(credential) {
            let operator = self.operator(db, credential, request_id).await;
            self.unproven.heard(credential, &operator);
            return Presented::of(operator, None);
        }
        let token = self.verified(credential).await?;
        let (clock_offset, until) = (self.clock.offset(), Some(token.expires_at));
        let admitted = match authenticate(db, &self.directory, &token, clock_offset, request_id).await {
            Ok(caller) => Ok(Admitted { caller, until }),
            Err(authenticate::Denied::Fault(e)) => Err(Denied::Unavailable(e.to_string())),
            Err(e) => Err(Denied::Stranger(e)),
        };
        let login = Login {
            issuer: token.issuer_id,
            subject: token.subject,
            binding: token.binding,
            request_id,
            clock_offset,
        };
        Presented::of(admitted, Some(login))
    }

    async fn verified(&self, credential: &str) -> Result<VerifiedToken, Denied> {
        match self.verifier.verify(credential, self.clock.now()).await {
            Ok(token) => Ok(token),
            Err(e) if e.is_outage() => Err(Denied::Unavailable(e.to_string())),
            Err(e) => Err(Denied::Token(e)),
        }
    }

    async fn machine(&self, db: &Tenants, credential: &str, request_id: Uuid) -> Result<Admitted, Denied> {
        let key = ApiKey::parse(credential).ok_or(Denied::Key)?;
        match keys::authenticate(db, &key, self.clock.offset(), request_id).await {
            Ok(Some(machine)) => Ok(Admitted {
                caller: Caller::Member(Box::new(machine.op)),
                until: machine.until,
            }),
            Ok(None) => Err(Denied::Key),
            Err(authenticate::Denied::Fault(e)) => Err(Denied::Unavailable(e.to_string())),
            Err(e) => Err(Denied::Stranger(e)),
        }
    }

    /// A partner's operator, by his credential for one tenant.
    async fn operator(&self, db: &Tenants, credential: &str, request_id: Uuid) -> Result<Admitted, Denied> {
        let credential = OperatorCredential::parse(credential).ok_or(Denied::Key)?;
        match operators::enter(db, &self.directory, &credential, self.clock.offset(), request_id).await {
            Ok(entered) => Ok(Admitted {
                caller: Caller::Member(Box::new(entered.op)),
                until: Some(entered.until),
            }),
            Err(authenticate::Denied::Fault(e)) => Err(Denied::Unavailable(e.to_string())),
            Err(e) => Err(Denied::Stranger(e)),
        }
    }

    /// The directory, for public look-ups and partners' verbs.
    #[must_use]
    pub fn directory(&self) -> &Directory {
        &self.directory
    }
}

#[cfg(test)]
mod tests {
    use super::Door;
    use axum::http::{HeaderMap, HeaderValue, header};
    use proptest::prelude::*;

    fn with(values: &[&str]) -> Option<HeaderMap> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::AUTHORIZATION, HeaderValue::from_str(value).ok()?);
        }
        Some(headers)
    }

    proptest! {
        #[test]
        fn no_authorization_header_panics_and_a_credential_is_never_empty(text in "[\\t -~]{0,60}|[Bb]earer[ -~]{0,40}") {
            let headers = with(&[&text]).ok_or_else(|| TestCaseError::reject("header"))?;
            if let Ok(Some(credential)) = Door::credential(&headers) {
                prop_assert!(!credential.is_empty() && text.to_ascii_lowercase().starts_with("bearer "));
            }
        }

        #[test]
        fn two_credentials_are_none(one in "Bearer [a-z]{1,9}", two in "Bearer [a-z]{1,9}") {
            let headers = with(&[&one, &two]).ok_or_else(|| TestCaseError::reject("header"))?;
            prop_assert!(Door::credential(&headers).is_err());
        }
    }
}
