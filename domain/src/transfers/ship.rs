//! Send a transfer: stock leaves the sender and lies in transit at the receiver.

use super::status::{TransferCommand, TransferStatus};
use super::{event, repo};
use crate::inventory::{Posting, ledger};
use crate::shared::{TransferId, line_field, quantity};
use quartermaster_tenants::error::Code;
use quartermaster_tenants::policy::{Duty, duty};
use quartermaster_tenants::{Flight, Op, Outcome, Refusal, Result, TenantTx, Tenants};
use rust_decimal::Decimal;

/// How much of a line is sent, in base units.
#[derive(Debug, Clone)]
pub struct ShippedLine {
    /// The line.
    pub number: i32,
    /// Zero for none of it.
    pub quantity: Decimal,
}

/// Picking → InTransit, or both steps at once for one that was not picked. Lines that are not named are sent whole; what was
/// promised and is not sent is free again.
///
/// # Errors
/// Refusals of the input, of authority, version, state, segregation of duties, of too little stock.
pub async fn ship(
    db: &Tenants,
    op: &Op,
    id: TransferId,
    lines: &[ShippedLine],
    expected_version: Option<i32>,
) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut transfer = repo::load_for_update(&mut tx, id, repo::Side::From).await?;
    let before = transfer.trail.version;
    let mut reads = Flight::new();
    let locked = ledger::lock(op, transfer.shipping_places(), &mut reads);
    let (mut facts, landing) = tx
        .facts(transfer.subject(transfer.from), &[Duty::TrfShip], reads)
        .await?;
    let shipped = facts.authorize::<duty::TrfShip>(&transfer.standing(TransferCommand::Ship, expected_version))?;
    transfer.lines.iter_mut().for_each(|l| l.shipped = l.quantity);
    for (i, sent) in lines.iter().enumerate() {
        let line = transfer.line(i, sent.number)?;
        let at = line_field("lines", i, "quantity");
        if sent.quantity.is_zero() {
            line.shipped = Decimal::ZERO;
            continue;
        }
        line.shipped = quantity(&[], sent.quantity).map_err(|r| r.under(&at))?;
        if line.shipped > line.quantity {
            let refusal = Refusal::new(Code::OverTolerance, &[], "This is more than was asked for.");
            return Err(refusal.under(&at).into());
        }
    }
    let mut stock = ledger::read_locked(&landing, &locked)?;
    transfer.trail.touch();
    let mut allocations = Vec::new();
    if transfer.status == TransferStatus::Approved {
        allocations = transfer.pick();
        let started = event("transfer-picking-started", &transfer, transfer.from).of_act(shipped.act());
        tx.record(started, &mut transfer.trail)?;
    }
    allocations.extend(transfer.free());
    let movements = transfer.ship(&stock);
    if movements.is_empty() {
        return Err(Refusal::invalid(&["lines"], "Nothing would be sent: cancel the transfer instead.").into());
    }
    let sent = event("transfer-shipped", &transfer, transfer.from).of_act(shipped.act());
    tx.record(sent, &mut transfer.trail)?;
    let mut writes = Flight::new();
    let posting = Posting {
        document_kind: "TRANSFER",
        document: id.0,
        act: shipped.act(),
        field: &["lines"],
        movements,
        allocations,
    };
    stock.post(&mut tx, &facts.settings, &posting, &mut writes)?;
    repo::update(&tx, shipped, &transfer, before, &mut writes)?;
    tx.commit(writes, Outcome::done(id, transfer.trail.version)).await
}
