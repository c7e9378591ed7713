use serde_json::Value;

use super::error::TokenError;
use super::issuer::SigningAlgorithm;
use super::strict_json::{self, JsonError};

/// Parameters by which a token would bring its own key (`jku`, `jwk`, `x5u`, `x5c`), change how it is read (`crit`,
/// `b64`, RFC 7797), or hide another token within (`enc`, `zip`, `cty`).
const REFUSED: [&str; 9] = ["jku", "jwk", "x5u", "x5c", "crit", "b64", "enc", "zip", "cty"];

const KEY_ID_LIMIT: usize = 256;

/// What a header may say: how it is signed, and by which key.
#[derive(Debug)]
pub(super) struct Header {
    pub algorithm: SigningAlgorithm,
    /// Compared with key ids and used for nothing else.
    pub key_id: Option<String>,
}

impl Header {
    pub(super) fn parse(json: &[u8]) -> Result<Self, TokenError> {
        let header = strict_json::object(json).map_err(|error| match error {
            JsonError::Malformed => TokenError::HeaderMalformed,
            JsonError::DuplicateMember => TokenError::DuplicateMember,
        })?;
        for refused in REFUSED {
            if header.contains_key(refused) {
                return Err(TokenError::HeaderParameterRefused(refused));
            }
        }
        let algorithm = match header.get("alg") {
            Some(Value::String(name)) => SigningAlgorithm::parse(name).ok_or(TokenError::AlgorithmRefused)?,
            _ => return Err(TokenError::HeaderMalformed),
        };
        match header.get("typ") {
            Some(Value::String(media_type)) if is_access_token(media_type) => {}
            _ => return Err(TokenError::WrongType),
        }
        let key_id = match header.get("kid") {
            None => None,
            Some(Value::String(id)) if !id.is_empty() && id.len() <= KEY_ID_LIMIT => Some(id.clone()),
            Some(_) => return Err(TokenError::KeyIdRefused),
        };
        Ok(Self { algorithm, key_id })
    }
}

/// RFC 9068 section 2.1, and RFC 7515 section 4.1.9 for the `application/` that may be left out. ID tokens and other
/// kinds of JWT are typed otherwise or not at all (RFC 8725 section 3.11).
fn is_access_token(media_type: &str) -> bool {
    media_type.eq_ignore_ascii_case("at+jwt") || media_type.eq_ignore_ascii_case("application/at+jwt")
}
