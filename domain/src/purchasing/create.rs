//! Create a purchase order, and submit it in the same call where the buyer wants that.

use super::line::{self, NewLine};
use super::purchase_order::PurchaseOrder;
use super::repo::{self, References};
use super::status::OrderStatus;
use super::{created_data, submit};
use crate::shared::{Currency, PurchaseOrderId, Refusals, text};
use chrono::NaiveDate;
use quartermaster_tenants::act::{Standing, Subject};
use quartermaster_tenants::error::Code;
use quartermaster_tenants::event::{Event, Trail};
use quartermaster_tenants::policy::{DocumentKind, Duty, duty};
use quartermaster_tenants::{Flight, Op, Outcome, Refusal, Result, TenantTx, Tenants};
use uuid::Uuid;

/// A purchase order as a buyer enters it.
#[derive(Debug, Clone)]
pub struct NewOrder {
    /// Who is to deliver.
    pub supplier: Uuid,
    /// Where to.
    pub location: Uuid,
    /// The supplier's currency when not given.
    pub currency: Option<String>,
    /// Business date; today (UTC) when not given.
    pub ordered_on: Option<NaiveDate>,
    /// When the goods are wanted.
    pub expected_on: Option<NaiveDate>,
    /// For the supplier.
    pub note: Option<String>,
    /// The buyer's own reference.
    pub reference: Option<String>,
    /// At least one, at most 10,000.
    pub lines: Vec<NewLine>,
}

/// Creates an order as a draft; with `submit` it asks for approval at once, as an act of its own.
///
/// # Errors
/// Refusals of the input, of authority, of segregation of duties.
pub async fn create(db: &Tenants, op: &Op, input: &NewOrder, submit_too: bool) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let id = PurchaseOrderId::fresh();
    let mut subject = Subject::new(DocumentKind::PurchaseOrder, id).of_supplier(input.supplier);
    (subject.supplier_standing, subject.is_new) = (Some(false), true);
    let mut reads = Flight::new();
    let basis = repo::PriceBasis {
        on: input.ordered_on,
        currency: input.currency.as_deref(),
    };
    let at = repo::references(
        op,
        input.supplier,
        input.location,
        item_ids(&input.lines),
        basis,
        &mut reads,
    );
    let duties = [Duty::PoCreate, Duty::PoSubmit, Duty::PoSend];
    let (mut facts, landing) = tx.facts(subject, &duties, reads).await?;
    let references = repo::read_references(&landing, &at, input.ordered_on.unwrap_or(facts.now.date_naive()))?;

    let created = facts.authorize::<duty::PoCreate>(&Standing::new_document())?;
    let mut order = draft(id, op, input, &references, facts.now.date_naive())?;
    order.trail.touch();
    tx.record(
        Event::new("purchase-order-created", "PURCHASE_ORDER", id, created_data(&order))
            .at_location(order.location)
            .of_act(created.act()),
        &mut order.trail,
    )?;

    let submitted = if submit_too {
        Some(submit::decide(&mut tx, &mut facts, &mut order, None, true).await?)
    } else {
        None
    };
    let number = tx.number("PURCHASE_ORDER", &facts.settings).await?;
    let mut writes = Flight::new();
    if let Some(submitted) = submitted {
        submitted.sign(&tx, order.id, order.trail.version, &mut writes)?;
    }
    repo::insert(&tx, created, &order, &number, &mut writes)?;
    repo::commit(tx, &order, writes).await
}

/// The items of some lines, each once.
#[must_use]
pub(super) fn item_ids(lines: &[NewLine]) -> Vec<Uuid> {
    let mut ids: Vec<Uuid> = lines.iter().take(line::MOST_LINES + 1).map(|l| l.item).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// Checks everything that a buyer entered and tells all that is wrong with it at once, each with its path below `order`.
pub(super) fn draft(
    id: PurchaseOrderId,
    op: &Op,
    input: &NewOrder,
    references: &References,
    today: NaiveDate,
) -> Result<PurchaseOrder, Vec<Refusal>> {
    let below = |r: Refusal| r.under(&["order".to_owned()]);
    check(id, op, input, references, today).map_err(|found| found.into_iter().map(below).collect())
}

fn check(
    id: PurchaseOrderId,
    op: &Op,
    input: &NewOrder,
    references: &References,
    today: NaiveDate,
) -> Result<PurchaseOrder, Vec<Refusal>> {
    let mut refusals = Refusals::default();
    let supplier_currency = match &references.supplier {
        None => {
            refusals.push(Refusal::not_found(&["supplierId"], "supplier"));
            None
        }
        Some((status, blocked, currency)) => {
            if status != "ACTIVE" || *blocked {
                refusals.push(Refusal::new(
                    Code::Inactive,
                    &["supplierId"],
                    "Nothing may be ordered from this supplier at present.",
                ));
            }
            Some(currency.clone())
        }
    };
    match references.location.as_deref() {
        None => refusals.push(Refusal::not_found(&["locationId"], "location")),
        Some("ACTIVE") => {}
        Some(_) => refusals.push(Refusal::new(
            Code::Inactive,
            &["locationId"],
            "This location is closed.",
        )),
    }
    let ordered_on = input.ordered_on.unwrap_or(today);
    if input.expected_on.is_some_and(|d| d < ordered_on) {
        refusals.push(Refusal::invalid(
            &["expectedOn"],
            "The order is expected before it is ordered.",
        ));
    }
    let note = refusals
        .take(input.note.as_deref().map(|n| text(&["note"], n, 2000)).transpose())
        .flatten();
    let reference = refusals
        .take(
            input
                .reference
                .as_deref()
                .map(|n| text(&["reference"], n, 100))
                .transpose(),
        )
        .flatten();
    let code = input
        .currency
        .clone()
        .or(supplier_currency)
        .unwrap_or_else(|| "USD".to_owned());
    let currency = refusals.take(Currency::parse(&["currencyCode"], &code));
    let lines = match line::check(
        &input.lines,
        &references.items,
        currency.unwrap_or(Currency::parse(&[], "USD").map_err(|r| vec![r])?),
        ordered_on,
    ) {
        Ok(lines) => lines,
        Err(found) => {
            refusals.0.extend(found);
            vec![]
        }
    };
    let Some(currency) = currency else {
        return Err(refusals.0);
    };
    refusals.finish()?;
    Ok(PurchaseOrder {
        id,
        supplier: input.supplier,
        location: input.location,
        status: OrderStatus::Draft,
        held_from: None,
        currency,
        ordered_on,
        expected_on: input.expected_on,
        note,
        reference,
        lines,
        revision: 1,
        round: 1,
        required_level: None,
        approvals: 0,
        buyer: op.account,
        reason: None,
        trail: Trail::new(),
    })
}
