//! What can be asked about orders: one statement for each level, whatever the number of rows.

use super::status::{OrderCommand, OrderStatus};
use crate::shared::listing::page_of;
use crate::shared::{Listing, Order, Page, Window};
use chrono::{DateTime, NaiveDate, Utc};
use quartermaster_tenants::act::{Asked, Standing, Subject};
use quartermaster_tenants::policy::{DocumentKind, Level};
use quartermaster_tenants::tx::Flight;
use quartermaster_tenants::{Error, Op, Result, TenantTx, Tenants, params};
use rust_decimal::Decimal;
use std::collections::HashMap;
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
    /// Before tax.
    pub net: Decimal,
    /// Tax.
    pub tax: Decimal,
    /// The business version.
    pub revision: i32,
    /// The pass through approval.
    pub round: i32,
    /// The level that its amount asked for.
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

/// A line, as it is read.
#[derive(Debug, Clone)]
pub struct LineRecord {
    /// The order.
    pub order: Uuid,
    /// Its number in the order.
    pub number: i32,
    /// What is ordered.
    pub item: Uuid,
    /// How much, in `unit`.
    pub quantity: Decimal,
    /// UN/ECE Rec 20.
    pub unit: String,
    /// Base units in one `unit`.
    pub base_per_unit: Decimal,
    /// For one `unit`.
    pub unit_price: Decimal,
    /// In percent.
    pub tax_rate: Decimal,
    /// Before tax.
    pub net: Decimal,
    /// Tax.
    pub tax: Decimal,
    /// When it is wanted.
    pub expected_on: Option<NaiveDate>,
    /// Received so far.
    pub received: Decimal,
    /// Sent back so far.
    pub returned: Decimal,
    /// Expected no more.
    pub closed: Decimal,
}

const COLUMNS: &str = "t.id, t.number, t.supplier_id, t.location_id, t.status, t.held_from, t.currency, t.ordered_on, t.expected_on, t.note, t.reference, t.net_amount, t.tax_amount, \
    t.revision, t.round, t.required_level, t.approvals, t.buyer_account_id, t.reason, t.version, t.created_at, t.updated_at";

const BY_IDS: &str = "SELECT t.id, t.number, t.supplier_id, t.location_id, t.status, t.held_from, t.currency, t.ordered_on, t.expected_on, t.note, t.reference, t.net_amount, t.tax_amount, \
    t.revision, t.round, t.required_level, t.approvals, t.buyer_account_id, t.reason, t.version, t.created_at, t.updated_at \
    FROM qm.purchase_order t WHERE t.tenant_id = $1 AND t.id = ANY($2) AND ($3::uuid[] IS NULL OR t.location_id = ANY($3))";

const LINES: &str = "SELECT l.id, l.line_number, l.item_id, l.quantity, l.unit, l.base_per_unit, l.unit_price, l.tax_rate, l.net_amount, l.tax_amount, l.expected_on, \
    l.received_quantity, l.returned_quantity, l.closed_quantity \
    FROM unnest($2::uuid[]) p (id) CROSS JOIN LATERAL (SELECT x.* FROM qm.purchase_order_line x WHERE x.tenant_id = $1 AND x.id = p.id AND x.line_number > $3 AND x.line_number < $4 \
    ORDER BY x.line_number LIMIT $5) l";

const LINES_FROM_BACK: &str = "SELECT l.id, l.line_number, l.item_id, l.quantity, l.unit, l.base_per_unit, l.unit_price, l.tax_rate, l.net_amount, l.tax_amount, l.expected_on, \
    l.received_quantity, l.returned_quantity, l.closed_quantity \
    FROM unnest($2::uuid[]) p (id) CROSS JOIN LATERAL (SELECT x.* FROM qm.purchase_order_line x WHERE x.tenant_id = $1 AND x.id = p.id AND x.line_number > $3 AND x.line_number < $4 \
    ORDER BY x.line_number DESC LIMIT $5) l";

const LINE_COUNTS: &str =
    "SELECT l.id, count(*) FROM qm.purchase_order_line l WHERE l.tenant_id = $1 AND l.id = ANY($2) GROUP BY l.id";

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
    Order {
        tag: "created-desc",
        column: "t.id",
        cast: "uuid",
        descending: true,
    },
    Order {
        tag: "created-asc",
        column: "t.id",
        cast: "uuid",
        descending: false,
    },
    Order {
        tag: "number-desc",
        column: "t.number",
        cast: "text",
        descending: true,
    },
    Order {
        tag: "number-asc",
        column: "t.number",
        cast: "text",
        descending: false,
    },
    Order {
        tag: "ordered-desc",
        column: "t.ordered_on",
        cast: "date",
        descending: true,
    },
    Order {
        tag: "ordered-asc",
        column: "t.ordered_on",
        cast: "date",
        descending: false,
    },
    Order {
        tag: "updated-desc",
        column: "t.updated_at",
        cast: "timestamptz",
        descending: true,
    },
    Order {
        tag: "updated-asc",
        column: "t.updated_at",
        cast: "timestamptz",
        descending: false,
    },
];

fn listing(op: &Op, filter: &OrderFilter) -> Listing {
    let mut list = Listing::new(COLUMNS, "qm.purchase_order t", op.tenant.0);
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
    let mut flight = Flight::new();
    let count = listing(op, filter).count(&mut flight);
    let landing = tx.fly(flight).await?;
    Ok(landing.one(count)?.try_get(0)?)
}

/// The orders with these ids that the caller may see.
///
/// # Errors
/// What the database said.
pub async fn orders_by_ids(db: &Tenants, op: &Op, ids: &[Uuid]) -> Result<HashMap<Uuid, OrderRecord>> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let rows = flight.rows(
        BY_IDS,
        params![op.tenant.0, ids.to_vec(), op.locations.as_param().map(<[Uuid]>::to_vec)],
    );
    let landing = tx.fly(flight).await?;
    landing
        .get(rows)
        .iter()
        .map(|r| read_order(r).map(|o| (o.id, o)))
        .collect()
}

/// Part of the lines of several orders: at most `limit` with a number between the two, from the front or the back, in order.
///
/// # Errors
/// What the database said.
pub async fn lines_of(
    db: &Tenants,
    op: &Op,
    orders: &[Uuid],
    after: i32,
    before: i32,
    limit: i64,
    from_back: bool,
) -> Result<HashMap<Uuid, Vec<LineRecord>>> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let sql = if from_back { LINES_FROM_BACK } else { LINES };
    let rows = flight.rows(sql, params![op.tenant.0, orders.to_vec(), after, before, limit]);
    let landing = tx.fly(flight).await?;
    let mut out: HashMap<Uuid, Vec<LineRecord>> = HashMap::with_capacity(orders.len());
    for row in landing.get(rows) {
        let line = read_line(row)?;
        out.entry(line.order).or_default().push(line);
    }
    out.values_mut().for_each(|lines| lines.sort_by_key(|l| l.number));
    Ok(out)
}

/// How many lines these orders have.
///
/// # Errors
/// What the database said.
pub async fn line_counts(db: &Tenants, op: &Op, orders: &[Uuid]) -> Result<HashMap<Uuid, i64>> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let rows = flight.rows(LINE_COUNTS, params![op.tenant.0, orders.to_vec()]);
    let landing = tx.fly(flight).await?;
    landing
        .get(rows)
        .iter()
        .map(|r| Ok((r.try_get(0)?, r.try_get(1)?)))
        .collect()
}

fn read_order(row: &Row) -> Result<OrderRecord> {
    let status = |word: &str| OrderStatus::parse(word).ok_or_else(|| Error::internal(format!("order status {word}")));
    Ok(OrderRecord {
        id: row.try_get("id")?,
        number: row.try_get("number")?,
        supplier: row.try_get("supplier_id")?,
        location: row.try_get("location_id")?,
        status: status(row.try_get("status")?)?,
        held_from: row.try_get::<_, Option<&str>>("held_from")?.map(status).transpose()?,
        currency: row.try_get("currency")?,
        ordered_on: row.try_get("ordered_on")?,
        expected_on: row.try_get("expected_on")?,
        note: row.try_get("note")?,
        reference: row.try_get("reference")?,
        net: row.try_get("net_amount")?,
        tax: row.try_get("tax_amount")?,
        revision: row.try_get("revision")?,
        round: row.try_get("round")?,
        required_level: row.try_get("required_level")?,
        approvals: row.try_get("approvals")?,
        buyer: row.try_get("buyer_account_id")?,
        reason: row.try_get("reason")?,
        version: row.try_get("version")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}

fn read_line(row: &Row) -> Result<LineRecord> {
    Ok(LineRecord {
        order: row.try_get("id")?,
        number: row.try_get("line_number")?,
        item: row.try_get("item_id")?,
        quantity: row.try_get("quantity")?,
        unit: row.try_get("unit")?,
        base_per_unit: row.try_get("base_per_unit")?,
        unit_price: row.try_get("unit_price")?,
        tax_rate: row.try_get("tax_rate")?,
        net: row.try_get("net_amount")?,
        tax: row.try_get("tax_amount")?,
        expected_on: row.try_get("expected_on")?,
        received: row.try_get("received_quantity")?,
        returned: row.try_get("returned_quantity")?,
        closed: row.try_get("closed_quantity")?,
    })
}
