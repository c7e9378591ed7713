//! A member: a person's or machine's account in the tenant.

use crate::act::{Standing, Subject};
use crate::event::Trail;
use crate::op::AccountKind;
use crate::policy::{ControlState, DocumentKind};
use uuid::Uuid;

/// Where a member stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberStatus {
    /// Waits for its person to accept.
    Invited,
    /// May act.
    Active,
    /// May not; its roles sleep.
    Inactive,
}

impl MemberStatus {
    /// The word in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invited => "INVITED",
            Self::Active => "ACTIVE",
            Self::Inactive => "INACTIVE",
        }
    }

    /// Reads the word in the database; an unknown one may not act.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        match word {
            "INVITED" => Self::Invited,
            "ACTIVE" => Self::Active,
            _ => Self::Inactive,
        }
    }

    /// Its control state: an account is managed for as long as it is kept.
    #[must_use]
    pub fn control(self) -> Option<ControlState> {
        match self {
            Self::Invited | Self::Active | Self::Inactive => Some(ControlState::Open),
        }
    }
}

/// A member, as it is decided about.
#[derive(Debug, Clone)]
pub struct Member {
    /// The account.
    pub id: Uuid,
    /// Its natural person.
    pub person: Option<Uuid>,
    /// Who answers for a machine.
    pub sponsor: Option<Uuid>,
    /// What kind of account it is.
    pub kind: AccountKind,
    /// Where it stands.
    pub status: MemberStatus,
    /// The end of its events.
    pub trail: Trail,
}

impl Member {
    /// The person who gains or loses with it.
    #[must_use]
    pub fn beneficiary(&self) -> Option<Uuid> {
        self.person.or(self.sponsor)
    }

    /// What an act on it is about. Its person's authority changes with it.
    #[must_use]
    pub fn subject(&self) -> Subject {
        let mut subject = Subject::new(DocumentKind::UserAccount, self.id);
        subject.affects.extend(self.beneficiary());
        subject
    }

    /// Where it stands for a command that these states allow.
    #[must_use]
    pub fn standing(&self, from: &[MemberStatus], expected_version: Option<i32>) -> Standing {
        Standing {
            state: self.status.as_str().to_owned(),
            control: self.status.control(),
            permits: from.contains(&self.status),
            allowed: match self.status {
                MemberStatus::Invited => vec!["memberDeactivate".to_owned(), "memberSetLocations".to_owned()],
                MemberStatus::Active => vec!["memberDeactivate".to_owned(), "memberSetLocations".to_owned()],
                MemberStatus::Inactive => vec!["memberReactivate".to_owned()],
            },
            versions: expected_version.map(|expected| (expected, self.trail.version)),
            ..Standing::default()
        }
    }
}
