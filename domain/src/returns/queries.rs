//! What can be asked about returns: one statement for each level, whatever the number of rows.

use super::line::ReturnLine;
use super::row as rows_of;
use super::status::{ReturnCommand, ReturnStatus};
use super::supplier_return::SupplierReturn;
use crate::shared::{Listing, Order, Page, Window};
use chrono::{DateTime, NaiveDate, Utc};
use quartermaster_tenants::act::{Asked, Subject};
use quartermaster_tenants::tx::Flight;
use quartermaster_tenants::{Op, Result, TenantTx, Tenants, params};
use rust_decimal::Decimal;
use std::collections::HashMap;
use tokio_postgres::Row;
use uuid::Uuid;

/// A return's header, as it is read: without its lines.
#[derive(Debug, Clone)]
pub struct ReturnRecord {
    /// The return; its lines are read apart.
    pub header: SupplierReturn,
    /// Its number.
    pub number: String,
    /// The credit that is expected.
    pub net: Decimal,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last written.
    pub updated_at: DateTime<Utc>,
}

impl ReturnRecord {
    /// What a command on it would be about, and where it stands for it: for asking before doing.
    #[must_use]
    pub fn asked(&self) -> (Subject, Vec<(ReturnCommand, Asked)>) {
        let asked = |command: ReturnCommand| {
            let duty = command.duty(self.header.status);
            let standing = self.header.standing(command, None);
            (command, Asked { duty, standing })
        };
        (
            self.header.subject(),
            ReturnCommand::ALL.into_iter().map(asked).collect(),
        )
    }
}

const LINES: &str =
    "SELECT l.* FROM qm.supplier_return_line l WHERE l.tenant_id = $1 AND l.id = ANY($2) ORDER BY l.id, l.line_number";

/// Which returns are wanted; all conditions together.
#[derive(Debug, Clone, Default)]
pub struct ReturnFilter {
    /// One of these ids.
    pub ids: Option<Vec<Uuid>>,
    /// One of these states.
    pub statuses: Option<Vec<ReturnStatus>>,
    /// To one of these suppliers.
    pub suppliers: Option<Vec<Uuid>>,
    /// From one of these locations.
    pub locations: Option<Vec<Uuid>>,
    /// One of these numbers.
    pub numbers: Option<Vec<String>>,
    /// Returned on or after, and on or before.
    pub returned: (Option<NaiveDate>, Option<NaiveDate>),
    /// Changed at or after: for synchronization.
    pub updated_since: Option<DateTime<Utc>>,
}

/// The orders in which the list can be asked for.
pub const ORDERS: [Order; 3] = [
    Order::descending("created-desc", "t.id", "uuid"),
    Order::ascending("created-asc", "t.id", "uuid"),
    Order::ascending("updated-asc", "t.updated_at", "timestamptz"),
];

fn listing(op: &Op, f: &ReturnFilter) -> Listing {
    let mut list = Listing::new("t.*", "qm.supplier_return t", op.tenant.0);
    let words = |s: &Vec<ReturnStatus>| s.iter().map(|s| s.as_str()).collect::<Vec<_>>();
    list.filter_some("t.location_id = ANY(?)", op.locations.as_param().map(<[Uuid]>::to_vec))
        .filter_some("t.id = ANY(?)", f.ids.clone())
        .filter_some("t.status = ANY(?)", f.statuses.as_ref().map(words))
        .filter_some("t.supplier_id = ANY(?)", f.suppliers.clone())
        .filter_some("t.location_id = ANY(?)", f.locations.clone())
        .filter_some("t.number = ANY(?)", f.numbers.clone())
        .filter_some("t.returned_on >= ?", f.returned.0)
        .filter_some("t.returned_on <= ?", f.returned.1)
        .filter_some("t.updated_at >= ?", f.updated_since);
    list
}

/// A page of returns.
///
/// # Errors
/// What the database said.
pub async fn returns(
    db: &Tenants,
    op: &Op,
    filter: &ReturnFilter,
    order: Order,
    window: &Window,
) -> Result<Page<ReturnRecord>> {
    listing(op, filter)
        .read(&mut TenantTx::read(db, op).await?, order, window, record)
        .await
}

/// How many there are.
///
/// # Errors
/// What the database said.
pub async fn count_returns(db: &Tenants, op: &Op, filter: &ReturnFilter) -> Result<i64> {
    listing(op, filter).total(&mut TenantTx::read(db, op).await?).await
}

/// The returns with these ids that the caller may see.
///
/// # Errors
/// What the database said.
pub async fn returns_by_ids(db: &Tenants, op: &Op, ids: &[Uuid]) -> Result<HashMap<Uuid, ReturnRecord>> {
    let filter = ReturnFilter {
        ids: Some(ids.to_vec()),
        ..ReturnFilter::default()
    };
    let window = Window::first(ids.len());
    let page = returns(db, op, &filter, ORDERS[1], &window).await?;
    Ok(page.rows.into_iter().map(|(r, _)| (r.header.id.0, r)).collect())
}

/// The lines of these returns, by return, in order.
///
/// # Errors
/// What the database said.
pub async fn lines_of(db: &Tenants, op: &Op, returns: &[Uuid]) -> Result<HashMap<Uuid, Vec<ReturnLine>>> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let rows = flight.rows(LINES, params![op.tenant.0, returns.to_vec()]);
    let landing = tx.fly(flight).await?;
    let mut out: HashMap<Uuid, Vec<ReturnLine>> = HashMap::with_capacity(returns.len());
    for row in landing.get(rows) {
        out.entry(row.try_get("id")?).or_default().push(rows_of::line(row)?);
    }
    Ok(out)
}

fn record(row: &Row) -> Result<ReturnRecord> {
    Ok(ReturnRecord {
        header: rows_of::read(row, &[])?,
        number: row.try_get("number")?,
        net: row.try_get("net_amount")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}
