//! Call a transfer off before it is shipped.

use super::status::{TransferCommand, TransferStatus};
use super::{event, repo};
use crate::inventory::{Posting, ledger};
use crate::shared::{TransferId, required_text};
use quartermaster_tenants::policy::{Duty, duty};
use quartermaster_tenants::{Flight, Op, Outcome, Result, TenantTx, Tenants};

/// Approved or Picking → Cancelled: what was promised to it is free again.
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
    let mut reads = Flight::new();
    let locked = ledger::lock(op, transfer.promised_places(), &mut reads);
    let (mut facts, landing) = tx
        .facts(transfer.subject(transfer.to), &[Duty::TrfCreate], reads)
        .await?;
    let cancelled =
        facts.authorize::<duty::TrfCreate>(&transfer.standing(TransferCommand::Cancel, expected_version))?;
    transfer.reason = Some(required_text(&["reason"], reason, 2000)?);
    let mut stock = ledger::read_locked(&landing, &locked)?;
    let allocations = transfer.free();
    transfer.status = TransferStatus::Cancelled;
    transfer.trail.touch();
    let off = event("transfer-cancelled", &transfer, transfer.to).of_act(cancelled.act());
    tx.record(off, &mut transfer.trail)?;
    let mut writes = Flight::new();
    let posting = Posting {
        document_kind: "TRANSFER",
        document: id.0,
        act: cancelled.act(),
        field: &["id"],
        movements: vec![],
        allocations,
    };
    stock.post(&mut tx, &facts.settings, &posting, &mut writes)?;
    repo::update(&tx, cancelled, &transfer, before, &mut writes)?;
    tx.commit(writes, Outcome::done(id, transfer.trail.version)).await
}
