//! Settle the difference of a transfer: it closes.

use super::status::{TransferCommand, TransferStatus};
use super::{event, repo};
use crate::shared::{TransferId, required_text};
use quartermaster_tenants::policy::{Duty, duty};
use quartermaster_tenants::{Flight, Op, Outcome, Result, TenantTx, Tenants};

/// Discrepant → Closed, with what became of the difference. The stock was put right when it was found.
///
/// # Errors
/// Refusals of authority, version, state, segregation of duties, of an empty reason.
pub async fn settle(
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
    let settled = facts.authorize::<duty::TrfCreate>(&transfer.standing(TransferCommand::Settle, expected_version))?;
    transfer.reason = Some(required_text(&["reason"], reason, 2000)?);
    transfer.status = TransferStatus::Closed;
    transfer.trail.touch();
    let closed = event("transfer-closed", &transfer, transfer.to).of_act(settled.act());
    tx.record(closed, &mut transfer.trail)?;
    let mut writes = Flight::new();
    repo::update(&tx, settled, &transfer, before, &mut writes)?;
    tx.commit(writes, Outcome::done(id, transfer.trail.version)).await
}
