//! The document: its kinds, states and commands.

use super::change::Change;
use crate::act::{Standing, Subject};
use crate::event::Trail;
use crate::id::WorkflowRuleId;
use crate::policy::{ControlState, DocumentKind, Duty};
use serde_json::{Value, json};

/// What a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RuleKind {
    /// The tenant's settings.
    Settings,
    /// An OpenID issuer that may speak for the tenant.
    Issuer,
}

impl RuleKind {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Settings, Self::Issuer];

    /// The word in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Settings => "SETTINGS",
            Self::Issuer => "ISSUER",
        }
    }

    /// Reads it.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == word)
    }
}

/// The states of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RuleStatus {
    /// Waits for a second person.
    Pending,
    /// In force, or was until a later one.
    Published,
    /// Refused by the second person.
    Rejected,
    /// Taken back by its side.
    Withdrawn,
}

/// What people may do to a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RuleCommand {
    /// Bring it into force.
    Publish,
    /// Refuse it.
    Reject,
    /// Take it back.
    Withdraw,
}

impl RuleCommand {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Publish, Self::Reject, Self::Withdraw];

    /// The duty that it exercises.
    #[must_use]
    pub fn duty(self) -> Duty {
        match self {
            Self::Publish | Self::Reject => Duty::WfPublish,
            Self::Withdraw => Duty::WfEdit,
        }
    }

    /// The mutation.
    #[must_use]
    pub fn mutation(self) -> &'static str {
        match self {
            Self::Publish => "workflowRulePublish",
            Self::Reject => "workflowRuleReject",
            Self::Withdraw => "workflowRuleWithdraw",
        }
    }
}

impl RuleStatus {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Published, Self::Rejected, Self::Withdrawn];

    /// The word in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Published => "PUBLISHED",
            Self::Rejected => "REJECTED",
            Self::Withdrawn => "WITHDRAWN",
        }
    }

    /// Reads it.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == word)
    }

    /// The control state behind it. To those who edit, a rule that nobody decided is still theirs to take back: a draft.
    #[must_use]
    pub fn control(self, command: RuleCommand) -> Option<ControlState> {
        match (self, command) {
            (Self::Pending, RuleCommand::Withdraw) => Some(ControlState::Draft),
            (Self::Pending, _) => Some(ControlState::Pending),
            (Self::Published, _) => Some(ControlState::Published),
            (Self::Rejected | Self::Withdrawn, _) => None,
        }
    }
}

/// A rule, as verbs load it.
#[derive(Debug, Clone)]
pub struct WorkflowRule {
    /// Its id.
    pub id: WorkflowRuleId,
    /// What it is about.
    pub kind: RuleKind,
    /// Its state.
    pub status: RuleStatus,
    /// The whole settings, or the issuer.
    pub content: Value,
    /// What it changes.
    pub changes: Vec<Change>,
    /// Why it was refused or taken back.
    pub reason: Option<String>,
    /// The version of the settings that it made.
    pub settings_version: Option<i32>,
    /// Version and chain of events.
    pub trail: Trail,
}

impl WorkflowRule {
    /// What an act on it is about.
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject::new(DocumentKind::WorkflowRule, self.id)
    }

    /// Where it stands for a command.
    #[must_use]
    pub fn standing(&self, command: RuleCommand, expected_version: Option<i32>) -> Standing {
        standing(self.status, command, expected_version.map(|e| (e, self.trail.version)))
    }

    pub(super) fn data(&self) -> Value {
        json!({ "kind": self.kind.as_str(), "status": self.status.as_str(), "changes": self.changes, "settingsVersion": self.settings_version })
    }
}

pub(super) fn standing(status: RuleStatus, command: RuleCommand, versions: Option<(i32, i32)>) -> Standing {
    let open = status == RuleStatus::Pending;
    let allowed = RuleCommand::ALL
        .iter()
        .filter(|_| open)
        .map(|c| c.mutation().to_owned());
    Standing {
        state: status.as_str().to_owned(),
        control: status.control(command),
        permits: open,
        allowed: allowed.collect(),
        versions,
        ..Standing::default()
    }
}
