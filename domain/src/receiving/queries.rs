//! What can be asked about receipts: one statement for each level, whatever the number of rows.

use super::row;
use super::status::{ReceiptCommand, ReceiptStatus};
use crate::shared::listing::page_of;
use crate::shared::{Listing, Order, Page, Window};
use chrono::{DateTime, NaiveDate, Utc};
use quartermaster_tenants::act::{Asked, Standing, Subject};
use quartermaster_tenants::policy::DocumentKind;
use quartermaster_tenants::tx::Flight;
use quartermaster_tenants::{Op, Result, TenantTx, Tenants, params};
use rust_decimal::Decimal;
use std::collections::HashMap;
use tokio_postgres::Row;
use uuid::Uuid;

/// A receipt's header, as it is read.
#[derive(Debug, Clone)]
pub struct ReceiptRecord {
    /// Its id.
    pub id: Uuid,
    /// Its number, by the tenant's pattern.
    pub number: String,
    /// Who delivered.
    pub supplier: Uuid,
    /// Where.
    pub location: Uuid,
    /// Its state.
    pub status: ReceiptStatus,
    /// The receiver does not see what was ordered while it is open.
    pub blind: bool,
    /// Business date.
    pub received_on: NaiveDate,
    /// The number on the supplier's paper.
    pub delivery_note: Option<String>,
    /// Why it was cancelled or reversed.
    pub reason: Option<String>,
    /// Who opened it.
    pub receiver: Uuid,
    /// Its orders.
    pub orders: Vec<Uuid>,
    /// Its items.
    pub items: Vec<Uuid>,
    /// Rises at every write.
    pub version: i32,
    /// When it was opened.
    pub created_at: DateTime<Utc>,
    /// When it was last written.
    pub updated_at: DateTime<Utc>,
}

impl ReceiptRecord {
    /// What a command on it would be about, and where it stands for it: for asking before doing.
    #[must_use]
    pub fn asked(&self) -> (Subject, Vec<(ReceiptCommand, Asked)>) {
        let subject = Subject::new(DocumentKind::Receipt, self.id)
            .of_supplier(self.supplier)
            .touching(self.location, self.items.clone());
        let asked = |command: ReceiptCommand| {
            let standing = Standing {
                control: self.status.control(),
                permits: self.status.allows(command),
                ..Standing::default()
            };
            let duty = command.duty();
            (command, Asked { duty, standing })
        };
        let own = ReceiptCommand::ALL
            .into_iter()
            .filter(|c| *c != ReceiptCommand::RaiseDiscrepancy);
        (subject, own.map(asked).collect())
    }
}

/// A line, as it is read.
#[derive(Debug, Clone)]
pub struct ReceiptLineRecord {
    /// The receipt.
    pub receipt: Uuid,
    /// Its number in the receipt.
    pub number: i32,
    /// The order that it came for.
    pub order: Option<Uuid>,
    /// The line of that order.
    pub order_line: Option<i32>,
    /// What came.
    pub item: Uuid,
    /// How much, in `unit`.
    pub quantity: Decimal,
    /// How much of it is damaged.
    pub damaged: Decimal,
    /// UN/ECE Rec 20.
    pub unit: String,
    /// Base units in one `unit`.
    pub base_per_unit: Decimal,
    /// For one base unit, in the tenant's currency; none while a blind receipt is open.
    pub unit_cost: Option<Decimal>,
    /// Its lot.
    pub lot: Option<String>,
    /// Best before.
    pub expires_on: Option<NaiveDate>,
    /// The receiver expects no more of the order line.
    pub is_final: bool,
    /// What the order line asked for, with its unit; none while a blind receipt is open.
    pub ordered: Option<(Decimal, String)>,
}

const COLUMNS: &str = "t.id, t.number, t.supplier_id, t.location_id, t.status, t.blind, t.received_on, t.delivery_note, t.reason, t.receiver_account_id, t.version, t.created_at, t.updated_at, \
    ARRAY(SELECT o.order_id FROM qm.receipt_order o WHERE o.tenant_id = t.tenant_id AND o.id = t.id ORDER BY o.order_id) AS order_ids, \
    ARRAY(SELECT DISTINCT l.item_id FROM qm.receipt_line l WHERE l.tenant_id = t.tenant_id AND l.id = t.id) AS item_ids";

// What a blind receiver must not know is not read while he counts.
const LINES: &str = "SELECT l.*, CASE WHEN NOT (r.blind AND r.status = 'OPEN') THEN o.quantity END AS ordered_quantity, o.unit AS ordered_unit, \
    CASE WHEN NOT (r.blind AND r.status = 'OPEN') THEN l.unit_cost END AS visible_cost \
    FROM unnest($2::uuid[]) p (id) CROSS JOIN LATERAL (SELECT x.* FROM qm.receipt_line x WHERE x.tenant_id = $1 AND x.id = p.id AND x.line_number > $3 AND x.line_number < $4 \
    ORDER BY x.line_number LIMIT $5) l JOIN qm.receipt r ON r.tenant_id = l.tenant_id AND r.id = l.id AND r.tenant_id = $1 \
    LEFT JOIN qm.purchase_order_line o ON o.tenant_id = l.tenant_id AND o.id = l.order_id AND o.line_number = l.order_line_number";

const LINES_FROM_BACK: &str = "SELECT l.*, CASE WHEN NOT (r.blind AND r.status = 'OPEN') THEN o.quantity END AS ordered_quantity, o.unit AS ordered_unit, \
    CASE WHEN NOT (r.blind AND r.status = 'OPEN') THEN l.unit_cost END AS visible_cost \
    FROM unnest($2::uuid[]) p (id) CROSS JOIN LATERAL (SELECT x.* FROM qm.receipt_line x WHERE x.tenant_id = $1 AND x.id = p.id AND x.line_number > $3 AND x.line_number < $4 \
    ORDER BY x.line_number DESC LIMIT $5) l JOIN qm.receipt r ON r.tenant_id = l.tenant_id AND r.id = l.id AND r.tenant_id = $1 \
    LEFT JOIN qm.purchase_order_line o ON o.tenant_id = l.tenant_id AND o.id = l.order_id AND o.line_number = l.order_line_number";

const LINE_COUNTS: &str =
    "SELECT l.id, count(*) FROM qm.receipt_line l WHERE l.tenant_id = $1 AND l.id = ANY($2) GROUP BY l.id";

/// Which receipts are wanted; all conditions together.
#[derive(Debug, Clone, Default)]
pub struct ReceiptFilter {
    /// One of these ids.
    pub ids: Option<Vec<Uuid>>,
    /// One of these states.
    pub statuses: Option<Vec<ReceiptStatus>>,
    /// One of these suppliers.
    pub suppliers: Option<Vec<Uuid>>,
    /// One of these locations.
    pub locations: Option<Vec<Uuid>>,
    /// Against one of these orders.
    pub orders: Option<Vec<Uuid>>,
    /// One of these numbers.
    pub numbers: Option<Vec<String>>,
    /// Received on or after, and on or before.
    pub received: (Option<NaiveDate>, Option<NaiveDate>),
    /// Changed at or after: for synchronization.
    pub updated_since: Option<DateTime<Utc>>,
}

/// An order of a list.
const fn by(tag: &'static str, column: &'static str, cast: &'static str, descending: bool) -> Order {
    Order {
        tag,
        column,
        cast,
        descending,
    }
}

/// The orders in which the list can be asked for.
pub const ORDERS: [Order; 6] = [
    by("created-desc", "t.id", "uuid", true),
    by("created-asc", "t.id", "uuid", false),
    by("received-desc", "t.received_on", "date", true),
    by("received-asc", "t.received_on", "date", false),
    by("updated-desc", "t.updated_at", "timestamptz", true),
    by("updated-asc", "t.updated_at", "timestamptz", false),
];

fn listing(op: &Op, f: &ReceiptFilter) -> Listing {
    let mut list = Listing::new(COLUMNS, "qm.receipt t", op.tenant.0);
    let words = |s: &Vec<ReceiptStatus>| s.iter().map(|s| s.as_str()).collect::<Vec<_>>();
    list.filter_some("t.location_id = ANY(?)", op.locations.as_param().map(<[Uuid]>::to_vec))
        .filter_some("t.id = ANY(?)", f.ids.clone())
        .filter_some("t.status = ANY(?)", f.statuses.as_ref().map(words))
        .filter_some("t.supplier_id = ANY(?)", f.suppliers.clone())
        .filter_some("t.location_id = ANY(?)", f.locations.clone())
        .filter_some(
            "t.id IN (SELECT x.id FROM qm.receipt_order x WHERE x.tenant_id = $1 AND x.order_id = ANY(?))",
            f.orders.clone(),
        )
        .filter_some("t.number = ANY(?)", f.numbers.clone())
        .filter_some("t.received_on >= ?", f.received.0)
        .filter_some("t.received_on <= ?", f.received.1)
        .filter_some("t.updated_at >= ?", f.updated_since);
    list
}

/// A page of receipts.
///
/// # Errors
/// What the database said.
pub async fn receipts(
    db: &Tenants,
    op: &Op,
    filter: &ReceiptFilter,
    order: Order,
    window: &Window,
) -> Result<Page<ReceiptRecord>> {
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
pub async fn count_receipts(db: &Tenants, op: &Op, filter: &ReceiptFilter) -> Result<i64> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let count = listing(op, filter).count(&mut flight);
    let landing = tx.fly(flight).await?;
    Ok(landing.one(count)?.try_get(0)?)
}

/// The receipts with these ids that the caller may see.
///
/// # Errors
/// What the database said.
pub async fn receipts_by_ids(db: &Tenants, op: &Op, ids: &[Uuid]) -> Result<HashMap<Uuid, ReceiptRecord>> {
    let filter = ReceiptFilter {
        ids: Some(ids.to_vec()),
        ..ReceiptFilter::default()
    };
    let window = Window {
        limit: i64::try_from(ids.len()).unwrap_or(i64::from(i32::MAX)),
        ..Window::default()
    };
    let page = receipts(db, op, &filter, ORDERS[0], &window).await?;
    Ok(page.rows.into_iter().map(|(r, _)| (r.id, r)).collect())
}

/// Part of the lines of several receipts: at most `limit` with a number between the two, from the front or the back, in order.
///
/// # Errors
/// What the database said.
pub async fn lines_of(
    db: &Tenants,
    op: &Op,
    receipts: &[Uuid],
    after: i32,
    before: i32,
    limit: i64,
    from_back: bool,
) -> Result<HashMap<Uuid, Vec<ReceiptLineRecord>>> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let sql = if from_back { LINES_FROM_BACK } else { LINES };
    let rows = flight.rows(sql, params![op.tenant.0, receipts.to_vec(), after, before, limit]);
    let landing = tx.fly(flight).await?;
    let mut out: HashMap<Uuid, Vec<ReceiptLineRecord>> = HashMap::with_capacity(receipts.len());
    for row in landing.get(rows) {
        let line = read_line(row)?;
        out.entry(line.receipt).or_default().push(line);
    }
    out.values_mut().for_each(|lines| lines.sort_by_key(|l| l.number));
    Ok(out)
}

/// How many lines these receipts have.
///
/// # Errors
/// What the database said.
pub async fn line_counts(db: &Tenants, op: &Op, receipts: &[Uuid]) -> Result<HashMap<Uuid, i64>> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let rows = flight.rows(LINE_COUNTS, params![op.tenant.0, receipts.to_vec()]);
    let landing = tx.fly(flight).await?;
    landing
        .get(rows)
        .iter()
        .map(|r| Ok((r.try_get(0)?, r.try_get(1)?)))
        .collect()
}

fn read(row: &Row) -> Result<ReceiptRecord> {
    Ok(ReceiptRecord {
        id: row.try_get("id")?,
        number: row.try_get("number")?,
        supplier: row.try_get("supplier_id")?,
        location: row.try_get("location_id")?,
        status: row::status(row)?,
        blind: row.try_get("blind")?,
        received_on: row.try_get("received_on")?,
        delivery_note: row.try_get("delivery_note")?,
        reason: row.try_get("reason")?,
        receiver: row.try_get("receiver_account_id")?,
        orders: row.try_get("order_ids")?,
        items: row.try_get("item_ids")?,
        version: row.try_get("version")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}

fn read_line(row: &Row) -> Result<ReceiptLineRecord> {
    let ordered: Option<Decimal> = row.try_get("ordered_quantity")?;
    let lot: String = row.try_get("lot")?;
    Ok(ReceiptLineRecord {
        receipt: row.try_get("id")?,
        number: row.try_get("line_number")?,
        order: row.try_get("order_id")?,
        order_line: row.try_get("order_line_number")?,
        item: row.try_get("item_id")?,
        quantity: row.try_get("quantity")?,
        damaged: row.try_get("damaged_quantity")?,
        unit: row.try_get("unit")?,
        base_per_unit: row.try_get("base_per_unit")?,
        unit_cost: row.try_get("visible_cost")?,
        lot: (!lot.is_empty()).then_some(lot),
        expires_on: row.try_get("expires_on")?,
        is_final: row.try_get("is_final")?,
        ordered: ordered.zip(row.try_get("ordered_unit")?),
    })
}
