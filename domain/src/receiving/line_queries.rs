//! What can be asked about the lines of receipts: one statement, whatever the number of receipts.

use crate::purchasing::sight::{received_blind, sees_ordered};
use crate::shared::found;
use chrono::NaiveDate;
use quartermaster_tenants::tx::Flight;
use quartermaster_tenants::{Op, Result, TenantTx, Tenants, params};
use rust_decimal::Decimal;
use std::collections::HashMap;
use tokio_postgres::Row;
use uuid::Uuid;

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
    /// What the order line asked for, with its unit; none while it is received blind.
    pub ordered: Option<(Decimal, String)>,
}

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

/// Nor, by the count of an earlier receipt, while an order is received blind.
fn blind(sql: &str) -> String {
    let ordered = "THEN o.quantity END";
    let hidden = format!(
        "AND NOT EXISTS (SELECT 1 FROM qm.purchase_order h WHERE h.tenant_id = l.tenant_id AND h.id = l.order_id AND {}) {ordered}",
        received_blind("h")
    );
    sql.replace(ordered, &hidden)
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
    let params = params![op.tenant.0, receipts.to_vec(), after, before, limit];
    let rows = if sees_ordered(op) {
        flight.rows(sql, params)
    } else {
        flight.composed(blind(sql), params)
    };
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
    found(db, op, LINE_COUNTS, params![op.tenant.0, receipts.to_vec()], |r| {
        Ok((r.try_get(0)?, r.try_get(1)?))
    })
    .await
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
