//! Refuse an adjustment for good.

use super::adjustment::{AdjustmentCommand, AdjustmentStatus};
use super::{event, repo};
use crate::shared::{AdjustmentId, required_text};
use quartermaster_tenants::policy::{Duty, duty};
use quartermaster_tenants::{Flight, Op, Outcome, Result, TenantTx, Tenants};

/// InApproval → Rejected.
///
/// # Errors
/// Refusals of authority, version, state, segregation of duties, of an empty reason.
pub async fn reject(
    db: &Tenants,
    op: &Op,
    id: AdjustmentId,
    reason: &str,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut adjustment = repo::load_for_update(&mut tx, id).await?;
    let before = adjustment.trail.version;
    let (mut facts, _) = tx
        .facts(adjustment.subject(), &[Duty::StkAdjustApprove], Flight::new())
        .await?;
    let rejected =
        facts.authorize::<duty::StkAdjustApprove>(&adjustment.standing(AdjustmentCommand::Reject, expected_version))?;
    adjustment.refusal = Some(required_text(&["reason"], reason, 2000)?);
    adjustment.status = AdjustmentStatus::Rejected;
    adjustment.trail.touch();
    tx.record(
        event("adjustment-rejected", &adjustment).of_act(rejected.act()),
        &mut adjustment.trail,
    )?;
    let mut writes = Flight::new();
    repo::update(&tx, rejected, &adjustment, before, &mut writes)?;
    tx.commit(writes, Outcome::done(id, adjustment.trail.version)).await
}
