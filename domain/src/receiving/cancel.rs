//! Give up a receipt of which nothing was taken into stock.

use super::header_data;
use super::repo;
use super::status::{ReceiptCommand, ReceiptStatus};
use crate::shared::{ReceiptId, required_text};
use quartermaster_tenants::event::Event;
use quartermaster_tenants::policy::{Duty, duty};
use quartermaster_tenants::{Flight, Op, Outcome, Result, TenantTx, Tenants};
use serde_json::json;

/// Open → Cancelled.
///
/// # Errors
/// Refusals of authority, version, state, segregation of duties; a missing reason.
pub async fn cancel(
    db: &Tenants,
    op: &Op,
    id: ReceiptId,
    reason: &str,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut flight = Flight::new();
    let rows = repo::lock(op, id, &mut flight);
    let landing = tx.fly(flight).await?;
    let mut receipt = repo::read_locked(&landing, &rows)?;
    let before = receipt.trail.version;
    let (mut facts, _) = tx.facts(receipt.subject(), &[Duty::RcvRecord], Flight::new()).await?;
    let cancelled = facts.authorize::<duty::RcvRecord>(&receipt.standing(ReceiptCommand::Cancel, expected_version))?;
    receipt.reason = Some(required_text(&["reason"], reason, 500)?);
    receipt.status = ReceiptStatus::Cancelled;
    receipt.trail.touch();
    let mut data = header_data(&receipt);
    data["reason"] = json!(receipt.reason);
    tx.record(
        Event::new("receipt-cancelled", "RECEIPT", id, data)
            .at_location(receipt.location)
            .of_act(cancelled.act()),
        &mut receipt.trail,
    )?;
    let mut writes = Flight::new();
    repo::update(&tx, cancelled, &receipt, before, &mut writes)?;
    repo::commit(tx, &receipt, writes).await
}
