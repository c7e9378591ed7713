//! Fields that are sealed before they reach the database: AES-256-GCM, bound to the tenant, the document and the field, so that
//! a sealed value moved to another row does not open.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use std::sync::Arc;
use uuid::Uuid;

/// Why a field cannot be sealed or opened. Says nothing about the content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The data key has another length than 32 bytes.
    #[error("a data key has 32 bytes")]
    Key,
    /// Sealing failed.
    #[error("the field could not be sealed")]
    Seal,
    /// Another key, another place, or changed bytes.
    #[error("the field could not be opened")]
    Open,
}

/// A data key of the deployment's configuration. Its id is stored with what it sealed, so that keys can change.
#[derive(Clone)]
pub struct DataKey {
    id: Arc<str>,
    key: Arc<LessSafeKey>,
}

impl std::fmt::Debug for DataKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DataKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Where a sealed field belongs.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The tenant.
    pub tenant: Uuid,
    /// The document.
    pub document: Uuid,
    /// The field.
    pub field: &'a str,
}

impl Place<'_> {
    fn bytes(&self) -> Vec<u8> {
        [
            self.tenant.as_bytes().as_slice(),
            self.document.as_bytes(),
            self.field.as_bytes(),
        ]
        .concat()
    }
}

impl DataKey {
    /// The key with this id.
    ///
    /// # Errors
    /// Not 32 bytes.
    pub fn new(id: &str, bytes: &[u8]) -> Result<Self, SealError> {
        let key = UnboundKey::new(&AES_256_GCM, bytes).map_err(|_| SealError::Key)?;
        Ok(Self {
            id: id.into(),
            key: Arc::new(LessSafeKey::new(key)),
        })
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Nonce, text and tag. The nonce is random: at most 2³² fields for each key (NIST SP 800-38D, 8.3).
    ///
    /// # Errors
    /// No randomness.
    pub fn seal(&self, place: Place<'_>, text: &str) -> Result<Vec<u8>, SealError> {
        let mut nonce = [0; NONCE_LEN];
        aws_lc_rs::rand::fill(&mut nonce).map_err(|_| SealError::Seal)?;
        let mut sealed = text.as_bytes().to_vec();
        self.key
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(place.bytes()),
                &mut sealed,
            )
            .map_err(|_| SealError::Seal)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// What was sealed for this place with this key.
    ///
    /// # Errors
    /// [`SealError::Open`].
    pub fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<String, SealError> {
        let (nonce, text) = sealed.split_at_checked(NONCE_LEN).ok_or(SealError::Open)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError::Open)?;
        let mut text = text.to_vec();
        let open = self
            .key
            .open_in_place(nonce, Aad::from(place.bytes()), &mut text)
            .map_err(|_| SealError::Open)?;
        String::from_utf8(open.to_vec()).map_err(|_| SealError::Open)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn place(tenant: u128, field: &str) -> Place<'_> {
        Place {
            tenant: Uuid::from_u128(tenant),
            document: Uuid::from_u128(7),
            field,
        }
    }

    #[test]
    fn a_sealed_field_opens_only_with_its_key_and_in_its_place() {
        let key = DataKey::new("k1", &[7; 32]).unwrap();
        let sealed = key.seal(place(1, "iban"), "DE89370400440532013000").unwrap();
        assert_eq!(key.open(place(1, "iban"), &sealed).unwrap(), "DE89370400440532013000");
        assert_eq!(key.open(place(2, "iban"), &sealed), Err(SealError::Open));
        assert_eq!(key.open(place(1, "name"), &sealed), Err(SealError::Open));
        let other = DataKey::new("k2", &[8; 32]).unwrap();
        assert_eq!(other.open(place(1, "iban"), &sealed), Err(SealError::Open));
    }

    #[test]
    fn the_same_text_is_sealed_differently_each_time_and_keys_do_not_print() {
        let key = DataKey::new("k1", &[7; 32]).unwrap();
        assert_ne!(
            key.seal(place(1, "a"), "x").unwrap(),
            key.seal(place(1, "a"), "x").unwrap()
        );
        assert_eq!(format!("{key:?}"), "DataKey { id: \"k1\", .. }");
        assert!(DataKey::new("k1", &[7; 16]).is_err());
    }

    proptest! {
        #[test]
        fn every_changed_byte_is_noticed(text in ".{0,60}", at in 0_usize..1000, flip in 1_u8..=255) {
            let key = DataKey::new("k1", &[7; 32]).unwrap();
            let mut sealed = key.seal(place(1, "a"), &text).unwrap();
            prop_assert_eq!(key.open(place(1, "a"), &sealed), Ok(text));
            let at = at % sealed.len();
            sealed[at] ^= flip;
            prop_assert_eq!(key.open(place(1, "a"), &sealed), Err(SealError::Open));
        }
    }
}
