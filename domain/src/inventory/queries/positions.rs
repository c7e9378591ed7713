//! Stock by item and location.

use super::places::{POSITION_ORDERS, PositionFilter, listing};
use super::{guard_params, guarded, without_blind};
use crate::inventory::StockStatus;
use crate::locations::queries::{self as locations, LocationBrief};
use crate::shared::listing::page_of;
use crate::shared::numeric::decimal;
use crate::shared::{Order, Page, Window};
use chrono::{DateTime, Utc};
use quartermaster_tenants::tx::Flight;
use quartermaster_tenants::{Op, Result, TenantTx, Tenants, params};
use rust_decimal::Decimal;
use std::collections::{BTreeSet, HashMap};
use tokio_postgres::Row;
use uuid::Uuid;

/// What there is of one item at one location, all lots together, in base units.
#[derive(Debug, Clone)]
pub struct PositionRecord {
    /// Of the oldest of its positions.
    pub id: Uuid,
    /// The item.
    pub item: Uuid,
    /// Its base unit.
    pub unit: String,
    /// Where.
    pub location: Uuid,
    /// May be used, allocated or not.
    pub on_hand: Decimal,
    /// Promised to somebody.
    pub allocated: Decimal,
    /// Waits for a decision on its quality.
    pub quarantined: Decimal,
    /// On its way to this location.
    pub in_transit: Decimal,
    /// Of what is on hand, for one base unit, in the tenant's currency.
    pub average_cost: Decimal,
    /// The tenant's currency.
    pub currency: String,
    /// When stock last moved.
    pub updated_at: DateTime<Utc>,
}

const PLACES: &str = "SELECT t.item_id, t.location_id FROM qm.stock_position t WHERE {guard} AND t.id = ANY($4)";

// Picking, shipping and calling off change what is promised, with or without a movement.
const MOVED: &str = "SELECT t.item_id, t.location_id FROM qm.stock_movement m JOIN qm.stock_position t ON t.tenant_id = m.tenant_id AND t.id = m.position_id \
    WHERE {guard} AND m.tenant_id = $1 AND m.document_id = $4 AND m.act_id = $5 \
    UNION SELECT t.item_id, t.location_id FROM qm.event e JOIN qm.transfer f ON f.tenant_id = e.tenant_id AND f.id = e.document_id \
    JOIN qm.transfer_line l ON l.tenant_id = f.tenant_id AND l.id = f.id \
    JOIN qm.stock_position t ON t.tenant_id = l.tenant_id AND t.item_id = l.item_id AND t.location_id = f.from_location_id \
    WHERE {guard} AND e.tenant_id = $1 AND e.document_id = $4 AND e.act_id = $5 AND e.type IN ('transfer-picking-started', 'transfer-shipped', 'transfer-cancelled')";

const LOTS: &str = "SELECT t.id, t.item_id, t.location_id, t.lot, t.stock_status, t.quantity, t.allocated, t.average_cost FROM qm.stock_position t \
    JOIN unnest($4::uuid[], $5::uuid[]) u (item, location) ON t.item_id = u.item AND t.location_id = u.location \
    WHERE {guard} AND (t.quantity <> 0 OR t.allocated <> 0) ORDER BY t.lot, t.stock_status";

// What is open on released orders; what is in transit is a position already.
const INBOUND: &str = "SELECT l.item_id, o.location_id, sum((l.quantity - l.received_quantity - l.closed_quantity) * l.base_per_unit) FROM qm.purchase_order_line l \
    JOIN qm.purchase_order o ON o.tenant_id = l.tenant_id AND o.id = l.id AND o.status IN ('RELEASED', 'PARTIALLY_RECEIVED') \
    WHERE l.tenant_id = $1 AND ($2::uuid[] IS NULL OR o.location_id = ANY($2)) AND $3::bool IS NOT NULL AND l.is_open AND l.item_id = ANY($4) AND o.location_id = ANY($5){blind} GROUP BY l.item_id, o.location_id";

// Where an item lies, briefly, from the first location on: those of the first page of its stock.
const LOCATIONS: &str = "SELECT t.id, t.code, t.name, t.kind, t.status \
    FROM (SELECT DISTINCT p.location_id FROM qm.stock_position p WHERE p.tenant_id = $1 AND p.item_id = $2 ORDER BY p.location_id LIMIT $4) u \
    JOIN qm.location t ON t.tenant_id = $1 AND t.id = u.location_id AND ($3::uuid[] IS NULL OR t.id = ANY($3))";

/// A page of stock.
///
/// # Errors
/// What the database said.
pub async fn positions(
    db: &Tenants,
    op: &Op,
    filter: &PositionFilter,
    order: Order,
    window: &Window,
) -> Result<Page<PositionRecord>> {
    Ok(positions_at(db, op, filter, order, window, Wanted::default()).await?.0)
}

/// What is wanted of a page of stock, and beside it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted {
    /// Only what is on hand; the other figures may be any.
    pub briefly: bool,
    /// Its locations, briefly.
    pub locations: bool,
    /// And nothing else in this transaction.
    pub last: bool,
}

/// A page of stock and, when they are wanted, its locations in the same round trip, as far as they are known without its rows: those
/// of the first page of an item. Whoever needs others asks for them.
///
/// # Errors
/// What the database said.
pub async fn positions_at(
    db: &Tenants,
    op: &Op,
    filter: &PositionFilter,
    order: Order,
    window: &Window,
    wanted: Wanted,
) -> Result<(Page<PositionRecord>, Vec<LocationBrief>)> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let rows = listing(op, filter, Some(order), wanted.briefly).page(order, window, &mut flight);
    let first_page = order == POSITION_ORDERS[0] && !window.from_back && window.after.is_none();
    let at = match filter.items.as_deref() {
        Some([item]) if wanted.locations && first_page => {
            let scope = op.locations.as_param().map(<[Uuid]>::to_vec);
            Some(flight.rows(LOCATIONS, params![op.tenant.0, *item, scope, window.limit]))
        }
        _ => None,
    };
    if wanted.last && at.is_some() == wanted.locations {
        flight.last();
    }
    let landing = tx.fly(flight).await?;
    let at = at.map_or(&[][..], |rows| landing.get(rows));
    Ok((
        page_of(landing.get(rows), order, window, read)?,
        at.iter().map(locations::read_brief).collect::<Result<_>>()?,
    ))
}

/// How many there are.
///
/// # Errors
/// What the database said.
pub async fn count_positions(db: &Tenants, op: &Op, filter: &PositionFilter) -> Result<i64> {
    let mut tx = TenantTx::read(db, op).await?;
    listing(op, filter, None, false).total(&mut tx).await
}

/// The stock that these positions belong to, by the id that was asked for only where that is the record's own.
///
/// # Errors
/// What the database said.
pub async fn positions_by_ids(db: &Tenants, op: &Op, ids: &[Uuid]) -> Result<HashMap<Uuid, PositionRecord>> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let places = flight.composed(guarded(PLACES), guard_params!(op, ids.to_vec()));
    let landing = tx.fly(flight).await?;
    let places = places_of(landing.get(places))?;
    let found = at_places(&mut tx, op, &places).await?.into_iter();
    Ok(found.filter(|p| ids.contains(&p.id)).map(|p| (p.id, p)).collect())
}

/// The stock that an act of a document moved or promised, as it is now, inside the filter and the caller's scope.
///
/// # Errors
/// What the database said.
pub async fn positions_moved(
    db: &Tenants,
    op: &Op,
    (document, act): (Uuid, Uuid),
    filter: &PositionFilter,
) -> Result<Vec<PositionRecord>> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let places = flight.composed(guarded(MOVED), guard_params!(op, document, act));
    let landing = tx.fly(flight).await?;
    let wanted = |of: &Option<Vec<Uuid>>, id: &Uuid| of.as_ref().is_none_or(|all| all.contains(id));
    let mut places = places_of(landing.get(places))?;
    places.retain(|(item, location)| wanted(&filter.items, item) && wanted(&filter.locations, location));
    if places.is_empty() {
        return Ok(vec![]);
    }
    at_places(&mut tx, op, &places).await
}

fn places_of(rows: &[Row]) -> Result<BTreeSet<(Uuid, Uuid)>> {
    rows.iter().map(|r| Ok((r.try_get(0)?, r.try_get(1)?))).collect()
}

/// The stock at some places, each an item and a location.
async fn at_places(tx: &mut TenantTx<'_>, op: &Op, places: &BTreeSet<(Uuid, Uuid)>) -> Result<Vec<PositionRecord>> {
    let (items, locations): (Vec<Uuid>, Vec<Uuid>) = places.iter().copied().unzip();
    let filter = PositionFilter {
        items: Some(items),
        locations: Some(locations),
        ..PositionFilter::default()
    };
    let list = listing(op, &filter, None, false);
    let window = Window {
        limit: i64::MAX - 1,
        ..Window::default()
    };
    let mut flight = Flight::new();
    let rows = list.page(POSITION_ORDERS[0], &window, &mut flight);
    let landing = tx.fly(flight).await?;
    let found = landing.get(rows).iter().map(read).collect::<Result<Vec<_>>>()?;
    Ok(found
        .into_iter()
        .filter(|p| places.contains(&(p.item, p.location)))
        .collect())
}

/// Stock of one lot in one state.
#[derive(Debug, Clone)]
pub struct LotRecord {
    /// The position.
    pub id: Uuid,
    /// Empty for none.
    pub lot: String,
    /// In which state.
    pub status: StockStatus,
    /// In base units.
    pub quantity: Decimal,
    /// Promised to somebody.
    pub allocated: Decimal,
    /// For one base unit, in the tenant's currency.
    pub average_cost: Decimal,
}

/// The lots of several places, each an item and a location.
///
/// # Errors
/// What the database said.
pub async fn lots_of(db: &Tenants, op: &Op, places: &[(Uuid, Uuid)]) -> Result<HashMap<(Uuid, Uuid), Vec<LotRecord>>> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let (items, locations): (Vec<Uuid>, Vec<Uuid>) = places.iter().copied().unzip();
    let rows = flight.composed(guarded(LOTS), guard_params!(op, items, locations));
    let landing = tx.fly(flight).await?;
    let mut out: HashMap<(Uuid, Uuid), Vec<LotRecord>> = HashMap::new();
    for r in landing.get(rows) {
        let lot = LotRecord {
            id: r.try_get("id")?,
            lot: r.try_get("lot")?,
            status: StockStatus::parse(r.try_get("stock_status")?)?,
            quantity: r.try_get("quantity")?,
            allocated: r.try_get("allocated")?,
            average_cost: r.try_get("average_cost")?,
        };
        out.entry((r.try_get("item_id")?, r.try_get("location_id")?))
            .or_default()
            .push(lot);
    }
    Ok(out)
}

/// What is still to come on released orders, in base units, for several places, each an item and a location.
///
/// # Errors
/// What the database said.
pub async fn inbound_of(db: &Tenants, op: &Op, places: &[(Uuid, Uuid)]) -> Result<HashMap<(Uuid, Uuid), Decimal>> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let (items, locations): (Vec<Uuid>, Vec<Uuid>) = places.iter().copied().unzip();
    let rows = flight.composed(without_blind(INBOUND, op), guard_params!(op, items, locations));
    let landing = tx.fly(flight).await?;
    let found = landing.get(rows).iter();
    found
        .map(|r| Ok(((r.try_get(0)?, r.try_get(1)?), r.try_get(2)?)))
        .collect()
}

// By place, in the order of `places::COLUMNS`.
fn read(r: &Row) -> Result<PositionRecord> {
    Ok(PositionRecord {
        id: r.try_get(0)?,
        item: r.try_get(1)?,
        unit: r.try_get(9)?,
        location: r.try_get(2)?,
        on_hand: decimal(r, 3)?,
        allocated: decimal(r, 4)?,
        quarantined: decimal(r, 5)?,
        in_transit: decimal(r, 6)?,
        average_cost: decimal(r, 7)?,
        currency: r.try_get(10)?,
        updated_at: r.try_get(8)?,
    })
}
