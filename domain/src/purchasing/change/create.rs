//! Propose a change of a released order.

use super::super::line::{self, NewLine};
use super::super::purchase_order::PurchaseOrder;
use super::super::repo as orders;
use super::super::status::OrderCommand;
use super::super::window;
use super::approve::take_effect;
use super::change_order::{ChangeOrder, ChangeStatus, FieldChange, ProposedLine};
use super::repo;
use crate::shared::{ChangeOrderId, PurchaseOrderId, Refusals, line_field, quantity, required_text, unit_price};
use chrono::NaiveDate;
use quartermaster_tenants::act::{Standing, link};
use quartermaster_tenants::error::Code;
use quartermaster_tenants::event::{Event, Trail};
use quartermaster_tenants::id::encode;
use quartermaster_tenants::policy::{DocumentKind, Duty, Level, duty};
use quartermaster_tenants::settings::Settings;
use quartermaster_tenants::{Error, Flight, Op, Outcome, Refusal, Result, TenantTx, Tenants};
use rust_decimal::Decimal;
use serde_json::json;
use std::collections::HashSet;

/// A proposed change.
#[derive(Debug, Clone)]
pub struct NewChange {
    /// The order.
    pub order: PurchaseOrderId,
    /// Lines that are there, changed.
    pub lines: Vec<LineChange>,
    /// Lines that are new.
    pub new_lines: Vec<NewLine>,
    /// Why.
    pub reason: String,
}

/// What would be different in a line; what is not given stays.
#[derive(Debug, Clone)]
pub struct LineChange {
    /// The line.
    pub number: i32,
    /// How much; zero or more, never under what was received or closed.
    pub quantity: Option<Decimal>,
    /// The price of one unit.
    pub unit_price: Option<Decimal>,
    /// When it is wanted.
    pub expected_on: Option<NaiveDate>,
}

/// Proposes a change; one whose amount needs no approval takes effect at once.
///
/// # Errors
/// Refusals of the input, of authority, of the order's version and state, of segregation of duties; another open change.
pub async fn create(db: &Tenants, op: &Op, input: &NewChange, expected_order_version: Option<i32>) -> Result<Outcome> {
    propose(db, op, input, expected_order_version)
        .await
        .map_err(of_the_order)
}

/// What is wrong with the order itself, at the fields by which the input names it.
fn of_the_order(error: Error) -> Error {
    let Error::Refused(mut refusals) = error else {
        return error;
    };
    for refusal in &mut refusals {
        match refusal.field.first_mut() {
            Some(field) if field == "id" => "purchaseOrderId".clone_into(field),
            Some(field) if field == "expectedVersion" => "expectedOrderVersion".clone_into(field),
            _ => {}
        }
    }
    Error::Refused(refusals)
}

async fn propose(db: &Tenants, op: &Op, input: &NewChange, expected_order_version: Option<i32>) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut order = orders::load_for_update(&mut tx, input.order).await?;
    let id = ChangeOrderId::fresh();
    let mut reads = Flight::new();
    let items = super::super::create::item_ids(&input.new_lines);
    let basis = orders::PriceBasis {
        on: Some(order.ordered_on),
        currency: Some(order.currency.code()),
    };
    let at = orders::references(op, order.supplier, order.location, items, basis, &mut reads);
    let open = repo::open_change(op, input.order, &mut reads);
    let mut change = blank(id, op, &order);
    let (mut facts, landing) = tx.facts(change.subject(&order), &[Duty::CoCreate], reads).await?;
    let order_stands = order.standing(OrderCommand::Change, expected_order_version);
    let proposed = facts.authorize::<duty::CoCreate>(&Standing {
        versions: order_stands.versions,
        permits: order_stands.permits,
        state: order_stands.state,
        allowed: order_stands.allowed,
        ..Standing::new_document()
    })?;
    if landing.optional(open).is_some() {
        return Err(Refusal::new(
            Code::InvalidState,
            &["purchaseOrderId"],
            "Another change of this order is open: decide it first.",
        )
        .into());
    }
    let references = orders::read_references(&landing, &at, order.ordered_on)?;
    let new_lines = if input.new_lines.is_empty() {
        vec![]
    } else {
        line::check(
            &numbered(&order, &input.new_lines),
            &references.items,
            order.currency,
            order.ordered_on,
        )
        .map_err(of_new_lines)?
    };
    difference(&mut change, &order, input, &new_lines)?;
    let exposure = exposure(&change, &order, &facts.settings)? + window::others(&mut tx, &facts, &order).await?;
    change.required_level = facts.level_of(exposure);

    change.trail.touch();
    let data = json!({ "status": change.status.as_str(), "purchaseOrderId": input.order.to_string(), "revision": change.revision, "changes": change.changes,
        "netBefore": change.net.0, "netAfter": change.net.1, "requiredLevel": change.required_level.get() });
    let event = Event::new("purchase-order-change-proposed", "CHANGE_ORDER", id, data);
    tx.record(
        event.at_location(order.location).of_act(proposed.act()),
        &mut change.trail,
    )?;
    let mut writes = Flight::new();
    link(&tx, DocumentKind::ChangeOrder, id, &[(order.id.0, true)], &mut writes);
    if change.required_level == Level::ZERO {
        change.status = ChangeStatus::Effective;
        take_effect(&mut tx, &change, &mut order, true, &mut writes)?;
    }
    repo::insert(&tx, proposed, &change, &mut writes)?;
    tx.commit(writes, Outcome::done(id, change.trail.version)).await
}

fn blank(id: ChangeOrderId, op: &Op, order: &PurchaseOrder) -> ChangeOrder {
    ChangeOrder {
        id,
        order: order.id.0,
        revision: order.revision + 1,
        status: ChangeStatus::InApproval,
        reason: String::new(),
        decision_reason: None,
        changes: vec![],
        proposed: vec![],
        net: (order.net(), order.net()),
        currency: order.currency.code().to_owned(),
        round: 1,
        required_level: Level::ZERO,
        approvals: 0,
        creator: op.account,
        trail: Trail::new(),
    }
}

/// New lines count on from the order's last number.
fn numbered(order: &PurchaseOrder, lines: &[NewLine]) -> Vec<NewLine> {
    let last = order.lines.iter().map(|l| l.number).max().unwrap_or_default();
    lines
        .iter()
        .zip(last + 1..)
        .map(|(l, n)| NewLine {
            number: Some(n),
            ..l.clone()
        })
        .collect()
}

/// The refusals of lines, with the path of new ones.
fn of_new_lines(mut refusals: Vec<Refusal>) -> Vec<Refusal> {
    for refusal in &mut refusals {
        if let Some(first) = refusal.field.first_mut() {
            "newLines".clone_into(first);
        }
    }
    refusals
}

/// What would be different, checked against what was received.
fn difference(
    change: &mut ChangeOrder,
    order: &PurchaseOrder,
    input: &NewChange,
    new_lines: &[line::OrderLine],
) -> Result<(), Vec<Refusal>> {
    let mut refusals = Refusals::default();
    change.reason = refusals
        .take(required_text(&["reason"], &input.reason, 500))
        .unwrap_or_default();
    let mut after = order.clone();
    let mut named = HashSet::new();
    for (i, wanted) in input.lines.iter().enumerate() {
        let at = |field: &str| line_field("lines", i, field);
        if !named.insert(wanted.number) {
            let refusal = Refusal::new(Code::Duplicate, &[], "This line number stands twice.");
            refusals.push(refusal.under(&at("lineNumber")));
            continue;
        }
        let Some(line) = order.lines.iter().find(|l| l.number == wanted.number) else {
            refusals.push(Refusal::not_found(&[], "line").under(&at("lineNumber")));
            continue;
        };
        let mut p = ProposedLine {
            number: line.number,
            item: line.item,
            quantity: line.quantity,
            unit: line.unit.clone(),
            base_per_unit: line.base_per_unit,
            unit_price: line.unit_price,
            tax_rate: line.tax_rate,
            expected_on: line.expected_on,
        };
        let mut note = |field: &str, before: String, after: String| {
            if before != after {
                change.changes.push(FieldChange {
                    line_number: line.number,
                    field: field.to_owned(),
                    before: Some(before),
                    after,
                });
            }
        };
        if let Some(q) = wanted.quantity
            && let Some(q) = refusals.take(quantity(&[], q).map_err(|r| r.under(&at("quantity"))))
        {
            let least = line.received + line.closed;
            if q < least {
                let message = format!("{least} {} of this line were received or closed already.", line.unit);
                refusals.push(Refusal::invalid(&[], message).under(&at("quantity")));
            }
            note(
                "quantity",
                line.quantity.normalize().to_string(),
                q.normalize().to_string(),
            );
            p.quantity = q;
        }
        if let Some(price) = wanted.unit_price
            && let Some(price) = refusals.take(unit_price(&[], price).map_err(|r| r.under(&at("unitPrice"))))
        {
            note(
                "unitPrice",
                line.unit_price.normalize().to_string(),
                price.normalize().to_string(),
            );
            p.unit_price = price;
        }
        if let Some(date) = wanted.expected_on {
            if date < order.ordered_on {
                refusals
                    .push(Refusal::invalid(&[], "The line is expected before it is ordered.").under(&at("expectedOn")));
            }
            note(
                "expectedOn",
                line.expected_on.map(|d| d.to_string()).unwrap_or_default(),
                date.to_string(),
            );
            p.expected_on = Some(date);
        }
        change.proposed.push(p);
    }
    for l in new_lines {
        let after = format!(
            "{} {} of {} at {}",
            l.quantity.normalize(),
            l.unit,
            encode("itm", l.item),
            l.unit_price.normalize()
        );
        change.changes.push(FieldChange {
            line_number: l.number,
            field: "line".to_owned(),
            before: None,
            after,
        });
        change.proposed.push(ProposedLine {
            number: l.number,
            item: l.item,
            quantity: l.quantity,
            unit: l.unit.clone(),
            base_per_unit: l.base_per_unit,
            unit_price: l.unit_price,
            tax_rate: l.tax_rate,
            expected_on: l.expected_on,
        });
    }
    if change.changes.is_empty() && refusals.0.is_empty() {
        refusals.push(Refusal::new(Code::Required, &["lines"], "Nothing would be different."));
    }
    refusals.finish()?;
    change.apply(&mut after);
    change.net.1 = after.net();
    Ok(())
}

/// The larger of the order's amount before and after (6.4): a change downwards is no way around an approver.
fn exposure(change: &ChangeOrder, order: &PurchaseOrder, settings: &Settings) -> Result<Decimal> {
    let mut after = order.clone();
    change.apply(&mut after);
    Ok(order.exposure(settings)?.max(after.exposure(settings)?))
}
