//! Propose a policy: nothing of it is in force before somebody else approves it.

use super::policy::{PolicyLine, ReplenishmentPolicy};
use super::{event, repo};
use crate::inventory::references::{self, References};
use crate::shared::quantity::stock_level;
use crate::shared::{Refusals, line_field, text};
use quartermaster_tenants::act::Standing;
use quartermaster_tenants::error::Code;
use quartermaster_tenants::policy::{Duty, duty};
use quartermaster_tenants::{Flight, Op, Outcome, Refusal, Result, TenantTx, Tenants};
use std::collections::HashMap;
use uuid::Uuid;

/// A policy as people enter it.
#[derive(Debug, Clone)]
pub struct NewPolicy {
    /// For people.
    pub note: Option<String>,
    /// At least one, at most 10,000.
    pub lines: Vec<PolicyLine>,
}

/// Proposes a policy.
///
/// # Errors
/// Refusals of the input, of authority, of segregation of duties.
pub async fn propose(db: &Tenants, op: &Op, input: &NewPolicy) -> Result<Outcome> {
    references::some_lines(input.lines.len())?;
    let mut tx = TenantTx::begin(db, op).await?;
    let locations = input.lines.iter().map(|l| l.location).collect();
    let mut policy = ReplenishmentPolicy::new(op.account, locations);
    let mut reads = Flight::new();
    let items: Vec<Uuid> = input.lines.iter().map(|l| l.item).collect();
    let at = references::references(op, policy.locations.clone(), items, &mut reads);
    let (mut facts, landing) = tx.facts(policy.subject(), &[Duty::ReplEdit], reads).await?;
    let found = references::read(&landing, &at)?;
    let proposed = facts.authorize::<duty::ReplEdit>(&Standing::new_document())?;
    let lines = check(&mut policy, input, &found)?;
    policy.trail.touch();
    tx.record(
        event("replenishment-policy-proposed", &policy).of_act(proposed.act()),
        &mut policy.trail,
    )?;
    let mut writes = Flight::new();
    repo::insert(&tx, proposed, &policy, &lines, &mut writes)?;
    tx.commit(writes, Outcome::done(policy.id, policy.trail.version)).await
}

/// Tells all that is wrong with what was entered at once, and gives the checked lines.
fn check(
    policy: &mut ReplenishmentPolicy,
    input: &NewPolicy,
    found: &References,
) -> Result<Vec<PolicyLine>, Vec<Refusal>> {
    let mut refusals = Refusals::default();
    let note = text(&["note"], input.note.as_deref().unwrap_or_default(), 2000);
    policy.note = refusals.take(note).filter(|n| !n.is_empty());
    let mut lines = Vec::with_capacity(input.lines.len());
    let mut first: HashMap<(Uuid, Uuid), usize> = HashMap::with_capacity(input.lines.len());
    for (i, line) in input.lines.iter().enumerate() {
        let at = |field: &str| line_field("lines", i, field);
        match found.item(line.item) {
            None => refusals.push(Refusal::not_found(&[], "item").under(&at("itemId"))),
            Some(item) if !item.active => {
                refusals.push(Refusal::new(Code::Inactive, &[], "This item is not active.").under(&at("itemId")));
            }
            Some(_) => {}
        }
        let location = found.location(&[], line.location);
        refusals.take(location.map_err(|r| r.under(&at("locationId"))));
        let reorder_point = stock_level(&[], line.reorder_point).map_err(|r| r.under(&at("reorderPoint")));
        let safety_stock = stock_level(&[], line.safety_stock).map_err(|r| r.under(&at("safetyStock")));
        if line.safety_stock > line.reorder_point {
            let message = "The safety stock is part of the reorder point and must not be above it.";
            refusals.push(Refusal::invalid(&[], message).under(&at("safetyStock")));
        }
        if let Some(before) = first.get(&(line.item, line.location)) {
            let message = format!("Line {} has this item at this location already.", before + 1);
            refusals.push(Refusal::new(Code::Duplicate, &[], message).under(&at("itemId")));
        }
        first.entry((line.item, line.location)).or_insert(i);
        if let (Some(reorder_point), Some(safety_stock)) = (refusals.take(reorder_point), refusals.take(safety_stock)) {
            lines.push(PolicyLine {
                reorder_point,
                safety_stock,
                ..line.clone()
            });
        }
    }
    refusals.finish().map(|()| lines)
}
