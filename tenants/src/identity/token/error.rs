use super::issuer::DirectoryUnavailable;

/// Why a token is not accepted. The reason is for logs; a client sees [`challenge`] only, which is the same for every
/// reason, so that probing teaches nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Longer than 8 KiB.
    #[error("the token is longer than 8 KiB")]
    TooLarge,
    /// Not three non-empty base64url parts (RFC 7515, compact serialization).
    #[error("the token is not a compact JWS")]
    NotCompact,
    /// The header is no JSON object, or a parameter has the wrong type.
    #[error("the token's header cannot be read")]
    HeaderMalformed,
    /// The payload is no JSON object.
    #[error("the token's payload cannot be read")]
    PayloadMalformed,
    /// A JSON object names a member twice; readers differ on which one counts (RFC 8725 section 2.4, RFC 7519 section 4).
    #[error("the token names a JSON member twice")]
    DuplicateMember,
    /// A header parameter that brings its own key or extension.
    #[error("the header parameter {0} is refused")]
    HeaderParameterRefused(&'static str),
    /// `typ` is not `at+jwt` (RFC 9068 section 4).
    #[error("the token is not typed as an access token")]
    WrongType,
    /// `alg` is not one the issuer signs with.
    #[error("the signature algorithm is not one of the issuer's")]
    AlgorithmRefused,
    /// `kid` is empty or longer than 256 bytes.
    #[error("the key id is refused")]
    KeyIdRefused,
    /// No `kid` though the issuer has several keys.
    #[error("the issuer has several keys and the token names none")]
    KeyIdRequired,
    /// The issuer has no such key.
    #[error("the issuer has no such key")]
    UnknownKey,
    /// The key exists but may not be used with this algorithm or for signatures.
    #[error("the key does not fit the algorithm")]
    KeyMismatch,
    /// Nobody here trusts the issuer.
    #[error("the issuer is not trusted")]
    UnknownIssuer,
    /// The signature is not that of the issuer's key.
    #[error("the signature does not verify")]
    BadSignature,
    /// A claim that RFC 9068 requires is missing.
    #[error("the claim {0} is missing")]
    MissingClaim(&'static str),
    /// A claim has the wrong type, or is empty, too long or holds control characters.
    #[error("the claim {0} is malformed")]
    MalformedClaim(&'static str),
    /// The token is meant for somebody else.
    #[error("the token is for another audience")]
    WrongAudience,
    /// `exp` is past.
    #[error("the token has expired")]
    Expired,
    /// `nbf` is yet to come.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// `iat` is yet to come.
    #[error("the token was issued in the future")]
    IssuedInFuture,
    /// More than 24 hours from `iat` to `exp`, or none at all.
    #[error("the token's lifetime is not between nothing and 24 hours")]
    LifetimeRefused,
    /// The directory of issuers did not answer. Not the client's fault.
    #[error(transparent)]
    DirectoryUnavailable(#[from] DirectoryUnavailable),
    /// The issuer's keys cannot be had, and none are kept. Not the client's fault.
    #[error("the issuer's keys cannot be had")]
    KeysUnavailable,
}

impl TokenError {
    /// A stable name of the reason, for logs and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "token_too_large",
            Self::NotCompact => "token_not_compact",
            Self::HeaderMalformed => "token_header_malformed",
            Self::PayloadMalformed => "token_payload_malformed",
            Self::DuplicateMember => "token_duplicate_member",
            Self::HeaderParameterRefused(_) => "token_header_parameter_refused",
            Self::WrongType => "token_wrong_type",
            Self::AlgorithmRefused => "token_algorithm_refused",
            Self::KeyIdRefused => "token_key_id_refused",
            Self::KeyIdRequired => "token_key_id_required",
            Self::UnknownKey => "token_unknown_key",
            Self::KeyMismatch => "token_key_mismatch",
            Self::UnknownIssuer => "token_unknown_issuer",
            Self::BadSignature => "token_bad_signature",
            Self::MissingClaim(_) => "token_missing_claim",
            Self::MalformedClaim(_) => "token_malformed_claim",
            Self::WrongAudience => "token_wrong_audience",
            Self::Expired => "token_expired",
            Self::NotYetValid => "token_not_yet_valid",
            Self::IssuedInFuture => "token_issued_in_future",
            Self::LifetimeRefused => "token_lifetime_refused",
            Self::DirectoryUnavailable(_) => "token_directory_unavailable",
            Self::KeysUnavailable => "token_keys_unavailable",
        }
    }

    /// Whether the token could not be judged, rather than was refused: answer 503 and let the client come again.
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::DirectoryUnavailable(_) | Self::KeysUnavailable)
    }
}

/// `WWW-Authenticate` for a request without any credential: RFC 6750 section 3.1 wants no error code there.
pub const CHALLENGE_MISSING: &str = r#"Bearer realm="quartermaster""#;

/// `WWW-Authenticate` for a refused token (RFC 6750 section 3): `invalid_token` and one fixed sentence, whatever the
/// reason was. An outage is not the token's fault and gets the challenge without an error.
pub fn challenge(error: &TokenError) -> String {
    if error.is_outage() {
        return CHALLENGE_MISSING.to_owned();
    }
    format!(r#"{CHALLENGE_MISSING}, error="invalid_token", error_description="The access token is not valid here""#)
}

#[cfg(test)]
mod tests {
    use super::{CHALLENGE_MISSING, DirectoryUnavailable, TokenError, challenge};

    #[test]
    fn every_refusal_looks_the_same_to_the_client() {
        let refusals = [
            TokenError::Expired,
            TokenError::UnknownIssuer,
            TokenError::BadSignature,
            TokenError::MissingClaim("sub"),
        ];
        for refusal in refusals {
            assert_eq!(
                challenge(&refusal),
                "Bearer realm=\"quartermaster\", error=\"invalid_token\", \
                 error_description=\"The access token is not valid here\""
            );
        }
    }

    #[test]
    fn an_outage_does_not_call_the_token_invalid() {
        for outage in [
            TokenError::KeysUnavailable,
            TokenError::DirectoryUnavailable(DirectoryUnavailable),
        ] {
            assert!(outage.is_outage());
            assert_eq!(challenge(&outage), CHALLENGE_MISSING);
        }
    }
}
