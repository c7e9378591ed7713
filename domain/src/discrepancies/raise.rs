//! Say by hand that something differs.

use super::discrepancy::Discrepancy;
use super::kind::{DiscrepancyStatus, Kind};
use super::repo;
use crate::purchasing::progress;
use crate::receiving::{self, ReceiptCommand, ReceiptStatus};
use crate::shared::{DiscrepancyId, ReceiptId, Refusals, quantity, required_text, round_to};
use chrono::NaiveDate;
use quartermaster_tenants::act::{Standing, link};
use quartermaster_tenants::event::{Event, Trail};
use quartermaster_tenants::policy::{DocumentKind, Duty, duty};
use quartermaster_tenants::{Error, Flight, Op, Outcome, Refusal, Result, TenantTx, Tenants};
use rust_decimal::Decimal;
use serde_json::json;

/// A discrepancy as somebody raises it.
#[derive(Debug, Clone)]
pub struct NewDiscrepancy {
    /// The receipt: its goods are in stock.
    pub receipt: ReceiptId,
    /// The line of the receipt; not needed for papers and dates.
    pub line: Option<i32>,
    /// What differs.
    pub kind: Kind,
    /// How much, in the line's unit; the line's quantity when not given.
    pub quantity: Option<Decimal>,
    /// What it is worth, in the tenant's currency; the quantity at the line's cost when not given.
    pub amount: Option<Decimal>,
    /// What is wrong.
    pub reason: String,
    /// Until when it is to be settled; a week when not given.
    pub due_on: Option<NaiveDate>,
}

/// Raises a discrepancy on a receipt that is in stock; the receipt is Discrepant from then on.
///
/// # Errors
/// Refusals of the input, of authority, state, segregation of duties.
pub async fn raise(db: &Tenants, op: &Op, input: &NewDiscrepancy) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut flight = Flight::new();
    let rows = receiving::repo::lock(op, input.receipt, &mut flight);
    let landing = tx.fly(flight).await?;
    let mut receipt = receiving::repo::read_locked(&landing, &rows).map_err(|e| match e {
        Error::Refused(_) => Refusal::not_found(&["receiptId"], "receipt").into(),
        other => other,
    })?;
    let orders = progress::read(&landing, &rows.locked)?;

    let mut discrepancy = Discrepancy {
        id: DiscrepancyId::fresh(),
        receipt: receipt.id,
        receipt_line: input.line,
        order: None,
        supplier: receipt.supplier,
        location: receipt.location,
        item: None,
        kind: input.kind,
        quantity: Decimal::ZERO,
        unit: None,
        amount: Decimal::ZERO,
        reason: None,
        owner: orders.first().map_or(receipt.receiver, |o| o.buyer),
        due_on: receipt.received_on,
        status: DiscrepancyStatus::Open,
        resolution: None,
        resolution_note: None,
        resolved_at: None,
        found_by_system: false,
        trail: Trail::new(),
    };
    let subject = discrepancy.subject(&receipt.orders);
    let (mut facts, _) = tx.facts(subject, &[Duty::DiscRaise], Flight::new()).await?;
    let standing = Standing {
        permits: receipt.status.allows(ReceiptCommand::RaiseDiscrepancy),
        state: receipt.status.as_str().to_owned(),
        allowed: receipt.status.allowed(),
        ..Standing::new_document()
    };
    let raised = facts.authorize::<duty::DiscRaise>(&standing)?;
    fill(&mut discrepancy, input, &receipt, facts.now.date_naive())?;
    if let Some(order) = discrepancy
        .order
        .and_then(|(id, _)| orders.iter().find(|o| o.id.0 == id))
    {
        discrepancy.owner = order.buyer;
    }
    discrepancy.trail.touch();
    tx.record(
        Event::new(
            "receiving-discrepancy-created",
            "DISCREPANCY",
            discrepancy.id,
            discrepancy.data(),
        )
        .at_location(receipt.location)
        .of_act(raised.act()),
        &mut discrepancy.trail,
    )?;
    let mut writes = Flight::new();
    if receipt.status == ReceiptStatus::Accepted {
        receipt.status = ReceiptStatus::Discrepant;
        receipt.trail.touch();
        tx.record(
            Event::new(
                "receipt-discrepant",
                "RECEIPT",
                receipt.id,
                json!({ "status": receipt.status.as_str() }),
            )
            .at_location(receipt.location)
            .by_system(),
            &mut receipt.trail,
        )?;
        receiving::repo::update_by_system(&tx, &receipt, &mut writes)?;
    }
    let number = tx.number("DISCREPANCY", &facts.settings).await?;
    let mut parents: Vec<_> = receipt.orders.iter().map(|o| (*o, true)).collect();
    parents.push((receipt.id.0, false));
    link(&tx, DocumentKind::Discrepancy, discrepancy.id, &parents, &mut writes);
    repo::insert(&tx, raised, &discrepancy, &number, &mut writes)?;
    tx.commit(writes, Outcome::done(discrepancy.id, discrepancy.trail.version))
        .await
}

fn fill(
    discrepancy: &mut Discrepancy,
    input: &NewDiscrepancy,
    receipt: &receiving::Receipt,
    today: NaiveDate,
) -> Result<(), Vec<Refusal>> {
    let mut refusals = Refusals::default();
    if let Some(number) = input.line {
        match receipt.lines.iter().find(|l| l.number == number) {
            None => refusals.push(Refusal::not_found(&["receiptLineNumber"], "receipt line")),
            Some(line) => {
                let wanted = input.quantity.unwrap_or(line.quantity);
                let wanted = refusals.take(quantity(&["quantity"], wanted)).unwrap_or_default();
                if wanted > line.quantity {
                    let message = "No more can differ than came on this line.";
                    refusals.push(Refusal::invalid(&["quantity"], message));
                }
                discrepancy.order = line.order;
                discrepancy.item = Some(line.item);
                discrepancy.quantity = wanted;
                discrepancy.unit = Some(line.unit.clone());
                discrepancy.amount = round_to(wanted * line.base_per_unit * line.unit_cost, 4);
            }
        }
    }
    if let Some(amount) = input.amount {
        discrepancy.amount = refusals
            .take(crate::shared::unit_price(&["amount"], amount))
            .unwrap_or_default();
    }
    discrepancy.reason = refusals.take(required_text(&["reason"], &input.reason, 500));
    discrepancy.due_on = input.due_on.unwrap_or(Discrepancy::due(today));
    if discrepancy.due_on < today {
        refusals.push(Refusal::invalid(&["dueOn"], "The due date is past."));
    }
    refusals.finish()
}
