//! Who acts, for which tenant, in which request: the one context object that goes everywhere.

use crate::id::TenantId;
use chrono::TimeDelta;
use uuid::Uuid;

/// What kind of account acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountKind {
    /// A person of the tenant.
    Human,
    /// A person of the tenant's partner, admitted until a date.
    Operator,
    /// An API key.
    Integration,
    /// An AI agent.
    Agent,
}

impl AccountKind {
    /// The word in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Human => "HUMAN",
            Self::Operator => "OPERATOR",
            Self::Integration => "INTEGRATION",
            Self::Agent => "AGENT",
        }
    }

    /// Reads the word in the database; an unknown one is taken for a machine, which may do least.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        match word {
            "HUMAN" => Self::Human,
            "OPERATOR" => Self::Operator,
            "INTEGRATION" => Self::Integration,
            _ => Self::Agent,
        }
    }

    /// Machines never approve and never administer.
    #[must_use]
    pub fn is_machine(self) -> bool {
        matches!(self, Self::Integration | Self::Agent)
    }
}

/// Which locations an account sees and acts at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LocationScope {
    /// The whole tenant.
    All,
    /// These and no others.
    Only(Vec<Uuid>),
}

impl LocationScope {
    /// Is this location inside?
    #[must_use]
    pub fn contains(&self, location: Uuid) -> bool {
        match self {
            Self::All => true,
            Self::Only(list) => list.contains(&location),
        }
    }

    /// The SQL parameter: `NULL` for all. Statements say `($n::uuid[] IS NULL OR location_id = ANY($n))`.
    #[must_use]
    pub fn as_param(&self) -> Option<&[Uuid]> {
        match self {
            Self::All => None,
            Self::Only(list) => Some(list),
        }
    }
}

/// The idempotency key of a request, with what it asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// What the client sent in `Idempotency-Key`.
    pub key: String,
    /// SHA-256 of the mutation and its variables.
    pub fingerprint: [u8; 32],
}

/// Who acts, for which tenant, in which request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Op {
    /// The tenant of the verified credential.
    pub tenant: TenantId,
    /// The acting account in that tenant.
    pub account: Uuid,
    /// The natural person of the account; `None` for a machine.
    pub person: Option<Uuid>,
    /// For a machine, the natural person who answers for it.
    pub sponsor: Option<Uuid>,
    /// What kind of account it is.
    pub kind: AccountKind,
    /// What the account is called, for messages to itself.
    pub display_name: String,
    /// Roles approved and in force when the request began. Acts read them again after their locks.
    pub roles: Vec<String>,
    /// What the account may see.
    pub locations: LocationScope,
    /// For an API key, the duties it is narrowed to (`None`: all of its role's).
    pub key_scope: Option<Vec<String>>,
    /// The tenant's API runs registered documents and no others, by its settings.
    pub registered_documents_only: bool,
    /// Correlates log lines, events and the answer.
    pub request_id: Uuid,
    /// Set for mutations that carry the header.
    pub idempotency: Option<IdempotencyKey>,
    /// Moves the database's clock in tests; zero in production, by configuration.
    pub clock_offset: TimeDelta,
}

impl Op {
    /// Whose idempotency keys these are: the account's; somebody from above has none, and the keys are his own as a person.
    #[must_use]
    pub fn keyholder(&self) -> Uuid {
        match self.person {
            Some(person) if self.account.is_nil() => person,
            _ => self.account,
        }
    }

    /// The natural persons behind whatever this account does now (6.1), each with the way it is behind it.
    #[must_use]
    pub fn hands(&self) -> Vec<(Uuid, &'static str)> {
        let mut hands = Vec::with_capacity(2);
        hands.extend(self.person.map(|p| (p, "actor")));
        hands.extend(self.sponsor.map(|p| (p, "sponsor")));
        hands
    }
}
