//! From when on an item is to be reordered at a location.

use quartermaster_tenants::tx::Flight;
use quartermaster_tenants::{Op, Result, TenantTx, Tenants, params};
use rust_decimal::Decimal;
use std::collections::HashMap;
use uuid::Uuid;

/// What an approved policy says of an item at a location, in base units.
#[derive(Debug, Clone, Copy)]
pub struct ThresholdRecord {
    /// Below this it is reordered.
    pub reorder_point: Decimal,
    /// What is kept against surprises; part of the reorder point.
    pub safety_stock: Decimal,
}

const THRESHOLDS: &str = "SELECT t.item_id, t.location_id, t.reorder_point, t.safety_stock FROM qm.stock_threshold t \
    JOIN unnest($3::uuid[], $4::uuid[]) u (item, location) ON t.item_id = u.item AND t.location_id = u.location \
    WHERE t.tenant_id = $1 AND ($2::uuid[] IS NULL OR t.location_id = ANY($2))";

/// The thresholds of several places, each an item and a location.
///
/// # Errors
/// What the database said.
pub async fn thresholds_of(
    db: &Tenants,
    op: &Op,
    places: &[(Uuid, Uuid)],
) -> Result<HashMap<(Uuid, Uuid), ThresholdRecord>> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let (items, locations): (Vec<Uuid>, Vec<Uuid>) = places.iter().copied().unzip();
    let scope = op.locations.as_param().map(<[Uuid]>::to_vec);
    let rows = flight.rows(THRESHOLDS, params![op.tenant.0, scope, items, locations]);
    let landing = tx.fly(flight).await?;
    let found = landing.get(rows).iter().map(|r| {
        let threshold = ThresholdRecord {
            reorder_point: r.try_get("reorder_point")?,
            safety_stock: r.try_get("safety_stock")?,
        };
        Ok(((r.try_get("item_id")?, r.try_get("location_id")?), threshold))
    });
    found.collect()
}
