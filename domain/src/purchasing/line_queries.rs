//! What can be asked about the lines of orders: one statement, whatever the number of orders.

use super::sight::{received_blind, sees_ordered, without};
use crate::shared::found;
use crate::shared::numeric::{decimal, decimal_or_null};
use chrono::NaiveDate;
use compact_str::CompactString;
use quartermaster_tenants::tx::{Flight, Param, Rows};
use quartermaster_tenants::{Op, Result, TenantTx, Tenants, params};
use rust_decimal::Decimal;
use std::collections::HashMap;
use tokio_postgres::Row;
use uuid::Uuid;

/// A line, as it is read.
#[derive(Debug, Clone)]
pub struct LineRecord {
    /// The order.
    pub order: Uuid,
    /// Its number in the order.
    pub number: i32,
    /// What is ordered.
    pub item: Uuid,
    /// How much, in `unit`; none for who receives it blind.
    pub quantity: Option<Decimal>,
    /// UN/ECE Rec 20.
    pub unit: CompactString,
    /// For one `unit`.
    pub unit_price: Decimal,
    /// Received so far.
    pub received: Decimal,
    /// The rest of it; none where lines are read briefly.
    pub rest: Option<LineRest>,
}

/// What a list of lines seldom shows.
#[derive(Debug, Clone, Copy, Default)]
pub struct LineRest {
    /// Base units in one `unit`.
    pub base_per_unit: Decimal,
    /// In percent.
    pub tax_rate: Decimal,
    /// Before tax; none for who receives it blind.
    pub net: Option<Decimal>,
    /// Tax; none for who receives it blind.
    pub tax: Option<Decimal>,
    /// When it is wanted.
    pub expected_on: Option<NaiveDate>,
    /// Sent back so far.
    pub returned: Decimal,
    /// Expected no more.
    pub closed: Decimal,
}

// What is read briefly stands in front: half the columns take half the time.
const LINES: &str = "SELECT l.id, l.line_number, l.item_id, l.quantity, l.unit, l.unit_price, l.received_quantity, l.base_per_unit, l.tax_rate, l.net_amount, l.tax_amount, l.expected_on, \
    l.returned_quantity, l.closed_quantity \
    FROM unnest($2::uuid[]) p (id) CROSS JOIN LATERAL (SELECT x.* FROM qm.purchase_order_line x WHERE x.tenant_id = $1 AND x.id = p.id AND x.line_number > $3 AND x.line_number < $4 \
    ORDER BY x.line_number LIMIT $5) l";

const LINES_BRIEFLY: &str = "SELECT l.id, l.line_number, l.item_id, l.quantity, l.unit, l.unit_price, l.received_quantity \
    FROM unnest($2::uuid[]) p (id) CROSS JOIN LATERAL (SELECT x.* FROM qm.purchase_order_line x WHERE x.tenant_id = $1 AND x.id = p.id AND x.line_number > $3 AND x.line_number < $4 \
    ORDER BY x.line_number LIMIT $5) l";

const LINES_FROM_BACK: &str = "SELECT l.id, l.line_number, l.item_id, l.quantity, l.unit, l.unit_price, l.received_quantity, l.base_per_unit, l.tax_rate, l.net_amount, l.tax_amount, l.expected_on, \
    l.returned_quantity, l.closed_quantity \
    FROM unnest($2::uuid[]) p (id) CROSS JOIN LATERAL (SELECT x.* FROM qm.purchase_order_line x WHERE x.tenant_id = $1 AND x.id = p.id AND x.line_number > $3 AND x.line_number < $4 \
    ORDER BY x.line_number DESC LIMIT $5) l";

/// How many columns a line has when it is read briefly; the others come behind.
const BRIEF: usize = 7;
/// How many it has in all.
const ALL: usize = 14;

const LINE_COUNTS: &str =
    "SELECT l.id, count(*) FROM qm.purchase_order_line l WHERE l.tenant_id = $1 AND l.id = ANY($2) GROUP BY l.id";

/// The same for who receives blind: what must not be known is not read.
fn blind(sql: &str) -> String {
    let hidden = format!(
        "EXISTS (SELECT 1 FROM qm.purchase_order o WHERE o.tenant_id = $1 AND o.id = l.id AND {})",
        received_blind("o")
    );
    without(sql, "l", &["quantity", "net_amount", "tax_amount"], &hidden)
}

/// Part of the lines of an order: at most `limit` with a number between the two, from the front or the back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LineWindow {
    /// Behind this number.
    pub after: i32,
    /// Before this one.
    pub before: i32,
    /// At most so many.
    pub limit: i64,
    /// The last ones in place of the first.
    pub from_back: bool,
    /// Without what a list seldom shows ([`LineRest`]), where there is a statement for that.
    pub briefly: bool,
}

impl LineWindow {
    /// How many columns its lines are read with.
    pub(super) fn columns(self) -> usize {
        if self.briefly && !self.from_back { BRIEF } else { ALL }
    }
}

/// Adds the statement that reads these lines of these orders.
pub(super) fn ask(op: &Op, orders: &[Uuid], w: LineWindow, flight: &mut Flight) -> Rows {
    let sql = match w.columns() {
        BRIEF => LINES_BRIEFLY,
        _ if w.from_back => LINES_FROM_BACK,
        _ => LINES,
    };
    let params = params![op.tenant.0, orders.to_vec(), w.after, w.before, w.limit];
    ask_seen(op, sql, params, flight)
}

/// Adds a statement that reads lines `l`, as far as the caller may see them.
pub(super) fn ask_seen(op: &Op, sql: &'static str, params: Vec<Param>, flight: &mut Flight) -> Rows {
    if sees_ordered(op) {
        flight.rows(sql, params)
    } else {
        flight.composed(blind(sql), params)
    }
}

/// Part of the lines of several orders, in order.
///
/// # Errors
/// What the database said.
pub async fn lines_of(
    db: &Tenants,
    op: &Op,
    orders: &[Uuid],
    window: LineWindow,
) -> Result<HashMap<Uuid, Vec<LineRecord>>> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let rows = ask(op, orders, window, &mut flight);
    let landing = tx.fly(flight).await?;
    let rows = landing.get(rows);
    let each = rows.len().div_ceil(orders.len().max(1));
    let mut out: HashMap<Uuid, Vec<LineRecord>> = HashMap::with_capacity(orders.len());
    for row in rows {
        let line = read(row, window.columns())?;
        out.entry(line.order)
            .or_insert_with(|| Vec::with_capacity(each))
            .push(line);
    }
    out.values_mut().for_each(|lines| lines.sort_by_key(|l| l.number));
    Ok(out)
}

/// How many lines these orders have.
///
/// # Errors
/// What the database said.
pub async fn line_counts(db: &Tenants, op: &Op, orders: &[Uuid]) -> Result<HashMap<Uuid, i64>> {
    found(db, op, LINE_COUNTS, params![op.tenant.0, orders.to_vec()], |r| {
        Ok((r.try_get(0)?, r.try_get(1)?))
    })
    .await
}

/// Reads a line by place, in the order of the statements above: five hundred lines of fourteen columns are many names to compare.
/// `columns` of the row are the line's.
pub(super) fn read(row: &Row, columns: usize) -> Result<LineRecord> {
    Ok(LineRecord {
        order: row.try_get(0)?,
        number: row.try_get(1)?,
        item: row.try_get(2)?,
        quantity: decimal_or_null(row, 3)?,
        unit: row.try_get::<_, &str>(4)?.into(),
        unit_price: decimal(row, 5)?,
        received: decimal(row, 6)?,
        rest: (columns == ALL).then(|| read_rest(row)).transpose()?,
    })
}

fn read_rest(row: &Row) -> Result<LineRest> {
    Ok(LineRest {
        base_per_unit: decimal(row, 7)?,
        tax_rate: decimal(row, 8)?,
        net: decimal_or_null(row, 9)?,
        tax: decimal_or_null(row, 10)?,
        expected_on: row.try_get(11)?,
        returned: decimal(row, 12)?,
        closed: decimal(row, 13)?,
    })
}
