//! Ask for approval. A value that needs none is approved by nobody and posted at once (6.4, 6.10).

use super::adjustment::{Adjustment, AdjustmentCommand};
use super::{event, post, repo};
use crate::inventory::{Stock, ledger};
use crate::shared::AdjustmentId;
use quartermaster_tenants::act::{Authorized, Facts};
use quartermaster_tenants::policy::{Duty, Level, duty};
use quartermaster_tenants::{Flight, Op, Outcome, Result, TenantTx, Tenants};

/// Draft → InApproval, or Posted when the value is under the lowest limit.
///
/// # Errors
/// Refusals of authority, version, state, segregation of duties, of too little stock.
pub async fn submit(db: &Tenants, op: &Op, id: AdjustmentId, expected_version: Option<i32>) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut adjustment = repo::load_for_update(&mut tx, id).await?;
    let before = adjustment.trail.version;
    let mut reads = Flight::new();
    let locked = ledger::lock(op, adjustment.places(), &mut reads);
    let (mut facts, landing) = tx.facts(adjustment.subject(), &[Duty::StkAdjust], reads).await?;
    let mut stock = ledger::read_locked(&landing, &locked)?;
    let mut writes = Flight::new();
    adjustment.trail.touch();
    let versions = expected_version.map(|e| (e, before));
    let submitted = decide(&mut tx, &mut facts, &mut adjustment, &mut stock, versions, &mut writes)?;
    repo::update(&tx, submitted, &adjustment, before, &mut writes)?;
    tx.commit(writes, Outcome::done(id, adjustment.trail.version)).await
}

/// The act itself, also for an adjustment that is created in the same transaction.
pub(super) fn decide(
    tx: &mut TenantTx<'_>,
    facts: &mut Facts,
    adjustment: &mut Adjustment,
    stock: &mut Stock,
    versions: Option<(i32, i32)>,
    writes: &mut Flight,
) -> Result<Authorized<duty::StkAdjust>> {
    let mut standing = adjustment.standing(AdjustmentCommand::Submit, None);
    standing.versions = versions;
    let authorized = facts.authorize::<duty::StkAdjust>(&standing)?;
    let value = adjustment.appraise(stock)?;
    let level = facts.level_of(value);
    adjustment.submit(value, level);
    tx.record(
        event("adjustment-requested", adjustment).of_act(authorized.act()),
        &mut adjustment.trail,
    )?;
    if level == Level::ZERO {
        tx.record(
            event("adjustment-approved", adjustment).by_system(),
            &mut adjustment.trail,
        )?;
        post::post(tx, &facts.settings, stock, adjustment, authorized.act(), writes)?;
    }
    Ok(authorized)
}
