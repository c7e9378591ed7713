//! Open a receipt against one or more orders of one supplier at one location.

use super::header_data;
use super::receipt::Receipt;
use super::repo;
use super::status::ReceiptStatus;
use crate::purchasing::{OrderCommand, PurchaseOrder, progress};
use crate::shared::{ReceiptId, Refusals, text};
use chrono::NaiveDate;
use quartermaster_tenants::act::{Authorized, Facts, Standing, link};
use quartermaster_tenants::event::{Event, Trail};
use quartermaster_tenants::policy::{DocumentKind, Duty, duty};
use quartermaster_tenants::{Flight, Op, Outcome, Refusal, Result, TenantTx, Tenants, error::Code};
use uuid::Uuid;

/// The most orders that one receipt may be against.
const MOST_ORDERS: usize = 50;

/// A receipt as a receiver opens it.
#[derive(Debug, Clone, Default)]
pub struct NewReceipt {
    /// One or more orders of one supplier at one location.
    pub orders: Vec<Uuid>,
    /// Business date; today (UTC) when not given.
    pub received_on: Option<NaiveDate>,
    /// The number on the supplier's paper.
    pub delivery_note: Option<String>,
    /// The receiver does not see what was ordered; the tenant may want that always.
    pub blind: bool,
}

/// Opens a receipt; its lines come later.
///
/// # Errors
/// Refusals of the input, of authority, state, segregation of duties.
pub async fn open(db: &Tenants, op: &Op, input: &NewReceipt) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut flight = Flight::new();
    let ids = order_ids(input)?;
    let rows = progress::lock(op, &ids, &mut flight);
    let landing = tx.fly(flight).await?;
    let orders = orders(input, progress::read(&landing, &rows)?)?;
    let mut receipt = draft(op, &orders);
    let mut facts = {
        let mut subject = receipt.subject();
        subject.items.clear();
        tx.facts(subject, &[Duty::RcvRecord], Flight::new()).await?.0
    };
    let opened = decide(&mut tx, &mut facts, &mut receipt, &orders, input)?;
    let number = tx.number("RECEIPT", &facts.settings).await?;
    let mut writes = Flight::new();
    link_orders(&tx, &receipt, &mut writes);
    repo::insert(&tx, opened, &receipt, &number, &mut writes)?;
    repo::commit(tx, &receipt, writes).await
}

/// The orders' ids, each once, sorted.
pub(super) fn order_ids(input: &NewReceipt) -> Result<Vec<Uuid>, Refusal> {
    if input.orders.is_empty() {
        let message = "A receipt is against at least one order.";
        return Err(Refusal::new(Code::Required, &["orderIds"], message));
    }
    if input.orders.len() > MOST_ORDERS {
        let message = format!("A receipt is against at most {MOST_ORDERS} orders.");
        return Err(Refusal::new(Code::TooLarge, &["orderIds"], message));
    }
    let mut ids = input.orders.clone();
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// All orders that were asked for: they exist for the caller, are of one supplier and for one location.
pub(super) fn orders(input: &NewReceipt, found: Vec<PurchaseOrder>) -> Result<Vec<PurchaseOrder>, Vec<Refusal>> {
    let mut refusals = Refusals::default();
    let mut first: Option<&PurchaseOrder> = None;
    for (i, id) in input.orders.iter().enumerate() {
        let index = i.to_string();
        let field = ["orderIds", index.as_str()];
        let Some(order) = found.iter().find(|o| o.id.0 == *id) else {
            refusals.push(Refusal::not_found(&field, "purchase order"));
            continue;
        };
        let first = *first.get_or_insert(order);
        if order.supplier != first.supplier || order.location != first.location {
            let message = "All orders of a receipt are of one supplier and for one location.";
            refusals.push(Refusal::invalid(&field, message));
        }
    }
    refusals.finish()?;
    Ok(found)
}

/// A receipt of which only the orders are known.
pub(super) fn draft(op: &Op, orders: &[PurchaseOrder]) -> Receipt {
    let first = orders.first();
    Receipt {
        id: ReceiptId::fresh(),
        supplier: first.map(|o| o.supplier).unwrap_or_default(),
        location: first.map(|o| o.location).unwrap_or_default(),
        status: ReceiptStatus::Open,
        blind: false,
        received_on: first.map(|o| o.ordered_on).unwrap_or_default(),
        delivery_note: None,
        reason: None,
        receiver: op.account,
        orders: orders.iter().map(|o| o.id.0).collect(),
        lines: vec![],
        trail: Trail::new(),
    }
}

/// Where a receipt stands while its orders must allow receiving, too.
pub(super) fn with_orders(mut standing: Standing, orders: &[PurchaseOrder]) -> Standing {
    if let Some(order) = orders.iter().find(|o| !o.status.allows(OrderCommand::Receive)) {
        if standing.permits {
            standing.state = order.status.as_str().to_owned();
            standing.allowed = order.status.allowed();
        }
        standing.permits = false;
    }
    standing
}

/// The act itself, also for a receipt that is completed in the same transaction.
pub(super) fn decide(
    tx: &mut TenantTx<'_>,
    facts: &mut Facts,
    receipt: &mut Receipt,
    orders: &[PurchaseOrder],
    input: &NewReceipt,
) -> Result<Authorized<duty::RcvRecord>> {
    let opened = facts.authorize::<duty::RcvRecord>(&with_orders(Standing::new_document(), orders))?;
    let mut refusals = Refusals::default();
    let today = facts.now.date_naive();
    receipt.received_on = input.received_on.unwrap_or(today);
    if receipt.received_on > today {
        refusals.push(Refusal::invalid(
            &["receivedOn"],
            "Goods cannot be received in the future.",
        ));
    }
    if orders.iter().any(|o| receipt.received_on < o.ordered_on) {
        refusals.push(Refusal::invalid(
            &["receivedOn"],
            "The goods are received before they were ordered.",
        ));
    }
    let note = input.delivery_note.as_deref();
    receipt.delivery_note = refusals
        .take(note.map(|n| text(&["deliveryNote"], n, 100)).transpose())
        .flatten();
    refusals.finish()?;
    receipt.blind = input.blind || facts.settings.blind_receiving;
    receipt.trail.touch();
    tx.record(
        Event::new("receipt-opened", "RECEIPT", receipt.id, header_data(receipt))
            .at_location(receipt.location)
            .of_act(opened.act()),
        &mut receipt.trail,
    )?;
    Ok(opened)
}

/// The receipt derives from its orders.
pub(super) fn link_orders(tx: &TenantTx<'_>, receipt: &Receipt, writes: &mut Flight) {
    let parents: Vec<(Uuid, bool)> = receipt.orders.iter().map(|o| (*o, true)).collect();
    link(tx, DocumentKind::Receipt, receipt.id, &parents, writes);
}
