//! Plan a count: where, of what, blind or open, how much variance needs no recount.

use super::stock_count::{CountStatus, StockCount};
use super::{event, repo};
use crate::inventory::references;
use crate::shared::{Refusals, StockCountId, text};
use quartermaster_tenants::act::{Standing, Subject};
use quartermaster_tenants::error::Code;
use quartermaster_tenants::event::Trail;
use quartermaster_tenants::policy::{DocumentKind, Duty, duty};
use quartermaster_tenants::{Flight, Op, Outcome, Refusal, Result, TenantTx, Tenants};
use rust_decimal::Decimal;
use uuid::Uuid;

/// A count as its planner enters it.
#[derive(Debug, Clone)]
pub struct NewCount {
    /// Where.
    pub location: Uuid,
    /// What; everything at the location where not given.
    pub items: Option<Vec<Uuid>>,
    /// Counters do not see what is expected.
    pub blind: bool,
    /// In percent; the tenant's setting where not given.
    pub tolerance: Option<Decimal>,
    /// For people.
    pub note: Option<String>,
}

/// Creates a planned count.
///
/// # Errors
/// Refusals of the input, of authority, of segregation of duties.
pub async fn plan(db: &Tenants, op: &Op, input: &NewCount) -> Result<Outcome> {
    if let Some(items) = &input.items {
        if items.is_empty() {
            return Err(Refusal::new(Code::Required, &["itemIds"], "Name at least one item, or none at all.").into());
        }
        if items.len() > references::MOST_LINES {
            return Err(Refusal::new(Code::TooLarge, &["itemIds"], "At most 10,000 items are allowed.").into());
        }
    }
    let mut tx = TenantTx::begin(db, op).await?;
    let id = StockCountId::fresh();
    let mut reads = Flight::new();
    let items = input.items.clone().unwrap_or_default();
    let at = references::references(op, vec![input.location], items, &mut reads);
    let subject = Subject::new(DocumentKind::StockCount, id).at(input.location);
    let (mut facts, landing) = tx.facts(subject, &[Duty::CntPlan], reads).await?;
    let found = references::read(&landing, &at)?;
    let planned = facts.authorize::<duty::CntPlan>(&Standing::new_document())?;

    let mut refusals = Refusals::default();
    refusals.take(found.location(&["locationId"], input.location));
    for (i, item) in input.items.iter().flatten().enumerate() {
        if found.item(*item).is_none() {
            refusals.push(Refusal::not_found(&["itemIds", &i.to_string()], "item"));
        }
    }
    let tolerance = input.tolerance.unwrap_or(facts.settings.count_tolerance_percent);
    refusals.take(crate::shared::quantity::percent(&["tolerancePercent"], tolerance));
    let note = input.note.as_deref().map(|n| text(&["note"], n, 2000)).transpose();
    let note = refusals.take(note).flatten();
    refusals.finish()?;

    let mut count = StockCount {
        id,
        location: input.location,
        status: CountStatus::Planned,
        blind: input.blind,
        tolerance,
        items: input.items.clone(),
        note,
        pass: 1,
        round: 1,
        value: Decimal::ZERO,
        required_level: None,
        planner: op.account,
        reason: None,
        lines: vec![],
        trail: Trail::new(),
    };
    count.trail.touch();
    tx.record(
        event("stock-count-planned", &count).of_act(planned.act()),
        &mut count.trail,
    )?;
    let number = tx.number("STOCK_COUNT", &facts.settings).await?;
    let mut writes = Flight::new();
    repo::insert(&tx, planned, &count, &number, &mut writes)?;
    tx.commit(writes, Outcome::done(id, count.trail.version)).await
}
