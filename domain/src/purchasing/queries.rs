//! What can be asked about orders: one statement for each level, whatever the number of rows.

pub use super::detail::{Beside, OrderDetail, order};
pub use super::line_queries::{LineRecord, LineWindow, line_counts, lines_of};
use super::sight::{received_blind, sees_ordered, without};
use super::status::{OrderCommand, OrderStatus};
use crate::shared::listing::page_of;
use crate::shared::numeric::decimal_or_null;
use crate::shared::{Listing, Order, Page, Window};
use chrono::{DateTime, NaiveDate, Utc};
use quartermaster_tenants::act::{Asked, Standing, Subject};
use quartermaster_tenants::policy::{DocumentKind, Level};
use quartermaster_tenants::tx::{Flight, Param, Rows};
use quartermaster_tenants::{Error, Op, Result, TenantTx, Tenants, params};
use rust_decimal::Decimal;
use std::collections::HashMap;
use std::sync::LazyLock;
use tokio_postgres::Row;
use uuid::Uuid;

/// An order's header, as it is read.
#[derive(Debug, Clone)]
pub struct OrderRecord {
    /// Its id.
    pub id: Uuid,
    /// Its number, by the tenant's pattern.
    pub number: String,
    /// The supplier.
    pub supplier: Uuid,
    /// Where to.
    pub location: Uuid,
    /// Its state.
    pub status: OrderStatus,
    /// While it is on hold: the state that it goes back to.
    pub held_from: Option<OrderStatus>,
    /// ISO 4217.
    pub currency: String,
    /// Business date.
    pub ordered_on: NaiveDate,
    /// When it is wanted.
    pub expected_on: Option<NaiveDate>,
    /// For the supplier.
    pub note: Option<String>,
    /// The buyer's own reference.
    pub reference: Option<String>,
    /// Before tax; none for who receives it blind.
    pub net: Option<Decimal>,
    /// Tax; none for who receives it blind.
    pub tax: Option<Decimal>,
    /// The business version.
    pub revision: i32,
    /// The pass through approval.
    pub round: i32,
    /// The level that its amount asked for; none for who receives it blind.
    pub required_level: Option<i16>,
    /// Approvals in this round.
    pub approvals: i16,
    /// Who made it.
    pub buyer: Uuid,
    /// Why it was returned, rejected, held, cancelled or closed.
    pub reason: Option<String>,
    /// Rises at every write.
    pub version: i32,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last written.
    pub updated_at: DateTime<Utc>,
}

impl OrderRecord {
    /// What a command on it would be about, and where it stands for it: for asking before doing.
    #[must_use]
    pub fn asked(&self) -> (Subject, Vec<(OrderCommand, Asked)>) {
        let subject = Subject::new(DocumentKind::PurchaseOrder, self.id)
            .in_round(self.round)
            .of_supplier(self.supplier)
            .at(self.location);
        let level = self
            .required_level
            .and_then(|l| Level::new(u8::try_from(l).ok()?))
            .unwrap_or_default();
        let asked = |command: OrderCommand| {
            let standing = Standing {
                control: self.held_from.unwrap_or(self.status).control(),
                permits: self.status.allows(command),
                level,
                ..Standing::default()
            };
            (
                command,
                Asked {
                    duty: command.duty(),
                    standing,
                },
            )
        };
        (
            subject,
            OrderCommand::ALL
                .into_iter()
                .filter(|c| *c != OrderCommand::Receive)
                .map(asked)
                .collect(),
        )
    }
}

const COLUMNS: &str = "t.id, t.number, t.supplier_id, t.location_id, t.status, t.held_from, t.currency, t.ordered_on, t.expected_on, t.note, t.reference, t.net_amount, t.tax_amount, \
    t.revision, t.round, t.required_level, t.approvals, t.buyer_account_id, t.reason, t.version, t.created_at, t.updated_at";

const BY_IDS: &str = "SELECT t.id, t.number, t.supplier_id, t.location_id, t.status, t.held_from, t.currency, t.ordered_on, t.expected_on, t.note, t.reference, t.net_amount, t.tax_amount, \
    t.revision, t.round, t.required_level, t.approvals, t.buyer_account_id, t.reason, t.version, t.created_at, t.updated_at \
    FROM qm.purchase_order t WHERE t.tenant_id = $1 AND t.id = ANY($2) AND ($3::uuid[] IS NULL OR t.location_id = ANY($3))";

/// The same for who receives blind: what must not be known is not read.
static BLIND_COLUMNS: LazyLock<String> = LazyLock::new(|| blind_header(COLUMNS));

fn blind_header(sql: &str) -> String {
    let amounts = ["net_amount", "tax_amount", "required_level"];
    without(sql, "t", &amounts, &received_blind("t"))
}

/// Which orders are wanted; all conditions together.
#[derive(Debug, Clone, Default)]
pub struct OrderFilter {
    /// One of these ids.
    pub ids: Option<Vec<Uuid>>,
    /// One of these states.
    pub statuses: Option<Vec<OrderStatus>>,
    /// One of these suppliers.
    pub suppliers: Option<Vec<Uuid>>,
    /// One of these locations.
    pub locations: Option<Vec<Uuid>>,
    /// One of these numbers.
    pub numbers: Option<Vec<String>>,
    /// Ordered on or after, and on or before.
    pub ordered: (Option<NaiveDate>, Option<NaiveDate>),
    /// Changed at or after: for synchronization.
    pub updated_since: Option<DateTime<Utc>>,
    /// Made by one of these members.
    pub buyers: Option<Vec<Uuid>>,
}

/// The orders in which the list can be asked for.
pub const ORDERS: [Order; 8] = [
    Order::descending("created-desc", "t.id", "uuid"),
    Order::ascending("created-asc", "t.id", "uuid"),
    Order::descending("number-desc", "t.number", "text"),
    Order::ascending("number-asc", "t.number", "text"),
    Order::descending("ordered-desc", "t.ordered_on", "date"),
    Order::ascending("ordered-asc", "t.ordered_on", "date"),
    Order::descending("updated-desc", "t.updated_at", "timestamptz"),
    Order::ascending("updated-asc", "t.updated_at", "timestamptz"),
];

fn listing(op: &Op, filter: &OrderFilter) -> Listing {
    let columns = if sees_ordered(op) { COLUMNS } else { &BLIND_COLUMNS };
    let mut list = Listing::new(columns, "qm.purchase_order t", op.tenant.0);
    list.filter_some("t.location_id = ANY(?)", op.locations.as_param().map(<[Uuid]>::to_vec))
        .filter_some("t.id = ANY(?)", filter.ids.clone())
        .filter_some(
            "t.status = ANY(?)",
            filter
                .statuses
                .as_ref()
                .map(|s| s.iter().map(|s| s.as_str()).collect::<Vec<_>>()),
        )
        .filter_some("t.supplier_id = ANY(?)", filter.suppliers.clone())
        .filter_some("t.location_id = ANY(?)", filter.locations.clone())
        .filter_some("t.number = ANY(?)", filter.numbers.clone())
        .filter_some("t.ordered_on >= ?", filter.ordered.0)
        .filter_some("t.ordered_on <= ?", filter.ordered.1)
        .filter_some("t.updated_at >= ?", filter.updated_since)
        .filter_some("t.buyer_account_id = ANY(?)", filter.buyers.clone());
    list
}

/// A page of orders.
///
/// # Errors
/// What the database said.
pub async fn orders(
    db: &Tenants,
    op: &Op,
    filter: &OrderFilter,
    order: Order,
    window: &Window,
) -> Result<Page<OrderRecord>> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let rows = listing(op, filter).page(order, window, &mut flight);
    let landing = tx.fly(flight).await?;
    page_of(landing.get(rows), order, window, read_order)
}

/// How many there are.
///
/// # Errors
/// What the database said.
pub async fn count_orders(db: &Tenants, op: &Op, filter: &OrderFilter) -> Result<i64> {
    let mut tx = TenantTx::read(db, op).await?;
    listing(op, filter).total(&mut tx).await
}

/// The orders with these ids that the caller may see.
///
/// # Errors
/// What the database said.
pub async fn orders_by_ids(db: &Tenants, op: &Op, ids: &[Uuid]) -> Result<HashMap<Uuid, OrderRecord>> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let rows = ask(op, ids, &mut flight);
    let landing = tx.fly(flight).await?;
    landing
        .get(rows)
        .iter()
        .map(|r| read_order(r).map(|o| (o.id, o)))
        .collect()
}

/// Adds the statement that reads the headers of these orders.
pub(super) fn ask(op: &Op, ids: &[Uuid], flight: &mut Flight) -> Rows {
    let params = params![op.tenant.0, ids.to_vec(), op.locations.as_param().map(<[Uuid]>::to_vec)];
    ask_seen(op, BY_IDS, params, flight)
}

/// Adds a statement that reads headers `t`, as far as the caller may see them.
pub(super) fn ask_seen(op: &Op, sql: &'static str, params: Vec<Param>, flight: &mut Flight) -> Rows {
    if sees_ordered(op) {
        flight.rows(sql, params)
    } else {
        flight.composed(blind_header(sql), params)
    }
}

/// How many columns a header has.
pub(super) const COLUMN_COUNT: usize = 22;

/// Reads a header by place, in the order of [`COLUMNS`].
pub(super) fn read_order(row: &Row) -> Result<OrderRecord> {
    let status = |word: &str| OrderStatus::parse(word).ok_or_else(|| Error::internal(format!("order status {word}")));
    Ok(OrderRecord {
        id: row.try_get(0)?,
        number: row.try_get(1)?,
        supplier: row.try_get(2)?,
        location: row.try_get(3)?,
        status: status(row.try_get(4)?)?,
        held_from: row.try_get::<_, Option<&str>>(5)?.map(status).transpose()?,
        currency: row.try_get(6)?,
        ordered_on: row.try_get(7)?,
        expected_on: row.try_get(8)?,
        note: row.try_get(9)?,
        reference: row.try_get(10)?,
        net: decimal_or_null(row, 11)?,
        tax: decimal_or_null(row, 12)?,
        revision: row.try_get(13)?,
        round: row.try_get(14)?,
        required_level: row.try_get(15)?,
        approvals: row.try_get(16)?,
        buyer: row.try_get(17)?,
        reason: row.try_get(18)?,
        version: row.try_get(19)?,
        created_at: row.try_get(20)?,
        updated_at: row.try_get(21)?,
    })
}
