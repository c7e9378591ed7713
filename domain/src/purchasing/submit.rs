//! Ask for approval. An amount that needs none is approved at once, by nobody (6.4), and released where the tenant's rule says so.

use super::purchase_order::PurchaseOrder;
use super::release;
use super::status::{OrderCommand, OrderStatus};
use super::{header_data, repo};
use crate::shared::PurchaseOrderId;
use quartermaster_tenants::act::{Authorized, Facts};
use quartermaster_tenants::event::Event;
use quartermaster_tenants::policy::{Duty, Level, duty};
use quartermaster_tenants::{Error, Flight, Op, Outcome, Result, TenantTx, Tenants, params};
use rust_decimal::Decimal;
use serde_json::json;

/// Draft → InApproval, or Approved (and Released) when the amount is under the lowest limit.
///
/// # Errors
/// Refusals of authority, version, state, segregation of duties.
pub async fn submit(db: &Tenants, op: &Op, id: PurchaseOrderId, expected_version: Option<i32>) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut order = repo::load_for_update(&mut tx, id).await?;
    let before = order.trail.version;
    let (mut facts, _) = tx
        .facts(order.subject(), &[Duty::PoSubmit, Duty::PoSend], Flight::new())
        .await?;
    order.trail.touch();
    let submitted = decide(&mut tx, &mut facts, &mut order, expected_version.map(|e| (e, before))).await?;
    let mut writes = Flight::new();
    repo::update(&tx, submitted, &order, before, &mut writes)?;
    if order.status == OrderStatus::Released {
        repo::update_progress(op, id, order.lines.iter(), &mut writes);
    }
    tx.commit(writes, Outcome::done(id, order.trail.version)).await
}

/// The act itself, also for an order that is created in the same transaction.
pub(super) async fn decide(
    tx: &mut TenantTx<'_>,
    facts: &mut Facts,
    order: &mut PurchaseOrder,
    versions: Option<(i32, i32)>,
) -> Result<Authorized<duty::PoSubmit>> {
    let mut standing = order.standing(OrderCommand::Submit, None);
    standing.versions = versions;
    let authorized = facts.authorize::<duty::PoSubmit>(&standing)?;
    let level = level(tx, facts, order).await?;
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
        release::by_rule(tx, &facts.settings, order)?;
    }
    Ok(authorized)
}

const SPLIT: &str = "SELECT coalesce(sum(o.net_amount + o.tax_amount), 0) FROM qm.purchase_order o WHERE o.tenant_id = $1 AND o.supplier_id = $2 AND o.buyer_account_id = $3 \
    AND o.id <> $4 AND o.currency = $5 AND o.created_at > $6 AND o.status NOT IN ('DRAFT', 'REJECTED', 'CANCELLED')";

/// The level of the order's amount; with an aggregation window, of what its maker ordered from the supplier inside it.
async fn level(tx: &mut TenantTx<'_>, facts: &Facts, order: &PurchaseOrder) -> Result<Level> {
    let mut exposure = order.exposure(&facts.settings)?;
    let days = facts.settings.aggregation_window_days;
    if days > 0 {
        let since = facts.now - chrono::TimeDelta::days(i64::from(days));
        let mut flight = Flight::new();
        let tenant = tx.op().tenant.0;
        let sum = flight.rows(
            SPLIT,
            params![
                tenant,
                order.supplier,
                order.buyer,
                order.id.0,
                order.currency.code(),
                since
            ],
        );
        let landing = tx.fly(flight).await?;
        let others: Decimal = landing.one(sum)?.try_get(0).map_err(Error::from)?;
        exposure += super::purchase_order::exposure(others, order.currency, &facts.settings)?;
    }
    Ok(facts.level_of(exposure))
}
