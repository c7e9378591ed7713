use std::fmt;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::JwkSet;
use lru::LruCache;
use serde_json::{Map, Value};

use super::compact::Compact;
use super::error::TokenError;
use super::issuer::SigningAlgorithm;
use super::strict_json;

/// Signatures that a set remembers to be good.
const PROVEN: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();

/// More keys than any issuer has; a set with more is not read.
const KEYS_LIMIT: usize = 100;

/// RSA keys below 2048 bits are refused (RFC 7518 section 3.3); above 8192 a check costs too much.
const RSA_BYTES: std::ops::RangeInclusive<usize> = 256..=1024;

/// The public signature keys of an issuer, read once from a JWK Set (RFC 7517). Cheap to clone.
///
/// Keys of other kinds (symmetric, other curves, for encryption) are kept only as far as a token naming one is told that
/// it does not fit: a set may hold what we have never heard of (RFC 7517 section 5).
#[derive(Clone)]
pub struct KeySet(Arc<Keys>);

struct Keys {
    keys: Vec<Key>,
    /// The signature of a request's token is that of the request before, nearly always, and costs more to check than all else
    /// about it. A set that is read anew remembers nothing, so a key that was taken back is of no more use.
    proven: Mutex<LruCache<[u8; 32], ()>>,
}

/// The text is no JWK Set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a JWK Set (RFC 7517)")]
pub struct KeySetError;

struct Key {
    id: Option<String>,
    /// Which algorithms it may verify; empty for keys that are of no use here.
    algorithms: Vec<SigningAlgorithm>,
    key: Option<DecodingKey>,
}

impl KeySet {
    /// Reads a JWK Set.
    ///
    /// # Errors
    /// [`KeySetError`] where it is none, or has more than 100 keys.
    pub fn parse(json: &[u8]) -> Result<Self, KeySetError> {
        let set = strict_json::object(json).map_err(|_| KeySetError)?;
        let Some(Value::Array(keys)) = set.get("keys") else {
            return Err(KeySetError);
        };
        if keys.len() > KEYS_LIMIT {
            return Err(KeySetError);
        }
        keys.iter()
            .map(|key| key.as_object().map(Key::read).ok_or(KeySetError))
            .collect()
    }

    /// Whether a token that names this key (or none) can be judged by this set. Where not, the set may be out of date.
    pub(super) fn knows(&self, key_id: Option<&str>) -> bool {
        match key_id {
            Some(_) => self.0.keys.iter().any(|key| key.id.as_deref() == key_id),
            None => !self.0.keys.is_empty(),
        }
    }

    /// Whether the one key that this token must have been signed with made its signature.
    pub(super) fn check(
        &self,
        key_id: Option<&str>,
        algorithm: SigningAlgorithm,
        token: &Compact<'_>,
    ) -> Result<(), TokenError> {
        let key = self.select(key_id, algorithm)?;
        let proven = || self.0.proven.lock().unwrap_or_else(PoisonError::into_inner);
        if proven().get(&token.hash).is_some() {
            return Ok(());
        }
        let (signed, signature) = (token.signed.as_bytes(), token.signature);
        match jsonwebtoken::crypto::verify(signature, signed, key, algorithm.jsonwebtoken()) {
            Ok(true) => {
                proven().put(token.hash, ());
                Ok(())
            }
            Ok(false) | Err(_) => Err(TokenError::BadSignature),
        }
    }

    fn select(&self, key_id: Option<&str>, algorithm: SigningAlgorithm) -> Result<&DecodingKey, TokenError> {
        let mut named = self.0.keys.iter().filter(|key| match key_id {
            Some(_) => key.id.as_deref() == key_id,
            None => true,
        });
        let first = named.next().ok_or(TokenError::UnknownKey)?;
        let second = named.next();
        if key_id.is_none() && second.is_some() {
            return Err(TokenError::KeyIdRequired);
        }
        // Keys of different types may share an id (RFC 7517 section 4.5): the algorithm then decides, if it can.
        let mut fitting = std::iter::once(first)
            .chain(second)
            .chain(named)
            .filter(|key| key.algorithms.contains(&algorithm))
            .filter_map(|key| key.key.as_ref());
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Ok(key),
            _ => Err(TokenError::KeyMismatch),
        }
    }
}

impl FromIterator<Key> for KeySet {
    fn from_iter<I: IntoIterator<Item = Key>>(keys: I) -> Self {
        Self(Arc::new(Keys {
            keys: keys.into_iter().collect(),
            proven: Mutex::new(LruCache::new(PROVEN)),
        }))
    }
}

impl TryFrom<&JwkSet> for KeySet {
    type Error = KeySetError;

    fn try_from(set: &JwkSet) -> Result<Self, KeySetError> {
        Self::parse(&serde_json::to_vec(set).map_err(|_| KeySetError)?)
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_list().entries(self.0.keys.iter().map(|key| &key.id)).finish()
    }
}

impl Key {
    fn read(jwk: &Map<String, Value>) -> Self {
        let id = text(jwk, "kid").map(str::to_owned);
        let unusable = Self {
            id: id.clone(),
            algorithms: Vec::new(),
            key: None,
        };
        if !for_signatures(jwk) {
            return unusable;
        }
        let Some((mut algorithms, key)) = public_key(jwk) else {
            return unusable;
        };
        match jwk.get("alg") {
            None => {}
            Some(Value::String(name)) => algorithms.retain(|algorithm| algorithm.as_str() == name),
            Some(_) => return unusable,
        }
        Self {
            id,
            algorithms,
            key: Some(key),
        }
    }
}

/// RFC 7517 sections 4.2 and 4.3: where a key says what it is for, it must be for this.
fn for_signatures(jwk: &Map<String, Value>) -> bool {
    let by_use = jwk.get("use").is_none_or(|purpose| purpose == "sig");
    let by_operations = match jwk.get("key_ops") {
        None => true,
        Some(Value::Array(operations)) => operations.iter().any(|operation| operation == "verify"),
        Some(_) => false,
    };
    by_use && by_operations
}

fn public_key(jwk: &Map<String, Value>) -> Option<(Vec<SigningAlgorithm>, DecodingKey)> {
    match (text(jwk, "kty")?, text(jwk, "crv")) {
        ("RSA", None) => {
            let (modulus, exponent) = (bytes(jwk, "n")?, bytes(jwk, "e")?);
            let significant = modulus.iter().skip_while(|&&byte| byte == 0).count();
            RSA_BYTES.contains(&significant).then(|| {
                (
                    vec![SigningAlgorithm::Rs256, SigningAlgorithm::Ps256],
                    DecodingKey::from_rsa_raw_components(&modulus, &exponent),
                )
            })
        }
        ("EC", Some("P-256")) => {
            coordinate(jwk, "x")?;
            coordinate(jwk, "y")?;
            let key = DecodingKey::from_ec_components(text(jwk, "x")?, text(jwk, "y")?).ok()?;
            Some((vec![SigningAlgorithm::Es256], key))
        }
        ("OKP", Some("Ed25519")) => {
            let key = DecodingKey::from_ed_der(&coordinate(jwk, "x")?);
            Some((vec![SigningAlgorithm::EdDsa], key))
        }
        _ => None,
    }
}

fn text<'j>(jwk: &'j Map<String, Value>, name: &str) -> Option<&'j str> {
    jwk.get(name).and_then(Value::as_str)
}

fn bytes(jwk: &Map<String, Value>, name: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text(jwk, name)?).ok()
}

/// A coordinate of a 256-bit curve.
fn coordinate(jwk: &Map<String, Value>, name: &str) -> Option<Vec<u8>> {
    bytes(jwk, name).filter(|bytes| bytes.len() == 32)
}
