//! The facts a decision is a function of, and the decision.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::asked::AskedQuestions;
use super::duty_set::DutySet;
use super::relation::Relation;
use super::roles::RoleRef;
use super::vocabulary::{ControlState, DocumentKind, Duty, Level, Tier, Via};

/// A natural person behind the act that is asked about. Person ids are those of surviving records: follow merges first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hand {
    /// The person.
    pub person: Uuid,
    /// How the person comes to be one.
    pub via: Via,
}

/// A hand of an earlier act, or a party fact (`SUPPLIER.PARTY`, `ROLE.BENEFIT`, `EXC.BENEFIT`), and how its document is
/// related to the one acted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriorHand {
    /// The person, of the surviving record.
    pub person: Uuid,
    /// How the person came to be a hand.
    pub via: Via,
    /// The duty exercised, or the party fact.
    pub duty: Duty,
    /// The document of that act.
    pub document_id: Uuid,
    /// It is the document acted on now.
    pub same_document: bool,
    /// The round of approval of that act.
    pub round: i32,
    /// The documents belong to one purchase (section 6.2); implied by the same document.
    pub same_chain: bool,
    /// The documents share a supplier.
    pub same_supplier: bool,
    /// The documents share a location and an item.
    pub same_stock: bool,
    /// When, by the database clock.
    pub at: DateTime<Utc>,
    /// The place of the hand among those of its document.
    pub sequence: i32,
}

/// What a hand holds in the tenant now: roles and delegations of all the person's accounts, machines answered for
/// included. One is needed for each person in the hands; a missing one makes the decision [`Decision::Internal`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// The person, of the surviving record.
    pub person: Uuid,
    /// The duties.
    pub duties: DutySet,
}

/// Permission to break one default rule. There are none yet, so none can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exception {}

/// Everything a decision depends on. The flags are the outcome of steps 1 to 3 of section 6.3, which need the database.
#[derive(Clone, Debug)]
pub struct Question {
    /// The acting account is active.
    pub account_active: bool,
    /// The sponsor or owner of an acting machine is active; true for people.
    pub sponsor_active: bool,
    /// The account may see the document.
    pub visible: bool,
    /// The account stands on the side that the duty belongs to.
    pub side_ok: bool,
    /// The invoker, if there is one, is active and sees the document.
    pub invoker_ok: bool,
    /// What is to be done.
    pub duty: Duty,
    /// The type of the document acted on.
    pub document: DocumentKind,
    /// Its control state; none if its state has none, which allows nothing. `New` for a document that is being made.
    pub state: Option<ControlState>,
    /// The persons behind the act. An act without any is refused as [`Decision::Internal`].
    pub hands: Vec<Hand>,
    /// The acting account is an AI agent, an automation or an API key.
    pub machine: bool,
    /// The roles of the acting account that reach the document.
    pub roles: Vec<RoleRef>,
    /// What the exposure asks for; ignored for duties without amounts.
    pub required_level: Level,
    /// The document's round of approval.
    pub round: i32,
    /// The act's one time, by the database clock, read after the locks.
    pub now: DateTime<Utc>,
    /// Hands of earlier acts on related documents, and party facts.
    pub prior: Vec<PriorHand>,
    /// What each hand holds.
    pub held: Vec<Held>,
    /// Exceptions in force.
    pub exceptions: Vec<Exception>,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Decision {
    /// Yes; the questions are to be put to live Casbin before the commit.
    Allowed(AskedQuestions),
    /// No, and nothing more is said.
    Forbidden,
    /// There is no such document for this account.
    NotFound,
    /// The document's state does not allow the duty.
    InvalidState,
    /// A rule of segregation of duties refuses.
    Refused(Box<SodRefusal>),
    /// The facts or the policy are incomplete: deny, and raise an alarm.
    Internal,
}

impl Decision {
    /// Whether the act may go on.
    pub const fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed(_))
    }
    /// The refusal by a rule, if that is the answer.
    pub fn refusal(&self) -> Option<&SodRefusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            Self::Allowed(_) | Self::Forbidden | Self::NotFound | Self::InvalidState | Self::Internal => None,
        }
    }
}

/// Why a rule refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SodRefusal {
    /// `P2P-03`.
    pub rule: String,
    /// Whether the rule can be lifted at all.
    pub tier: Tier,
    /// What was to be done.
    pub duty: Duty,
    /// How the person in conflict is a hand of what was to be done.
    pub own_via: Via,
    /// What it conflicts with.
    pub conflict: Conflict,
    /// What people read, in English; [`message`](super::message) makes it for other languages.
    pub message: String,
    /// The questions that decided, for live Casbin.
    pub asked: AskedQuestions,
}

/// The earlier act, the fact or the held duty that a refusal is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Its duty.
    pub duty: Duty,
    /// The person; none for a machine without anyone behind it.
    pub person: Option<Uuid>,
    /// How the person was a hand of it.
    pub via: Via,
    /// Its document; none for machine rules and for duties held.
    pub document: Option<Uuid>,
    /// The place of the hand among those of its document; none for machine rules and for duties held.
    pub sequence: Option<i32>,
    /// When; none for machine rules and for duties held.
    pub at: Option<DateTime<Utc>>,
    /// How the two are related; none for duties held (static rules).
    pub relation: Option<Relation>,
}
