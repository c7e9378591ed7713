//! Approve a return, or refuse it.

use super::repo;
use super::status::{ReturnCommand, ReturnStatus};
use crate::shared::{SupplierReturnId, required_text};
use quartermaster_tenants::event::Event;
use quartermaster_tenants::policy::{Duty, duty};
use quartermaster_tenants::{Flight, Op, Outcome, Result, TenantTx, Tenants};
use serde_json::json;

/// InApproval → Approved; the top level needs a second person first.
///
/// # Errors
/// Refusals of authority (the level of the amount), version, state, segregation of duties.
pub async fn approve(db: &Tenants, op: &Op, id: SupplierReturnId, expected_version: Option<i32>) -> Result<Outcome> {
    decide(db, op, id, ReturnCommand::Approve, None, expected_version).await
}

/// InApproval → Rejected, for good.
///
/// # Errors
/// As [`approve`]; a missing reason.
pub async fn reject(
    db: &Tenants,
    op: &Op,
    id: SupplierReturnId,
    reason: &str,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    decide(db, op, id, ReturnCommand::Reject, Some(reason), expected_version).await
}

async fn decide(
    db: &Tenants,
    op: &Op,
    id: SupplierReturnId,
    command: ReturnCommand,
    reason: Option<&str>,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut goods = repo::load_for_update(&mut tx, id).await?;
    let before = goods.trail.version;
    let (mut facts, _) = tx.facts(goods.subject(), &[Duty::RtvApprove], Flight::new()).await?;
    let decided = facts.authorize::<duty::RtvApprove>(&goods.standing(command, expected_version))?;
    let kind = match reason {
        Some(reason) => {
            goods.decision_reason = Some(required_text(&["reason"], reason, 500)?);
            goods.status = ReturnStatus::Rejected;
            "supplier-return-refused"
        }
        None if goods.approve() => "supplier-return-approved",
        None => "supplier-return-approval-step-completed",
    };
    goods.trail.touch();
    let mut data = goods.data();
    data["reason"] = json!(goods.decision_reason);
    tx.record(
        Event::new(kind, "SUPPLIER_RETURN", id, data)
            .at_location(goods.location)
            .of_act(decided.act()),
        &mut goods.trail,
    )?;
    let mut writes = Flight::new();
    repo::update(&tx, decided, &goods, before, &mut writes)?;
    tx.commit(writes, Outcome::done(id, goods.trail.version)).await
}
