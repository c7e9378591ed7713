//! What can be asked about receipts: one statement for each level, whatever the number of rows.

pub use super::line_queries::{ReceiptLineRecord, line_counts, lines_of};
use super::row;
use super::status::{ReceiptCommand, ReceiptStatus};
use crate::shared::{Listing, Order, Page, Window};
use chrono::{DateTime, NaiveDate, Utc};
use quartermaster_tenants::act::{Asked, Standing, Subject};
use quartermaster_tenants::policy::DocumentKind;
use quartermaster_tenants::tx::Rows;
use quartermaster_tenants::{Flight, Op, Result, TenantTx, Tenants, params};
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

const COLUMNS: &str = "t.id, t.number, t.supplier_id, t.location_id, t.status, t.blind, t.received_on, t.delivery_note, t.reason, t.receiver_account_id, t.version, t.created_at, t.updated_at, \
    ARRAY(SELECT o.order_id FROM qm.receipt_order o WHERE o.tenant_id = t.tenant_id AND o.id = t.id ORDER BY o.order_id) AS order_ids, \
    ARRAY(SELECT DISTINCT l.item_id FROM qm.receipt_line l WHERE l.tenant_id = t.tenant_id AND l.id = t.id) AS item_ids";

const BY_ID: &str = "SELECT t.id, t.number, t.supplier_id, t.location_id, t.status, t.blind, t.received_on, t.delivery_note, t.reason, t.receiver_account_id, t.version, t.created_at, t.updated_at, \
    ARRAY(SELECT o.order_id FROM qm.receipt_order o WHERE o.tenant_id = t.tenant_id AND o.id = t.id ORDER BY o.order_id) AS order_ids, \
    ARRAY(SELECT DISTINCT l.item_id FROM qm.receipt_line l WHERE l.tenant_id = t.tenant_id AND l.id = t.id) AS item_ids \
    FROM qm.receipt t WHERE t.tenant_id = $1 AND t.id = $2 AND ($3::uuid[] IS NULL OR t.location_id = ANY($3))";

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
    listing(op, filter)
        .read(&mut TenantTx::read(db, op).await?, order, window, read)
        .await
}

/// How many there are.
///
/// # Errors
/// What the database said.
pub async fn count_receipts(db: &Tenants, op: &Op, filter: &ReceiptFilter) -> Result<i64> {
    listing(op, filter).total(&mut TenantTx::read(db, op).await?).await
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
    let window = Window::first(ids.len());
    let page = receipts(db, op, &filter, ORDERS[0], &window).await?;
    Ok(page.rows.into_iter().map(|(r, _)| (r.id, r)).collect())
}

/// Adds the statement that reads one receipt.
pub(super) fn ask(op: &Op, id: Uuid, flight: &mut Flight) -> Rows {
    let scope = op.locations.as_param().map(<[Uuid]>::to_vec);
    flight.rows(BY_ID, params![op.tenant.0, id, scope])
}

pub(super) fn read(row: &Row) -> Result<ReceiptRecord> {
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
