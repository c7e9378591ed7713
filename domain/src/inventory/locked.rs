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

// A place of an item or location that does not exist gets no position; it is refused by whoever checks the references.
const MAKE: &str = "INSERT INTO qm.stock_position AS p (tenant_id, id, location_id, item_id, lot, stock_status, owner_id, quantity, allocated, average_cost, version, updated_at) \
    SELECT i.tenant_id, u.id, l.id, i.id, u.lot, u.status, '00000000-0000-0000-0000-000000000000', 0, 0, 0, 0, 'epoch' \
    FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[]) WITH ORDINALITY u (id, item, location, lot, status, n) \
    JOIN qm.item i ON i.tenant_id = $1 AND i.id = u.item JOIN qm.location l ON l.tenant_id = i.tenant_id AND l.id = u.location \
    WHERE i.tenant_id = $1 ORDER BY u.n ON CONFLICT (tenant_id, item_id, location_id, lot, stock_status, owner_id) DO NOTHING";

const LOCK_THRESHOLDS: &str = "SELECT t.id, t.item_id, t.location_id, t.reorder_point, t.is_below, t.version, t.event_sequence, t.event_hash FROM qm.stock_threshold t \
    WHERE t.tenant_id = $1 AND (t.item_id, t.location_id) IN (SELECT u.item, u.location FROM unnest($2::uuid[], $3::uuid[]) u (item, location)) \
    ORDER BY t.item_id, t.location_id FOR UPDATE OF t";

const LOCK: &str = "SELECT p.id, p.item_id, p.location_id, p.lot, p.stock_status, p.quantity, p.allocated, p.average_cost, p.version, p.event_sequence, p.event_hash FROM qm.stock_position p \
    WHERE p.tenant_id = $1 AND p.owner_id = '00000000-0000-0000-0000-000000000000' AND (p.item_id, p.location_id, p.lot, p.stock_status) IN \
    (SELECT u.item, u.location, u.lot, u.status FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[]) u (item, location, lot, status)) \
    ORDER BY p.item_id, p.location_id, p.lot, p.stock_status FOR UPDATE OF p";

// After the thresholds are locked nobody else moves this item at this location: the sum stays true.
const AVAILABLE: &str = "SELECT t.id, coalesce(sum(p.quantity - p.allocated), 0) FROM qm.stock_threshold t \
    LEFT JOIN qm.stock_position p ON p.tenant_id = t.tenant_id AND p.item_id = t.item_id AND p.location_id = t.location_id AND p.stock_status = 'AVAILABLE' \
    WHERE t.tenant_id = $1 AND (t.item_id, t.location_id) IN (SELECT u.item, u.location FROM unnest($2::uuid[], $3::uuid[]) u (item, location)) GROUP BY t.id";

/// Where locked positions will be.
#[derive(Debug, Clone, Copy)]
pub struct StockRows {
    thresholds: Rows,
    positions: Rows,
    available: Rows,
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
        positions: flight.rows(LOCK, params![tenant, items.clone(), locations.clone(), lots, statuses]),
        available: flight.rows(AVAILABLE, params![tenant, items, locations]),
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
        stock.positions.insert(place, position);
    }
    for r in landing.get(rows.thresholds) {
        let id: Uuid = r.try_get("id")?;
        let mut available = Decimal::ZERO;
        for a in landing.get(rows.available) {
            if a.try_get::<_, Uuid>(0)? == id {
                available = a.try_get(1)?;
            }
        }
        let (item, location) = (r.try_get("item_id")?, r.try_get("location_id")?);
        let threshold = Threshold {
            id,
            item,
            location,
            reorder_point: r.try_get("reorder_point")?,
            is_below: r.try_get("is_below")?,
            available,
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
