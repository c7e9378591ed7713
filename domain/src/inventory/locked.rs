//! Positions that a transaction holds the locks of.

use super::holding::Holding;
use super::movement::{Place, StockStatus};
use super::threshold::Threshold;
use super::valuation::Balance;
use quartermaster_tenants::event::Trail;
use quartermaster_tenants::tx::{Flight, Landing, Rows};
use quartermaster_tenants::{Op, Result, params};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use uuid::Uuid;

// A place of an item or location that does not exist gets no position; it is refused by whoever checks the references. Most
// places have their position already: those are looked up, and nothing else is done for them.
const MAKE: &str = "INSERT INTO qm.stock_position AS p (tenant_id, id, location_id, item_id, lot, stock_status, owner_id, quantity, allocated, average_cost, version, updated_at) \
    SELECT i.tenant_id, u.id, l.id, i.id, u.lot, u.status, '00000000-0000-0000-0000-000000000000', 0, 0, 0, 0, 'epoch' \
    FROM (SELECT w.* FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[]) WITH ORDINALITY w (id, item, location, lot, status, n) \
      WHERE NOT EXISTS (SELECT FROM qm.stock_position x WHERE x.tenant_id = $1 AND x.item_id = w.item AND x.location_id = w.location AND x.lot = w.lot AND x.stock_status = w.status \
        AND x.owner_id = '00000000-0000-0000-0000-000000000000' OFFSET 0) OFFSET 0) u \
    CROSS JOIN LATERAL (SELECT x.tenant_id, x.id FROM qm.item x WHERE x.tenant_id = $1 AND x.id = u.item OFFSET 0) i \
    CROSS JOIN LATERAL (SELECT x.id FROM qm.location x WHERE x.tenant_id = $1 AND x.id = u.location OFFSET 0) l \
    ORDER BY u.n ON CONFLICT (tenant_id, item_id, location_id, lot, stock_status, owner_id) DO NOTHING";

const LOCK_THRESHOLDS: &str = "SELECT t.* FROM unnest($2::uuid[], $3::uuid[]) WITH ORDINALITY u (item, location, n) CROSS JOIN LATERAL ( \
      SELECT x.id, x.item_id, x.location_id, x.reorder_point, x.is_below, x.version, x.event_sequence, x.event_hash FROM qm.stock_threshold x \
      WHERE x.tenant_id = $1 AND x.item_id = u.item AND x.location_id = u.location FOR UPDATE) t ORDER BY u.n";

// After the thresholds are locked nobody else moves an item that has one at this location: what is available stays true.
const LOCK: &str = "SELECT p.*, t.available FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[]) WITH ORDINALITY u (item, location, lot, status, n) \
    CROSS JOIN LATERAL (SELECT x.id, x.item_id, x.location_id, x.lot, x.stock_status, x.quantity, x.allocated, x.average_cost, x.version, x.event_sequence, x.event_hash FROM qm.stock_position x \
      WHERE x.tenant_id = $1 AND x.item_id = u.item AND x.location_id = u.location AND x.lot = u.lot AND x.stock_status = u.status \
      AND x.owner_id = '00000000-0000-0000-0000-000000000000' FOR UPDATE) p \
    LEFT JOIN LATERAL (SELECT (SELECT sum(s.quantity - s.allocated) FROM qm.stock_position s WHERE s.tenant_id = $1 AND s.item_id = x.item_id AND s.location_id = x.location_id \
        AND s.stock_status = 'AVAILABLE') AS available \
      FROM qm.stock_threshold x WHERE x.tenant_id = $1 AND x.item_id = u.item AND x.location_id = u.location OFFSET 0) t ON true ORDER BY u.n";

/// Where locked positions will be.
#[derive(Debug, Clone, Copy)]
pub struct StockRows {
    thresholds: Rows,
    positions: Rows,
}

/// Adds the statements that make the positions of these places exist and lock them. One round trip with the rest of the flight.
pub fn lock(op: &Op, places: impl IntoIterator<Item = Place>, flight: &mut Flight) -> StockRows {
    let mut places: Vec<Place> = places.into_iter().collect();
    places.sort_unstable();
    places.dedup();
    macro_rules! column {
        ($f:expr) => {
            places.iter().map($f).collect::<Vec<_>>()
        };
    }
    let tenant = op.tenant.0;
    let (items, locations) = (column!(|p| p.item), column!(|p| p.location));
    let (lots, statuses) = (column!(|p| p.lot.clone()), column!(|p| p.status.as_str()));
    flight.exec_any(
        MAKE,
        params![
            tenant,
            column!(|_| Uuid::now_v7()),
            items.clone(),
            locations.clone(),
            lots.clone(),
            statuses.clone()
        ],
    );
    StockRows {
        thresholds: flight.rows(LOCK_THRESHOLDS, params![tenant, items.clone(), locations.clone()]),
        positions: flight.rows(LOCK, params![tenant, items, locations, lots, statuses]),
    }
}

/// A locked position.
#[derive(Debug, Clone)]
pub(super) struct Position {
    pub(super) id: Uuid,
    pub(super) holding: Holding,
    pub(super) trail: Trail,
}

/// Positions that this transaction holds the locks of.
#[derive(Debug, Default)]
pub struct Stock {
    pub(super) positions: BTreeMap<Place, Position>,
    pub(super) thresholds: BTreeMap<(Uuid, Uuid), Threshold>,
}

/// Reads what [`lock`] locked.
///
/// # Errors
/// A column that is not as expected.
pub fn read_locked(landing: &Landing, rows: &StockRows) -> Result<Stock> {
    let mut stock = Stock::default();
    let mut available: BTreeMap<(Uuid, Uuid), Decimal> = BTreeMap::new();
    for r in landing.get(rows.positions) {
        let place = Place {
            item: r.try_get("item_id")?,
            location: r.try_get("location_id")?,
            lot: r.try_get("lot")?,
            status: StockStatus::parse(r.try_get("stock_status")?)?,
        };
        let holding = Holding {
            balance: Balance {
                quantity: r.try_get("quantity")?,
                average_cost: r.try_get("average_cost")?,
            },
            allocated: r.try_get("allocated")?,
        };
        let position = Position {
            id: r.try_get("id")?,
            holding,
            trail: Trail::from_row(r)?,
        };
        if let Some(free) = r.try_get("available")? {
            available.insert((place.item, place.location), free);
        }
        stock.positions.insert(place, position);
    }
    for r in landing.get(rows.thresholds) {
        let (item, location) = (r.try_get("item_id")?, r.try_get("location_id")?);
        let threshold = Threshold {
            id: r.try_get("id")?,
            item,
            location,
            reorder_point: r.try_get("reorder_point")?,
            is_below: r.try_get("is_below")?,
            available: available.get(&(item, location)).copied().unwrap_or_default(),
            trail: Trail::from_row(r)?,
        };
        stock.thresholds.insert((item, location), threshold);
    }
    Ok(stock)
}

impl Stock {
    /// What lies in a place: nothing in one that is not locked.
    #[must_use]
    pub fn at(&self, place: &Place) -> Balance {
        self.held(place).balance
    }

    /// The same with what of it is promised.
    pub(super) fn held(&self, place: &Place) -> Holding {
        self.positions.get(place).map_or(Holding::EMPTY, |p| p.holding)
    }
}
