//! The attempts of an operation: tries again what lost to a concurrent transaction, remembers refusals, records those of duties.

use super::{Flight, Outcome, TenantTx, Tenants, params};
use crate::error::{Code, Detail, Error, Refusal, Result};
use crate::event::{Event, Trail};
use crate::op::Op;
use chrono::TimeDelta;
use serde_json::json;
use uuid::Uuid;

/// A whole operation is tried at most this often when it loses to a concurrent one.
const TRIES: u32 = 3;

/// An explanation says what somebody did before. So that nobody finds out about others by trying, one account gets this many
/// in a minute (H-24).
const MOST_EXPLANATIONS: i64 = 30;

const EXPLAINED: &str = "SELECT count(*) FROM qm.event e WHERE e.tenant_id = $1 AND e.account_id = $2 AND e.document_kind = 'REFUSAL' AND e.at > $3";

/// The attempts of one operation. `perform!` of the API is the loop around it: a macro, because a verb borrows its input anew
/// each time.
#[derive(Debug, Default)]
pub struct Attempts(u32);

/// The end of an operation, of which refusals are still to be remembered.
pub(crate) enum End<T> {
    Known(Result<T>),
    Refused(Outcome),
}

impl Attempts {
    /// What an attempt came to: `None` to try again, else the operation's end. Faults are errors, refusals are outcomes.
    pub async fn settle(&mut self, db: &Tenants, op: &Op, result: Result<Outcome>) -> Option<Result<Outcome>> {
        match self.end(result)? {
            End::Known(result) => Some(result),
            End::Refused(refused) => Some(remember(db, op, refused).await),
        }
    }

    /// The same before anything is remembered.
    pub(crate) fn end<T: From<Outcome>>(&mut self, result: Result<T>) -> Option<End<T>> {
        self.0 += 1;
        let known = |outcome: Outcome| Some(End::Known(Ok(outcome.into())));
        match result {
            Ok(done) => Some(End::Known(Ok(done))),
            Err(Error::Repeated(outcome)) => known(outcome),
            Err(Error::Contended(what)) if self.0 < TRIES => {
                tracing::debug!(%what, tries = self.0, "tried again");
                None
            }
            Err(Error::Contended(what)) => {
                tracing::info!(%what, "lost to concurrent transactions");
                let message = "This was changed by somebody else at the same moment. Read it again and repeat.";
                known(Outcome::refused(vec![Refusal::new(
                    Code::Conflict,
                    &["input"],
                    message,
                )]))
            }
            Err(Error::Refused(refusals)) => Some(End::Refused(Outcome::refused(refusals))),
            Err(fault) => Some(End::Known(Err(fault))),
        }
    }
}

/// A refusal changes nothing, but the key keeps its answer, and a refusal for segregation of duties is audited.
async fn remember(db: &Tenants, op: &Op, outcome: Outcome) -> Result<Outcome> {
    let duties = outcome.refusals.iter().find_map(|r| match &r.detail {
        Detail::Duties(d) => Some(d),
        _ => None,
    });
    if duties.is_none() && op.idempotency.is_none() {
        return Ok(outcome);
    }
    let mut tx = TenantTx::begin(db, op).await?;
    if let Some(refusal) = duties {
        let data = json!({ "rule": refusal.rule, "duty": refusal.duty, "document": refusal.subject.document, "documentKind": refusal.subject.kind });
        let now = tx.clock().await?;
        let mut flight = Flight::new();
        let since = now - TimeDelta::minutes(1);
        let explained = flight.rows(EXPLAINED, params![op.tenant.0, op.account, since]);
        let landing = tx.fly(flight).await?;
        if landing.one(explained)?.try_get::<_, i64>(0)? >= MOST_EXPLANATIONS {
            return Err(Error::TooOften);
        }
        tx.record(
            Event::new("segregation-of-duties-refused", "REFUSAL", Uuid::now_v7(), data),
            &mut Trail::new(),
        )?;
    }
    match tx.commit(Flight::new(), outcome).await {
        Err(Error::Repeated(outcome)) => Ok(outcome),
        other => other,
    }
}
