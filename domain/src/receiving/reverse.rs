//! Take a receipt back: what came leaves stock again, and the orders expect it anew.

use super::compare::{in_unit, snap};
use super::receipt::Receipt;
use super::status::{ReceiptCommand, ReceiptStatus};
use super::{header_data, repo};
use crate::discrepancies;
use crate::inventory::{Movement, Place, Posting, Reason, StockStatus, ledger};
use crate::purchasing::{PurchaseOrder, progress};
use crate::shared::{ReceiptId, required_text};
use quartermaster_tenants::event::Event;
use quartermaster_tenants::policy::{Duty, duty};
use quartermaster_tenants::settings::{NegativeStock, Settings};
use quartermaster_tenants::tx::{Landing, Rows};
use quartermaster_tenants::{Flight, Op, Outcome, Refusal, Result, TenantTx, Tenants, error::Code, params};
use rust_decimal::Decimal;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

const MOVED: &str = "SELECT m.sequence, m.quantity, m.unit_cost, m.document_line, p.item_id, p.location_id, p.lot, p.stock_status FROM qm.stock_movement m \
    JOIN qm.stock_position p ON p.tenant_id = m.tenant_id AND p.id = m.position_id WHERE m.tenant_id = $1 AND m.document_id = $2 ORDER BY m.sequence";

const RETURNED: &str = "SELECT 1 FROM qm.supplier_return_line l JOIN qm.supplier_return r ON r.tenant_id = l.tenant_id AND r.id = l.id \
    WHERE l.tenant_id = $1 AND l.receipt_id = $2 AND r.status NOT IN ('REJECTED', 'CANCELLED') LIMIT 1";

/// Accepted or Discrepant → Reversed, by another person than who received. The ledger keeps both movements; together they
/// are nothing. Open discrepancies of the receipt end with it.
///
/// # Errors
/// Refusals of authority, version, state, segregation of duties; goods that are not there any more.
pub async fn reverse(
    db: &Tenants,
    op: &Op,
    id: ReceiptId,
    reason: &str,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut flight = Flight::new();
    let rows = repo::lock(op, id, &mut flight);
    let open = discrepancies::lock_open(op, id, &mut flight);
    let moved = flight.rows(MOVED, params![op.tenant.0, id.0]);
    let returned = flight.rows(RETURNED, params![op.tenant.0, id.0]);
    let landing = tx.fly(flight).await?;
    let mut receipt = repo::read_locked(&landing, &rows)?;
    let mut orders = progress::read(&landing, &rows.locked)?;
    let mut open = discrepancies::read_locked(&landing, open)?;
    let movements = back(&landing, moved)?;
    let went_back = landing.optional(returned).is_some();
    let before = receipt.trail.version;

    let mut reads = Flight::new();
    let at = ledger::lock(op, movements.iter().map(|m| m.place.clone()), &mut reads);
    let (mut facts, landing) = tx.facts(receipt.subject(), &[Duty::RcvReverse], reads).await?;
    let reversed = facts.authorize::<duty::RcvReverse>(&receipt.standing(ReceiptCommand::Reverse, expected_version))?;
    receipt.reason = Some(required_text(&["reason"], reason, 500)?);
    if went_back {
        let message = "Goods of this receipt are on a return to the supplier.";
        return Err(Refusal::new(Code::InvalidState, &["id"], message).into());
    }
    receipt.status = ReceiptStatus::Reversed;
    receipt.trail.touch();
    let mut data = header_data(&receipt);
    data["reason"] = json!(receipt.reason);
    tx.record(
        Event::new("receipt-reversed", "RECEIPT", id, data)
            .at_location(receipt.location)
            .of_act(reversed.act()),
        &mut receipt.trail,
    )?;
    let mut writes = Flight::new();
    let posting = Posting {
        document_kind: "RECEIPT",
        document: id.0,
        act: reversed.act(),
        field: &["id"],
        movements,
        allocations: vec![],
    };
    if !posting.movements.is_empty() {
        // Goods that are gone cannot be given back, whatever the tenant thinks of negative stock.
        let strict = Settings {
            negative_stock: NegativeStock::Refuse,
            ..facts.settings.clone()
        };
        ledger::read_locked(&landing, &at)?.post(&mut tx, &strict, &posting, &mut writes)?;
    }
    let lines = take_back(&receipt, &mut orders);
    progress::settle(
        &mut tx,
        &mut orders,
        &lines,
        Some("purchase-order-receipt-reversed"),
        &mut writes,
    )?;
    discrepancies::end_with_receipt(&mut tx, &mut open, &mut writes)?;
    repo::update(&tx, reversed, &receipt, before, &mut writes)?;
    repo::commit(tx, &receipt, writes).await
}

/// The opposite of each movement of the receipt, at the cost that it moved at.
fn back(landing: &Landing, moved: Rows) -> Result<Vec<Movement>> {
    let mut out = Vec::new();
    for r in landing.get(moved) {
        let word: &str = r.try_get("stock_status")?;
        out.push(Movement {
            place: Place {
                item: r.try_get("item_id")?,
                location: r.try_get("location_id")?,
                lot: r.try_get("lot")?,
                status: StockStatus::parse(word)?,
            },
            quantity: -r.try_get::<_, Decimal>("quantity")?,
            unit_cost: r.try_get("unit_cost")?,
            reason: Reason::ReceiptReversal,
            document_line: r.try_get("document_line")?,
        });
    }
    Ok(out)
}

/// Takes what came off the order lines.
fn take_back(receipt: &Receipt, orders: &mut [PurchaseOrder]) -> BTreeSet<(Uuid, i32)> {
    let mut came: BTreeMap<(Uuid, i32), Decimal> = BTreeMap::new();
    for line in receipt.lines.iter().filter(|l| l.fits(orders)) {
        if let Some(target) = line.order {
            *came.entry(target).or_default() += line.base();
        }
    }
    for order in orders.iter_mut() {
        for line in &mut order.lines {
            if let Some(base) = came.get(&(order.id.0, line.number)) {
                let rest = (line.received - in_unit(*base, line)).max(Decimal::ZERO);
                line.received = snap(rest, Decimal::ZERO, line.base_per_unit);
            }
        }
    }
    came.into_keys().collect()
}
