//! The transfer key: seals what the data key sealed, and signs the list of parts. Both deployments have it, for this one way.

use super::error::{Refused, Result};
use crate::shared::seal::DataKey;
use aws_lc_rs::{constant_time, hkdf, hmac};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use quartermaster_tenants::Error;

/// 32 random bytes that both deployments know.
pub struct TransferKey {
    sealing: DataKey,
    signing: hmac::Key,
}

/// What a derived key is for (RFC 5869, `info`): the two uses share no key.
const SEALING: &[u8] = b"quartermaster tenant archive, sealed fields";
const SIGNING: &[u8] = b"quartermaster tenant archive, manifest";
const SALT: &[u8] = b"quartermaster tenant archive";

impl TransferKey {
    /// Reads it from base64.
    ///
    /// # Errors
    /// [`Refused::TransferKey`]
    pub fn read(text: &str) -> Result<Self> {
        let bytes: [u8; 32] = STANDARD
            .decode(text.trim())
            .ok()
            .and_then(|b| b.try_into().ok())
            .ok_or(Refused::TransferKey)?;
        let secret = hkdf::Salt::new(hkdf::HKDF_SHA256, SALT).extract(&bytes);
        Ok(Self {
            sealing: DataKey::new("transfer", &derived(&secret, SEALING)?).map_err(Error::internal)?,
            signing: hmac::Key::new(hmac::HMAC_SHA256, &derived(&secret, SIGNING)?),
        })
    }

    /// Seals fields for the way.
    pub(super) fn sealing(&self) -> &DataKey {
        &self.sealing
    }

    /// The signature of a list of parts, in hexadecimal digits.
    pub(super) fn sign(&self, list: &[u8]) -> String {
        hex::encode(hmac::sign(&self.signing, list))
    }

    /// Is it this key's signature of this list?
    pub(super) fn signed(&self, list: &[u8], signature: &[u8]) -> bool {
        constant_time::verify_slices_are_equal(self.sign(list).as_bytes(), signature.trim_ascii()).is_ok()
    }
}

fn derived(secret: &hkdf::Prk, purpose: &[u8]) -> Result<[u8; 32]> {
    let mut key = [0; 32];
    secret
        .expand(&[purpose], hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(&mut key))
        .map_err(|_| Error::internal("a key could not be derived"))?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_holds_for_its_list_and_its_key_alone() {
        let key = TransferKey::read(&STANDARD.encode([7; 32])).unwrap();
        let other = TransferKey::read(&STANDARD.encode([8; 32])).unwrap();
        let signature = key.sign(b"a list");
        assert!(key.signed(b"a list", format!("{signature}\n").as_bytes()));
        assert!(!key.signed(b"a last", signature.as_bytes()));
        assert!(!other.signed(b"a list", signature.as_bytes()));
        assert!(!key.signed(b"a list", b""));
    }

    #[test]
    fn a_key_has_32_bytes() {
        assert!(TransferKey::read("c2hvcnQ=").is_err());
        assert!(TransferKey::read("no base64").is_err());
    }
}
