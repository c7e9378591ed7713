//! Runs a verb to its end: tries again what lost to a concurrent transaction, remembers refusals, records those of duties.

use super::{Flight, Outcome, TenantTx, Tenants};
use crate::error::{Code, Detail, Error, Refusal, Result};
use crate::event::{Event, Trail};
use crate::op::Op;
use serde_json::json;
use uuid::Uuid;

/// A whole operation is tried at most this often when it loses to a concurrent one.
const TRIES: u32 = 3;

/// Runs `verb` until it succeeds, is refused, or failed in a way that trying again does not cure.
///
/// # Errors
/// Faults only: refusals are in the [`Outcome`].
pub async fn perform<F>(db: &Tenants, op: &Op, verb: F) -> Result<Outcome>
where
    F: AsyncFn() -> Result<Outcome>,
{
    let mut tries = 0;
    loop {
        tries += 1;
        match verb().await {
            Ok(outcome) | Err(Error::Repeated(outcome)) => return Ok(outcome),
            Err(Error::Contended(what)) if tries < TRIES => {
                tracing::debug!(%what, tries, "tried again")
            }
            Err(Error::Contended(what)) => {
                tracing::info!(%what, "lost to concurrent transactions");
                let message = "This was changed by somebody else at the same moment. Read it again and repeat.";
                return Ok(Outcome::refused(vec![Refusal::new(
                    Code::Conflict,
                    &["input"],
                    message,
                )]));
            }
            Err(Error::Refused(refusals)) => {
                return remember(db, op, Outcome::refused(refusals)).await;
            }
            Err(fault) => return Err(fault),
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
        tx.clock().await?;
        tx.record(
            Event::new(
                "segregation-of-duties-refused",
                "REFUSAL",
                Uuid::now_v7(),
                data,
            ),
            &mut Trail::new(),
        )?;
    }
    match tx.commit(Flight::new(), outcome).await {
        Err(Error::Repeated(outcome)) => Ok(outcome),
        other => other,
    }
}
