//! The ledger, as it is read.

use super::guard;
use crate::inventory::{Reason, StockStatus};
use crate::shared::listing::page_of;
use crate::shared::{Listing, Order, Page, Window};
use chrono::{DateTime, Utc};
use quartermaster_tenants::tx::Flight;
use quartermaster_tenants::{Op, RecordedKind, Result, TenantTx, Tenants};
use rust_decimal::Decimal;
use tokio_postgres::Row;
use uuid::Uuid;

/// A movement of stock.
#[derive(Debug, Clone)]
pub struct MovementRecord {
    /// The document that moved it.
    pub document: Uuid,
    /// Its kind.
    pub document_kind: RecordedKind,
    /// 1, 2, 3 … within the document.
    pub sequence: i32,
    /// The document's line.
    pub document_line: Option<i32>,
    /// The item.
    pub item: Uuid,
    /// Its base unit.
    pub unit: String,
    /// Where.
    pub location: Uuid,
    /// Empty for none.
    pub lot: String,
    /// In which state.
    pub status: StockStatus,
    /// In base units, signed.
    pub quantity: Decimal,
    /// For one base unit, in the tenant's currency.
    pub unit_cost: Decimal,
    /// The tenant's currency.
    pub currency: String,
    /// Why.
    pub reason: Reason,
    /// When.
    pub at: DateTime<Utc>,
}

const COLUMNS: &str = "t.*, (SELECT i.base_unit FROM qm.item i WHERE i.tenant_id = t.tenant_id AND i.id = t.item_id) AS base_unit, \
    (SELECT s.settings->>'currency' FROM qm.tenant_setting s WHERE s.tenant_id = t.tenant_id AND s.id = t.tenant_id) AS currency";

const FROM: &str = "(SELECT m.tenant_id, md5(m.document_id::text || m.sequence)::uuid AS id, m.document_id, m.document_kind, m.sequence, m.document_line, m.position_id, m.quantity, m.unit_cost, m.reason, m.at, \
    p.item_id, p.location_id, p.lot, p.stock_status FROM qm.stock_movement m JOIN qm.stock_position p ON p.tenant_id = m.tenant_id AND p.id = m.position_id) t";

/// Which movements are wanted; all conditions together.
#[derive(Debug, Clone, Default)]
pub struct MovementFilter {
    /// Of one of these items.
    pub items: Option<Vec<Uuid>>,
    /// At one of these locations.
    pub locations: Option<Vec<Uuid>>,
    /// By one of these documents.
    pub documents: Option<Vec<Uuid>>,
    /// Of one of these positions (a lot in one state).
    pub positions: Option<Vec<Uuid>>,
    /// For one of these reasons.
    pub reasons: Option<Vec<Reason>>,
    /// At or after, and at or before.
    pub at: (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
}

/// Latest first, earliest first.
pub const MOVEMENT_ORDERS: [Order; 2] = [
    Order::descending("at-desc", "t.at", "timestamptz"),
    Order::ascending("at-asc", "t.at", "timestamptz"),
];

fn listing(op: &Op, filter: &MovementFilter) -> Listing {
    let mut list = Listing::new(COLUMNS, FROM, op.tenant.0);
    let reasons = filter.reasons.as_ref();
    guard(op, &mut list);
    list.filter_some("t.item_id = ANY(?)", filter.items.clone())
        .filter_some("t.location_id = ANY(?)", filter.locations.clone())
        .filter_some("t.document_id = ANY(?)", filter.documents.clone())
        .filter_some("t.position_id = ANY(?)", filter.positions.clone())
        .filter_some(
            "t.reason = ANY(?)",
            reasons.map(|s| s.iter().map(|s| s.as_str()).collect::<Vec<_>>()),
        )
        .filter_some("t.at >= ?", filter.at.0)
        .filter_some("t.at <= ?", filter.at.1);
    list
}

/// A page of the ledger.
///
/// # Errors
/// What the database said.
pub async fn movements(
    db: &Tenants,
    op: &Op,
    filter: &MovementFilter,
    order: Order,
    window: &Window,
) -> Result<Page<MovementRecord>> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let rows = listing(op, filter).page(order, window, &mut flight);
    let landing = tx.fly(flight).await?;
    page_of(landing.get(rows), order, window, read)
}

/// How many there are.
///
/// # Errors
/// What the database said.
pub async fn count_movements(db: &Tenants, op: &Op, filter: &MovementFilter) -> Result<i64> {
    let mut tx = TenantTx::read(db, op).await?;
    listing(op, filter).total(&mut tx).await
}

fn read(r: &Row) -> Result<MovementRecord> {
    Ok(MovementRecord {
        document: r.try_get("document_id")?,
        document_kind: RecordedKind::read(r.try_get("document_kind")?)?,
        sequence: r.try_get("sequence")?,
        document_line: r.try_get("document_line")?,
        item: r.try_get("item_id")?,
        unit: r.try_get("base_unit")?,
        location: r.try_get("location_id")?,
        lot: r.try_get("lot")?,
        status: StockStatus::parse(r.try_get("stock_status")?)?,
        quantity: r.try_get("quantity")?,
        unit_cost: r.try_get("unit_cost")?,
        currency: r.try_get("currency")?,
        reason: Reason::parse(r.try_get("reason")?)?,
        at: r.try_get("at")?,
    })
}
