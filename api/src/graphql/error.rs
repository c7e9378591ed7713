//! Errors as clients see them: expected refusals are `userErrors`, everything else has a stable `extensions.code`.

use super::document_state::DocumentState;
use super::scalar::DateTime;
use async_graphql::{ComplexObject, Context, Enum, ErrorExtensions, ID, Interface, SimpleObject};
use quartermaster_tenants::act::DutyRefusal;
use quartermaster_tenants::directory::{PartnerOp, PlatformOp};
use quartermaster_tenants::error::{Code, Detail};
use quartermaster_tenants::{Error, Refusal};
use std::borrow::Borrow;
use uuid::Uuid;

/// Stable codes of expected refusals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum UserErrorCode {
    /// A value that the business refuses.
    InvalidInput,
    /// A required value is missing.
    Required,
    /// Too many, too long, too large.
    TooLarge,
    /// Something with this code, number or key exists already.
    Duplicate,
    /// Nothing with this id exists for you.
    NotFound,
    /// You have no role that may do this.
    Forbidden,
    /// The document changed since you read it: read it again, then repeat.
    Conflict,
    /// The document's state does not allow the command.
    InvalidState,
    /// A rule of segregation of duties forbids it to you.
    SegregationOfDuties,
    /// The item, supplier or location is not active.
    Inactive,
    /// More than ordered, beyond the tolerance.
    OverTolerance,
    /// There is not enough stock.
    InsufficientStock,
    /// A unit, currency or country that is unknown or does not fit.
    UnknownCode,
}

impl From<Code> for UserErrorCode {
    fn from(code: Code) -> Self {
        match code {
            Code::InvalidInput => Self::InvalidInput,
            Code::Required => Self::Required,
            Code::TooLarge => Self::TooLarge,
            Code::Duplicate => Self::Duplicate,
            Code::NotFound => Self::NotFound,
            Code::Forbidden => Self::Forbidden,
            Code::Conflict => Self::Conflict,
            Code::InvalidState => Self::InvalidState,
            Code::SegregationOfDuties => Self::SegregationOfDuties,
            Code::Inactive => Self::Inactive,
            Code::OverTolerance => Self::OverTolerance,
            Code::InsufficientStock => Self::InsufficientStock,
            Code::UnknownCode => Self::UnknownCode,
        }
    }
}

/// Why a mutation did nothing.
#[derive(Interface)]
#[graphql(
    field(name = "code", ty = "&UserErrorCode", desc = "Stable; decide by this."),
    field(name = "message", ty = "&String", desc = "A sentence for people."),
    field(name = "field", ty = "&Vec<String>", desc = "The path into the input.")
)]
pub enum UserError {
    /// A value was refused.
    Input(InputError),
    /// The state does not allow it.
    State(InvalidStateError),
    /// The version is stale.
    Conflict(ConflictError),
    /// A duty rule forbids it.
    Duties(Box<SegregationOfDutiesError>),
}

/// A value that was refused, or a right that is missing.
#[derive(SimpleObject)]
pub struct InputError {
    /// Stable; decide by this.
    code: UserErrorCode,
    /// A sentence for people.
    message: String,
    /// The path into the input.
    field: Vec<String>,
}

/// The document's state does not allow the command.
#[derive(SimpleObject)]
pub struct InvalidStateError {
    /// Stable; decide by this.
    code: UserErrorCode,
    /// A sentence for people.
    message: String,
    /// The path into the input.
    field: Vec<String>,
    /// The document's state; null only in the repeated answer of another release, which knew a state that this one does not.
    state: Option<DocumentState>,
    /// The mutations that this state allows to somebody.
    allowed_commands: Vec<String>,
}

/// The document changed since it was read.
#[derive(SimpleObject)]
pub struct ConflictError {
    /// Stable; decide by this.
    code: UserErrorCode,
    /// A sentence for people.
    message: String,
    /// The path into the input.
    field: Vec<String>,
    /// The version as it is now.
    current_version: Option<i32>,
}

/// Whether a rule can be lifted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum SodTier {
    /// Nothing lifts it.
    Mandatory,
    /// On unless the tenant publishes it off.
    Default,
}

/// How a person was behind an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum HandVia {
    /// Acted.
    Actor,
    /// Lent the authority.
    Delegator,
    /// Answers for the machine that acted.
    Sponsor,
    /// Triggered the automation that acted.
    Invoker,
    /// Is concerned by the document.
    Subject,
}

impl HandVia {
    /// Reads the word of the tables.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        match word {
            "delegator" => Self::Delegator,
            "sponsor" => Self::Sponsor,
            "invoker" => Self::Invoker,
            "subject" => Self::Subject,
            _ => Self::Actor,
        }
    }
}

/// A rule of segregation of duties forbids it to you; somebody else may do it.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct SegregationOfDutiesError {
    /// `SEGREGATION_OF_DUTIES`.
    code: UserErrorCode,
    /// What you did before that stands in the way, in a sentence.
    message: String,
    /// The path into the input.
    field: Vec<String>,
    /// The rule's id, such as `P2P-03`.
    rule: String,
    /// Whether the rule can be lifted.
    tier: SodTier,
    /// The earlier act that stands in the way.
    conflicts_with: SodConflict,
    /// Whether an exception could be asked for.
    exception_possible: bool,
    #[graphql(skip)]
    refusal: Box<DutyRefusal>,
}

/// The earlier act that stands in the way.
#[derive(SimpleObject)]
pub struct SodConflict {
    /// Its duty.
    duty: String,
    /// Its document; none for a static rule.
    document: Option<ID>,
    /// When; none for a static rule.
    at: Option<DateTime>,
    /// "you", a name that you may see, or "another person".
    person_display: String,
    /// How the two documents are related.
    relation: String,
    /// How the person was behind it.
    via: HandVia,
}

/// Somebody who may act. No node: a name and an account.
#[derive(SimpleObject)]
pub struct Actor {
    /// The account.
    account_id: ID,
    /// What people call it.
    display_name: String,
}

#[ComplexObject]
impl SegregationOfDutiesError {
    /// People with a role of their own who may do it now, by account id; at most 20. None for somebody above the tenant: whom to
    /// turn to there is not the tenant's to say.
    async fn eligible_actors(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 5, validator(minimum = 1, maximum = 20))] first: i32,
    ) -> async_graphql::Result<Vec<Actor>> {
        if ctx.data_opt::<PartnerOp>().is_some() || ctx.data_opt::<PlatformOp>().is_some() {
            return Ok(Vec::new());
        }
        let session = super::session(ctx)?;
        let found = quartermaster_tenants::act::eligible_actors(
            &session.db,
            &session.op,
            &self.refusal,
            usize::try_from(first).unwrap_or(5),
        )
        .await;
        let actors = found.map_err(|e| fault(e, session.op.request_id))?;
        Ok(actors
            .into_iter()
            .map(|a| Actor {
                account_id: ID(quartermaster_tenants::id::encode("mem", a.account)),
                display_name: a.display_name,
            })
            .collect())
    }
}

impl From<Refusal> for UserError {
    fn from(r: Refusal) -> Self {
        let (code, message, field) = (r.code.into(), r.message, r.field);
        match r.detail {
            Detail::None if code == UserErrorCode::Conflict => Self::Conflict(ConflictError {
                code,
                message,
                field,
                current_version: None,
            }),
            Detail::None => Self::Input(InputError { code, message, field }),
            Detail::State { state, allowed } => Self::State(InvalidStateError {
                code,
                message,
                field,
                state: DocumentState::parse(&state),
                allowed_commands: allowed,
            }),
            Detail::Version { current } => Self::Conflict(ConflictError {
                code,
                message,
                field,
                current_version: Some(current),
            }),
            Detail::Duties(refusal) => {
                metrics::counter!("quartermaster_duty_refusals_total", "rule" => refusal.rule.clone()).increment(1);
                let c = refusal.conflicts_with.clone();
                Self::Duties(Box::new(SegregationOfDutiesError {
                    code,
                    message,
                    field,
                    rule: refusal.rule.clone(),
                    tier: if refusal.tier == "mandatory" {
                        SodTier::Mandatory
                    } else {
                        SodTier::Default
                    },
                    conflicts_with: SodConflict {
                        document: c.document.map(|d| ID(super::node::document_id(&c.duty, d))),
                        duty: c.duty,
                        at: c.at.map(DateTime),
                        person_display: c.person_display,
                        relation: c.relation,
                        via: HandVia::parse(&c.via),
                    },
                    exception_possible: refusal.exception_possible,
                    refusal,
                }))
            }
        }
    }
}

/// An error with a stable code.
#[must_use]
pub fn coded(code: &'static str, message: impl Into<String>) -> async_graphql::Error {
    async_graphql::Error::new(message).extend_with(|_, e| e.set("code", code))
}

/// A fault as clients see it: a code, and for a defect a request id and nothing more.
#[must_use]
pub fn fault(error: impl Borrow<Error>, request_id: Uuid) -> async_graphql::Error {
    let error = error.borrow();
    match error {
        Error::Refused(refusals) => coded(
            if refusals.iter().any(|r| r.code == Code::Forbidden) {
                "FORBIDDEN"
            } else {
                "BAD_USER_INPUT"
            },
            Refusal::sentences(refusals),
        ),
        Error::KeyReused => coded(
            "IDEMPOTENCY_KEY_REUSED",
            "This idempotency key was used before for another request.",
        ),
        Error::TooOften => coded(
            "RATE_LIMITED",
            "You were told often why something is not yours to do. Wait a minute before you ask again.",
        ),
        Error::Inactive => coded("FORBIDDEN", "This account or its tenant is not active."),
        Error::Unavailable(what) => {
            tracing::warn!(%what, %request_id, "unavailable");
            coded(
                "UNAVAILABLE",
                "The service is not available at the moment. Repeat the request in a while.",
            )
        }
        Error::Repeated(_) | Error::Contended(_) | Error::Internal(_) => {
            tracing::error!(%error, %request_id, "internal error");
            coded(
                "INTERNAL",
                format!("Something went wrong on our side. Request id: {request_id}"),
            )
        }
    }
}
