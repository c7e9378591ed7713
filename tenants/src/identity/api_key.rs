//! API keys of machines. A key carries its tenant, so that the look-up begins inside that tenant; its secret is shown
//! once and only its hash is stored. The secret has 256 random bits, which nobody guesses: a slow password hash would
//! buy nothing and cost every request.

use std::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::base32;

const PREFIX: &str = "qm";

/// The machine's random source gave nothing.
#[derive(Debug, thiserror::Error)]
#[error("no random bytes for a new API key")]
pub struct NoRandomness;

/// A key as its holder presents it: `qm_<tenant>_<key id>_<secret>`, each part in Crockford's base32. Which tenant and
/// key it names is only a claim until [`SecretHash::matches`] says so.
#[derive(Clone)]
pub struct ApiKey {
    tenant: Uuid,
    id: Uuid,
    secret: [u8; 32],
}

/// SHA-256 of a key's secret: what is stored.
#[derive(Clone, Copy)]
pub struct SecretHash([u8; 32]);

impl ApiKey {
    /// A new key: the text to show once, and the hash to store.
    ///
    /// # Errors
    /// [`NoRandomness`]
    pub fn generate(tenant: Uuid, id: Uuid) -> Result<(String, SecretHash), NoRandomness> {
        Self::generate_as(PREFIX, tenant, id)
    }

    /// The same form behind another prefix.
    pub(super) fn generate_as(prefix: &str, tenant: Uuid, id: Uuid) -> Result<(String, SecretHash), NoRandomness> {
        let mut secret = [0; 32];
        aws_lc_rs::rand::fill(&mut secret).map_err(|_| NoRandomness)?;
        let key = Self { tenant, id, secret };
        let text = format!(
            "{prefix}_{}_{}_{}",
            base32::encode(tenant.as_bytes()),
            base32::encode(id.as_bytes()),
            base32::encode(&key.secret)
        );
        Ok((text, key.hash()))
    }

    /// Reads the text that [`ApiKey::generate`] gave, and no other spelling of it.
    pub fn parse(text: &str) -> Option<Self> {
        Self::parse_as(PREFIX, text)
    }

    pub(super) fn parse_as(wanted: &str, text: &str) -> Option<Self> {
        let mut parts = text.split('_');
        let (prefix, tenant, id, secret) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        if prefix != wanted || parts.next().is_some() {
            return None;
        }
        Some(Self {
            tenant: Uuid::from_bytes(base32::decode(tenant)?),
            id: Uuid::from_bytes(base32::decode(id)?),
            secret: base32::decode(secret)?,
        })
    }

    /// Whether a bearer credential means to be an API key; tokens never begin so, for a token's header begins with `{`.
    pub fn looks_like(credential: &str) -> bool {
        credential.starts_with("qm_")
    }

    /// The tenant that the key names.
    pub fn tenant(&self) -> Uuid {
        self.tenant
    }

    /// The key's own id.
    pub fn id(&self) -> Uuid {
        self.id
    }

    fn hash(&self) -> SecretHash {
        SecretHash(Sha256::digest(self.secret).into())
    }
}

impl SecretHash {
    /// The hash as it was stored; `None` unless it has 32 bytes.
    pub fn from_bytes(stored: &[u8]) -> Option<Self> {
        Some(Self(stored.try_into().ok()?))
    }

    /// The bytes to store.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The hash of no secret, to compare with where there is none: what is unknown takes as long as what is wrong.
    pub fn of_nobody() -> Self {
        Self([0; 32])
    }

    /// Whether the key's secret is the one behind this hash, in a time that does not depend on where they differ.
    pub fn matches(&self, key: &ApiKey) -> bool {
        self.0.ct_eq(&key.hash().0).into()
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ApiKey")
            .field("tenant", &self.tenant)
            .field("id", &self.id)
            .field("secret", &"[redacted]")
            .finish()
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("SecretHash([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::{ApiKey, SecretHash};
    use uuid::Uuid;

    fn key() -> (String, SecretHash, Uuid, Uuid) {
        let (tenant, id) = (Uuid::new_v4(), Uuid::new_v4());
        let (text, hash) = ApiKey::generate(tenant, id).unwrap();
        (text, hash, tenant, id)
    }

    #[test]
    fn a_key_names_its_tenant_and_matches_its_stored_hash() {
        let (text, hash, tenant, id) = key();
        let parsed = ApiKey::parse(&text).unwrap();
        assert_eq!((parsed.tenant(), parsed.id()), (tenant, id));
        let stored = SecretHash::from_bytes(hash.as_bytes()).unwrap();
        assert!(stored.matches(&parsed));
        assert!(ApiKey::looks_like(&text));
    }

    #[test]
    fn a_key_with_one_other_character_in_the_secret_does_not_match() {
        let (text, hash, ..) = key();
        let (head, secret) = text.rsplit_once('_').unwrap();
        for at in 1..secret.len() {
            let mut other = secret.as_bytes().to_vec();
            other[at] = if other[at] == b'7' { b'8' } else { b'7' };
            let forged = format!("{head}_{}", String::from_utf8(other).unwrap());
            assert!(!hash.matches(&ApiKey::parse(&forged).unwrap()), "position {at}");
        }
    }

    #[test]
    fn no_two_keys_share_a_secret() {
        let (_, first, ..) = key();
        let (_, second, ..) = key();
        assert_ne!(first.as_bytes(), second.as_bytes());
    }

    #[test]
    fn text_that_is_no_key_is_not_read() {
        let (text, ..) = key();
        for wrong in [
            String::new(),
            "qm".into(),
            "qm___".into(),
            text.to_uppercase(),
            format!("{text}_"),
            format!(" {text}"),
            format!("{text}\n"),
            text.replacen("qm_", "qn_", 1),
            text[..text.len() - 1].to_owned(),
            text.replace('_', "-"),
        ] {
            assert!(ApiKey::parse(&wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn what_is_printed_for_debugging_holds_no_secret() {
        let (text, hash, ..) = key();
        let secret = text.rsplit_once('_').unwrap().1;
        let parsed = ApiKey::parse(&text).unwrap();
        let printed = format!("{parsed:?} {hash:?}");
        assert!(!printed.contains(secret));
        assert!(!printed.contains(&hex::encode(hash.as_bytes())));
        assert!(!printed.contains(&format!("{:?}", hash.as_bytes())));
        assert_eq!(printed.matches("redacted").count(), 2);
    }

    proptest::proptest! {
        #[test]
        fn arbitrary_text_never_panics(text: String) {
            let _ = ApiKey::parse(&text);
            let _ = ApiKey::parse(&format!("qm_{text}_{text}_{text}"));
        }
    }
}
