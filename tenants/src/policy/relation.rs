//! When two acts are close enough for a rule to compare their hands.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};

use super::vocabulary::UnknownWord;

/// The relation a rule asks for between the document acted on and the document of an earlier hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// The same document, all rounds and revisions.
    Document,
    /// The same document in the same round of approval.
    Round,
    /// The act itself: rules about machines.
    Act,
    /// Documents of one purchase; the same document too.
    Chain,
    /// A supplier in common, the earlier act at most so many days old.
    Supplier {
        /// Days of 24 hours, boundary included; none means for ever.
        days: Option<u32>,
    },
    /// A location and item in common, the earlier act at most so many days old.
    Stock {
        /// Days of 24 hours, boundary included; none means for ever.
        days: Option<u32>,
    },
}

impl Relation {
    /// Reads the columns `relation` and `days` of the rule table; zero days means no limit in time.
    pub fn parse(word: &str, days: u32) -> Result<Self, UnknownWord> {
        let limit = (days > 0).then_some(days);
        match (word, limit) {
            ("same_document", None) => Ok(Self::Document),
            ("same_round", None) => Ok(Self::Round),
            ("same_act", None) => Ok(Self::Act),
            ("same_chain", None) => Ok(Self::Chain),
            ("same_supplier", days) => Ok(Self::Supplier { days }),
            ("same_stock", days) => Ok(Self::Stock { days }),
            _ => Err(UnknownWord::new("relation", &format!("{word}:{days}"))),
        }
    }

    /// The word without its days, as clients see it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Document => "same_document",
            Self::Round => "same_round",
            Self::Act => "same_act",
            Self::Chain => "same_chain",
            Self::Supplier { .. } => "same_supplier",
            Self::Stock { .. } => "same_stock",
        }
    }

    /// How long an earlier act counts, in days; none means for ever.
    pub const fn days(self) -> Option<u32> {
        match self {
            Self::Supplier { days } | Self::Stock { days } => days,
            Self::Document | Self::Round | Self::Act | Self::Chain => None,
        }
    }

    /// Whether an act at `at` still counts at `now`. An act later than `now` (a clock set back) counts.
    pub fn in_time(self, at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        self.days()
            .is_none_or(|days| now.signed_duration_since(at) <= TimeDelta::days(i64::from(days)))
    }
}

/// The word Casbin is told: `same_chain`, `same_supplier:90`.
impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.days() {
            Some(days) => write!(f, "{}:{days}", self.code()),
            None => f.write_str(self.code()),
        }
    }
}
