use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};
use std::sync::Arc;

use super::error::TokenError;

/// The longest that a token may live (`exp` − `iat`).
const LONGEST_LIFE: TimeDelta = TimeDelta::hours(24);

/// In bytes; OpenID Connect gives `sub` 255 characters of ASCII.
const TEXT_LIMIT: usize = 255;
const ISSUER_LIMIT: usize = 1024;

/// Claims whose signature is not verified yet: they say only which issuer to ask.
pub(super) struct Claims(pub Arc<Map<String, Value>>);

/// What the claims mean once they are found good.
pub(super) struct Meaning {
    pub subject: String,
    pub client_id: String,
    pub token_id: String,
    pub expires_at: DateTime<Utc>,
    pub issued_at: DateTime<Utc>,
    pub scope: Vec<String>,
    pub tenant: Option<String>,
}

impl Claims {
    /// `iss`, for choosing the trusted issuer and nothing else.
    pub(super) fn issuer(&self) -> Result<&str, TokenError> {
        self.text("iss", ISSUER_LIMIT)?.ok_or(TokenError::MissingClaim("iss"))
    }

    /// The checks of RFC 9068 section 4 that follow the signature.
    pub(super) fn check(&self, audience: &str, leeway: TimeDelta, now: DateTime<Utc>) -> Result<Meaning, TokenError> {
        self.check_audience(audience)?;
        let subject = self.required("sub")?;
        let client_id = self.required("client_id")?;
        let token_id = self.required("jti")?;
        let expires_at = self.time("exp")?.ok_or(TokenError::MissingClaim("exp"))?;
        let issued_at = self.time("iat")?.ok_or(TokenError::MissingClaim("iat"))?;
        let not_before = self.time("nbf")?;

        if now >= expires_at + leeway {
            return Err(TokenError::Expired);
        }
        if issued_at > now + leeway {
            return Err(TokenError::IssuedInFuture);
        }
        if not_before.is_some_and(|begin| begin > now + leeway) {
            return Err(TokenError::NotYetValid);
        }
        let life = expires_at - issued_at;
        if life <= TimeDelta::zero() || life > LONGEST_LIFE {
            return Err(TokenError::LifetimeRefused);
        }
        Ok(Meaning {
            subject,
            client_id,
            token_id,
            expires_at,
            issued_at,
            scope: self.scope()?,
            tenant: self.text("tenant", TEXT_LIMIT)?.map(str::to_owned),
        })
    }

    fn check_audience(&self, audience: &str) -> Result<(), TokenError> {
        let ours = match self.0.get("aud") {
            None => return Err(TokenError::MissingClaim("aud")),
            Some(Value::String(one)) => one == audience,
            Some(Value::Array(several)) => {
                if !several.iter().all(Value::is_string) {
                    return Err(TokenError::MalformedClaim("aud"));
                }
                several.iter().any(|one| one.as_str() == Some(audience))
            }
            Some(_) => return Err(TokenError::MalformedClaim("aud")),
        };
        if ours { Ok(()) } else { Err(TokenError::WrongAudience) }
    }

    fn required(&self, name: &'static str) -> Result<String, TokenError> {
        self.text(name, TEXT_LIMIT)?
            .map(str::to_owned)
            .ok_or(TokenError::MissingClaim(name))
    }

    fn text(&self, name: &'static str, limit: usize) -> Result<Option<&str>, TokenError> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::String(text))
                if !text.is_empty() && text.len() <= limit && !text.chars().any(char::is_control) =>
            {
                Ok(Some(text))
            }
            Some(_) => Err(TokenError::MalformedClaim(name)),
        }
    }

    /// A NumericDate (RFC 7519 section 2): seconds since 1970, possibly with a fraction, which is cut off.
    fn time(&self, name: &'static str) -> Result<Option<DateTime<Utc>>, TokenError> {
        let Some(value) = self.0.get(name) else {
            return Ok(None);
        };
        value
            .as_i64()
            .or_else(|| value.as_f64().map(|seconds| seconds as i64))
            .filter(|seconds| (0..=LAST_SECOND).contains(seconds))
            .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
            .map(Some)
            .ok_or(TokenError::MalformedClaim(name))
    }

    /// RFC 8693 section 4.2: names with spaces between.
    fn scope(&self) -> Result<Vec<String>, TokenError> {
        match self.0.get("scope") {
            None => Ok(Vec::new()),
            Some(Value::String(names)) => Ok(names.split_ascii_whitespace().map(str::to_owned).collect()),
            Some(_) => Err(TokenError::MalformedClaim("scope")),
        }
    }
}

/// 9999-12-31T23:59:59Z: later times are nonsense, and adding leeway to them must not overflow.
const LAST_SECOND: i64 = 253_402_300_799;
