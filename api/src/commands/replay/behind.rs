//! What the proof reads behind the API: the ledger against the positions, and the events. Inside the tenant, as a member of it.

use quartermaster_demo::expectation::Stock;
use quartermaster_tenants::tx::params;
use quartermaster_tenants::{Flight, Op, Result, TenantTx, Tenants};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use std::collections::BTreeMap;

const STOCK: &str = "SELECT l.code, i.sku, sum(p.quantity) FROM qm.stock_position p \
    JOIN qm.location l ON l.tenant_id = p.tenant_id AND l.id = p.location_id JOIN qm.item i ON i.tenant_id = p.tenant_id AND i.id = p.item_id \
    WHERE p.tenant_id = $1 GROUP BY 1, 2 HAVING sum(p.quantity) <> 0";
const INTEGRITY: &str = "SELECT count(*) FROM qm.stock_position p FULL JOIN (SELECT m.tenant_id, m.position_id, sum(m.quantity) AS quantity FROM qm.stock_movement m \
    WHERE m.tenant_id = $1 GROUP BY 1, 2) s ON s.tenant_id = p.tenant_id AND s.position_id = p.id \
    WHERE coalesce(p.tenant_id, s.tenant_id) = $1 AND coalesce(p.quantity, 0) <> coalesce(s.quantity, 0)";
const EVENTS: &str = "SELECT e.type, count(*) FROM qm.event e WHERE e.tenant_id = $1 GROUP BY e.type";

/// What is kept of a tenant.
pub struct Behind {
    /// On hand by store and item.
    pub stock: Stock,
    /// Positions that are not the sum of their movements.
    pub broken_positions: u64,
    /// Events by type.
    pub events: BTreeMap<String, u64>,
}

/// Reads it.
///
/// # Errors
/// What the database said.
pub async fn read(db: &Tenants, op: &Op) -> Result<Behind> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let stock = flight.rows(STOCK, params![op.tenant.0]);
    let integrity = flight.rows(INTEGRITY, params![op.tenant.0]);
    let events = flight.rows(EVENTS, params![op.tenant.0]);
    let landing = tx.fly(flight).await?;
    let mut found = Behind {
        stock: Stock::new(),
        broken_positions: landing.one(integrity)?.try_get::<_, i64>(0)?.unsigned_abs(),
        events: BTreeMap::new(),
    };
    for row in landing.get(stock) {
        let quantity: Decimal = row.try_get(2)?;
        let quantity = quantity.normalize();
        // What is no whole number of bottles differs from every expectation.
        let bottles = quantity.is_integer().then(|| quantity.to_i64()).flatten();
        found
            .stock
            .entry(row.try_get(0)?)
            .or_default()
            .insert(row.try_get(1)?, bottles.unwrap_or(i64::MIN));
    }
    for row in landing.get(events) {
        found
            .events
            .insert(row.try_get(0)?, row.try_get::<_, i64>(1)?.unsigned_abs());
    }
    Ok(found)
}
