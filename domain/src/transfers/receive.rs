//! Take in what arrived, all of it or a part. What will not arrive is a difference on record.

use super::status::{TransferCommand, TransferStatus};
use super::transfer::Transfer;
use super::{event, repo};
use crate::inventory::{Movement, Posting, Stock, ledger};
use crate::shared::{TransferId, line_field, quantity};
use quartermaster_tenants::policy::{Duty, duty};
use quartermaster_tenants::{Flight, Op, Outcome, Refusal, Result, TenantTx, Tenants};
use rust_decimal::Decimal;

/// What arrived of a line, in base units.
#[derive(Debug, Clone)]
pub struct ReceivedLine {
    /// The line.
    pub number: i32,
    /// How much arrived, damaged or not.
    pub quantity: Decimal,
    /// How much of that is damaged: it goes into quarantine.
    pub damaged: Decimal,
}

/// InTransit → PartiallyReceived, or Received and Closed; with `complete` nothing more is expected, and what is missing makes
/// the transfer Discrepant.
///
/// # Errors
/// Refusals of the input, of authority, version, state, segregation of duties (INV-05, INV-06).
pub async fn receive(
    db: &Tenants,
    op: &Op,
    id: TransferId,
    lines: &[ReceivedLine],
    complete: bool,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut transfer = repo::load_for_update(&mut tx, id, repo::Side::To).await?;
    let before = transfer.trail.version;
    let mut reads = Flight::new();
    let locked = ledger::lock(op, transfer.receiving_places(), &mut reads);
    let (mut facts, landing) = tx
        .facts(transfer.subject(transfer.to), &[Duty::TrfReceive], reads)
        .await?;
    let received =
        facts.authorize::<duty::TrfReceive>(&transfer.standing(TransferCommand::Receive, expected_version))?;
    let mut stock = ledger::read_locked(&landing, &locked)?;
    let mut movements = arrived(&mut transfer, lines, &stock)?;
    if complete {
        movements.extend(transfer.give_up());
    }
    if movements.is_empty() {
        return Err(Refusal::invalid(&["lines"], "Say what arrived, or that nothing more will.").into());
    }
    transfer.settle();
    transfer.trail.touch();
    let arrived = event("transfer-received", &transfer, transfer.to).of_act(received.act());
    tx.record(arrived, &mut transfer.trail)?;
    match transfer.status {
        TransferStatus::Discrepant => {
            let difference = event("transfer-discrepancy-created", &transfer, transfer.to).by_system();
            tx.record(difference, &mut transfer.trail)?;
        }
        TransferStatus::Received => {
            transfer.status = TransferStatus::Closed;
            let closed = event("transfer-closed", &transfer, transfer.to).by_system();
            tx.record(closed, &mut transfer.trail)?;
        }
        _ => {}
    }
    let mut writes = Flight::new();
    let posting = Posting {
        document_kind: "TRANSFER",
        document: id.0,
        act: received.act(),
        field: &["lines"],
        movements,
        allocations: vec![],
    };
    stock.post(&mut tx, &facts.settings, &posting, &mut writes)?;
    repo::update(&tx, received, &transfer, before, &mut writes)?;
    tx.commit(writes, Outcome::done(id, transfer.trail.version)).await
}

fn arrived(transfer: &mut Transfer, lines: &[ReceivedLine], stock: &Stock) -> Result<Vec<Movement>, Vec<Refusal>> {
    let mut movements = Vec::new();
    let mut refusals = Vec::new();
    for (i, line) in lines.iter().enumerate() {
        let checked = quantity(&[], line.quantity)
            .map_err(|r| r.under(&line_field("lines", i, "quantity")))
            .and_then(|q| {
                let damaged = if line.damaged.is_zero() {
                    Ok(line.damaged)
                } else {
                    quantity(&[], line.damaged)
                };
                Ok((
                    q,
                    damaged.map_err(|r| r.under(&line_field("lines", i, "damagedQuantity")))?,
                ))
            });
        match checked.and_then(|(q, damaged)| transfer.receive(i, (line.number, q, damaged), stock)) {
            Ok(found) => movements.extend(found),
            Err(refusal) => refusals.push(refusal),
        }
    }
    if refusals.is_empty() {
        Ok(movements)
    } else {
        Err(refusals)
    }
}
