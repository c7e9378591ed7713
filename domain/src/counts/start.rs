//! Freeze the snapshot: each place in the scope with its quantity and its place in the ledger.

use super::stock_count::{CountCommand, CountStatus};
use super::{event, repo};
use crate::shared::StockCountId;
use quartermaster_tenants::policy::{Duty, duty};
use quartermaster_tenants::{Flight, Op, Outcome, Result, TenantTx, Tenants};

/// Planned → InProgress.
///
/// # Errors
/// Refusals of authority, version, state, segregation of duties.
pub async fn start(db: &Tenants, op: &Op, id: StockCountId, expected_version: Option<i32>) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut count = repo::load_for_update(&mut tx, id, repo::Lines::None).await?.0;
    let before = count.trail.version;
    let (mut facts, _) = tx.facts(count.subject(), &[Duty::CntPlan], Flight::new()).await?;
    let started = facts.authorize::<duty::CntPlan>(&count.standing(CountCommand::Start, expected_version))?;
    count.status = CountStatus::InProgress;
    count.trail.touch();
    tx.record(
        event("stock-count-started", &count).of_act(started.act()),
        &mut count.trail,
    )?;
    let mut writes = Flight::new();
    repo::update(&tx, started, &count, before, &mut writes)?;
    repo::snapshot(op, &count, &mut writes);
    tx.commit(writes, Outcome::done(id, count.trail.version)).await
}
