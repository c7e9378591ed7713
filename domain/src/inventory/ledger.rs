//! The one way to move stock.
//!
//! [`lock`] adds to a flight (that of the facts of an act, say) the statements that make the positions of some places exist
//! and lock them, always in the same order, so that postings wait for each other and never deadlock. [`Stock::post`] then
//! decides on the locked rows and adds the writes: one statement for the positions, one for the movements, whatever their
//! number. Nothing is written outside the transaction that holds the locks.

use super::movement::{Movement, Place, StockStatus};
use super::threshold::Threshold;
use super::valuation::Balance;
use quartermaster_tenants::error::Code;
use quartermaster_tenants::event::{Event, Trail};
use quartermaster_tenants::id::encode;
use quartermaster_tenants::settings::{NegativeStock, Settings};
use quartermaster_tenants::tx::{Flight, Landing, Rows, TenantTx};
use quartermaster_tenants::{Error, Op, Refusal, Result, params};
use rust_decimal::Decimal;
use serde_json::json;
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

const LOCK: &str = "SELECT p.id, p.item_id, p.location_id, p.lot, p.stock_status, p.quantity, p.average_cost, p.version, p.event_sequence, p.event_hash FROM qm.stock_position p \
    WHERE p.tenant_id = $1 AND p.owner_id = '00000000-0000-0000-0000-000000000000' AND (p.item_id, p.location_id, p.lot, p.stock_status) IN \
    (SELECT u.item, u.location, u.lot, u.status FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[]) u (item, location, lot, status)) \
    ORDER BY p.item_id, p.location_id, p.lot, p.stock_status FOR UPDATE OF p";

// After the thresholds are locked nobody else moves this item at this location: the sum stays true.
const AVAILABLE: &str = "SELECT t.id, coalesce(sum(p.quantity), 0) FROM qm.stock_threshold t \
    LEFT JOIN qm.stock_position p ON p.tenant_id = t.tenant_id AND p.item_id = t.item_id AND p.location_id = t.location_id AND p.stock_status = 'AVAILABLE' \
    WHERE t.tenant_id = $1 AND (t.item_id, t.location_id) IN (SELECT u.item, u.location FROM unnest($2::uuid[], $3::uuid[]) u (item, location)) GROUP BY t.id";

const UPDATE: &str = "UPDATE qm.stock_position p SET quantity = u.quantity, average_cost = u.average_cost, version = u.version, event_sequence = u.event_sequence, event_hash = u.event_hash, updated_at = $2 \
    FROM unnest($3::uuid[], $4::numeric[], $5::numeric[], $6::int[], $7::int[], $8::bytea[]) u (id, quantity, average_cost, version, event_sequence, event_hash) \
    WHERE p.tenant_id = $1 AND p.id = u.id";

const UPDATE_THRESHOLDS: &str = "UPDATE qm.stock_threshold t SET is_below = u.is_below, version = u.version, event_sequence = u.event_sequence, event_hash = u.event_hash, updated_at = $2 \
    FROM unnest($3::uuid[], $4::bool[], $5::int[], $6::int[], $7::bytea[]) u (id, is_below, version, event_sequence, event_hash) \
    WHERE t.tenant_id = $1 AND t.id = u.id";

const INSERT: &str = "INSERT INTO qm.stock_movement AS m (tenant_id, document_id, sequence, position_id, quantity, unit_cost, reason, document_kind, document_line, at, act_id) \
    SELECT p.tenant_id, $2, (SELECT coalesce(max(b.sequence), 0) FROM qm.stock_movement b WHERE b.tenant_id = $1 AND b.document_id = $2) + u.n::int, \
    p.id, u.quantity, u.unit_cost, u.reason, $3, u.document_line, $4, $5 \
    FROM unnest($6::uuid[], $7::numeric[], $8::numeric[], $9::text[], $10::int[]) WITH ORDINALITY u (position_id, quantity, unit_cost, reason, document_line, n) \
    JOIN qm.stock_position p ON p.tenant_id = $1 AND p.id = u.position_id WHERE p.tenant_id = $1";

/// The kinds of documents that move stock.
pub const MOVING: [&str; 5] = ["RECEIPT", "SUPPLIER_RETURN", "ADJUSTMENT", "STOCK_COUNT", "TRANSFER"];

/// Movements of one act of one document.
#[derive(Debug, Clone)]
pub struct Posting<'a> {
    /// The document's kind, as in its events.
    pub document_kind: &'static str,
    /// The document. It must be locked by this transaction (or new): its movements are numbered one after the other.
    pub document: Uuid,
    /// The act that its hands and events share.
    pub act: Uuid,
    /// The path into the input that a refusal names.
    pub field: &'a [&'a str],
    /// In the order of the ledger. The same place may be in several.
    pub movements: Vec<Movement>,
}

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
struct Position {
    id: Uuid,
    balance: Balance,
    trail: Trail,
}

/// Positions that this transaction holds the locks of.
#[derive(Debug, Default)]
pub struct Stock {
    positions: BTreeMap<Place, Position>,
    thresholds: BTreeMap<(Uuid, Uuid), Threshold>,
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
        let balance = Balance {
            quantity: r.try_get("quantity")?,
            average_cost: r.try_get("average_cost")?,
        };
        let position = Position {
            id: r.try_get("id")?,
            balance,
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
        self.positions.get(place).map_or(Balance::EMPTY, |p| p.balance)
    }

    /// Moves stock. Gives the cost of one base unit that each movement moved at. Movements of quantity zero are refused as a
    /// defect. Several postings of one transaction go one after the other over the same `Stock`.
    ///
    /// # Errors
    /// `INSUFFICIENT_STOCK` for a place that would go below zero (unless the tenant flags that instead, for available stock);
    /// a defect: a place that was not locked.
    pub fn post(
        &mut self,
        tx: &mut TenantTx<'_>,
        settings: &Settings,
        posting: &Posting<'_>,
        writes: &mut Flight,
    ) -> Result<Vec<Decimal>> {
        if !MOVING.contains(&posting.document_kind) {
            return Err(Error::internal(format!("{} moves no stock", posting.document_kind)));
        }
        let before: BTreeMap<Place, Balance> = posting
            .movements
            .iter()
            .map(|m| (m.place.clone(), self.at(&m.place)))
            .collect();
        let mut costs = Vec::with_capacity(posting.movements.len());
        let mut ids = Vec::with_capacity(posting.movements.len());
        for m in &posting.movements {
            let position = self
                .positions
                .get_mut(&m.place)
                .filter(|_| !m.quantity.is_zero())
                .ok_or_else(|| Error::internal("a movement of nothing, or of a place that is not locked"))?;
            costs.push(position.balance.apply(m.quantity, m.unit_cost));
            ids.push(position.id);
        }
        self.settle(tx, settings, posting, &before)?;
        self.warn(tx, posting, &before, writes)?;
        self.write(tx, posting, before.keys(), &costs, ids, writes)?;
        Ok(costs)
    }

    /// Refuses or flags what went below zero.
    fn settle(
        &mut self,
        tx: &mut TenantTx<'_>,
        settings: &Settings,
        posting: &Posting<'_>,
        before: &BTreeMap<Place, Balance>,
    ) -> Result<()> {
        let mut refusals = Vec::new();
        for (place, was) in before {
            let Some(position) = self.positions.get_mut(place) else {
                continue;
            };
            position.trail.touch();
            let is = position.balance;
            if is.quantity >= Decimal::ZERO || is.quantity >= was.quantity {
                continue;
            }
            if settings.negative_stock == NegativeStock::Refuse || place.status != StockStatus::Available {
                refusals.push(Refusal::new(
                    Code::InsufficientStock,
                    posting.field,
                    format!(
                        "There are {} of {} at {}, {} fewer than are to leave.",
                        was.quantity.normalize(),
                        encode("itm", place.item),
                        encode("loc", place.location),
                        (-is.quantity).normalize(),
                    ),
                ));
            } else if was.quantity >= Decimal::ZERO {
                let data = json!({
                    "itemId": encode("itm", place.item), "locationId": encode("loc", place.location), "lot": place.lot,
                    "quantity": is.quantity, "documentKind": posting.document_kind, "documentId": posting.document,
                });
                let event = Event::new("inventory-negative-detected", "STOCK_POSITION", position.id, data);
                tx.record(
                    event.by_system().at_location(place.location).of_act(posting.act),
                    &mut position.trail,
                )?;
            }
        }
        if refusals.is_empty() {
            Ok(())
        } else {
            Err(refusals.into())
        }
    }

    /// Says once for each crossing that available stock fell below its threshold.
    fn warn(
        &mut self,
        tx: &mut TenantTx<'_>,
        posting: &Posting<'_>,
        before: &BTreeMap<Place, Balance>,
        writes: &mut Flight,
    ) -> Result<()> {
        let mut crossed = Vec::new();
        for ((item, location), threshold) in &mut self.thresholds {
            let places = before
                .iter()
                .filter(|(p, _)| p.item == *item && p.location == *location && p.status == StockStatus::Available);
            for (place, was) in places {
                let is = self.positions.get(place).map_or(*was, |p| p.balance);
                threshold.available += is.quantity - was.quantity;
            }
            if threshold.cross(tx, posting.act)? {
                crossed.push(threshold.clone());
            }
        }
        if crossed.is_empty() {
            return Ok(());
        }
        macro_rules! column {
            ($f:expr) => {
                crossed.iter().map($f).collect::<Vec<_>>()
            };
        }
        writes.exec(
            UPDATE_THRESHOLDS,
            params![
                tx.op().tenant.0,
                tx.now()?,
                column!(|t| t.id),
                column!(|t| t.is_below),
                column!(|t| t.trail.version),
                column!(|t| t.trail.sequence),
                column!(|t| t.trail.hash.clone()),
            ],
            crossed.len() as u64,
        );
        Ok(())
    }

    fn write<'p>(
        &self,
        tx: &TenantTx<'_>,
        posting: &Posting<'_>,
        touched: impl Iterator<Item = &'p Place>,
        costs: &[Decimal],
        ids: Vec<Uuid>,
        writes: &mut Flight,
    ) -> Result<()> {
        let positions: Vec<&Position> = touched.filter_map(|p| self.positions.get(p)).collect();
        macro_rules! column {
            ($of:expr, $f:expr) => {
                $of.iter().map($f).collect::<Vec<_>>()
            };
        }
        let (tenant, now, moves) = (tx.op().tenant.0, tx.now()?, &posting.movements);
        writes.exec(
            UPDATE,
            params![
                tenant,
                now,
                column!(positions, |p| p.id),
                column!(positions, |p| p.balance.quantity),
                column!(positions, |p| p.balance.average_cost),
                column!(positions, |p| p.trail.version),
                column!(positions, |p| p.trail.sequence),
                column!(positions, |p| p.trail.hash.clone()),
            ],
            positions.len() as u64,
        );
        writes.exec(
            INSERT,
            params![
                tenant,
                posting.document,
                posting.document_kind,
                now,
                posting.act,
                ids,
                column!(moves, |m| m.quantity),
                costs.to_vec(),
                column!(moves, |m| m.reason.as_str()),
                column!(moves, |m| m.document_line),
            ],
            moves.len() as u64,
        );
        Ok(())
    }
}
