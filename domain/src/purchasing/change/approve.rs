//! Approve a change: the order becomes its next revision.

use super::super::purchase_order::{Approval, PurchaseOrder};
use super::super::{header_data, repo as orders};
use super::change_order::{ChangeOrder, ChangeStatus};
use super::repo;
use crate::shared::ChangeOrderId;
use quartermaster_tenants::event::Event;
use quartermaster_tenants::policy::{Duty, duty};
use quartermaster_tenants::{Flight, Op, Outcome, Result, TenantTx, Tenants};
use serde_json::json;

/// InApproval → Effective; the top level needs a second person first.
///
/// # Errors
/// Refusals of authority, version, state, segregation of duties.
pub async fn approve(db: &Tenants, op: &Op, id: ChangeOrderId, expected_version: Option<i32>) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let (mut change, mut order) = repo::load_for_update(&mut tx, id).await?;
    let before = change.trail.version;
    let (mut facts, _) = tx
        .facts(change.subject(&order), &[Duty::CoApprove], Flight::new())
        .await?;
    let approved = facts.authorize::<duty::CoApprove>(&change.standing(expected_version))?;
    let kind = match change.approve() {
        Approval::Step => "purchase-order-change-approval-step-completed",
        Approval::Last => "purchase-order-change-approved",
    };
    change.trail.touch();
    let data = json!({ "status": change.status.as_str(), "purchaseOrderId": order.id.to_string(), "revision": change.revision });
    tx.record(
        Event::new(kind, "CHANGE_ORDER", id, data)
            .at_location(order.location)
            .of_act(approved.act()),
        &mut change.trail,
    )?;
    let mut writes = Flight::new();
    if change.status == ChangeStatus::Effective {
        take_effect(&mut tx, &change, &mut order, false, &mut writes)?;
    }
    repo::update(&tx, approved, &change, before, &mut writes)?;
    tx.commit(writes, Outcome::done(id, change.trail.version)).await
}

/// A system act: the approved change becomes part of the order. `by_level` when nobody had to approve it.
pub(super) fn take_effect(
    tx: &mut TenantTx<'_>,
    change: &ChangeOrder,
    order: &mut PurchaseOrder,
    by_level: bool,
    writes: &mut Flight,
) -> Result<()> {
    change.apply(order);
    order.trail.touch();
    let mut data = header_data(order);
    data["changeOrderId"] = json!(change.id.to_string());
    data["changes"] = json!(change.changes);
    data["reason"] = json!(if by_level { "NOT_REQUIRED" } else { "APPROVED" });
    let event = Event::new("purchase-order-change-effective", "PURCHASE_ORDER", order.id, data);
    tx.record(event.at_location(order.location).by_system(), &mut order.trail)?;
    orders::update_by_system(tx, order, writes)?;
    orders::replace_lines(tx.op(), order, writes);
    Ok(())
}
