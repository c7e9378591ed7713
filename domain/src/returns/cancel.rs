//! Withdraw a return that did not leave yet.

use super::repo;
use super::status::{ReturnCommand, ReturnStatus};
use super::supplier_return::SupplierReturn;
use crate::shared::{SupplierReturnId, required_text};
use quartermaster_tenants::act::Authorized;
use quartermaster_tenants::event::Event;
use quartermaster_tenants::policy::{Duty, DutyType, duty};
use quartermaster_tenants::{Flight, Op, Outcome, Result, TenantTx, Tenants};
use serde_json::json;

/// Draft → Cancelled by whoever may write it, Approved → Cancelled by whoever may ship it. One in approval is refused instead.
///
/// # Errors
/// Refusals of authority, version, state, segregation of duties; a missing reason.
pub async fn cancel(
    db: &Tenants,
    op: &Op,
    id: SupplierReturnId,
    reason: &str,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut goods = repo::load_for_update(&mut tx, id).await?;
    let before = goods.trail.version;
    let duties = [Duty::RtvCreate, Duty::RtvShip];
    let (mut facts, _) = tx.facts(goods.subject(), &duties, Flight::new()).await?;
    let standing = goods.standing(ReturnCommand::Cancel, expected_version);
    let mut writes = Flight::new();
    if goods.status == ReturnStatus::Draft {
        let cancelled = facts.authorize::<duty::RtvCreate>(&standing)?;
        withdraw(&mut tx, cancelled, &mut goods, reason, before, &mut writes)?;
    } else {
        let cancelled = facts.authorize::<duty::RtvShip>(&standing)?;
        withdraw(&mut tx, cancelled, &mut goods, reason, before, &mut writes)?;
    }
    tx.commit(writes, Outcome::done(id, goods.trail.version)).await
}

fn withdraw<D: DutyType>(
    tx: &mut TenantTx<'_>,
    cancelled: Authorized<D>,
    goods: &mut SupplierReturn,
    reason: &str,
    before: i32,
    writes: &mut Flight,
) -> Result<()> {
    goods.decision_reason = Some(required_text(&["reason"], reason, 500)?);
    goods.status = ReturnStatus::Cancelled;
    goods.trail.touch();
    let mut data = goods.data();
    data["reason"] = json!(goods.decision_reason);
    tx.record(
        Event::new("supplier-return-cancelled", "SUPPLIER_RETURN", goods.id, data)
            .at_location(goods.location)
            .of_act(cancelled.act()),
        &mut goods.trail,
    )?;
    repo::update(tx, cancelled, goods, before, writes)
}
