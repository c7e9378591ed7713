//! Approve the variance: the books are put right at once.

use super::stock_count::CountCommand;
use super::{event, post, repo};
use crate::inventory::ledger;
use crate::shared::StockCountId;
use quartermaster_tenants::policy::{Duty, duty};
use quartermaster_tenants::{Flight, Op, Outcome, Result, TenantTx, Tenants};

/// Reviewed → Approved → Posted, by nobody who counted (INV-02) or planned (INV-10).
///
/// # Errors
/// Refusals of authority (the level of the variance), version, state, segregation of duties, of too little stock.
pub async fn approve(db: &Tenants, op: &Op, id: StockCountId, expected_version: Option<i32>) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut count = repo::load_for_update(&mut tx, id, repo::Lines::All).await?.0;
    let before = count.trail.version;
    let mut reads = Flight::new();
    let locked = ledger::lock(op, count.varied().map(|l| l.place.clone()), &mut reads);
    let (mut facts, landing) = tx.facts(count.subject(), &[Duty::CntApprove], reads).await?;
    let approved = facts.authorize::<duty::CntApprove>(&count.standing(CountCommand::Approve, expected_version))?;
    count.trail.touch();
    tx.record(
        event("stock-count-approved", &count).of_act(approved.act()),
        &mut count.trail,
    )?;
    let mut stock = ledger::read_locked(&landing, &locked)?;
    let mut writes = Flight::new();
    post::post(
        &mut tx,
        &facts.settings,
        &mut stock,
        &mut count,
        approved.act(),
        &mut writes,
    )?;
    repo::update(&tx, approved, &count, before, &mut writes)?;
    tx.commit(writes, Outcome::done(id, count.trail.version)).await
}
