//! Enter what was counted: several counters add up. The hands of all of them are written when the pass is submitted.

use super::stock_count::{CountCommand, CountLine, StockCount};
use super::{event, repo};
use crate::inventory::Place;
use crate::inventory::references::{self, EnteredLine};
use crate::shared::{StockCountId, line_field};
use quartermaster_tenants::error::Code;
use quartermaster_tenants::policy::{Duty, duty};
use quartermaster_tenants::{Flight, Op, Outcome, Refusal, Result, TenantTx, Tenants};
use rust_decimal::Decimal;
use std::collections::HashMap;

/// What one counter counted in one place; negative to correct what was entered before.
pub type CountEntry = EnteredLine;

/// Adds to what was counted.
///
/// # Errors
/// Refusals of the input, of authority, version, state, segregation of duties (INV-08, INV-09, DUAL-05).
pub async fn enter(
    db: &Tenants,
    op: &Op,
    id: StockCountId,
    entries: &[CountEntry],
    expected_version: Option<i32>,
) -> Result<Outcome> {
    references::some_lines(entries.len())?;
    let mut tx = TenantTx::begin(db, op).await?;
    let items: Vec<_> = entries.iter().map(|e| e.item).collect();
    let mut count = repo::load_for_update(&mut tx, id, repo::Lines::Of(items.clone()))
        .await?
        .0;
    let before = count.trail.version;
    let mut reads = Flight::new();
    let at = references::references(op, vec![count.location], items.clone(), &mut reads);
    let books = repo::books(op, count.location, items.clone(), &mut reads);
    let mut subject = count.subject();
    subject.items = items;
    subject.items.sort_unstable();
    subject.items.dedup();
    let (mut facts, landing) = tx.facts(subject, &[Duty::CntEnter], reads).await?;
    let entered = facts.authorize::<duty::CntEnter>(&count.standing(CountCommand::Enter, expected_version))?;

    let found = references::read(&landing, &at)?;
    let books = repo::read_books(&landing, books)?;
    let added = add(&mut count, entries, &found, &books)?;
    count.trail.touch();
    tx.record(
        event("stock-count-recorded", &count).of_act(entered.act()),
        &mut count.trail,
    )?;
    let mut writes = Flight::new();
    entered.check(&tx, count.id, before)?;
    repo::update_header(&tx, &count, &mut writes)?;
    repo::write_entries(&tx, &count, &added, &mut writes)?;
    repo::write_lines(
        &tx,
        &count,
        count.lines.iter().filter(|l| l.expected.is_some()),
        &mut writes,
    )?;
    tx.commit(writes, Outcome::done(id, count.trail.version)).await
}

/// Adds the entries to their lines, which take the position of this moment as their expectation.
fn add(
    count: &mut StockCount,
    entries: &[CountEntry],
    found: &references::References,
    books: &HashMap<Place, (Decimal, Decimal)>,
) -> Result<Vec<(Place, Decimal)>, Vec<Refusal>> {
    let mut refusals = Vec::new();
    let mut added = Vec::with_capacity(entries.len());
    count.lines.iter_mut().for_each(|l| l.expected = None);
    for (i, entry) in entries.iter().enumerate() {
        let at = |field: &str| line_field("lines", i, field);
        let (place, quantity) = match found.line(
            i,
            count.location,
            &CountEntry {
                quantity: -entry.quantity,
                ..entry.clone()
            },
        ) {
            Ok((place, quantity)) => (place, -quantity),
            Err(wrong) => {
                refusals.extend(wrong);
                continue;
            }
        };
        if count.items.as_ref().is_some_and(|items| !items.contains(&entry.item)) {
            let refusal = Refusal::invalid(&[], "This item is not part of the count.");
            refusals.push(refusal.under(&at("itemId")));
            continue;
        }
        let known = count.lines.iter().position(|l| l.place == place);
        let index = known.unwrap_or_else(|| {
            count.lines.push(CountLine {
                place: place.clone(),
                asked: count.pass == 1,
                counted: None,
                expected: None,
                unit_cost: None,
                previous_variance: None,
            });
            count.lines.len() - 1
        });
        let line = &mut count.lines[index];
        if !line.asked {
            let refusal = Refusal::new(Code::InvalidState, &[], "This place is not to be counted again.");
            refusals.push(refusal.under(&at("itemId")));
            continue;
        }
        let total = line.counted.unwrap_or_default() + quantity;
        if total < Decimal::ZERO {
            let refusal = Refusal::invalid(&[], "Fewer than nothing cannot be counted.");
            refusals.push(refusal.under(&at("quantity")));
        }
        let (expected, cost) = books.get(&place).copied().unwrap_or_default();
        line.counted = Some(total);
        line.expected = Some(expected);
        line.unit_cost = Some(cost);
        added.push((place, quantity));
    }
    if refusals.is_empty() { Ok(added) } else { Err(refusals) }
}
