//! Give an approved order to the supplier: by a buyer, or by the tenant's published rule at once.

use super::header_data;
use super::purchase_order::PurchaseOrder;
use super::repo;
use super::status::OrderCommand;
use crate::shared::PurchaseOrderId;
use quartermaster_tenants::act::Subject;
use quartermaster_tenants::event::Event;
use quartermaster_tenants::policy::{Duty, duty};
use quartermaster_tenants::settings::Settings;
use quartermaster_tenants::tx::{Landing, Rows};
use quartermaster_tenants::{Flight, Op, Outcome, Refusal, Result, TenantTx, Tenants, error::Code, params};
use serde_json::json;

const SUPPLIER_STANDING: &str = "SELECT status, ordering_blocked FROM qm.supplier WHERE tenant_id = $1 AND id = $2";

/// Approved → Released. The supplier must be active now: its standing is locked against blocking at the same moment.
///
/// # Errors
/// Refusals of authority, version, state, segregation of duties; an inactive supplier.
pub async fn release(db: &Tenants, op: &Op, id: PurchaseOrderId, expected_version: Option<i32>) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut order = repo::load_for_update(&mut tx, id).await?;
    let before = order.trail.version;
    let mut reads = Flight::new();
    let supplier = supplier(op, &order, &mut reads);
    let (mut facts, landing) = tx.facts(subject(&order), &[Duty::PoSend], reads).await?;
    let sent = facts.authorize::<duty::PoSend>(&order.standing(OrderCommand::Release, expected_version))?;
    if !is_active(&landing, supplier)? {
        return Err(Refusal::new(
            Code::Inactive,
            &["id"],
            "Nothing may be ordered from this supplier at present.",
        )
        .into());
    }
    let opened = order.release();
    order.trail.touch();
    tx.record(
        Event::new("purchase-order-released", "PURCHASE_ORDER", id, header_data(&order))
            .at_location(order.location)
            .of_act(sent.act()),
        &mut order.trail,
    )?;
    let mut writes = Flight::new();
    repo::update(&tx, sent, &order, before, &mut writes)?;
    repo::update_progress(
        op,
        id,
        order.lines.iter().filter(|l| opened.contains(&l.number)),
        &mut writes,
    );
    repo::commit(tx, &order, writes).await
}

/// What an act on an order is about that may release it: the supplier's standing is locked, too.
pub(super) fn subject(order: &PurchaseOrder) -> Subject {
    let mut subject = order.subject();
    subject.supplier_standing = Some(false);
    subject
}

/// Adds the question how the order's supplier stands, after that lock.
pub(super) fn supplier(op: &Op, order: &PurchaseOrder, reads: &mut Flight) -> Rows {
    reads.rows(SUPPLIER_STANDING, params![op.tenant.0, order.supplier])
}

/// May anything be ordered from the supplier now?
///
/// # Errors
/// A column that is not as expected.
pub(super) fn is_active(landing: &Landing, supplier: Rows) -> Result<bool> {
    let row = landing.one(supplier)?;
    Ok(row.try_get::<_, &str>(0)? == "ACTIVE" && !row.try_get::<_, bool>(1)?)
}

/// A system act (6.10): an approved order is released by the tenant's published rule. While nothing may be ordered from its
/// supplier it stays approved, and a buyer releases it afterwards. Gives the numbers of the lines that it opened.
pub(super) fn by_rule(
    tx: &mut TenantTx<'_>,
    settings: &Settings,
    order: &mut PurchaseOrder,
    supplier_is_active: bool,
) -> Result<Vec<i32>> {
    if !settings.release_on_approval || !supplier_is_active {
        return Ok(vec![]);
    }
    let opened = order.release();
    let mut data = header_data(order);
    data["rule"] = json!("releaseOnApproval");
    tx.record(
        Event::new("purchase-order-released", "PURCHASE_ORDER", order.id, data)
            .at_location(order.location)
            .by_system(),
        &mut order.trail,
    )?;
    Ok(opened)
}
