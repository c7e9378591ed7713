//! Stock over time and space: what there will be on a date, what there was at a moment, what there is in a region.

use super::{guard_params, guarded, without_blind};
use crate::inventory::StockStatus;
use chrono::{DateTime, NaiveDate, Utc};
use quartermaster_tenants::tx::Flight;
use quartermaster_tenants::{Op, Result, TenantTx, Tenants};
use rust_decimal::Decimal;
use tokio_postgres::Row;
use uuid::Uuid;

/// What can be promised of an item at a location on a date, in base units.
#[derive(Debug, Clone)]
pub struct Availability {
    /// Where.
    pub location: Uuid,
    /// May be used, allocated or not.
    pub on_hand: Decimal,
    /// Promised already.
    pub allocated: Decimal,
    /// Expected by the date, on released orders and transfers.
    pub inbound: Decimal,
}

// Whatever has no date is not counted upon.
const AVAILABLE: &str = "SELECT t.location_id, sum(t.on_hand) AS on_hand, sum(t.allocated) AS allocated, sum(t.inbound) AS inbound FROM ( \
      SELECT p.tenant_id, p.item_id, p.location_id, p.quantity AS on_hand, p.allocated, 0::numeric AS inbound FROM qm.stock_position p \
      WHERE p.tenant_id = $1 AND p.item_id = $4 AND p.stock_status = 'AVAILABLE' \
      UNION ALL SELECT l.tenant_id, l.item_id, o.location_id, 0, 0, (l.quantity - l.received_quantity - l.closed_quantity) * l.base_per_unit FROM qm.purchase_order_line l \
      JOIN qm.purchase_order o ON o.tenant_id = l.tenant_id AND o.id = l.id AND o.status IN ('RELEASED', 'PARTIALLY_RECEIVED') \
      WHERE l.tenant_id = $1 AND l.is_open AND l.item_id = $4 AND coalesce(l.expected_on, o.expected_on) <= $6{blind} \
      UNION ALL SELECT l.tenant_id, l.item_id, r.to_location_id, 0, 0, l.shipped_quantity - l.received_quantity - l.lost_quantity FROM qm.transfer r \
      JOIN qm.transfer_line l ON l.tenant_id = r.tenant_id AND l.id = r.id AND l.item_id = $4 \
      WHERE r.tenant_id = $1 AND r.status IN ('IN_TRANSIT', 'PARTIALLY_RECEIVED') AND r.expected_on <= $6) t \
    WHERE {guard} AND ($5::uuid[] IS NULL OR t.location_id = ANY($5)) GROUP BY t.location_id ORDER BY t.location_id";

/// What can be promised of an item on a date, by location.
///
/// # Errors
/// What the database said.
pub async fn availability(
    db: &Tenants,
    op: &Op,
    item: Uuid,
    locations: Option<Vec<Uuid>>,
    on: NaiveDate,
) -> Result<Vec<Availability>> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let rows = flight.composed(
        guarded(&without_blind(AVAILABLE, op)),
        guard_params!(op, item, locations, on),
    );
    let landing = tx.fly(flight).await?;
    let read = |r: &Row| {
        Ok(Availability {
            location: r.try_get("location_id")?,
            on_hand: r.try_get("on_hand")?,
            allocated: r.try_get("allocated")?,
            inbound: r.try_get("inbound")?,
        })
    };
    landing.get(rows).iter().map(read).collect()
}

/// What there was of an item at a location, in one state, in base units.
#[derive(Debug, Clone)]
pub struct PastStock {
    /// Where.
    pub location: Uuid,
    /// In which state.
    pub status: StockStatus,
    /// How much.
    pub quantity: Decimal,
    /// What it had cost by its movements, in the tenant's currency.
    pub value: Decimal,
}

const PAST: &str = "SELECT t.location_id, t.stock_status, sum(m.quantity) AS quantity, sum(m.quantity * m.unit_cost) AS value FROM qm.stock_position t \
    JOIN qm.stock_movement m ON m.tenant_id = t.tenant_id AND m.position_id = t.id AND m.at <= $6 \
    WHERE {guard} AND t.item_id = $4 AND ($5::uuid[] IS NULL OR t.location_id = ANY($5)) GROUP BY t.location_id, t.stock_status ORDER BY t.location_id, t.stock_status";

/// What there was of an item at a moment, by location and state: the sum of its movements until then.
///
/// # Errors
/// What the database said.
pub async fn as_of(
    db: &Tenants,
    op: &Op,
    item: Uuid,
    locations: Option<Vec<Uuid>>,
    at: DateTime<Utc>,
) -> Result<Vec<PastStock>> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let rows = flight.composed(guarded(PAST), guard_params!(op, item, locations, at));
    let landing = tx.fly(flight).await?;
    let read = |r: &Row| {
        Ok(PastStock {
            location: r.try_get("location_id")?,
            status: StockStatus::parse(r.try_get("stock_status")?)?,
            quantity: r.try_get("quantity")?,
            value: r.try_get("value")?,
        })
    };
    landing.get(rows).iter().map(read).collect()
}

/// What there is of an item in a region, in base units.
#[derive(Debug, Clone)]
pub struct RegionStock {
    /// The region; none for locations without one.
    pub region: Option<Uuid>,
    /// The item.
    pub item: Uuid,
    /// May be used, allocated or not.
    pub on_hand: Decimal,
    /// Promised already.
    pub allocated: Decimal,
    /// Waits for a decision on its quality.
    pub quarantined: Decimal,
    /// On its way to locations of the region.
    pub in_transit: Decimal,
    /// What all of it is worth at average cost, in the tenant's currency.
    pub value: Decimal,
}

const REGIONS: &str = "SELECT l.region_id, t.item_id, coalesce(sum(t.quantity) FILTER (WHERE t.stock_status = 'AVAILABLE'), 0) AS on_hand, \
    coalesce(sum(t.allocated) FILTER (WHERE t.stock_status = 'AVAILABLE'), 0) AS allocated, coalesce(sum(t.quantity) FILTER (WHERE t.stock_status = 'QUARANTINE'), 0) AS quarantined, \
    coalesce(sum(t.quantity) FILTER (WHERE t.stock_status = 'IN_TRANSIT'), 0) AS in_transit, sum(t.quantity * t.average_cost) AS value FROM qm.stock_position t \
    JOIN qm.location l ON l.tenant_id = t.tenant_id AND l.id = t.location_id WHERE {guard} AND t.item_id = ANY($4) AND ($5::uuid[] IS NULL OR l.region_id = ANY($5)) \
    GROUP BY l.region_id, t.item_id ORDER BY l.region_id, t.item_id";

/// What there is of some items, by region.
///
/// # Errors
/// What the database said.
pub async fn by_region(
    db: &Tenants,
    op: &Op,
    items: Vec<Uuid>,
    regions: Option<Vec<Uuid>>,
) -> Result<Vec<RegionStock>> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let rows = flight.composed(guarded(REGIONS), guard_params!(op, items, regions));
    let landing = tx.fly(flight).await?;
    let read = |r: &Row| {
        Ok(RegionStock {
            region: r.try_get("region_id")?,
            item: r.try_get("item_id")?,
            on_hand: r.try_get("on_hand")?,
            allocated: r.try_get("allocated")?,
            quarantined: r.try_get("quarantined")?,
            in_transit: r.try_get("in_transit")?,
            value: r.try_get("value")?,
        })
    };
    landing.get(rows).iter().map(read).collect()
}
