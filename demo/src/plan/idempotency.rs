//! Keys that name a step of a document for ever.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::DocumentKey;

/// SHA-256 over a world's files: two worlds never share a key.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct WorldDigest([u8; 32]);

impl WorldDigest {
    pub(super) fn from_hash(hash: Sha256) -> Self {
        Self(hash.finalize().into())
    }
}

impl std::fmt::Display for WorldDigest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl std::fmt::Debug for WorldDigest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "WorldDigest({self})")
    }
}

impl From<WorldDigest> for String {
    fn from(digest: WorldDigest) -> Self {
        digest.to_string()
    }
}

impl TryFrom<String> for WorldDigest {
    type Error = hex::FromHexError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes)?;
        Ok(Self(bytes))
    }
}

/// The value of an `Idempotency-Key` header: a UUID of version 8 (RFC 9562, 5.8) made of a SHA-256.
///
/// It is a function of the world, the document and the step, so that whoever repeats the step, after a crash or by
/// mistake, says the same key and doubles nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IdempotencyKey(uuid::Uuid);

impl IdempotencyKey {
    /// The key of a step (a mutation's name, say) of a document.
    #[must_use]
    pub fn of(world: &WorldDigest, document: &DocumentKey, step: &str) -> Self {
        Self::of_setup(world, document.as_str(), step)
    }

    /// The key of a step that belongs to no document, such as creating a tenant or importing its suppliers.
    #[must_use]
    pub fn of_setup(world: &WorldDigest, subject: &str, step: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(world.0);
        for part in [subject, step] {
            // The length keeps ("ab", "c") and ("a", "bc") apart.
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let whole: [u8; 32] = hash.finalize().into();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&whole[..16]);
        Self(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }
}

impl std::fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn world(text: &str) -> WorldDigest {
        WorldDigest::from_hash(Sha256::new().chain_update(text))
    }

    #[test]
    fn a_key_is_the_same_for_the_same_step_and_another_for_any_other() {
        let key = |digest: &str, subject: &str, step: &str| IdempotencyKey::of_setup(&world(digest), subject, step);
        assert_eq!(key("w", "a", "create"), key("w", "a", "create"));
        let others = [
            key("x", "a", "create"),
            key("w", "b", "create"),
            key("w", "a", "submit"),
            key("w", "ac", "reate"),
        ];
        assert!(others.iter().all(|other| *other != key("w", "a", "create")));
    }

    #[test]
    fn a_key_reads_as_a_uuid_of_version_8_and_never_changes_between_releases() {
        let text = IdempotencyKey::of_setup(&world("w"), "2026-06-01/20011/021/order", "create").to_string();
        assert_eq!(uuid::Uuid::parse_str(&text).unwrap().get_version_num(), 8);
        assert_eq!(text, "a01a0a64-d89e-834f-bc2f-7ae68d282cb2");
    }

    #[test]
    fn a_digest_survives_its_own_text() {
        let digest = world("w");
        assert_eq!(WorldDigest::try_from(String::from(digest)).unwrap(), digest);
        assert!(WorldDigest::try_from("abc".to_owned()).is_err());
    }
}
