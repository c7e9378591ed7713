//! Refuse an order for good.

use super::header_data;
use super::repo;
use super::status::OrderCommand;
use crate::shared::{PurchaseOrderId, required_text};
use quartermaster_tenants::event::Event;
use quartermaster_tenants::policy::{Duty, duty};
use quartermaster_tenants::{Flight, Op, Outcome, Result, TenantTx, Tenants};
use serde_json::json;

/// InApproval → Rejected, with the reason.
///
/// # Errors
/// Refusals of authority, version, state, segregation of duties; a missing reason.
pub async fn reject(
    db: &Tenants,
    op: &Op,
    id: PurchaseOrderId,
    reason: &str,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut order = repo::load_for_update(&mut tx, id).await?;
    let before = order.trail.version;
    let (mut facts, _) = tx.facts(order.subject(), &[Duty::PoApprove], Flight::new()).await?;
    let authorized = facts.authorize::<duty::PoApprove>(&order.standing(OrderCommand::Reject, expected_version))?;
    order.reject(required_text(&["reason"], reason, 500)?);
    order.trail.touch();
    let mut data = header_data(&order);
    data["reason"] = json!(order.reason);
    tx.record(
        Event::new("purchase-order-rejected", "PURCHASE_ORDER", id, data)
            .at_location(order.location)
            .of_act(authorized.act()),
        &mut order.trail,
    )?;
    let mut writes = Flight::new();
    repo::update(&tx, authorized, &order, before, &mut writes)?;
    repo::update_progress(op, id, order.lines.iter(), &mut writes);
    repo::commit(tx, &order, writes).await
}
