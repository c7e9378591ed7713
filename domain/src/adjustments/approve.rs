//! Approve an adjustment: it is posted at once.

use super::adjustment::AdjustmentCommand;
use super::{event, post, repo};
use crate::inventory::ledger;
use crate::shared::AdjustmentId;
use quartermaster_tenants::policy::{Duty, duty};
use quartermaster_tenants::{Flight, Op, Outcome, Result, TenantTx, Tenants};

/// InApproval → Approved → Posted, by another person than its maker (INV-01) and the counter of its count (INV-03).
///
/// # Errors
/// Refusals of authority (the level of the value), version, state, segregation of duties, of too little stock.
pub async fn approve(db: &Tenants, op: &Op, id: AdjustmentId, expected_version: Option<i32>) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut adjustment = repo::load_for_update(&mut tx, id).await?;
    let before = adjustment.trail.version;
    let mut reads = Flight::new();
    let locked = ledger::lock(op, adjustment.places(), &mut reads);
    let (mut facts, landing) = tx.facts(adjustment.subject(), &[Duty::StkAdjustApprove], reads).await?;
    let approved = facts
        .authorize::<duty::StkAdjustApprove>(&adjustment.standing(AdjustmentCommand::Approve, expected_version))?;
    adjustment.poster = op.person;
    adjustment.trail.touch();
    tx.record(
        event("adjustment-approved", &adjustment).of_act(approved.act()),
        &mut adjustment.trail,
    )?;
    let mut stock = ledger::read_locked(&landing, &locked)?;
    let mut writes = Flight::new();
    post::post(
        &mut tx,
        &facts.settings,
        &mut stock,
        &mut adjustment,
        approved.act(),
        &mut writes,
    )?;
    repo::update(&tx, approved, &adjustment, before, &mut writes)?;
    tx.commit(writes, Outcome::done(id, adjustment.trail.version)).await
}
