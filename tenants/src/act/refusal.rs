//! A refusal that explains itself: which rule, which earlier act, whose hand.

use super::Subject;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The earlier act that stands in the way; a static rule has no document and no time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// The duty of the earlier act.
    pub duty: String,
    /// Its document.
    pub document: Option<Uuid>,
    /// When.
    pub at: Option<DateTime<Utc>>,
    /// "you", a display name that the viewer may see, or "another person".
    pub person_display: String,
    /// How the two documents are related, as `same_chain`.
    pub relation: String,
    /// How the person was behind the earlier act.
    pub via: String,
}

/// A refusal by a segregation-of-duties rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DutyRefusal {
    /// Rule id, such as `P2P-03`.
    pub rule: String,
    /// `mandatory` or `default`.
    pub tier: String,
    /// The duty that was refused.
    pub duty: String,
    /// The level that the amount asks for.
    pub level: u8,
    /// The control state that the document had.
    pub state: String,
    /// The earlier act.
    pub conflicts_with: Conflict,
    /// Only default rules can be excepted.
    pub exception_possible: bool,
    /// What it was about: enough to find out who may act instead.
    pub subject: Subject,
}
