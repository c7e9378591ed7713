//! Expect no more of some lines.

use super::header_data;
use super::repo;
use super::status::{OrderCommand, OrderStatus};
use crate::shared::{PurchaseOrderId, required_text};
use quartermaster_tenants::event::Event;
use quartermaster_tenants::policy::{Duty, duty};
use quartermaster_tenants::{Flight, Op, Outcome, Result, TenantTx, Tenants};
use serde_json::json;

/// Closes what is outstanding on these lines; the order is Received when nothing else is outstanding.
///
/// # Errors
/// Refusals of authority, version, state, segregation of duties; lines with nothing outstanding; a missing reason.
pub async fn short_close(
    db: &Tenants,
    op: &Op,
    id: PurchaseOrderId,
    lines: &[i32],
    reason: &str,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut order = repo::load_for_update(&mut tx, id).await?;
    let before = order.trail.version;
    let (mut facts, _) = tx.facts(order.subject(), &[Duty::PoCancel], Flight::new()).await?;
    let authorized = facts.authorize::<duty::PoCancel>(&order.standing(OrderCommand::ShortClose, expected_version))?;
    let closed = order.short_close(lines, required_text(&["reason"], reason, 500)?)?;
    order.trail.touch();
    for (number, quantity) in closed {
        let data = json!({ "status": order.status.as_str(), "lineNumber": number, "quantity": quantity, "reason": order.reason });
        let event = Event::new("purchase-order-line-short-closed", "PURCHASE_ORDER", id, data);
        tx.record(
            event.at_location(order.location).of_act(authorized.act()),
            &mut order.trail,
        )?;
    }
    if order.status == OrderStatus::Received {
        tx.record(
            Event::new("purchase-order-received", "PURCHASE_ORDER", id, header_data(&order))
                .at_location(order.location)
                .by_system(),
            &mut order.trail,
        )?;
    }
    let mut writes = Flight::new();
    repo::update(&tx, authorized, &order, before, &mut writes)?;
    repo::update_progress(op, id, order.lines.iter(), &mut writes);
    repo::commit(tx, &order, writes).await
}
