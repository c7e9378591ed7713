//! Approve (a step of) a purchase order.

use super::header_data;
use super::purchase_order::Approval;
use super::release;
use super::repo;
use super::status::{OrderCommand, OrderStatus};
use crate::shared::PurchaseOrderId;
use quartermaster_tenants::event::Event;
use quartermaster_tenants::policy::{Duty, duty};
use quartermaster_tenants::{Flight, Op, Outcome, Result, TenantTx, Tenants};

/// InApproval → Approved; the top level needs a second person first. By the tenant's rule it is released at once.
///
/// # Errors
/// Refusals of authority (the level of the amount), version, state, segregation of duties.
pub async fn approve(db: &Tenants, op: &Op, id: PurchaseOrderId, expected_version: Option<i32>) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut order = repo::load_for_update(&mut tx, id).await?;
    let before = order.trail.version;
    let mut reads = Flight::new();
    let supplier = release::supplier(op, &order, &mut reads);
    let (mut facts, landing) = tx.facts(release::subject(&order), &[Duty::PoApprove], reads).await?;
    let approved = facts.authorize::<duty::PoApprove>(&order.standing(OrderCommand::Approve, expected_version))?;

    let kind = match order.approve() {
        Approval::Step => "purchase-order-approval-step-completed",
        Approval::Last => "purchase-order-approved",
    };
    order.trail.touch();
    tx.record(
        Event::new(kind, "PURCHASE_ORDER", id, header_data(&order))
            .at_location(order.location)
            .of_act(approved.act()),
        &mut order.trail,
    )?;
    let opened = if order.status == OrderStatus::Approved {
        let active = release::is_active(&landing, supplier)?;
        release::by_rule(&mut tx, &facts.settings, &mut order, active)?
    } else {
        vec![]
    };

    let mut writes = Flight::new();
    repo::update(&tx, approved, &order, before, &mut writes)?;
    repo::update_progress(
        op,
        id,
        order.lines.iter().filter(|l| opened.contains(&l.number)),
        &mut writes,
    );
    repo::commit(tx, &order, writes).await
}
