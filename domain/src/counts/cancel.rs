//! Call a count off.

use super::stock_count::{CountCommand, CountStatus};
use super::{event, repo};
use crate::shared::{StockCountId, required_text};
use quartermaster_tenants::policy::{Duty, duty};
use quartermaster_tenants::{Flight, Op, Outcome, Result, TenantTx, Tenants};

/// Planned to Reviewed → Cancelled: nothing was moved yet. A count that its approver does not believe ends here as well.
///
/// # Errors
/// Refusals of authority, version, state, segregation of duties, of an empty reason.
pub async fn cancel(
    db: &Tenants,
    op: &Op,
    id: StockCountId,
    reason: &str,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut count = repo::load_for_update(&mut tx, id, repo::Lines::None).await?.0;
    let before = count.trail.version;
    let (mut facts, _) = tx.facts(count.subject(), &[Duty::CntPlan], Flight::new()).await?;
    let cancelled = facts.authorize::<duty::CntPlan>(&count.standing(CountCommand::Cancel, expected_version))?;
    count.reason = Some(required_text(&["reason"], reason, 2000)?);
    count.status = CountStatus::Cancelled;
    count.trail.touch();
    tx.record(
        event("stock-count-cancelled", &count).of_act(cancelled.act()),
        &mut count.trail,
    )?;
    let mut writes = Flight::new();
    repo::update(&tx, cancelled, &count, before, &mut writes)?;
    tx.commit(writes, Outcome::done(id, count.trail.version)).await
}
