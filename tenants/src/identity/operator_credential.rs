//! The text of an operator's credential: the form of an API key behind a prefix of its own. It carries its tenant, so that the
//! look-up begins inside that tenant and nothing it says leads to another.

use super::api_key::{ApiKey, NoRandomness, SecretHash};
use uuid::Uuid;

const PREFIX: &str = "qmo_";

/// A credential as its holder presents it: `qmo_<tenant>_<credential id>_<secret>`.
#[derive(Debug, Clone)]
pub struct OperatorCredential(ApiKey);

impl OperatorCredential {
    /// A new one: the text to show once, and the hash to store.
    ///
    /// # Errors
    /// [`NoRandomness`]
    pub fn generate(tenant: Uuid, id: Uuid) -> Result<(String, SecretHash), NoRandomness> {
        let (text, hash) = ApiKey::generate(tenant, id)?;
        Ok((text.replacen("qm_", PREFIX, 1), hash))
    }

    /// Reads the text that [`OperatorCredential::generate`] gave, and no other spelling of it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix(PREFIX)?;
        ApiKey::parse(&format!("qm_{rest}")).map(Self)
    }

    /// Whether a bearer credential means to be one: neither tokens nor API keys begin so.
    #[must_use]
    pub fn looks_like(credential: &str) -> bool {
        credential.starts_with(PREFIX)
    }

    /// The tenant that it names.
    #[must_use]
    pub fn tenant(&self) -> Uuid {
        self.0.tenant()
    }

    /// Its own id.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.0.id()
    }

    /// Whether its secret is the one behind this hash.
    #[must_use]
    pub fn matches(&self, stored: &SecretHash) -> bool {
        stored.matches(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{ApiKey, OperatorCredential};
    use uuid::Uuid;

    #[test]
    fn an_operators_credential_is_no_api_key_and_an_api_key_is_no_operators_credential() {
        let (tenant, id) = (Uuid::new_v4(), Uuid::new_v4());
        let (text, hash) = OperatorCredential::generate(tenant, id).unwrap();
        let read = OperatorCredential::parse(&text).unwrap();
        assert_eq!((read.tenant(), read.id()), (tenant, id));
        assert!(read.matches(&hash) && OperatorCredential::looks_like(&text));
        assert!(ApiKey::parse(&text).is_none() && !ApiKey::looks_like(&text));
        let (key, _) = ApiKey::generate(tenant, id).unwrap();
        assert!(OperatorCredential::parse(&key).is_none() && !OperatorCredential::looks_like(&key));
    }
}
