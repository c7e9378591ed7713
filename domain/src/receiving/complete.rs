//! Take what came into stock: goods received.

use super::compare::{Compared, compare};
use super::receipt::Receipt;
use super::status::{ReceiptCommand, ReceiptStatus};
use super::{header_data, lines_data, open, repo};
use crate::discrepancies::{self, Discrepancy};
use crate::inventory::{Posting, Stock, ledger};
use crate::purchasing::{PurchaseOrder, progress};
use crate::shared::ReceiptId;
use quartermaster_tenants::act::{Authorized, Facts};
use quartermaster_tenants::event::Event;
use quartermaster_tenants::id::encode;
use quartermaster_tenants::policy::{Duty, duty};
use quartermaster_tenants::{Flight, Op, Outcome, Refusal, Result, TenantTx, Tenants, error::Code};
use serde_json::json;

/// Open → Accepted, or Discrepant where what came differs. Stock, orders, discrepancies and events move together.
///
/// # Errors
/// Refusals of authority, version, state, segregation of duties; more than the tolerance allows; no lines.
pub async fn complete(db: &Tenants, op: &Op, id: ReceiptId, expected_version: Option<i32>) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut flight = Flight::new();
    let rows = repo::lock(op, id, &mut flight);
    let landing = tx.fly(flight).await?;
    let mut receipt = repo::read_locked(&landing, &rows)?;
    let mut orders = progress::read(&landing, &rows.locked)?;
    let before = receipt.trail.version;
    let mut reads = Flight::new();
    let at = ledger::lock(op, receipt.movements(&orders).into_iter().map(|m| m.place), &mut reads);
    let (mut facts, landing) = tx.facts(receipt.subject(), &[Duty::RcvRecord], reads).await?;
    let mut stock = ledger::read_locked(&landing, &at)?;
    receipt.trail.touch();
    let versions = expected_version.map(|e| (e, before));
    let mut writes = Flight::new();
    let posted = decide(
        &mut tx,
        &mut facts,
        &mut receipt,
        &mut orders,
        &mut stock,
        versions,
        &mut writes,
    )?;
    discrepancies::insert_found(&tx, &posted.authorized, &receipt, &posted.found, &mut writes)?;
    repo::update(&tx, posted.authorized, &receipt, before, &mut writes)?;
    repo::commit(tx, &receipt, writes).await
}

/// What completing came to: the rest of its writes follow those of the receipt itself.
pub(super) struct Posted {
    pub(super) authorized: Authorized<duty::RcvRecord>,
    pub(super) found: Vec<Discrepancy>,
}

/// The act itself, also for a receipt that is opened in the same transaction.
pub(super) fn decide(
    tx: &mut TenantTx<'_>,
    facts: &mut Facts,
    receipt: &mut Receipt,
    orders: &mut [PurchaseOrder],
    stock: &mut Stock,
    versions: Option<(i32, i32)>,
    writes: &mut Flight,
) -> Result<Posted> {
    let mut standing = open::with_orders(receipt.standing(ReceiptCommand::Complete, None), orders);
    standing.versions = versions;
    let authorized = facts.authorize::<duty::RcvRecord>(&standing)?;
    if receipt.lines.is_empty() {
        let message = "Nothing is entered yet: record what came first.";
        return Err(Refusal::new(Code::Required, &["lines"], message).into());
    }
    let movements = receipt.movements(orders);
    let compared = compare(receipt, orders, &facts.settings)?;
    receipt.status = if compared.found.is_empty() {
        ReceiptStatus::Accepted
    } else {
        ReceiptStatus::Discrepant
    };
    let mut data = lines_data(receipt, &receipt.lines);
    data["status"] = json!("RECORDED");
    tx.record(
        Event::new("goods-received", "RECEIPT", receipt.id, data)
            .at_location(receipt.location)
            .of_act(authorized.act()),
        &mut receipt.trail,
    )?;
    let posting = Posting {
        document_kind: "RECEIPT",
        document: receipt.id.0,
        act: authorized.act(),
        field: &["lines"],
        movements,
        allocations: vec![],
    };
    if !posting.movements.is_empty() {
        stock.post(tx, &facts.settings, &posting, writes)?;
    }
    close_lines(tx, orders, &compared)?;
    progress::settle(tx, orders, &compared.lines, None, writes)?;
    let found = discrepancies::find(tx, receipt, compared.found)?;
    let mut data = header_data(receipt);
    let kind = if found.is_empty() {
        "receipt-accepted"
    } else {
        data["discrepancyIds"] = found.iter().map(|d| encode("dsc", d.id.0)).collect();
        "receipt-discrepant"
    };
    tx.record(
        Event::new(kind, "RECEIPT", receipt.id, data)
            .at_location(receipt.location)
            .by_system(),
        &mut receipt.trail,
    )?;
    Ok(Posted { authorized, found })
}

/// Order lines that came within the tolerance for less are closed by the tenant's published rule.
fn close_lines(tx: &mut TenantTx<'_>, orders: &mut [PurchaseOrder], compared: &Compared) -> Result<()> {
    for (id, number, quantity) in &compared.closed {
        let Some(order) = orders.iter_mut().find(|o| o.id.0 == *id) else {
            continue;
        };
        let data = json!({ "lineNumber": number, "quantity": quantity, "rule": "underReceiptTolerancePercent" });
        let mut next = order.trail.clone();
        next.version += 1;
        tx.record(
            Event::new("purchase-order-line-short-closed", "PURCHASE_ORDER", order.id, data)
                .at_location(order.location)
                .by_system(),
            &mut next,
        )?;
        order.trail.sequence = next.sequence;
        order.trail.hash = next.hash;
    }
    Ok(())
}
