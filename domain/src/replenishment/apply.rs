//! What an approved policy does: its lines become thresholds, by one statement whatever their number.

use crate::inventory::threshold::Threshold;
use crate::shared::ReplenishmentPolicyId;
use quartermaster_tenants::error::Code;
use quartermaster_tenants::event::Trail;
use quartermaster_tenants::tx::{Flight, Landing, Rows, TenantTx};
use quartermaster_tenants::{Op, Refusal, Result, params};
use rust_decimal::Decimal;
use tokio_postgres::Row;
use uuid::Uuid;

const LINES: &str = "SELECT l.line_number, l.item_id, l.location_id, l.reorder_point, l.safety_stock, i.status = 'ACTIVE' AND o.status = 'ACTIVE' AS active, \
    t.id, coalesce(t.is_below, false) AS is_below, coalesce(t.version, 0) AS version, coalesce(t.event_sequence, 0) AS event_sequence, coalesce(t.event_hash, '') AS event_hash, \
    (SELECT coalesce(sum(p.quantity - p.allocated), 0) FROM qm.stock_position p WHERE p.tenant_id = l.tenant_id AND p.item_id = l.item_id AND p.location_id = l.location_id AND p.stock_status = 'AVAILABLE') AS available \
    FROM qm.replenishment_policy_line l JOIN qm.item i ON i.tenant_id = l.tenant_id AND i.id = l.item_id JOIN qm.location o ON o.tenant_id = l.tenant_id AND o.id = l.location_id \
    LEFT JOIN qm.stock_threshold t ON t.tenant_id = l.tenant_id AND t.item_id = l.item_id AND t.location_id = l.location_id \
    WHERE l.tenant_id = $1 AND l.id = $2 ORDER BY l.line_number";

const UPSERT: &str = "INSERT INTO qm.stock_threshold AS t (tenant_id, id, item_id, location_id, reorder_point, safety_stock, is_below, version, event_sequence, event_hash, created_at, updated_at) \
    SELECT $1, u.id, u.item, u.location, u.reorder_point, u.safety_stock, u.is_below, u.version, u.event_sequence, u.event_hash, $2, $2 \
    FROM unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::numeric[], $7::numeric[], $8::bool[], $9::int[], $10::int[], $11::bytea[]) \
    u (id, item, location, reorder_point, safety_stock, is_below, version, event_sequence, event_hash) \
    ON CONFLICT (tenant_id, item_id, location_id) DO UPDATE SET reorder_point = excluded.reorder_point, safety_stock = excluded.safety_stock, is_below = excluded.is_below, \
    version = excluded.version, event_sequence = excluded.event_sequence, event_hash = excluded.event_hash, updated_at = excluded.updated_at";

/// Adds the statement that reads the lines, what is available of each, and the threshold that it changes.
pub(super) fn reads(op: &Op, id: ReplenishmentPolicyId, flight: &mut Flight) -> Rows {
    flight.rows(LINES, params![op.tenant.0, id.0])
}

/// Tells what is below its reorder point from now on, and adds the writes.
pub(super) fn writes(tx: &mut TenantTx<'_>, act: Uuid, landing: &Landing, at: Rows, writes: &mut Flight) -> Result<()> {
    let rows = landing.get(at);
    let mut thresholds = Vec::with_capacity(rows.len());
    let mut safety_stocks: Vec<Decimal> = Vec::with_capacity(rows.len());
    for row in rows {
        let mut threshold = read(row)?;
        if !threshold.cross(tx, act)? {
            threshold.trail.touch();
        }
        thresholds.push(threshold);
        safety_stocks.push(row.try_get("safety_stock")?);
    }
    macro_rules! column {
        ($f:expr) => {
            thresholds.iter().map($f).collect::<Vec<_>>()
        };
    }
    writes.exec(
        UPSERT,
        params![
            tx.op().tenant.0,
            tx.now()?,
            column!(|t| t.id),
            column!(|t| t.item),
            column!(|t| t.location),
            column!(|t| t.reorder_point),
            safety_stocks,
            column!(|t| t.is_below),
            column!(|t| t.trail.version),
            column!(|t| t.trail.sequence),
            column!(|t| t.trail.hash.clone()),
        ],
        thresholds.len() as u64,
    );
    Ok(())
}

/// The threshold as a line says; a new one where there was none.
fn read(row: &Row) -> Result<Threshold> {
    if !row.try_get::<_, bool>("active")? {
        let line: i32 = row.try_get("line_number")?;
        let message = format!("The item or the location of line {line} is not active any more.");
        return Err(Refusal::new(Code::Inactive, &["id"], message).into());
    }
    Ok(Threshold {
        id: row.try_get::<_, Option<Uuid>>("id")?.unwrap_or_else(Uuid::now_v7),
        item: row.try_get("item_id")?,
        location: row.try_get("location_id")?,
        reorder_point: row.try_get("reorder_point")?,
        is_below: row.try_get("is_below")?,
        available: row.try_get("available")?,
        trail: Trail::from_row(row)?,
    })
}
