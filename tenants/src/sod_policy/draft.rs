//! The document: its states and commands.

use crate::act::{Standing, Subject, Tailoring};
use crate::event::Trail;
use crate::id::SodPolicyId;
use crate::policy::{ControlState, DocumentKind};
use serde_json::{Value, json};

/// The states of a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PolicyStatus {
    /// Waits for a second person.
    Pending,
    /// In force, or was until a later one.
    Published,
    /// Refused by the second person.
    Rejected,
}

/// What people may do to a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PolicyCommand {
    /// Bring it into force.
    Publish,
    /// Refuse it.
    Reject,
}

impl PolicyCommand {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Publish, Self::Reject];

    /// The mutation.
    #[must_use]
    pub fn mutation(self) -> &'static str {
        match self {
            Self::Publish => "sodPolicyPublish",
            Self::Reject => "sodPolicyReject",
        }
    }
}

impl PolicyStatus {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Pending, Self::Published, Self::Rejected];

    /// The word in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Published => "PUBLISHED",
            Self::Rejected => "REJECTED",
        }
    }

    /// Reads it.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == word)
    }

    /// Where a draft stands for both commands.
    #[must_use]
    pub fn standing(self, versions: Option<(i32, i32)>) -> Standing {
        let open = self == Self::Pending;
        let commands = PolicyCommand::ALL.iter().filter(|_| open);
        Standing {
            state: self.as_str().to_owned(),
            control: self.control(),
            permits: open,
            allowed: commands.map(|c| c.mutation().to_owned()).collect(),
            versions,
            ..Standing::default()
        }
    }

    /// The control state behind it.
    #[must_use]
    pub fn control(self) -> Option<ControlState> {
        match self {
            Self::Pending => Some(ControlState::Pending),
            Self::Published => Some(ControlState::Published),
            Self::Rejected => None,
        }
    }
}

/// A draft, as verbs load it.
#[derive(Debug, Clone)]
pub struct PolicyDraft {
    /// Its id.
    pub id: SodPolicyId,
    /// Its state.
    pub status: PolicyStatus,
    /// The whole tailoring.
    pub tailoring: Tailoring,
    /// The policy version that it was made from.
    pub base_version: i32,
    /// The version that it became.
    pub policy_version: Option<i32>,
    /// Why it was refused.
    pub reason: Option<String>,
    /// Version and chain of events.
    pub trail: Trail,
}

impl PolicyDraft {
    /// What an act on it is about.
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject::new(DocumentKind::SodPolicy, self.id)
    }

    /// Where it stands for a command.
    #[must_use]
    pub fn standing(&self, expected_version: Option<i32>) -> Standing {
        self.status.standing(expected_version.map(|e| (e, self.trail.version)))
    }

    pub(super) fn data(&self) -> Value {
        json!({
            "status": self.status.as_str(),
            "rulesOff": self.tailoring.rules_off,
            "roles": self.tailoring.roles,
            "baseVersion": self.base_version,
            "policyVersion": self.policy_version,
            "reason": self.reason,
        })
    }
}
