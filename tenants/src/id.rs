//! Typed identifiers: a prefix that says what it is and a UUIDv7 in base32, `po_01h455vb4pex5vsknk084sn02q` (TypeID 0.3).

use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// Crockford's base32 alphabet in lower case, as TypeID has it.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Why a text is not the identifier that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// No `prefix_suffix` form, a character outside the alphabet, or a wrong length.
    #[error("This is not an id.")]
    Malformed,
    /// A well-formed id of another type.
    #[error("This is the id of another type: an id that begins with “{wanted}_” is expected.")]
    OtherType {
        /// The prefix that was expected.
        wanted: &'static str,
    },
}

/// Writes `id` as `prefix_base32`.
#[must_use]
pub fn encode(prefix: &str, id: Uuid) -> String {
    let mut out = String::with_capacity(prefix.len() + 27);
    push(prefix, id, &mut out);
    out
}

/// The same behind what is there already.
pub fn push(prefix: &str, id: Uuid, out: &mut String) {
    let (mut n, mut digits) = (id.as_u128(), [0; 26]);
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[(n & 31) as usize];
        n >>= 5;
    }
    out.push_str(prefix);
    out.push('_');
    out.push_str(std::str::from_utf8(&digits).unwrap_or_default());
}

/// Splits `prefix_base32` into the prefix and the UUID.
///
/// # Errors
/// [`IdError::Malformed`] for everything but exactly 26 characters of the alphabet behind an underscore.
pub fn decode(text: &str) -> Result<(&str, Uuid), IdError> {
    let (prefix, suffix) = text.rsplit_once('_').ok_or(IdError::Malformed)?;
    if suffix.len() != 26 || suffix.as_bytes()[0] > b'7' {
        return Err(IdError::Malformed);
    }
    let mut n: u128 = 0;
    for b in suffix.bytes() {
        let digit = ALPHABET.iter().position(|a| *a == b).ok_or(IdError::Malformed)?;
        n = (n << 5) | digit as u128;
    }
    Ok((prefix, Uuid::from_u128(n)))
}

/// A fresh UUIDv7: ordered by the time of its making, so that new rows lie together in an index.
#[must_use]
pub fn fresh() -> Uuid {
    Uuid::now_v7()
}

/// Declares typed ids: `ids! { PurchaseOrderId "po", … }`.
#[macro_export]
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident $prefix:literal),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub ::uuid::Uuid);

        impl $name {
            /// The prefix that people see in front of it.
            pub const PREFIX: &'static str = $prefix;
            /// A fresh one.
            #[must_use]
            pub fn fresh() -> Self { Self($crate::id::fresh()) }
        }
        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(&$crate::id::encode($prefix, self.0))
            }
        }
        impl ::std::str::FromStr for $name {
            type Err = $crate::id::IdError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match $crate::id::decode(text)? {
                    (p, id) if p == $prefix => Ok(Self(id)),
                    _ => Err($crate::id::IdError::OtherType { wanted: $prefix }),
                }
            }
        }
        impl From<$name> for String { fn from(id: $name) -> Self { $crate::id::encode($prefix, id.0) } }
        impl From<$name> for ::uuid::Uuid { fn from(id: $name) -> Self { id.0 } }
        impl From<::uuid::Uuid> for $name { fn from(id: ::uuid::Uuid) -> Self { Self(id) } }
    )*};
}

ids! {
    /// A partner: an MSP or an ERP integrator.
    PartnerId "ptn",
    /// A tenant: a brand, a franchisor, a franchisee.
    TenantId "ten",
    /// A franchise network.
    NetworkId "net",
    /// A store, a warehouse, a distribution centre.
    LocationId "loc",
    /// A region of locations.
    RegionId "reg",
    /// A member: a person's or a machine's account in one tenant.
    MemberId "mem",
    /// One way of having a role.
    RoleAssignmentId "rla",
    /// A proposed change of settings that needs two people.
    WorkflowRuleId "wfr",
    /// A draft of the tenant's segregation policy.
    SodPolicyId "sdp",
    /// An API key.
    ApiKeyId "key",
    /// An invitation.
    InvitationId "inv",
    /// A partner's operator in a tenant.
    OperatorAssignmentId "opa",
    /// An operator's credential for one tenant.
    OperatorCredentialId "ops",
    /// A person of a partner.
    PartnerMemberId "ptm",
    /// An administrator for a tenant that has none left.
    AdministratorRecoveryId "rcy",
    /// One thing that happened.
    EventId "evt",
}

/// An id of any type: its prefix and its UUID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnyId {
    /// What comes before the underscore.
    pub prefix: String,
    /// The UUID.
    pub id: Uuid,
}

impl FromStr for AnyId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let (prefix, id) = decode(text)?;
        Ok(Self {
            prefix: prefix.to_owned(),
            id,
        })
    }
}

impl fmt::Display for AnyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&encode(&self.prefix, self.id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_published_example_of_typeid_decodes() {
        let id: Uuid = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
        assert_eq!(encode("prefix", id), "prefix_01h455vb4pex5vsknk084sn02q");
        assert_eq!(decode("prefix_01h455vb4pex5vsknk084sn02q"), Ok(("prefix", id)));
    }

    #[test]
    fn an_id_of_another_type_says_which_one_is_expected() {
        let item = encode("itm", fresh());
        assert_eq!(item.parse::<LocationId>(), Err(IdError::OtherType { wanted: "loc" }));
    }

    proptest! {
        #[test]
        fn every_uuid_survives_the_round_trip(n: u128) {
            let text = encode("x", Uuid::from_u128(n));
            prop_assert_eq!(decode(&text), Ok(("x", Uuid::from_u128(n))));
        }

        #[test]
        fn no_text_panics_and_only_the_canonical_form_decodes(text in ".{0,40}") {
            if let Ok((prefix, id)) = decode(&text) {
                prop_assert_eq!(encode(prefix, id), text.clone());
            }
        }
    }
}
