//! Let a return leave: stock goes out at its average cost, order lines count what went back.

use super::repo;
use super::status::{ReturnCommand, ReturnStatus};
use super::supplier_return::SupplierReturn;
use crate::inventory::{Posting, ledger};
use crate::purchasing::{PurchaseOrder, progress};
use crate::receiving::compare::{in_unit, snap};
use crate::shared::{Refusals, SupplierReturnId, text};
use quartermaster_tenants::event::Event;
use quartermaster_tenants::policy::{Duty, duty};
use quartermaster_tenants::{Flight, Op, Outcome, Refusal, Result, TenantTx, Tenants};
use rust_decimal::Decimal;
use serde_json::json;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Approved → Shipped, by another person than its maker. One that expects no credit is closed by the system.
///
/// # Errors
/// Refusals of authority, version, state, segregation of duties; goods that are not there (unless the tenant flags that).
pub async fn ship(
    db: &Tenants,
    op: &Op,
    id: SupplierReturnId,
    tracking: Option<&str>,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut goods = repo::load_for_update(&mut tx, id).await?;
    let before = goods.trail.version;
    let mut orders = lock_orders(&mut tx, &goods).await?;
    let mut reads = Flight::new();
    let at = ledger::lock(op, goods.movements().into_iter().map(|m| m.place), &mut reads);
    let (mut facts, landing) = tx.facts(goods.subject(), &[Duty::RtvShip], reads).await?;
    let shipped = facts.authorize::<duty::RtvShip>(&goods.standing(ReturnCommand::Ship, expected_version))?;
    goods.tracking = tracking.map(|t| text(&["trackingNumber"], t, 100)).transpose()?;
    goods.status = ReturnStatus::Shipped;
    goods.shipped_on = Some(facts.now.date_naive());
    goods.trail.touch();
    let lines = count(&goods, &mut orders)?;
    let mut data = goods.data();
    data["trackingNumber"] = json!(goods.tracking);
    tx.record(
        Event::new("supplier-return-shipped", "SUPPLIER_RETURN", id, data)
            .at_location(goods.location)
            .of_act(shipped.act()),
        &mut goods.trail,
    )?;
    let posting = Posting {
        document_kind: "SUPPLIER_RETURN",
        document: id.0,
        act: shipped.act(),
        field: &["id"],
        movements: goods.movements(),
        allocations: vec![],
    };
    let mut writes = Flight::new();
    let mut stock = ledger::read_locked(&landing, &at)?;
    let costs = stock.post(&mut tx, &facts.settings, &posting, &mut writes)?;
    for (line, cost) in goods.lines.iter_mut().zip(costs) {
        line.unit_cost = Some(cost);
    }
    progress::settle(
        &mut tx,
        &mut orders,
        &lines,
        Some("purchase-order-line-returned"),
        &mut writes,
    )?;
    if goods.net() == Decimal::ZERO {
        goods.status = ReturnStatus::Closed;
        let mut data = goods.data();
        data["reason"] = json!("NO_CREDIT_EXPECTED");
        tx.record(
            Event::new("supplier-return-closed", "SUPPLIER_RETURN", id, data)
                .at_location(goods.location)
                .by_system(),
            &mut goods.trail,
        )?;
    }
    repo::update_costs(op, &goods, &mut writes);
    repo::update(&tx, shipped, &goods, before, &mut writes)?;
    tx.commit(writes, Outcome::done(id, goods.trail.version)).await
}

async fn lock_orders(tx: &mut TenantTx<'_>, goods: &SupplierReturn) -> Result<Vec<PurchaseOrder>> {
    let ids = goods.orders();
    if ids.is_empty() {
        return Ok(vec![]);
    }
    let mut flight = Flight::new();
    let rows = progress::lock(tx.op(), &ids, &mut flight);
    let landing = tx.fly(flight).await?;
    progress::read(&landing, &rows)
}

/// Counts what went back on the order lines; never more than was received.
fn count(goods: &SupplierReturn, orders: &mut [PurchaseOrder]) -> Result<BTreeSet<(Uuid, i32)>, Vec<Refusal>> {
    let mut refusals = Refusals::default();
    let mut lines = BTreeSet::new();
    for line in &goods.lines {
        let Some((id, number)) = line.order else { continue };
        let order = orders.iter_mut().find(|o| o.id.0 == id);
        let Some(ordered) = order.and_then(|o| o.lines.iter_mut().find(|l| l.number == number)) else {
            continue;
        };
        let back = ordered.returned + in_unit(line.base(), ordered);
        ordered.returned = snap(back, ordered.received, ordered.base_per_unit);
        if ordered.returned > ordered.received {
            let message = format!(
                "Line {} would send back more than was received of its order.",
                line.number
            );
            refusals.push(Refusal::invalid(&["id"], message));
        }
        lines.insert((id, number));
    }
    refusals.finish()?;
    Ok(lines)
}
