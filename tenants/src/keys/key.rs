//! The document: its states, its commands, and the machine behind it.

use crate::act::{Standing, Subject};
use crate::event::Trail;
use crate::id::{ApiKeyId, encode};
use crate::members::{Member, MemberStatus};
use crate::op::AccountKind;
use crate::policy::{ControlState, DocumentKind, Duty};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

/// What kind of machine has a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MachineKind {
    /// A system that sends and fetches.
    Integration,
    /// An AI agent, which drafts and proposes.
    Agent,
}

impl MachineKind {
    /// The kind of its account.
    #[must_use]
    pub fn account(self) -> AccountKind {
        match self {
            Self::Integration => AccountKind::Integration,
            Self::Agent => AccountKind::Agent,
        }
    }

    /// The word in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.account().as_str()
    }

    /// Reads it; an unknown one is an agent, as for accounts.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        match AccountKind::parse(word) {
            AccountKind::Integration => Self::Integration,
            AccountKind::Human | AccountKind::Operator | AccountKind::Agent => Self::Agent,
        }
    }

    /// The word by which roles say who holds them.
    #[must_use]
    pub fn role_kind(self) -> &'static str {
        match self {
            Self::Integration => "integration",
            Self::Agent => "agent",
        }
    }
}

/// The states of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyStatus {
    /// Waits for a second person.
    Pending,
    /// Lets its machine in.
    Active,
    /// Was active until its last day, or until another replaced it.
    Ended,
    /// Refused by the second person.
    Rejected,
    /// Stopped, or taken back before it was active.
    Revoked,
}

impl KeyStatus {
    /// The word in the database; one that ended is kept as active with its dates.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Active => "ACTIVE",
            Self::Ended => "ENDED",
            Self::Rejected => "REJECTED",
            Self::Revoked => "REVOKED",
        }
    }

    /// Reads the word; an unknown one lets nobody in.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        match word {
            "PENDING" => Self::Pending,
            "ACTIVE" => Self::Active,
            "ENDED" => Self::Ended,
            "REJECTED" => Self::Rejected,
            _ => Self::Revoked,
        }
    }

    /// Does the state allow the command?
    #[must_use]
    pub fn permits(self, command: KeyCommand) -> bool {
        match command {
            KeyCommand::Approve | KeyCommand::Reject => self == Self::Pending,
            KeyCommand::Revoke => matches!(self, Self::Pending | Self::Active),
            KeyCommand::Rotate => self == Self::Active,
        }
    }

    /// The control state behind it, for a command. KEY.ISSUE makes new documents: a rotation is one, and what it issued it may
    /// take back for as long as that is worth anything.
    #[must_use]
    pub fn control(self, command: KeyCommand) -> Option<ControlState> {
        match (self, command) {
            (Self::Pending | Self::Active, KeyCommand::Revoke | KeyCommand::Rotate) => Some(ControlState::New),
            (Self::Pending, KeyCommand::Approve | KeyCommand::Reject) => Some(ControlState::Pending),
            (Self::Active, KeyCommand::Approve | KeyCommand::Reject) => Some(ControlState::Active),
            (Self::Ended | Self::Rejected | Self::Revoked, _) => None,
        }
    }
}

/// What people may do to a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyCommand {
    /// Let its machine in.
    Approve,
    /// Refuse it.
    Reject,
    /// Stop it, or take it back.
    Revoke,
    /// Propose another in its place.
    Rotate,
}

impl KeyCommand {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Approve, Self::Reject, Self::Revoke, Self::Rotate];

    /// The duty that it exercises.
    #[must_use]
    pub fn duty(self) -> Duty {
        match self {
            Self::Approve | Self::Reject => Duty::KeyApprove,
            Self::Revoke | Self::Rotate => Duty::KeyIssue,
        }
    }

    /// The mutation.
    #[must_use]
    pub fn mutation(self) -> &'static str {
        match self {
            Self::Approve => "apiKeyApprove",
            Self::Reject => "apiKeyReject",
            Self::Revoke => "apiKeyRevoke",
            Self::Rotate => "apiKeyRotate",
        }
    }
}

/// A key, as it is decided about.
#[derive(Debug, Clone)]
pub struct Key {
    /// Its id.
    pub id: ApiKeyId,
    /// What the machine is called.
    pub name: String,
    /// Where it stands.
    pub status: KeyStatus,
    /// What kind of machine has it.
    pub kind: MachineKind,
    /// The machine's one role.
    pub role: String,
    /// The duties of the role that the key is narrowed to; all when none.
    pub duties: Option<Vec<String>>,
    /// The account of the person who answers for it.
    pub owner: Uuid,
    /// That person; none is refused before anything is written.
    pub owner_person: Option<Uuid>,
    /// The machine's account, made by the approval of its first key.
    pub machine: Uuid,
    /// How the machine has its role.
    pub role_assignment: Uuid,
    /// The locations that the machine is limited to; everywhere when none.
    pub locations: Option<Vec<Uuid>>,
    /// It ends by itself.
    pub valid_until: Option<DateTime<Utc>>,
    /// The key in whose place it is proposed.
    pub replaces: Option<Uuid>,
    /// For how many hours after its approval that one goes on.
    pub overlap_hours: Option<i32>,
    /// It was replaced, and stops then.
    pub ends_at: Option<DateTime<Utc>>,
    /// Why it was refused or stopped.
    pub reason: Option<String>,
    /// The end of its events.
    pub trail: Trail,
}

impl Key {
    /// What an act on it is about: for the benefit of the person who answers for it, whose authority changes with it.
    #[must_use]
    pub fn subject(&self) -> Subject {
        subject(self.id, self.owner_person)
    }

    /// Where it stands at this moment for a command.
    #[must_use]
    pub fn standing(&self, command: KeyCommand, now: DateTime<Utc>, expected_version: Option<i32>) -> Standing {
        let versions = expected_version.map(|e| (e, self.trail.version));
        standing(self.status_at(now), self.ends_at.is_some(), command, versions)
    }

    /// Its state at this moment: an active one ends by its dates.
    #[must_use]
    pub fn status_at(&self, now: DateTime<Utc>) -> KeyStatus {
        let over = |end: Option<DateTime<Utc>>| end.is_some_and(|e| e <= now);
        if self.status == KeyStatus::Active && (over(self.valid_until) || over(self.ends_at)) {
            return KeyStatus::Ended;
        }
        self.status
    }

    /// The machine as a member, for the static rules: what it holds, the person who answers for it holds as well.
    #[must_use]
    pub fn member(&self) -> Member {
        Member {
            id: self.machine,
            person: None,
            sponsor: self.owner_person,
            kind: self.kind.account(),
            status: MemberStatus::Active,
            trail: Trail::new(),
        }
    }

    pub(super) fn data(&self) -> Value {
        json!({
            "status": self.status.as_str(),
            "kind": self.kind.as_str(),
            "role": self.role,
            "duties": self.duties,
            "ownerId": encode("mem", self.owner),
            "machineId": encode("mem", self.machine),
            "locationIds": self.locations.as_ref().map(|l| l.iter().map(|l| encode("loc", *l)).collect::<Vec<_>>()),
            "validUntil": self.valid_until,
            "replacesId": self.replaces.map(|k| ApiKeyId(k).to_string()),
            "overlapHours": self.overlap_hours,
            "endsAt": self.ends_at,
            "reason": self.reason,
        })
    }
}

pub(super) fn subject(id: ApiKeyId, owner: Option<Uuid>) -> Subject {
    let subject = Subject::new(DocumentKind::ApiKey, id);
    match owner {
        Some(person) => subject.benefiting(person),
        None => subject,
    }
}

/// `replaced` when another key took its place already, and it only goes on for a while.
pub(super) fn standing(
    status: KeyStatus,
    replaced: bool,
    command: KeyCommand,
    versions: Option<(i32, i32)>,
) -> Standing {
    let permits = |c: KeyCommand| status.permits(c) && !(replaced && c == KeyCommand::Rotate);
    let allowed = KeyCommand::ALL.into_iter().filter(|c| permits(*c));
    Standing {
        state: status.as_str().to_owned(),
        control: status.control(command),
        permits: permits(command),
        allowed: allowed.map(|c| c.mutation().to_owned()).collect(),
        versions,
        ..Standing::default()
    }
}
