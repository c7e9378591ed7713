//! The compact form of a token, and what was read of it before.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use lru::LruCache;
use sha2::{Digest, Sha256};

use super::claims::Claims;
use super::error::TokenError;
use super::header::Header;
use super::strict_json::{self, JsonError};

/// In bytes.
const SIZE_LIMIT: usize = 8 * 1024;

/// Tokens whose words are remembered.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(2_000).unwrap();

/// A token as it was sent (RFC 7515 section 3.1): header, payload and signature in base64url without padding.
#[derive(Clone, Copy)]
pub(super) struct Compact<'t> {
    header: &'t str,
    payload: &'t str,
    /// What the signature is over.
    pub signed: &'t str,
    pub signature: &'t str,
    /// SHA-256 of all of it.
    pub hash: [u8; 32],
}

impl<'t> Compact<'t> {
    pub(super) fn parse(token: &'t str) -> Result<Self, TokenError> {
        if token.len() > SIZE_LIMIT {
            return Err(TokenError::TooLarge);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::NotCompact)?;
        let (header, payload) = signed.split_once('.').ok_or(TokenError::NotCompact)?;
        Ok(Self {
            header,
            payload,
            signed,
            signature,
            hash: Sha256::digest(token).into(),
        })
    }
}

/// What a token says, whoever signed it.
pub(super) struct Words {
    pub header: Header,
    pub claims: Claims,
}

impl Words {
    pub(super) fn read(compact: &Compact<'_>) -> Result<Self, TokenError> {
        let part = |text: &str| match URL_SAFE_NO_PAD.decode(text) {
            Ok(bytes) if !bytes.is_empty() => Ok(bytes),
            _ => Err(TokenError::NotCompact),
        };
        part(compact.signature)?;
        let (header, payload) = (part(compact.header)?, part(compact.payload)?);
        Ok(Self {
            header: Header::parse(&header)?,
            claims: Claims(Arc::new(strict_json::object(&payload).map_err(
                |error| match error {
                    JsonError::Malformed => TokenError::PayloadMalformed,
                    JsonError::DuplicateMember => TokenError::DuplicateMember,
                },
            )?)),
        })
    }
}

/// The words of tokens that were good once, by the hash of the token: a request's token is nearly always that of the request before.
/// They are a function of its text and say nothing of whether it is good: issuer, key, signature and times are looked at each time.
pub(super) struct Remembered(Mutex<LruCache<[u8; 32], Arc<Words>>>);

impl Remembered {
    pub(super) fn new() -> Self {
        Self(Mutex::new(LruCache::new(REMEMBERED)))
    }

    /// The words of this token, read now if they are not remembered.
    pub(super) fn of(&self, compact: &Compact<'_>) -> Result<Arc<Words>, TokenError> {
        if let Some(known) = self.lock().get(&compact.hash) {
            return Ok(known.clone());
        }
        Words::read(compact).map(Arc::new)
    }

    /// Remembers them: not before the signature is good, or whoever makes tokens up would have those of people forgotten.
    pub(super) fn keep(&self, compact: &Compact<'_>, words: &Arc<Words>) {
        self.lock().get_or_insert(compact.hash, || words.clone());
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, LruCache<[u8; 32], Arc<Words>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
