//! A recovery: an administrator, as the partner proposes one for a tenant that has none left.

use crate::act::{Asked, Standing, Subject};
use crate::event::Trail;
use crate::id::{TenantId, encode};
use crate::policy::{ControlState, DocumentKind, Duty};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// The kind of document that its events name.
pub(super) const KIND: &str = "ADMINISTRATOR_RECOVERY";

/// The roles that grant roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdministratorRole {
    /// Proposes access.
    SecurityAdmin,
    /// Approves access.
    TenantAdmin,
}

impl AdministratorRole {
    /// The role's name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SecurityAdmin => "security_admin",
            Self::TenantAdmin => "tenant_admin",
        }
    }

    /// Reads the role's name.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        match word {
            "security_admin" => Self::SecurityAdmin,
            _ => Self::TenantAdmin,
        }
    }

    /// The duty for which somebody is missing.
    #[must_use]
    pub fn duty(self) -> Duty {
        match self {
            Self::SecurityAdmin => Duty::RoleGrant,
            Self::TenantAdmin => Duty::RoleGrantApprove,
        }
    }
}

/// Where a recovery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecoveryStatus {
    /// Proposed; gives nothing yet.
    Pending,
    /// The person has the role.
    Approved,
    /// Taken back.
    Withdrawn,
}

/// What can be done with a recovery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecoveryCommand {
    /// Agree to it.
    Approve,
    /// Take it back.
    Withdraw,
    /// Read what the platform decided.
    Review,
}

impl RecoveryCommand {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Approve, Self::Withdraw, Self::Review];

    /// The mutation.
    #[must_use]
    pub fn mutation(self) -> &'static str {
        match self {
            Self::Approve => "administratorRecoveryApprove",
            Self::Withdraw => "administratorRecoveryWithdraw",
            Self::Review => "administratorRecoveryReview",
        }
    }
}

impl RecoveryStatus {
    /// The word in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Approved => "APPROVED",
            Self::Withdrawn => "WITHDRAWN",
        }
    }

    /// Reads the word in the database; an unknown one gives nothing.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        match word {
            "PENDING" => Self::Pending,
            "APPROVED" => Self::Approved,
            _ => Self::Withdrawn,
        }
    }

    fn control(self) -> Option<ControlState> {
        match self {
            Self::Pending => Some(ControlState::Pending),
            Self::Approved | Self::Withdrawn => None,
        }
    }
}

/// A recovery, as it is decided about.
#[derive(Debug, Clone)]
pub struct Recovery {
    /// Where.
    pub tenant: TenantId,
    /// Its id.
    pub id: Uuid,
    /// The partner.
    pub partner: Uuid,
    /// Who is to administer.
    pub person: Uuid,
    /// What the person is called.
    pub display_name: String,
    /// For messages.
    pub email: Option<String>,
    /// As what.
    pub role: AdministratorRole,
    /// Why nobody is left.
    pub reason: String,
    /// Where it stands.
    pub status: RecoveryStatus,
    /// The account that is there, or that the approval makes.
    pub account: Uuid,
    /// The role assignment that the approval makes: the document of the rules about grants.
    pub role_assignment: Uuid,
    /// Who proposed it.
    pub proposer: Uuid,
    /// The member who approved.
    pub decider: Option<Uuid>,
    /// The people of the platform who approved.
    pub platform: [Option<Uuid>; 2],
    /// When it was decided.
    pub decided_at: Option<DateTime<Utc>>,
    /// Who reviewed it at the partner, with what to say.
    pub review: Option<(Uuid, Option<String>, DateTime<Utc>)>,
    /// The end of its events.
    pub trail: Trail,
}

impl Recovery {
    /// What an act on it is about: a role assignment, for the benefit of its person.
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject::new(DocumentKind::RoleAssignment, self.role_assignment).benefiting(self.person)
    }

    /// Was it the platform that approved?
    #[must_use]
    pub fn by_platform(&self) -> bool {
        self.status == RecoveryStatus::Approved && self.decider.is_none()
    }

    fn permits(&self, command: RecoveryCommand) -> bool {
        match command {
            RecoveryCommand::Approve | RecoveryCommand::Withdraw => self.status == RecoveryStatus::Pending,
            RecoveryCommand::Review => self.by_platform() && self.review.is_none(),
        }
    }

    /// Where it stands for a command.
    #[must_use]
    pub fn standing(&self, command: RecoveryCommand, expected_version: Option<i32>) -> Standing {
        Standing {
            state: self.status.as_str().to_owned(),
            control: self.status.control(),
            permits: self.permits(command),
            allowed: RecoveryCommand::ALL
                .into_iter()
                .filter(|c| self.permits(*c))
                .map(|c| c.mutation().to_owned())
                .collect(),
            versions: expected_version.map(|expected| (expected, self.trail.version)),
            ..Standing::default()
        }
    }

    /// Pending → Approved by an administrator of the tenant.
    pub fn approve(&mut self, by: Uuid, now: DateTime<Utc>) {
        self.decider = Some(by);
        self.decide(RecoveryStatus::Approved, now);
    }

    /// What the tenant's people could do to it, and where it stands for that: for asking before doing.
    #[must_use]
    pub fn asked(&self) -> (Subject, Vec<(RecoveryCommand, Asked)>) {
        let approve = Asked {
            duty: Duty::RoleGrantApprove,
            standing: self.standing(RecoveryCommand::Approve, None),
        };
        (self.subject(), vec![(RecoveryCommand::Approve, approve)])
    }

    /// One of two approvals of the platform: the second decides. That it is another person's is asked of the hands.
    pub fn approve_as_platform(&mut self, by: Uuid, now: DateTime<Utc>) {
        match self.platform {
            [None, _] => {
                self.platform[0] = Some(by);
                self.trail.touch();
            }
            [Some(_), _] => {
                self.platform[1] = Some(by);
                self.decide(RecoveryStatus::Approved, now);
            }
        }
    }

    /// Goes on to a state.
    pub fn decide(&mut self, to: RecoveryStatus, now: DateTime<Utc>) {
        self.status = to;
        self.decided_at = Some(now);
        self.trail.touch();
    }

    /// What its events say.
    #[must_use]
    pub fn data(&self) -> serde_json::Value {
        let person = |p: &Uuid| encode("per", *p);
        serde_json::json!({
            "status": self.status.as_str(),
            "memberId": encode("mem", self.account),
            "roleAssignmentId": encode("rla", self.role_assignment),
            "role": self.role.as_str(),
            "reason": self.reason,
            "proposedBy": person(&self.proposer),
            "platformApprovals": self.platform.iter().flatten().map(person).collect::<Vec<_>>(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pending() -> Recovery {
        Recovery {
            tenant: TenantId(Uuid::now_v7()),
            id: Uuid::now_v7(),
            partner: Uuid::now_v7(),
            person: Uuid::now_v7(),
            display_name: String::new(),
            email: None,
            role: AdministratorRole::TenantAdmin,
            reason: String::new(),
            status: RecoveryStatus::Pending,
            account: Uuid::now_v7(),
            role_assignment: Uuid::now_v7(),
            proposer: Uuid::now_v7(),
            decider: None,
            platform: [None, None],
            decided_at: None,
            review: None,
            trail: Trail::new(),
        }
    }

    #[test]
    fn the_second_approval_of_the_platform_decides_and_then_there_is_something_to_review() {
        let (mut recovery, now) = (pending(), DateTime::UNIX_EPOCH);
        recovery.approve_as_platform(Uuid::now_v7(), now);
        assert_eq!(recovery.status, RecoveryStatus::Pending);
        assert!(!recovery.permits(RecoveryCommand::Review));
        recovery.approve_as_platform(Uuid::now_v7(), now);
        assert_eq!(recovery.status, RecoveryStatus::Approved);
        assert!(recovery.by_platform() && recovery.permits(RecoveryCommand::Review));
    }
}
