//! How an operation can end otherwise than it should: expected refusals, which are data, and faults, which are not.

use crate::tx::Outcome;
use serde::{Deserialize, Serialize};

/// The result of everything that touches tenant data.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Stable codes of expected refusals, as clients see them in `userErrors`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Code {
    /// A value that the business refuses.
    InvalidInput,
    /// A required value is missing.
    Required,
    /// Too many, too long, too large.
    TooLarge,
    /// Something with this code, number or key exists already.
    Duplicate,
    /// Nothing with this id exists for the caller.
    NotFound,
    /// The caller has no role that may do this.
    Forbidden,
    /// The document changed since the caller read it.
    Conflict,
    /// The document's state does not allow the command.
    InvalidState,
    /// A segregation-of-duties rule forbids it to these hands.
    SegregationOfDuties,
    /// The item, supplier or location is not active.
    Inactive,
    /// More than ordered, beyond the tolerance.
    OverTolerance,
    /// There is not enough stock.
    InsufficientStock,
    /// A unit, currency or country that the product does not know, or that does not fit.
    UnknownCode,
}

/// One expected refusal: what clients see as a `UserError`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The stable code.
    pub code: Code,
    /// A sentence for people.
    pub message: String,
    /// The path into the input.
    pub field: Vec<String>,
    /// What the code adds.
    #[serde(default)]
    pub detail: Detail,
}

/// What some refusals say besides.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Detail {
    /// Nothing.
    #[default]
    None,
    /// For `INVALID_STATE`: the state, and the commands that it allows.
    State {
        /// The document's state.
        state: String,
        /// Commands that this state allows to somebody.
        allowed: Vec<String>,
    },
    /// For `CONFLICT`.
    Version {
        /// The version as it is now.
        current: i32,
    },
    /// For `SEGREGATION_OF_DUTIES`.
    Duties(Box<crate::act::DutyRefusal>),
}

impl Refusal {
    /// A refusal of one input value.
    pub fn new(code: Code, field: &[&str], message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            field: field.iter().map(|f| (*f).to_owned()).collect(),
            detail: Detail::None,
        }
    }

    /// A value that the business refuses.
    pub fn invalid(field: &[&str], message: impl Into<String>) -> Self {
        Self::new(Code::InvalidInput, field, message)
    }

    /// An id that is nobody's, or not the caller's: both look the same.
    pub fn not_found(field: &[&str], what: &str) -> Self {
        Self::new(Code::NotFound, field, format!("There is no {what} with this id."))
    }

    /// What refusals say, one sentence after the other.
    #[must_use]
    pub fn sentences(refusals: &[Self]) -> String {
        let all: Vec<&str> = refusals.iter().map(|r| r.message.as_str()).collect();
        all.join(" ")
    }

    /// The same refusal, its field path put behind `prefix` (a line of a list, say).
    #[must_use]
    pub fn under(mut self, prefix: &[String]) -> Self {
        self.field.splice(0..0, prefix.iter().cloned());
        self
    }
}

/// How an operation ended when it did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Expected refusals: nothing was changed.
    #[error("refused: {0:?}")]
    Refused(Vec<Refusal>),
    /// The idempotency key was used before for the same request: this is what it came to.
    #[error("repeated")]
    Repeated(Outcome),
    /// The idempotency key was used before for another request.
    #[error("idempotency key reused")]
    KeyReused,
    /// The credential's account or tenant is no longer active.
    #[error("no longer active")]
    Inactive,
    /// The account asked for more of something than it may have in a minute.
    #[error("too often")]
    TooOften,
    /// A lock or unique key was lost to another transaction: the whole operation may be tried again.
    #[error("lost to a concurrent transaction: {0}")]
    Contended(String),
    /// No database connection, or none in time.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// A defect. The text is for the log, never for the client.
    #[error("internal: {0}")]
    Internal(String),
}

impl Error {
    /// A defect, described for the log.
    pub fn internal(what: impl std::fmt::Display) -> Self {
        Self::Internal(what.to_string())
    }
}

impl From<Refusal> for Error {
    fn from(r: Refusal) -> Self {
        Self::Refused(vec![r])
    }
}

impl From<Vec<Refusal>> for Error {
    fn from(r: Vec<Refusal>) -> Self {
        Self::Refused(r)
    }
}

impl From<deadpool_postgres::PoolError> for Error {
    fn from(e: deadpool_postgres::PoolError) -> Self {
        match e {
            deadpool_postgres::PoolError::Backend(e) => e.into(),
            e => Self::Unavailable(e.to_string()),
        }
    }
}

impl From<tokio_postgres::Error> for Error {
    fn from(e: tokio_postgres::Error) -> Self {
        let Some(db) = e.as_db_error() else {
            let unreachable = ["connect", "TLS", "authentication"];
            return if e.is_closed() || is_broken(&e) || unreachable.iter().any(|word| e.to_string().contains(word)) {
                Self::Unavailable(crate::wire::told(&e))
            } else {
                Self::Internal(format!("{e:?}"))
            };
        };
        match db.code().code() {
            // serialization failure, deadlock, unique key: somebody else was faster
            "40001" | "40P01" | "23505" => {
                let constraint = db.constraint().unwrap_or_default();
                Self::Contended(
                    constraint
                        .trim_end_matches(|c: char| c.is_ascii_digit())
                        .trim_end_matches('_')
                        .to_owned(),
                )
            }
            // numeric value out of range: each value was good, what they come to together is not
            "22003" => {
                let message = "The amounts are larger than can be kept: at most 16 digits before the decimal point.";
                Self::Refused(vec![Refusal::new(Code::TooLarge, &[], message)])
            }
            // not let in: by whom, from where, how secured, into what
            "28000" | "28P01" | "3D000" => Self::Unavailable(db.message().to_owned()),
            code if is_away(code) => Self::Unavailable(db.message().to_owned()),
            _ => Self::Internal(format!("{}: {} ({:?})", db.code().code(), db.message(), db.where_())),
        }
    }
}

/// Is an error of the database one that says "not now"? Connection exceptions; no more memory, disk or connections; shutting down or
/// starting, a statement that was cancelled; trouble of its system; a standby where there was a primary.
#[must_use]
pub(crate) fn is_away(code: &str) -> bool {
    ["08", "53", "57", "58"].iter().any(|class| code.starts_with(class)) || code == "25006"
}

/// Did the connection break, in the middle of whatever it was doing?
#[must_use]
pub(crate) fn is_broken(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(error), |e| e.source()).any(|e| e.is::<std::io::Error>())
}

#[cfg(test)]
mod tests {
    use super::{Error, is_away, is_broken};

    #[test]
    fn a_database_that_is_away_is_no_defect() {
        for code in [
            "57P01", "57P02", "57P03", "57014", "53300", "53100", "08006", "58030", "25006",
        ] {
            assert!(is_away(code), "{code}");
        }
        for code in ["42601", "23503", "22P02", "25P02", "XX000"] {
            assert!(!is_away(code), "{code}");
        }
    }

    #[test]
    fn a_connection_that_broke_is_found_behind_whatever_tells_of_it() {
        let broken = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        assert!(is_broken(&broken));
        assert!(!is_broken(&Error::internal("a row is missing")));
        let told = sea_orm::RuntimeErr::SqlxError(sea_orm::SqlxError::Io(broken).into());
        assert!(matches!(sea_orm::DbErr::Query(told).into(), Error::Unavailable(_)));
    }
}
