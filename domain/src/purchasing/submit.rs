//! Ask for approval. An amount that needs none is approved at once, by nobody (6.4), and released where the tenant's rule says so.

use super::purchase_order::PurchaseOrder;
use super::release;
use super::status::{OrderCommand, OrderStatus};
use super::{header_data, repo, window};
use crate::shared::PurchaseOrderId;
use quartermaster_tenants::act::{Authorized, Facts};
use quartermaster_tenants::event::Event;
use quartermaster_tenants::policy::{Duty, duty};
use quartermaster_tenants::{Flight, Op, Outcome, Result, TenantTx, Tenants};
use serde_json::json;

/// Draft → InApproval, or Approved (and Released) when the amount is under the lowest limit.
///
/// # Errors
/// Refusals of authority, version, state, segregation of duties.
pub async fn submit(db: &Tenants, op: &Op, id: PurchaseOrderId, expected_version: Option<i32>) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut order = repo::load_for_update(&mut tx, id).await?;
    let before = order.trail.version;
    let mut reads = Flight::new();
    let supplier = release::supplier(op, &order, &mut reads);
    let (mut facts, landing) = tx
        .facts(release::subject(&order), &[Duty::PoSubmit, Duty::PoSend], reads)
        .await?;
    order.trail.touch();
    let versions = expected_version.map(|e| (e, before));
    let active = release::is_active(&landing, supplier)?;
    let submitted = decide(&mut tx, &mut facts, &mut order, versions, active).await?;
    let mut writes = Flight::new();
    repo::update(&tx, submitted, &order, before, &mut writes)?;
    if order.status == OrderStatus::Released {
        repo::update_progress(op, id, order.lines.iter(), &mut writes);
    }
    repo::commit(tx, &order, writes).await
}

/// The act itself, also for an order that is created in the same transaction.
pub(super) async fn decide(
    tx: &mut TenantTx<'_>,
    facts: &mut Facts,
    order: &mut PurchaseOrder,
    versions: Option<(i32, i32)>,
    supplier_is_active: bool,
) -> Result<Authorized<duty::PoSubmit>> {
    let mut standing = order.standing(OrderCommand::Submit, None);
    standing.versions = versions;
    let authorized = facts.authorize::<duty::PoSubmit>(&standing)?;
    let exposure = order.exposure(&facts.settings)? + window::others(tx, facts, order).await?;
    let level = facts.level_of(exposure);
    order.submit(level);
    let mut data = header_data(order);
    data["requiredLevel"] = json!(level.get());
    tx.record(
        Event::new("purchase-order-submitted", "PURCHASE_ORDER", order.id, data)
            .at_location(order.location)
            .of_act(authorized.act()),
        &mut order.trail,
    )?;
    if order.status == OrderStatus::Approved {
        let mut data = header_data(order);
        data["reason"] = json!("NOT_REQUIRED");
        tx.record(
            Event::new("purchase-order-approved", "PURCHASE_ORDER", order.id, data)
                .at_location(order.location)
                .by_system(),
            &mut order.trail,
        )?;
        release::by_rule(tx, &facts.settings, order, supplier_is_active)?;
    }
    Ok(authorized)
}
