//! Tokens of invitations: an API key's form behind a prefix of its own, so that neither is ever taken for the other.

use super::api_key::{ApiKey, NoRandomness, SecretHash};
use uuid::Uuid;

const PREFIX: &str = "qmi";

/// A token as the invited person presents it: `qmi_<tenant>_<invitation>_<secret>`. Like a key's, what it names is only a claim
/// until [`InvitationToken::opens`] says so.
#[derive(Debug, Clone)]
pub struct InvitationToken(ApiKey);

impl InvitationToken {
    /// A new token: the text to show once, and the hash to store.
    ///
    /// # Errors
    /// [`NoRandomness`]
    pub fn generate(tenant: Uuid, invitation: Uuid) -> Result<(String, SecretHash), NoRandomness> {
        ApiKey::generate_as(PREFIX, tenant, invitation)
    }

    /// Reads the text that [`InvitationToken::generate`] gave, and no other spelling of it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        ApiKey::parse_as(PREFIX, text).map(Self)
    }

    /// The tenant that it names.
    #[must_use]
    pub fn tenant(&self) -> Uuid {
        self.0.tenant()
    }

    /// The invitation that it names.
    #[must_use]
    pub fn invitation(&self) -> Uuid {
        self.0.id()
    }

    /// Whether its secret is the one behind this hash, in constant time.
    #[must_use]
    pub fn opens(&self, stored: SecretHash) -> bool {
        stored.matches(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_is_no_key_and_a_key_no_invitation() {
        let (tenant, id) = (Uuid::new_v4(), Uuid::new_v4());
        let (token, hash) = InvitationToken::generate(tenant, id).unwrap();
        let (key, _) = ApiKey::generate(tenant, id).unwrap();
        let parsed = InvitationToken::parse(&token).unwrap();
        assert_eq!((parsed.tenant(), parsed.invitation()), (tenant, id));
        assert!(parsed.opens(hash) && !parsed.opens(SecretHash::of_nobody()));
        assert!(ApiKey::parse(&token).is_none() && !ApiKey::looks_like(&token));
        assert!(InvitationToken::parse(&key).is_none());
    }
}
