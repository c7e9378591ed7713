//! The one way to move stock.
//!
//! [`lock`] adds to a flight (that of the facts of an act, say) the statements that make the positions of some places exist
//! and lock them, always in the same order, so that postings wait for each other and never deadlock. [`Stock::post`] then
//! decides on the locked rows and adds the writes: one statement for the positions, one for the movements, whatever their
//! number. Nothing is written outside the transaction that holds the locks.
//!
//! What is promised to a document ([`Allocation`]) lies where it lay, and is free for nobody else: whoever takes it –
//! adjustment, count, return, reversal, another transfer – is refused for too little stock, or flagged where the tenant
//! lets stock fall short. He goes on when the transfer that holds it is called off or shipped.

use super::holding::Holding;
pub use super::locked::{Stock, StockRows, lock, read_locked};
use super::movement::{Movement, Place, StockStatus};
use quartermaster_tenants::error::Code;
use quartermaster_tenants::event::Event;
use quartermaster_tenants::id::encode;
use quartermaster_tenants::settings::{NegativeStock, Settings};
use quartermaster_tenants::tx::{Flight, TenantTx};
use quartermaster_tenants::{Error, Refusal, Result, params};
use rust_decimal::Decimal;
use serde_json::json;
use std::collections::BTreeMap;
use uuid::Uuid;

// The LIMIT says nothing about the rows: it has the planner count on few, so that each is looked up by its key, whatever the
// statistics of the day make of the whole table.
const UPDATE: &str = "UPDATE qm.stock_position p SET quantity = u.quantity, allocated = u.allocated, average_cost = u.average_cost, version = u.version, event_sequence = u.event_sequence, event_hash = u.event_hash, updated_at = $2 \
    FROM (SELECT * FROM unnest($3::uuid[], $4::numeric[], $5::numeric[], $6::numeric[], $7::int[], $8::int[], $9::bytea[]) \
      w (id, quantity, allocated, average_cost, version, event_sequence, event_hash) LIMIT cardinality($3::uuid[])) u \
    WHERE p.tenant_id = $1 AND p.id = u.id";

const UPDATE_THRESHOLDS: &str = "UPDATE qm.stock_threshold t SET is_below = u.is_below, version = u.version, event_sequence = u.event_sequence, event_hash = u.event_hash, updated_at = $2 \
    FROM (SELECT * FROM unnest($3::uuid[], $4::bool[], $5::int[], $6::int[], $7::bytea[]) w (id, is_below, version, event_sequence, event_hash) LIMIT cardinality($3::uuid[])) u \
    WHERE t.tenant_id = $1 AND t.id = u.id";

const INSERT: &str = "INSERT INTO qm.stock_movement AS m (tenant_id, document_id, sequence, position_id, quantity, unit_cost, reason, document_kind, document_line, at, act_id) \
    SELECT $1, $2, (SELECT coalesce(max(b.sequence), 0) FROM qm.stock_movement b WHERE b.tenant_id = $1 AND b.document_id = $2) + u.n::int, \
    u.position_id, u.quantity, u.unit_cost, u.reason, $3, u.document_line, $4, $5 \
    FROM unnest($6::uuid[], $7::numeric[], $8::numeric[], $9::text[], $10::int[]) WITH ORDINALITY u (position_id, quantity, unit_cost, reason, document_line, n) RETURNING m.sequence";

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
    /// What is promised and what is freed, in the same act. Only what both together leave behind is decided on.
    pub allocations: Vec<Allocation>,
}

/// Stock of a place that is promised to a document, or is no longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allocation {
    /// The place.
    pub place: Place,
    /// In base units; negative where a promise ends.
    pub quantity: Decimal,
}

impl Stock {
    /// Moves stock and promises it. Gives the cost of one base unit that each movement moved at. Movements of quantity zero
    /// are refused as a defect. Several postings of one transaction go one after the other over the same `Stock`.
    ///
    /// # Errors
    /// `INSUFFICIENT_STOCK` for a place that would go below zero, or below what is promised of it (unless the tenant flags
    /// that instead, for available stock); a defect: a place that was not locked, more freed than was promised.
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
        let moved = posting.movements.iter().map(|m| &m.place);
        let touched = moved.chain(posting.allocations.iter().map(|a| &a.place));
        let before: BTreeMap<Place, Holding> = touched.map(|p| (p.clone(), self.held(p))).collect();
        let mut costs = Vec::with_capacity(posting.movements.len());
        let mut ids = Vec::with_capacity(posting.movements.len());
        for m in &posting.movements {
            let position = self
                .positions
                .get_mut(&m.place)
                .filter(|_| !m.quantity.is_zero())
                .ok_or_else(|| Error::internal("a movement of nothing, or of a place that is not locked"))?;
            costs.push(position.holding.balance.apply(m.quantity, m.unit_cost));
            ids.push(position.id);
        }
        for a in &posting.allocations {
            let position = self.positions.get_mut(&a.place);
            let holding = &mut position
                .ok_or_else(|| Error::internal("a promise of a place that is not locked"))?
                .holding;
            holding.allocated += a.quantity;
            if holding.allocated < Decimal::ZERO {
                return Err(Error::internal("more was freed than was promised"));
            }
        }
        self.settle(tx, settings, posting, &before)?;
        self.warn(tx, posting, &before, writes)?;
        self.write(tx, posting, before.keys(), &costs, ids, writes)?;
        Ok(costs)
    }

    /// Refuses or flags what went below zero, or below what is promised.
    fn settle(
        &mut self,
        tx: &mut TenantTx<'_>,
        settings: &Settings,
        posting: &Posting<'_>,
        before: &BTreeMap<Place, Holding>,
    ) -> Result<()> {
        let mut refusals = Vec::new();
        for (place, was) in before {
            let Some(position) = self.positions.get_mut(place) else {
                continue;
            };
            position.trail.touch();
            let is = position.holding;
            let Some(missing) = is.missing_since(was) else {
                continue;
            };
            if settings.negative_stock == NegativeStock::Refuse || place.status != StockStatus::Available {
                refusals.push(too_little(posting.field, place, was, missing));
            } else if is.fell_short_since(was) {
                let data = json!({
                    "itemId": encode("itm", place.item), "locationId": encode("loc", place.location), "lot": place.lot,
                    "quantity": is.balance.quantity, "allocated": is.allocated,
                    "documentKind": posting.document_kind, "documentId": posting.document,
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
        before: &BTreeMap<Place, Holding>,
        writes: &mut Flight,
    ) -> Result<()> {
        let mut crossed = Vec::new();
        for ((item, location), threshold) in &mut self.thresholds {
            let places = before
                .iter()
                .filter(|(p, _)| p.item == *item && p.location == *location && p.status == StockStatus::Available);
            for (place, was) in places {
                threshold.available += self.positions.get(place).map_or(*was, |p| p.holding).free() - was.free();
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
        let positions: Vec<_> = touched.filter_map(|p| self.positions.get(p)).collect();
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
                column!(positions, |p| p.holding.balance.quantity),
                column!(positions, |p| p.holding.allocated),
                column!(positions, |p| p.holding.balance.average_cost),
                column!(positions, |p| p.trail.version),
                column!(positions, |p| p.trail.sequence),
                column!(positions, |p| p.trail.hash.clone()),
            ],
            positions.len() as u64,
        );
        if moves.is_empty() {
            return Ok(());
        }
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

fn too_little(field: &[&str], place: &Place, was: &Holding, missing: Decimal) -> Refusal {
    let promised = if was.allocated.is_zero() {
        String::new()
    } else {
        format!("{} of them promised, ", was.allocated.normalize())
    };
    let message = format!(
        "There are {} of {} at {}, {promised}{} fewer than are to leave.",
        was.balance.quantity.normalize(),
        encode("itm", place.item),
        encode("loc", place.location),
        missing.normalize(),
    );
    Refusal::new(Code::InsufficientStock, field, message)
}
