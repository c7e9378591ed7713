//! The document: its states, and why it opens nothing any more.

use crate::act::Standing;
use crate::error::{Code, Detail, Refusal};
use crate::event::Trail;
use crate::id::{InvitationId, encode};
use crate::members::{Member, MemberStatus};
use crate::policy::ControlState;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// The states of an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InvitationStatus {
    /// Can be accepted.
    Pending,
    /// Nobody accepted it in time.
    Expired,
    /// Somebody is the member now.
    Accepted,
    /// Taken back.
    Revoked,
}

impl InvitationStatus {
    /// The word in the database; one that expired is kept as pending with its date.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Expired => "EXPIRED",
            Self::Accepted => "ACCEPTED",
            Self::Revoked => "REVOKED",
        }
    }

    /// Reads the word; an unknown one opens nothing.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        match word {
            "PENDING" => Self::Pending,
            "EXPIRED" => Self::Expired,
            "ACCEPTED" => Self::Accepted,
            _ => Self::Revoked,
        }
    }

    /// What it would be to revoke it: user accounts are managed for as long as they are kept.
    #[must_use]
    pub fn revocation(self, versions: Option<(i32, i32)>) -> Standing {
        let permits = matches!(self, Self::Pending | Self::Expired);
        Standing {
            state: self.as_str().to_owned(),
            control: Some(ControlState::Open),
            permits,
            allowed: permits.then(|| "invitationRevoke".to_owned()).into_iter().collect(),
            versions,
            ..Standing::default()
        }
    }
}

/// What people do with an invitation that there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvitationCommand {
    /// Take it back.
    Revoke,
}

/// An invitation, as it is decided about.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// The member that waits for its person.
    pub member: Member,
    /// Where it stands.
    pub status: InvitationStatus,
    /// Until when it can be accepted.
    pub expires_at: DateTime<Utc>,
    /// The end of its events.
    pub trail: Trail,
}

impl Invitation {
    /// Its state at this moment. A member that was stopped meanwhile waits for nobody.
    #[must_use]
    pub fn status_at(&self, now: DateTime<Utc>) -> InvitationStatus {
        match self.status {
            InvitationStatus::Pending if self.member.status != MemberStatus::Invited => InvitationStatus::Revoked,
            InvitationStatus::Pending if self.expires_at <= now => InvitationStatus::Expired,
            other => other,
        }
    }

    /// Can it be accepted at this moment?
    ///
    /// # Errors
    /// Why not: said to the holder of its token only.
    pub fn acceptable(&self, now: DateTime<Utc>) -> Result<(), Refusal> {
        let status = self.status_at(now);
        let message = match status {
            InvitationStatus::Pending => return Ok(()),
            InvitationStatus::Expired => "This invitation has expired. Ask for another.",
            InvitationStatus::Accepted => "This invitation was used already.",
            InvitationStatus::Revoked => "This invitation was taken back.",
        };
        let mut refusal = Refusal::new(Code::InvalidState, &["token"], message);
        refusal.detail = Detail::State {
            state: status.as_str().to_owned(),
            allowed: Vec::new(),
        };
        Err(refusal)
    }

    pub(super) fn data(&self) -> Value {
        json!({ "status": self.status.as_str(), "memberId": encode("mem", self.member.id), "expiresAt": self.expires_at })
    }
}
