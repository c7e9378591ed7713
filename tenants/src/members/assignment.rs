//! A role assignment: one way of having a role, from a date until a date.

use super::Member;
use crate::act::{Standing, Subject};
use crate::event::Trail;
use crate::policy::{ControlState, DocumentKind, Duty};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Where a role assignment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssignmentStatus {
    /// Proposed; gives nothing yet.
    Pending,
    /// In force between its dates.
    Approved,
    /// In force, its removal proposed.
    RemovalPending,
    /// Was in force.
    Removed,
    /// Was refused.
    Rejected,
}

/// What can be done with a role assignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssignmentCommand {
    /// Agree to the proposal, or to the removal.
    Approve,
    /// Refuse the proposal, or the removal.
    Reject,
    /// Ask for its removal.
    ProposeRemoval,
}

impl AssignmentCommand {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Approve, Self::Reject, Self::ProposeRemoval];

    /// The duty that it exercises.
    #[must_use]
    pub fn duty(self) -> Duty {
        match self {
            Self::Approve | Self::Reject => Duty::RoleGrantApprove,
            Self::ProposeRemoval => Duty::RoleGrant,
        }
    }

    /// The mutation.
    #[must_use]
    pub fn mutation(self) -> &'static str {
        match self {
            Self::Approve => "roleAssignmentApprove",
            Self::Reject => "roleAssignmentReject",
            Self::ProposeRemoval => "roleAssignmentProposeRemoval",
        }
    }
}

impl AssignmentStatus {
    /// From the columns `state` and `removal_requested`: an assignment whose removal is proposed stays in force.
    #[must_use]
    pub fn parse(state: &str, removal_requested: bool) -> Self {
        match (state, removal_requested) {
            ("PENDING", _) => Self::Pending,
            ("APPROVED", false) => Self::Approved,
            ("APPROVED", true) => Self::RemovalPending,
            ("REMOVED", _) => Self::Removed,
            _ => Self::Rejected,
        }
    }

    /// The column `state`.
    #[must_use]
    pub fn state(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Approved | Self::RemovalPending => "APPROVED",
            Self::Removed => "REMOVED",
            Self::Rejected => "REJECTED",
        }
    }

    /// What people read.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RemovalPending => "REMOVAL_PENDING",
            other => other.state(),
        }
    }

    /// Its control state. One in force is open to the proposal of its removal, as a draft is to its proposal.
    #[must_use]
    pub fn control(self) -> Option<ControlState> {
        match self {
            Self::Pending | Self::RemovalPending => Some(ControlState::Pending),
            Self::Approved => Some(ControlState::Draft),
            Self::Removed | Self::Rejected => None,
        }
    }

    /// Where an assignment stands for a command.
    #[must_use]
    pub fn standing(self, command: AssignmentCommand, versions: Option<(i32, i32)>) -> Standing {
        let allowed = AssignmentCommand::ALL.into_iter().filter(|c| self.permits(*c));
        Standing {
            state: self.as_str().to_owned(),
            control: self.control(),
            permits: self.permits(command),
            allowed: allowed.map(|c| c.mutation().to_owned()).collect(),
            versions,
            ..Standing::default()
        }
    }

    /// Does the state allow the command?
    #[must_use]
    pub fn permits(self, command: AssignmentCommand) -> bool {
        match command {
            AssignmentCommand::Approve | AssignmentCommand::Reject => {
                matches!(self, Self::Pending | Self::RemovalPending)
            }
            AssignmentCommand::ProposeRemoval => self == Self::Approved,
        }
    }
}

/// A role assignment, as it is decided about.
#[derive(Debug, Clone)]
pub struct RoleAssignment {
    /// Its id.
    pub id: Uuid,
    /// Who has the role.
    pub member: Member,
    /// The role.
    pub role: String,
    /// Where it stands.
    pub status: AssignmentStatus,
    /// In force from; at once when not given.
    pub valid_from: Option<DateTime<Utc>>,
    /// In force until; for good when not given.
    pub valid_until: Option<DateTime<Utc>>,
    /// The pass through approval: its removal is another.
    pub round: i32,
    /// The end of its events.
    pub trail: Trail,
}

impl RoleAssignment {
    /// What an act on it is about: for the benefit of its person, whose authority changes with it.
    #[must_use]
    pub fn subject(&self) -> Subject {
        let subject = Subject::new(DocumentKind::RoleAssignment, self.id).in_round(self.round);
        match self.member.beneficiary() {
            Some(person) => subject.benefiting(person),
            None => subject,
        }
    }

    /// Where it stands for a command.
    #[must_use]
    pub fn standing(&self, command: AssignmentCommand, expected_version: Option<i32>) -> Standing {
        let versions = expected_version.map(|expected| (expected, self.trail.version));
        self.status.standing(command, versions)
    }

    /// What its events say.
    #[must_use]
    pub fn data(&self) -> serde_json::Value {
        serde_json::json!({
            "status": self.status.as_str(),
            "memberId": crate::id::encode("mem", self.member.id),
            "role": self.role,
            "validFrom": self.valid_from,
            "validUntil": self.valid_until,
            "round": self.round,
        })
    }
}
