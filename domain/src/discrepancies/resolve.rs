//! Decide what becomes of a discrepancy.

use super::discrepancy::{Discrepancy, DiscrepancyCommand};
use super::kind::{DiscrepancyStatus, Kind, Resolution};
use super::repo;
use crate::purchasing::{PurchaseOrder, progress};
use crate::receiving::{self, ReceiptStatus};
use crate::shared::{DiscrepancyId, ReceiptId, text};
use quartermaster_tenants::event::Event;
use quartermaster_tenants::policy::{Duty, duty};
use quartermaster_tenants::{Flight, Op, Outcome, Refusal, Result, TenantTx, Tenants, error::Code};
use rust_decimal::Decimal;
use serde_json::json;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Open → Resolved, by somebody with authority for its amount who neither raised it nor received the goods. Short-closing
/// also ends the order line; the last one resolved makes the receipt Accepted.
///
/// # Errors
/// Refusals of authority, version, state, segregation of duties; a resolution that does not fit.
pub async fn resolve(
    db: &Tenants,
    op: &Op,
    id: DiscrepancyId,
    resolution: Resolution,
    note: Option<&str>,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let missing = || Refusal::not_found(&["id"], "discrepancy");
    let mut flight = Flight::new();
    let at = repo::receipt_of(op, id, &mut flight);
    let landing = tx.fly(flight).await?;
    let receipt: Uuid = landing.optional(at).ok_or_else(missing)?.try_get(0)?;

    let mut flight = Flight::new();
    let rows = receiving::repo::lock(op, ReceiptId(receipt), &mut flight);
    let at = repo::lock_with_others(op, ReceiptId(receipt), id, &mut flight);
    let landing = tx.fly(flight).await?;
    let mut receipt = receiving::repo::read_locked(&landing, &rows)?;
    let mut orders = progress::read(&landing, &rows.locked)?;
    let all = repo::read_locked(&landing, at)?;
    let others_open = all.iter().any(|d| d.id != id && d.status == DiscrepancyStatus::Open);
    let mut discrepancy = all.into_iter().find(|d| d.id == id).ok_or_else(missing)?;
    let before = discrepancy.trail.version;

    let subject = discrepancy.subject(&receipt.orders);
    let (mut facts, _) = tx.facts(subject, &[Duty::DiscResolve], Flight::new()).await?;
    let level = facts.level_of(discrepancy.amount);
    let resolved = facts.authorize::<duty::DiscResolve>(&discrepancy.standing(
        DiscrepancyCommand::Resolve,
        level,
        expected_version,
    ))?;
    let note = note.map(|n| text(&["note"], n, 2000)).transpose()?;
    let closed = close(&discrepancy, resolution, &mut orders)?;
    discrepancy.resolve(resolution, note, facts.now);
    discrepancy.trail.touch();
    tx.record(
        Event::new("discrepancy-resolved", "DISCREPANCY", id, discrepancy.data())
            .at_location(discrepancy.location)
            .of_act(resolved.act()),
        &mut discrepancy.trail,
    )?;
    let mut writes = Flight::new();
    progress::settle(
        &mut tx,
        &mut orders,
        &closed,
        Some("purchase-order-line-short-closed"),
        &mut writes,
    )?;
    if receipt.status == ReceiptStatus::Discrepant && !others_open {
        receipt.status = ReceiptStatus::Accepted;
        receipt.trail.touch();
        let data = json!({ "status": receipt.status.as_str() });
        tx.record(
            Event::new("receipt-accepted", "RECEIPT", receipt.id, data)
                .at_location(receipt.location)
                .by_system(),
            &mut receipt.trail,
        )?;
        receiving::repo::update_by_system(&tx, &receipt, &mut writes)?;
    }
    repo::update(&tx, resolved, &discrepancy, before, &mut writes)?;
    tx.commit(writes, Outcome::done(id, discrepancy.trail.version)).await
}

/// Checks that the resolution fits; short-closing expects no more of the order line.
fn close(
    discrepancy: &Discrepancy,
    resolution: Resolution,
    orders: &mut [PurchaseOrder],
) -> Result<BTreeSet<(Uuid, i32)>, Refusal> {
    let mut closed = BTreeSet::new();
    if resolution == Resolution::Reversed {
        let message = "Only reversing the receipt comes to this.";
        return Err(Refusal::invalid(&["resolution"], message));
    }
    if resolution == Resolution::Return && matches!(discrepancy.kind, Kind::Short | Kind::Late | Kind::Paper) {
        let message = "There are no goods to send back.";
        return Err(Refusal::invalid(&["resolution"], message));
    }
    if resolution != Resolution::ShortClose {
        return Ok(closed);
    }
    let line = discrepancy
        .order
        .filter(|_| discrepancy.kind == Kind::Short)
        .and_then(|(order, number)| {
            let order = orders.iter_mut().find(|o| o.id.0 == order)?;
            order.lines.iter_mut().find(|l| l.number == number)
        });
    let Some(line) = line else {
        let message = "Only what is missing of an order line can be short-closed.";
        return Err(Refusal::invalid(&["resolution"], message));
    };
    let rest = line.outstanding();
    if rest <= Decimal::ZERO {
        let message = "Nothing is outstanding on the order line any more.";
        return Err(Refusal::new(Code::InvalidState, &["resolution"], message));
    }
    line.closed += rest;
    closed.extend(discrepancy.order);
    Ok(closed)
}
