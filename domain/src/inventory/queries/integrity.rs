//! The proof that the positions say what the ledger and the open reservations do.

use super::{guard_params, guarded};
use quartermaster_tenants::id::TenantId;
use quartermaster_tenants::tx::Flight;
use quartermaster_tenants::{Op, Result, TenantTx, Tenants};
use rust_decimal::Decimal;
use tokio_postgres::Row;
use uuid::Uuid;

/// What the comparison came to.
#[derive(Debug, Clone)]
pub struct Integrity {
    /// Positions compared.
    pub positions: i64,
    /// Movements added up.
    pub movements: i64,
    /// Positions that differ from the sum of their movements or of their open reservations: zero, or something is broken.
    pub differing: i64,
    /// What all positions are worth at average cost, in the tenant's currency.
    pub value: Decimal,
    /// What all movements are worth: differs from `value` by the rounding of averages, and by stock that was negative.
    pub movement_value: Decimal,
    /// The first of the differing positions.
    pub differences: Vec<Difference>,
}

/// A position that differs from its movements or its reservations.
#[derive(Debug, Clone)]
pub struct Difference {
    /// The position.
    pub position: Uuid,
    /// The item.
    pub item: Uuid,
    /// Where.
    pub location: Uuid,
    /// What the position says.
    pub quantity: Decimal,
    /// What its movements add up to.
    pub ledger: Decimal,
    /// What the position says that is promised of it.
    pub allocated: Decimal,
    /// What is reserved by the transfers that are being picked.
    pub reserved: Decimal,
}

const SUMS: &str = "SELECT t.id, t.item_id, t.location_id, t.quantity, coalesce(m.quantity, 0) AS ledger, t.allocated, coalesce(r.reserved, 0) AS reserved, count(*) OVER () AS differing \
    FROM qm.stock_position t \
    LEFT JOIN (SELECT x.position_id, sum(x.quantity) AS quantity FROM qm.stock_movement x WHERE x.tenant_id = $1 GROUP BY x.position_id) m ON m.position_id = t.id \
    LEFT JOIN (SELECT l.item_id, f.from_location_id, l.lot, sum(l.reserved_quantity) AS reserved FROM qm.transfer_line l \
      JOIN qm.transfer f ON f.tenant_id = l.tenant_id AND f.id = l.id AND f.status = 'PICKING' \
      WHERE l.tenant_id = $1 AND l.reserved_quantity <> 0 GROUP BY l.item_id, f.from_location_id, l.lot) r \
    ON r.item_id = t.item_id AND r.from_location_id = t.location_id AND r.lot = t.lot AND t.stock_status = 'AVAILABLE' \
    WHERE {guard} AND (t.quantity <> coalesce(m.quantity, 0) OR t.allocated <> coalesce(r.reserved, 0)) ORDER BY t.id LIMIT 100";

const TOTALS: &str = "SELECT count(*) AS positions, coalesce(sum(m.movements), 0)::bigint AS movements, coalesce(sum(t.quantity * t.average_cost), 0) AS value, coalesce(sum(m.value), 0) AS movement_value \
    FROM qm.stock_position t LEFT JOIN (SELECT x.position_id, count(*) AS movements, sum(x.quantity * x.unit_cost) AS value FROM qm.stock_movement x WHERE x.tenant_id = $1 GROUP BY x.position_id) m \
    ON m.position_id = t.id WHERE {guard}";

/// Adds up the ledger and the open reservations and compares them with the positions, inside the caller's locations.
///
/// # Errors
/// What the database said.
pub async fn integrity(db: &Tenants, op: &Op) -> Result<Integrity> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let sums = flight.composed(guarded(SUMS), guard_params!(op));
    let totals = flight.composed(guarded(TOTALS), guard_params!(op));
    let landing = tx.fly(flight).await?;
    let difference = |r: &Row| {
        Ok(Difference {
            position: r.try_get("id")?,
            item: r.try_get("item_id")?,
            location: r.try_get("location_id")?,
            quantity: r.try_get("quantity")?,
            ledger: r.try_get("ledger")?,
            allocated: r.try_get("allocated")?,
            reserved: r.try_get("reserved")?,
        })
    };
    let total = landing.one(totals)?;
    let differing = landing.optional(sums).map(|r| r.try_get("differing")).transpose()?;
    Ok(Integrity {
        positions: total.try_get("positions")?,
        movements: total.try_get("movements")?,
        differing: differing.unwrap_or_default(),
        value: total.try_get("value")?,
        movement_value: total.try_get("movement_value")?,
        differences: landing.get(sums).iter().map(difference).collect::<Result<_>>()?,
    })
}

/// How many positions differ, over all locations: asked by the console, in whatever transaction its connection has.
///
/// # Errors
/// What the database said.
pub async fn differing(owner: &tokio_postgres::Client, tenant: TenantId) -> Result<i64> {
    let everywhere: Option<Vec<Uuid>> = None;
    let row = owner
        .query_opt(&guarded(SUMS), &[&tenant.0, &everywhere, &true])
        .await?;
    Ok(row.map(|r| r.try_get("differing")).transpose()?.unwrap_or_default())
}
