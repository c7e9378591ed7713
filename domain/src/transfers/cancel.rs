//! Call a transfer off before it is shipped.

use super::transfer::{TransferCommand, TransferStatus};
use super::{event, repo};
use crate::shared::{TransferId, required_text};
use quartermaster_tenants::policy::{Duty, duty};
use quartermaster_tenants::{Flight, Op, Outcome, Result, TenantTx, Tenants};

/// Approved → Cancelled.
///
/// # Errors
/// Refusals of authority, version, state, segregation of duties, of an empty reason.
pub async fn cancel(
    db: &Tenants,
    op: &Op,
    id: TransferId,
    reason: &str,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut transfer = repo::load_for_update(&mut tx, id, repo::Side::Either).await?;
    let before = transfer.trail.version;
    let (mut facts, _) = tx
        .facts(transfer.subject(transfer.to), &[Duty::TrfCreate], Flight::new())
        .await?;
    let cancelled =
        facts.authorize::<duty::TrfCreate>(&transfer.standing(TransferCommand::Cancel, expected_version))?;
    transfer.reason = Some(required_text(&["reason"], reason, 2000)?);
    transfer.status = TransferStatus::Cancelled;
    transfer.trail.touch();
    let off = event("transfer-cancelled", &transfer, transfer.to).of_act(cancelled.act());
    tx.record(off, &mut transfer.trail)?;
    let mut writes = Flight::new();
    repo::update(&tx, cancelled, &transfer, before, &mut writes)?;
    tx.commit(writes, Outcome::done(id, transfer.trail.version)).await
}
