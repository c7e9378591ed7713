//! Rights to read: no act, no hand, but the same policy.

use super::facts::context;
use super::history::{HELD, read_held};
use crate::error::{Code, Refusal, Result};
use crate::policy::{Duty, Level};
use crate::tx::{Flight, TenantTx, params};

/// Holds the acting account a role for this duty, now?
///
/// # Errors
/// `FORBIDDEN` when it does not.
pub async fn may(tx: &mut TenantTx<'_>, duty: Duty) -> Result<()> {
    let (policy, _, now) = context(tx).await?;
    let op = tx.op();
    let persons: Vec<_> = op.hands().into_iter().map(|(p, _)| p).collect();
    let mut flight = Flight::new();
    let held = flight.rows(HELD, params![op.tenant.0, op.account, persons.clone()]);
    let landing = tx.fly(flight).await?;
    let (roles, _) = read_held(op, &policy, landing.get(held), &persons, now)?;
    let in_scope = op
        .key_scope
        .as_ref()
        .is_none_or(|scope| scope.iter().any(|d| d == duty.code()));
    if in_scope && policy.has_authority(&roles, duty, Level::ZERO) {
        return Ok(());
    }
    Err(Refusal::new(Code::Forbidden, &[], "You have no role that may read this.").into())
}
