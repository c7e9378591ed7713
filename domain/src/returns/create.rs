//! Create a return, and submit it in the same call where its maker wants that.

use super::line::{self, NewReturnLine, ReturnLine};
use super::status::ReturnStatus;
use super::supplier_return::SupplierReturn;
use super::{repo, submit};
use crate::receiving;
use crate::shared::{Currency, Refusals, SupplierReturnId, required_text, text};
use chrono::NaiveDate;
use quartermaster_tenants::act::{Standing, link};
use quartermaster_tenants::error::Code;
use quartermaster_tenants::event::{Event, Trail};
use quartermaster_tenants::id::encode;
use quartermaster_tenants::policy::{DocumentKind, Duty, duty};
use quartermaster_tenants::{Flight, Op, Outcome, Refusal, Result, TenantTx, Tenants};
use serde_json::json;
use uuid::Uuid;

/// A return as somebody enters it.
#[derive(Debug, Clone)]
pub struct NewReturn {
    /// Who gets the goods.
    pub supplier: Uuid,
    /// From where.
    pub location: Uuid,
    /// The supplier's currency when not given.
    pub currency: Option<String>,
    /// Business date; today (UTC) when not given.
    pub returned_on: Option<NaiveDate>,
    /// The number that the supplier gave for it.
    pub authorisation: Option<String>,
    /// Why goods go back.
    pub reason: String,
    /// The discrepancy that it settles.
    pub discrepancy: Option<Uuid>,
    /// At least one.
    pub lines: Vec<NewReturnLine>,
}

/// Creates a return as a draft; with `submit_too` it asks for approval at once, as an act of its own.
///
/// # Errors
/// Refusals of the input, of authority, of segregation of duties.
pub async fn create(db: &Tenants, op: &Op, input: &NewReturn, submit_too: bool) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let entered = &input.lines[..input.lines.len().min(line::MOST_LINES + 1)];
    let mut flight = Flight::new();
    let at = repo::references(op, input, entered, &mut flight);
    let mut items: Vec<Uuid> = entered.iter().filter_map(|l| l.item).collect();
    items.sort_unstable();
    items.dedup();
    let landing = tx.fly(flight).await?;
    let references = repo::read_references(&landing, &at)?;
    items.extend(references.came.values().map(|c| c.item));
    let mut flight = Flight::new();
    let at = receiving::repo::items(op, &items, &[], &mut flight);
    let landing = tx.fly(flight).await?;
    let items = receiving::repo::read_items(&landing, at)?;

    let draft = draft(op, input, references, &items);
    let mut subject = draft.as_ref().map_or_else(
        |_| quartermaster_tenants::act::Subject::new(DocumentKind::SupplierReturn, SupplierReturnId::fresh()),
        SupplierReturn::subject,
    );
    subject.supplier = Some(input.supplier);
    subject.location = Some(input.location);
    let (mut facts, _) = tx.facts(subject, &[Duty::RtvCreate], Flight::new()).await?;
    let created = facts.authorize::<duty::RtvCreate>(&Standing::new_document())?;
    let mut goods = draft?;
    let today = facts.now.date_naive();
    goods.returned_on = input.returned_on.unwrap_or(today);
    if goods.returned_on > today {
        return Err(Refusal::invalid(&["returnedOn"], "Goods cannot be returned in the future.").into());
    }
    goods.trail.touch();
    let mut data = goods.data();
    data["lines"] = goods.lines.iter().map(line_data).collect();
    tx.record(
        Event::new("supplier-return-created", "SUPPLIER_RETURN", goods.id, data)
            .at_location(goods.location)
            .of_act(created.act()),
        &mut goods.trail,
    )?;
    let submitted = if submit_too {
        Some(submit::decide(&mut tx, &mut facts, &mut goods, None)?)
    } else {
        None
    };
    let number = tx.number("SUPPLIER_RETURN", &facts.settings).await?;
    let mut writes = Flight::new();
    link(
        &tx,
        DocumentKind::SupplierReturn,
        goods.id,
        &goods.parents(),
        &mut writes,
    );
    if let Some(submitted) = submitted {
        submitted.sign(&tx, goods.id, goods.trail.version, &mut writes)?;
    }
    repo::insert(&tx, created, &goods, &number, &mut writes)?;
    tx.commit(writes, Outcome::done(goods.id, goods.trail.version)).await
}

fn line_data(l: &ReturnLine) -> serde_json::Value {
    json!({
        "lineNumber": l.number,
        "itemId": encode("itm", l.item),
        "quantity": l.quantity,
        "unit": l.unit,
        "unitPrice": l.unit_price,
        "receiptId": l.receipt.map(|r| encode("rcp", r.0)),
        "receiptLineNumber": l.receipt.map(|r| r.1),
    })
}

fn draft(
    op: &Op,
    input: &NewReturn,
    mut references: repo::References,
    items: &std::collections::HashMap<Uuid, receiving::item::ReceivedItem>,
) -> Result<SupplierReturn, Vec<Refusal>> {
    let mut refusals = Refusals::default();
    if references.supplier_currency.is_none() {
        refusals.push(Refusal::not_found(&["supplierId"], "supplier"));
    }
    match references.location_status.as_deref() {
        Some("ACTIVE") => {}
        Some(_) => refusals.push(Refusal::new(
            Code::Inactive,
            &["locationId"],
            "This location is closed.",
        )),
        None => refusals.push(Refusal::not_found(&["locationId"], "location")),
    }
    if input.discrepancy.is_some() && !references.discrepancy_found {
        refusals.push(Refusal::not_found(&["discrepancyId"], "discrepancy"));
    }
    let reason = refusals.take(required_text(&["reason"], &input.reason, 500));
    let number = input.authorisation.as_deref();
    let authorisation = refusals.take(number.map(|n| text(&["authorisationNumber"], n, 100)).transpose());
    let code = input.currency.clone().or(references.supplier_currency.clone());
    let code = code.unwrap_or_else(|| "USD".to_owned());
    let currency = refusals.take(Currency::parse(&["currencyCode"], &code));
    let Some(currency) = currency else {
        return Err(refusals.0);
    };
    let lines = match line::check(&input.lines, items, &mut references.came, currency) {
        Ok(lines) => lines,
        Err(found) => {
            refusals.0.extend(found);
            vec![]
        }
    };
    refusals.finish()?;
    Ok(SupplierReturn {
        id: SupplierReturnId::fresh(),
        supplier: input.supplier,
        location: input.location,
        status: ReturnStatus::Draft,
        currency,
        returned_on: input.returned_on.unwrap_or_default(),
        authorisation: authorisation.flatten(),
        reason: reason.unwrap_or_default(),
        decision_reason: None,
        lines,
        required_level: None,
        approvals: 0,
        maker: op.account,
        discrepancy: input.discrepancy,
        shipped_on: None,
        tracking: None,
        trail: Trail::new(),
    })
}
