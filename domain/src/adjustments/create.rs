//! Propose an adjustment, and submit it in the same call where its maker wants that.

use super::adjustment::{Adjustment, AdjustmentLine, AdjustmentStatus};
use super::{event, repo, submit};
use crate::inventory::references::{self, EnteredLine, References};
use crate::inventory::{Place, Reason, ledger};
use crate::shared::{AdjustmentId, Refusals, line_field, text};
use quartermaster_tenants::act::{Standing, link};
use quartermaster_tenants::error::Code;
use quartermaster_tenants::event::Trail;
use quartermaster_tenants::policy::{DocumentKind, Duty, duty};
use quartermaster_tenants::{Flight, Op, Outcome, Refusal, Result, TenantTx, Tenants, params};
use rust_decimal::Decimal;
use uuid::Uuid;

/// A line as people enter it.
#[derive(Debug, Clone)]
pub struct NewAdjustmentLine {
    /// Item, signed quantity, unit, lot, state.
    pub entered: EnteredLine,
    /// What one base unit costs that comes in.
    pub unit_cost: Option<Decimal>,
}

/// An adjustment as people enter it.
#[derive(Debug, Clone)]
pub struct NewAdjustment {
    /// Whose stock.
    pub location: Uuid,
    /// Why.
    pub reason: Reason,
    /// For people.
    pub note: Option<String>,
    /// The count that it derives from.
    pub count: Option<Uuid>,
    /// At least one, at most 10,000.
    pub lines: Vec<NewAdjustmentLine>,
}

const COUNT: &str = "SELECT c.id FROM qm.stock_count c WHERE c.tenant_id = $1 AND c.id = $2 AND c.location_id = $3";

/// Creates an adjustment as a draft; with `submit` it asks for approval at once, as an act of its own.
///
/// # Errors
/// Refusals of the input, of authority, of segregation of duties, of too little stock.
pub async fn create(db: &Tenants, op: &Op, input: &NewAdjustment, submit_too: bool) -> Result<Outcome> {
    references::some_lines(input.lines.len())?;
    let mut tx = TenantTx::begin(db, op).await?;
    let mut adjustment = blank(op, input);
    let mut reads = Flight::new();
    let items = input.lines.iter().map(|l| l.entered.item).collect();
    let at = references::references(op, vec![input.location], items, &mut reads);
    let count = reads.rows(COUNT, params![op.tenant.0, input.count, input.location]);
    let places = input.lines.iter().map(|l| guess(input.location, l));
    let locked = submit_too.then(|| ledger::lock(op, places, &mut reads));
    let (mut facts, landing) = tx.facts(adjustment.subject(), &[Duty::StkAdjust], reads).await?;
    let found = references::read(&landing, &at)?;

    let created = facts.authorize::<duty::StkAdjust>(&Standing::new_document())?;
    check(&mut adjustment, input, &found, landing.optional(count).is_some())?;
    adjustment.trail.touch();
    tx.record(
        event("adjustment-created", &adjustment).of_act(created.act()),
        &mut adjustment.trail,
    )?;

    let mut writes = Flight::new();
    if let Some(rows) = &locked {
        let mut stock = ledger::read_locked(&landing, rows)?;
        let submitted = submit::decide(&mut tx, &mut facts, &mut adjustment, &mut stock, None, &mut writes)?;
        submitted.sign(&tx, adjustment.id, adjustment.trail.version, &mut writes)?;
    }
    let number = tx.number("ADJUSTMENT", &facts.settings).await?;
    if let Some(count) = adjustment.count {
        link(
            &tx,
            DocumentKind::Adjustment,
            adjustment.id,
            &[(count, false)],
            &mut writes,
        );
    }
    repo::insert(&tx, created, &adjustment, &number, &mut writes)?;
    tx.commit(writes, Outcome::done(adjustment.id, adjustment.trail.version))
        .await
}

/// The place that a line will turn out to be about, before its references are read: what is wrong with it is refused later.
fn guess(location: Uuid, line: &NewAdjustmentLine) -> Place {
    Place {
        item: line.entered.item,
        location,
        lot: line.entered.lot.trim().replace('\0', ""),
        status: line.entered.status,
    }
}

fn blank(op: &Op, input: &NewAdjustment) -> Adjustment {
    let line = |(n, l): (i32, &NewAdjustmentLine)| AdjustmentLine {
        number: n,
        place: guess(input.location, l),
        quantity: l.entered.quantity,
        unit_cost: l.unit_cost,
        moved_cost: None,
    };
    Adjustment {
        id: AdjustmentId::fresh(),
        location: input.location,
        status: AdjustmentStatus::Draft,
        reason: input.reason,
        note: None,
        count: input.count,
        lines: (1..).zip(&input.lines).map(line).collect(),
        value: Decimal::ZERO,
        required_level: None,
        round: 1,
        maker: op.account,
        poster: None,
        refusal: None,
        trail: Trail::new(),
    }
}

/// Tells all that is wrong with what was entered at once, and puts the checked values into the adjustment.
fn check(
    adjustment: &mut Adjustment,
    input: &NewAdjustment,
    found: &References,
    count_found: bool,
) -> Result<(), Vec<Refusal>> {
    let mut refusals = Refusals::default();
    refusals.take(found.location(&["locationId"], input.location));
    if !Reason::OF_ADJUSTMENTS.contains(&input.reason) {
        refusals.push(Refusal::invalid(&["reason"], "This is no reason of an adjustment."));
    }
    if input.count.is_some() && !count_found {
        refusals.push(Refusal::not_found(&["stockCountId"], "stock count at this location"));
    }
    let note = input.note.as_deref().map(|n| text(&["note"], n, 2000)).transpose();
    adjustment.note = refusals.take(note).flatten();
    for (i, (line, new)) in adjustment.lines.iter_mut().zip(&input.lines).enumerate() {
        let at = |field: &str| line_field("lines", i, field);
        match found.line(i, input.location, &new.entered) {
            Ok((place, quantity)) => (line.place, line.quantity) = (place, quantity),
            Err(wrong) => refusals.0.extend(wrong),
        }
        if new.entered.quantity.is_zero() {
            refusals.push(Refusal::invalid(&[], "The quantity must not be zero.").under(&at("quantity")));
        } else if !input.reason.fits(new.entered.quantity > Decimal::ZERO) {
            let message = "Stock does not move in this direction for this reason.";
            refusals.push(Refusal::invalid(&[], message).under(&at("quantity")));
        }
        let cost = new
            .unit_cost
            .map(|c| crate::shared::quantity::unit_cost(&[], c))
            .transpose();
        refusals.take(cost.map_err(|r| r.under(&at("unitCost"))));
        if new.unit_cost.is_some() && new.entered.quantity < Decimal::ZERO {
            let message = "What goes out goes at the average cost.";
            refusals.push(Refusal::new(Code::InvalidInput, &[], message).under(&at("unitCost")));
        }
    }
    refusals.finish()
}
