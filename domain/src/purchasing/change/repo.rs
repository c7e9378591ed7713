//! The SQL of changes.

use super::super::purchase_order::PurchaseOrder;
use super::super::row;
use super::change_order::{ChangeOrder, ChangeStatus};
use crate::shared::{ChangeOrderId, PurchaseOrderId};
use quartermaster_tenants::act::Authorized;
use quartermaster_tenants::event::Trail;
use quartermaster_tenants::policy::{DutyType, Level};
use quartermaster_tenants::tx::{Flight, Rows, TenantTx};
use quartermaster_tenants::{Error, Op, Refusal, Result, params};
use tokio_postgres::Row;
use uuid::Uuid;

const OPEN: &str =
    "SELECT c.id FROM qm.change_order c WHERE c.tenant_id = $1 AND c.order_id = $2 AND c.status = 'IN_APPROVAL'";

const LOCK_ORDER: &str = "SELECT o.* FROM qm.purchase_order o WHERE o.tenant_id = $1 AND o.id = (SELECT c.order_id FROM qm.change_order c WHERE c.tenant_id = $1 AND c.id = $2) \
    AND ($3::uuid[] IS NULL OR o.location_id = ANY($3)) FOR UPDATE";
const LINES: &str = "SELECT l.* FROM qm.purchase_order_line l WHERE l.tenant_id = $1 AND l.id = (SELECT c.order_id FROM qm.change_order c WHERE c.tenant_id = $1 AND c.id = $2) \
    ORDER BY l.line_number";
const LOCK: &str = "SELECT c.* FROM qm.change_order c WHERE c.tenant_id = $1 AND c.id = $2 FOR UPDATE";

const INSERT: &str = "INSERT INTO qm.change_order (tenant_id, id, order_id, revision, status, reason, changes, proposed, net_before, net_after, currency, round, required_level, approvals, \
    creator_account_id, version, event_sequence, event_hash, created_at, updated_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $19)";
const UPDATE: &str = "UPDATE qm.change_order c SET status = $3, decision_reason = $4, approvals = $5, version = $6, event_sequence = $7, event_hash = $8, updated_at = $9 \
    WHERE c.tenant_id = $1 AND c.id = $2";

/// Adds the question whether a change of the order is open.
pub(super) fn open_change(op: &Op, order: PurchaseOrderId, flight: &mut Flight) -> Rows {
    flight.rows(OPEN, params![op.tenant.0, order.0])
}

/// Locks the order, then the change: always in this order.
pub(super) async fn load_for_update(tx: &mut TenantTx<'_>, id: ChangeOrderId) -> Result<(ChangeOrder, PurchaseOrder)> {
    let op = tx.op();
    let mut flight = Flight::new();
    let order = flight.rows(
        LOCK_ORDER,
        params![op.tenant.0, id.0, op.locations.as_param().map(<[Uuid]>::to_vec)],
    );
    let lines = flight.rows(LINES, params![op.tenant.0, id.0]);
    let change = flight.rows(LOCK, params![op.tenant.0, id.0]);
    let landing = tx.fly(flight).await?;
    let none = || Refusal::not_found(&["id"], "change order");
    let order = row::order(landing.optional(order).ok_or_else(none)?, landing.get(lines))?;
    Ok((read(landing.optional(change).ok_or_else(none)?)?, order))
}

pub(super) fn insert<D: DutyType>(
    tx: &TenantTx<'_>,
    authorized: Authorized<D>,
    c: &ChangeOrder,
    writes: &mut Flight,
) -> Result<()> {
    let version = authorized_version(&authorized, c);
    authorized.sign(tx, c.id, version, writes)?;
    let json = |v: serde_json::Result<serde_json::Value>| v.map_err(Error::internal);
    writes.exec(
        INSERT,
        params![
            tx.op().tenant.0,
            c.id.0,
            c.order,
            c.revision,
            c.status.as_str(),
            c.reason.clone(),
            json(serde_json::to_value(&c.changes))?,
            json(serde_json::to_value(&c.proposed))?,
            c.net.0,
            c.net.1,
            c.currency.clone(),
            c.round,
            i16::from(c.required_level.get()),
            c.approvals,
            c.creator,
            c.trail.version,
            c.trail.sequence,
            c.trail.hash.clone(),
            tx.now()?
        ],
        1,
    );
    Ok(())
}

/// A new change was authorized at its order's version, if the caller gave one.
fn authorized_version<D: DutyType>(authorized: &Authorized<D>, c: &ChangeOrder) -> i32 {
    authorized.version().unwrap_or(c.trail.version)
}

pub(super) fn update<D: DutyType>(
    tx: &TenantTx<'_>,
    authorized: Authorized<D>,
    c: &ChangeOrder,
    version_before: i32,
    writes: &mut Flight,
) -> Result<()> {
    authorized.sign(tx, c.id, version_before, writes)?;
    let (trail, now) = (&c.trail, tx.now()?);
    let tenant = tx.op().tenant.0;
    writes.exec(
        UPDATE,
        params![
            tenant,
            c.id.0,
            c.status.as_str(),
            c.decision_reason.clone(),
            c.approvals,
            trail.version,
            trail.sequence,
            trail.hash.clone(),
            now
        ],
        1,
    );
    Ok(())
}

pub(super) fn read(row: &Row) -> Result<ChangeOrder> {
    let status: &str = row.try_get("status")?;
    let level: i16 = row.try_get("required_level")?;
    Ok(ChangeOrder {
        id: row.try_get::<_, Uuid>("id")?.into(),
        order: row.try_get("order_id")?,
        revision: row.try_get("revision")?,
        status: ChangeStatus::parse(status).ok_or_else(|| Error::internal(format!("change status {status}")))?,
        reason: row.try_get("reason")?,
        decision_reason: row.try_get("decision_reason")?,
        changes: serde_json::from_value(row.try_get("changes")?).map_err(Error::internal)?,
        proposed: serde_json::from_value(row.try_get("proposed")?).map_err(Error::internal)?,
        net: (row.try_get("net_before")?, row.try_get("net_after")?),
        currency: row.try_get("currency")?,
        round: row.try_get("round")?,
        required_level: u8::try_from(level).ok().and_then(Level::new).unwrap_or_default(),
        approvals: row.try_get("approvals")?,
        creator: row.try_get("creator_account_id")?,
        trail: Trail::from_row(row)?,
    })
}
