//! A recovery: an administrator, as the partner proposes one for a tenant that has none left.

use crate::act::{Standing, Subject};
use crate::error::{Code, Refusal};
use crate::event::Trail;
use crate::id::encode;
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
        let all = [
            (RecoveryCommand::Approve, "administratorRecoveryApprove"),
            (RecoveryCommand::Withdraw, "administratorRecoveryWithdraw"),
            (RecoveryCommand::Review, "administratorRecoveryReview"),
        ];
        Standing {
            state: self.status.as_str().to_owned(),
            control: self.status.control(),
            permits: self.permits(command),
            allowed: all
                .into_iter()
                .filter(|(c, _)| self.permits(*c))
                .map(|(_, mutation)| mutation.to_owned())
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

    /// One of two approvals of the platform: the second decides.
    ///
    /// # Errors
    /// The rules about grants: another person than the proposer, than the one who gains, and than the first approver.
    pub fn approve_as_platform(&mut self, by: Uuid, now: DateTime<Utc>) -> Result<(), Refusal> {
        let refused = |message: &str| Err(Refusal::new(Code::SegregationOfDuties, &["id"], message));
        if by == self.person {
            return refused("Nobody approves his own access (SoD rule ADM-02).");
        }
        if by == self.proposer {
            return refused("Nobody approves access that he proposed (SoD rule ADM-03).");
        }
        match self.platform {
            [Some(first), _] if first == by => refused("The second approval is a second person's."),
            [None, _] => {
                self.platform[0] = Some(by);
                self.trail.touch();
                Ok(())
            }
            [Some(_), _] => {
                self.platform[1] = Some(by);
                self.decide(RecoveryStatus::Approved, now);
                Ok(())
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
    fn two_people_of_the_platform_approve_and_neither_is_the_proposer_nor_who_gains() {
        let (mut recovery, now) = (pending(), DateTime::UNIX_EPOCH);
        let (one, two) = (Uuid::now_v7(), Uuid::now_v7());
        for by in [recovery.person, recovery.proposer] {
            assert!(recovery.approve_as_platform(by, now).is_err());
        }
        recovery.approve_as_platform(one, now).unwrap();
        assert_eq!(recovery.status, RecoveryStatus::Pending);
        assert!(recovery.approve_as_platform(one, now).is_err());
        recovery.approve_as_platform(two, now).unwrap();
        assert_eq!(recovery.status, RecoveryStatus::Approved);
        assert!(recovery.by_platform() && recovery.permits(RecoveryCommand::Review));
    }
}
