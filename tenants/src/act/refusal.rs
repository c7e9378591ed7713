//! A refusal that explains itself: which rule, which earlier act, whose hand.

use super::Subject;
use super::facts::Standing;
use crate::error::{Code, Detail, Refusal};
use crate::policy::{SodRefusal, Tier, Via};
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

/// A refusal that says which rule, which earlier act, whose hand.
pub(super) fn explained(refusal: SodRefusal, subject: &Subject, standing: &Standing) -> Refusal {
    let conflict = &refusal.conflict;
    let detail = DutyRefusal {
        rule: refusal.rule.clone(),
        tier: refusal.tier.code().to_owned(),
        duty: refusal.duty.code().to_owned(),
        level: standing.level.get(),
        state: standing.control.map(|c| c.code().to_owned()).unwrap_or_default(),
        conflicts_with: Conflict {
            duty: conflict.duty.code().to_owned(),
            document: conflict.document,
            at: conflict.at,
            person_display: if refusal.own_via == Via::Actor {
                "you"
            } else {
                "another person"
            }
            .to_owned(),
            relation: conflict.relation.map_or_else(|| "held".to_owned(), |r| r.to_string()),
            via: conflict.via.code().to_owned(),
        },
        exception_possible: refusal.tier == Tier::Default,
        subject: subject.clone(),
    };
    let mut r = Refusal::new(Code::SegregationOfDuties, &[], refusal.message);
    r.detail = Detail::Duties(Box::new(detail));
    r
}
