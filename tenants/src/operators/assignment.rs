//! An operator assignment: a partner's person in a tenant, until a date.

use crate::act::{Standing, Subject};
use crate::event::Trail;
use crate::id::{OperatorAssignmentId, encode};
use crate::policy::{ControlState, DocumentKind};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Where an operator assignment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssignmentStatus {
    /// Proposed by the partner; gives nothing yet.
    Pending,
    /// In force until its date.
    Admitted,
    /// Refused by the tenant.
    Rejected,
    /// Ended before its date, by either side.
    Revoked,
}

/// What can be done with an operator assignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssignmentCommand {
    /// Let the operator in.
    Admit,
    /// Do not let him in.
    Reject,
    /// End it, or take the proposal back.
    Revoke,
    /// Make a credential.
    CredentialCreate,
    /// Revoke credentials.
    CredentialRevoke,
}

impl AssignmentCommand {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Admit,
        Self::Reject,
        Self::Revoke,
        Self::CredentialCreate,
        Self::CredentialRevoke,
    ];

    /// The mutation.
    #[must_use]
    pub fn mutation(self) -> &'static str {
        match self {
            Self::Admit => "operatorAssignmentAdmit",
            Self::Reject => "operatorAssignmentReject",
            Self::Revoke => "operatorAssignmentRevoke",
            Self::CredentialCreate => "operatorCredentialCreate",
            Self::CredentialRevoke => "operatorCredentialRevoke",
        }
    }
}

impl AssignmentStatus {
    /// The word in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Admitted => "ADMITTED",
            Self::Rejected => "REJECTED",
            Self::Revoked => "REVOKED",
        }
    }

    /// Reads the word in the database; an unknown one lets nobody in.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        match word {
            "PENDING" => Self::Pending,
            "ADMITTED" => Self::Admitted,
            "REJECTED" => Self::Rejected,
            _ => Self::Revoked,
        }
    }

    /// Its control state. One in force is open to the decision that ends it, which is the duty of whoever admits.
    #[must_use]
    pub fn control(self) -> Option<ControlState> {
        match self {
            Self::Pending | Self::Admitted => Some(ControlState::Pending),
            Self::Rejected | Self::Revoked => None,
        }
    }

    /// Does the state allow the command?
    #[must_use]
    pub fn permits(self, command: AssignmentCommand) -> bool {
        match command {
            AssignmentCommand::Admit | AssignmentCommand::Reject => self == Self::Pending,
            AssignmentCommand::Revoke => matches!(self, Self::Pending | Self::Admitted),
            AssignmentCommand::CredentialCreate | AssignmentCommand::CredentialRevoke => self == Self::Admitted,
        }
    }

    /// Where a document in this state stands for a command.
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
}

/// What an act on an assignment is about.
pub(super) fn subject(id: Uuid) -> Subject {
    Subject::new(DocumentKind::OperatorAssignment, id)
}

/// An operator assignment, as it is decided about.
#[derive(Debug, Clone)]
pub struct OperatorAssignment {
    /// Its id.
    pub id: Uuid,
    /// The partner.
    pub partner: Uuid,
    /// The operator.
    pub person: Uuid,
    /// What the operator is called.
    pub display_name: String,
    /// Where it stands.
    pub status: AssignmentStatus,
    /// The end that the partner proposed and the tenant agreed to.
    pub valid_until: DateTime<Utc>,
    /// The account in the tenant, which the admission makes.
    pub account: Uuid,
    /// The role assignment, which the admission makes.
    pub role_assignment: Uuid,
    /// What for.
    pub purpose: String,
    /// Why it was refused or ended.
    pub reason: Option<String>,
    /// Who proposed it.
    pub proposer: Uuid,
    /// Who decided last, of the tenant's people.
    pub decider: Option<Uuid>,
    /// When.
    pub decided_at: Option<DateTime<Utc>>,
    /// The end of its events.
    pub trail: Trail,
}

impl OperatorAssignment {
    /// What an act on it is about. The operator's authority changes with it.
    #[must_use]
    pub fn subject(&self) -> Subject {
        let mut subject = subject(self.id);
        subject.affects.push(self.person);
        subject
    }

    /// Where it stands for a command.
    #[must_use]
    pub fn standing(&self, command: AssignmentCommand, expected_version: Option<i32>) -> Standing {
        let versions = expected_version.map(|expected| (expected, self.trail.version));
        self.status.standing(command, versions)
    }

    /// Is it in force?
    #[must_use]
    pub fn in_force(&self, now: DateTime<Utc>) -> bool {
        self.status == AssignmentStatus::Admitted && now < self.valid_until
    }

    /// Pending → Admitted.
    pub fn admit(&mut self, by: Uuid, now: DateTime<Utc>) {
        self.decide(AssignmentStatus::Admitted, Some(by), None, now);
    }

    /// Goes on to a state, by a member of the tenant or from above.
    pub fn decide(&mut self, to: AssignmentStatus, by: Option<Uuid>, reason: Option<String>, now: DateTime<Utc>) {
        self.status = to;
        self.reason = reason;
        self.decider = by;
        self.decided_at = Some(now);
        self.trail.touch();
    }

    /// What its events say.
    #[must_use]
    pub fn data(&self) -> serde_json::Value {
        serde_json::json!({
            "status": self.status.as_str(),
            "operatorAssignmentId": OperatorAssignmentId(self.id).to_string(),
            "partnerId": encode("ptn", self.partner),
            "operatorId": encode("ptm", self.person),
            "memberId": encode("mem", self.account),
            "role": super::ROLE,
            "validUntil": self.valid_until,
            "purpose": self.purpose,
            "reason": self.reason,
        })
    }
}
