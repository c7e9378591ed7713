//! What comparing a receipt with its orders found becomes discrepancies: a system act, whose makers are the receiver's hands.

use super::discrepancy::Discrepancy;
use super::kind::{DiscrepancyStatus, Kind, Resolution};
use super::repo;
use crate::receiving::Receipt;
use crate::receiving::compare::Found;
use crate::shared::DiscrepancyId;
use quartermaster_tenants::act::{Authorized, link_many};
use quartermaster_tenants::event::{Event, Trail};
use quartermaster_tenants::policy::{Duty, DutyType};
use quartermaster_tenants::{Flight, Result, TenantTx};

/// Makes discrepancies of the differences and records them.
///
/// # Errors
/// The transaction's time is not known.
pub fn find(tx: &mut TenantTx<'_>, receipt: &Receipt, found: Vec<Found>) -> Result<Vec<Discrepancy>> {
    let now = tx.now()?;
    let mut out = Vec::with_capacity(found.len());
    for f in found {
        let reason = Some(reason(&f));
        let mut discrepancy = Discrepancy {
            id: DiscrepancyId::fresh(),
            receipt: receipt.id,
            receipt_line: Some(f.line),
            order: f.order,
            supplier: receipt.supplier,
            location: receipt.location,
            item: Some(f.item),
            kind: f.kind,
            quantity: f.quantity,
            unit: Some(f.unit),
            amount: f.amount,
            reason,
            owner: f.owner,
            due_on: Discrepancy::due(now.date_naive()),
            status: DiscrepancyStatus::Open,
            resolution: None,
            resolution_note: None,
            resolved_at: None,
            found_by_system: true,
            trail: Trail::new(),
        };
        discrepancy.trail.touch();
        tx.record(
            Event::new(
                "receiving-discrepancy-created",
                "DISCREPANCY",
                discrepancy.id,
                discrepancy.data(),
            )
            .at_location(receipt.location)
            .by_system(),
            &mut discrepancy.trail,
        )?;
        out.push(discrepancy);
    }
    Ok(out)
}

/// Why it is one, for whoever settles it.
fn reason(found: &Found) -> String {
    let (quantity, unit) = (found.quantity.normalize(), &found.unit);
    match found.kind {
        Kind::Short => format!("{quantity} {unit} fewer came than were ordered, and no more is expected."),
        Kind::Over => format!("{quantity} {unit} more came than were ordered."),
        Kind::Damaged => format!("{quantity} {unit} came damaged."),
        Kind::WrongItem => format!("{quantity} {unit} of another item came than the order line asks for."),
        Kind::Unordered => format!("{quantity} {unit} came that nobody ordered."),
        Kind::WrongLot | Kind::Quality | Kind::Late | Kind::Paper | Kind::Price => {
            format!("{quantity} {unit} came otherwise than was agreed.")
        }
    }
}

/// Writes them, after their receipt: rows, links and maker hands.
///
/// # Errors
/// The transaction's time is not known.
pub fn insert_found<D: DutyType>(
    tx: &TenantTx<'_>,
    receiver: &Authorized<D>,
    receipt: &Receipt,
    found: &[Discrepancy],
    writes: &mut Flight,
) -> Result<()> {
    if found.is_empty() {
        return Ok(());
    }
    let ids: Vec<_> = found.iter().map(|d| d.id.0).collect();
    repo::insert_found(tx, found, writes)?;
    link_many(tx, ids.clone(), receipt.id.0, writes);
    receiver.make_found(tx, Duty::DiscRaise, ids, writes);
    Ok(())
}

/// A receipt was taken back: what is open of its discrepancies is over.
///
/// # Errors
/// The transaction's time is not known.
pub fn end_with_receipt(tx: &mut TenantTx<'_>, open: &mut [Discrepancy], writes: &mut Flight) -> Result<()> {
    let now = tx.now()?;
    for discrepancy in open.iter_mut() {
        discrepancy.resolve(Resolution::Reversed, None, now);
        discrepancy.trail.touch();
        tx.record(
            Event::new(
                "discrepancy-resolved",
                "DISCREPANCY",
                discrepancy.id,
                discrepancy.data(),
            )
            .at_location(discrepancy.location)
            .by_system(),
            &mut discrepancy.trail,
        )?;
    }
    repo::update_by_system(tx, open, writes)
}
