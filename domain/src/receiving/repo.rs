//! The SQL of receiving's writes: set-based, one statement for each table, whatever the number of lines.

use super::item::ReceivedItem;
use super::receipt::{Receipt, ReceiptLine};
use super::{queries, row};
use crate::purchasing::progress::{self, OrdersRows};
use crate::shared::ReceiptId;
use quartermaster_tenants::act::Authorized;
use quartermaster_tenants::policy::DutyType;
use quartermaster_tenants::tx::{Flight, Landing, Number, Rows, TenantTx};
use quartermaster_tenants::{Op, Outcome, Refusal, Result, number_sql, params};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use uuid::Uuid;

const LOCK: &str = "SELECT r.* FROM qm.receipt r WHERE r.tenant_id = $1 AND r.id = $2 AND ($3::uuid[] IS NULL OR r.location_id = ANY($3)) FOR UPDATE";
const ORDERS: &str =
    "SELECT o.order_id FROM qm.receipt_order o WHERE o.tenant_id = $1 AND o.id = $2 ORDER BY o.order_id";
const LINES: &str = "SELECT l.* FROM qm.receipt_line l WHERE l.tenant_id = $1 AND l.id = $2 ORDER BY l.line_number";

/// An item once for each of its packs, or once without.
const ITEMS: &str = "WITH wanted AS ( \
      SELECT u.id FROM unnest($2::uuid[]) u (id) \
      UNION SELECT l.item_id FROM unnest($3::uuid[]) o (id) CROSS JOIN LATERAL ( \
        SELECT x.item_id FROM qm.purchase_order_line x WHERE x.tenant_id = $1 AND x.id = o.id OFFSET 0) l) \
    SELECT i.*, p.unit, p.base_quantity FROM wanted w CROSS JOIN LATERAL ( \
      SELECT x.id, x.base_unit, x.lot_tracked, x.expiry_tracked FROM qm.item x WHERE x.tenant_id = $1 AND x.id = w.id OFFSET 0) i \
    LEFT JOIN LATERAL (SELECT x.unit, x.base_quantity FROM qm.item_pack x WHERE x.tenant_id = $1 AND x.id = w.id OFFSET 0) p ON true";

const INSERT: &str = concat!(
    "INSERT INTO qm.receipt AS r (tenant_id, id, number, supplier_id, location_id, status, blind, received_on, delivery_note, reason, receiver_account_id, round, \
     version, event_sequence, event_hash, created_at, updated_at) VALUES ($1, $2, ",
    number_sql!("3", "4", "5", "6", "7", "8"),
    ", $9, $10, $11, $12, $13, $14, NULL, $15, 1, $16, $17, $18, $19, $19)"
);
const INSERT_ORDERS: &str = "INSERT INTO qm.receipt_order AS o (tenant_id, id, order_id) SELECT r.tenant_id, r.id, u.order_id \
    FROM qm.receipt r, unnest($3::uuid[]) u (order_id) WHERE r.tenant_id = $1 AND r.id = $2";
const INSERT_LINES: &str = "INSERT INTO qm.receipt_line AS l (tenant_id, id, line_number, order_id, order_line_number, item_id, quantity, damaged_quantity, unit, base_per_unit, unit_cost, lot, expires_on, is_final) \
    SELECT r.tenant_id, r.id, u.line_number, u.order_id, u.order_line_number, u.item_id, u.quantity, u.damaged, u.unit, u.base_per_unit, u.unit_cost, u.lot, u.expires_on, u.is_final \
    FROM qm.receipt r, unnest($3::int[], $4::uuid[], $5::int[], $6::uuid[], $7::numeric[], $8::numeric[], $9::text[], $10::numeric[], $11::numeric[], $12::text[], $13::date[], $14::bool[]) \
    u (line_number, order_id, order_line_number, item_id, quantity, damaged, unit, base_per_unit, unit_cost, lot, expires_on, is_final) WHERE r.tenant_id = $1 AND r.id = $2";
const DELETE_LINES: &str = "DELETE FROM qm.receipt_line l WHERE l.tenant_id = $1 AND l.id = $2";

const UPDATE: &str = "UPDATE qm.receipt r SET status = $3, reason = $4, version = $5, event_sequence = $6, event_hash = $7, updated_at = $8 WHERE r.tenant_id = $1 AND r.id = $2";

/// Adds the statement that reads these items and those of these orders, with their packs.
pub fn items(op: &Op, items: &[Uuid], orders: &[Uuid], flight: &mut Flight) -> Rows {
    flight.rows(ITEMS, params![op.tenant.0, items.to_vec(), orders.to_vec()])
}

/// Reads them.
///
/// # Errors
/// A column that is not as expected.
pub fn read_items(landing: &Landing, at: Rows) -> Result<HashMap<Uuid, ReceivedItem>> {
    let mut items: HashMap<Uuid, ReceivedItem> = HashMap::new();
    for r in landing.get(at) {
        let item = match items.entry(r.try_get("id")?) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(ReceivedItem {
                base_unit: r.try_get("base_unit")?,
                lot_tracked: r.try_get("lot_tracked")?,
                expiry_tracked: r.try_get("expiry_tracked")?,
                packs: vec![],
            }),
        };
        if let Some(unit) = r.try_get("unit")? {
            item.packs.push((unit, r.try_get("base_quantity")?));
        }
    }
    Ok(items)
}

/// Where a locked receipt will be.
pub struct ReceiptRows {
    header: Rows,
    orders: Rows,
    lines: Rows,
    /// Its locked orders.
    pub locked: OrdersRows,
}

/// Adds the statements that lock a receipt, then its orders.
pub fn lock(op: &Op, id: ReceiptId, flight: &mut Flight) -> ReceiptRows {
    let scope = op.locations.as_param().map(<[Uuid]>::to_vec);
    ReceiptRows {
        header: flight.rows(LOCK, params![op.tenant.0, id.0, scope]),
        orders: flight.rows(ORDERS, params![op.tenant.0, id.0]),
        lines: flight.rows(LINES, params![op.tenant.0, id.0]),
        locked: progress::lock_of_receipt(op, id.0, flight),
    }
}

/// Reads a locked receipt.
///
/// # Errors
/// `NOT_FOUND` for an id that is nobody's, another tenant's, or at a location outside the caller's scope.
pub fn read_locked(landing: &Landing, rows: &ReceiptRows) -> Result<Receipt> {
    let header = landing
        .optional(rows.header)
        .ok_or_else(|| Refusal::not_found(&["id"], "receipt"))?;
    row::receipt(header, landing.get(rows.orders), landing.get(rows.lines))
}

/// Writes a new receipt without its lines. Its number is taken here.
///
/// # Errors
/// An authorization for something else.
pub fn insert<D: DutyType>(
    tx: &TenantTx<'_>,
    authorized: Authorized<D>,
    receipt: &Receipt,
    number: &Number,
    writes: &mut Flight,
) -> Result<()> {
    let tenant = tx.op().tenant.0;
    authorized.sign(tx, receipt.id, receipt.trail.version, writes)?;
    number.take(tenant, writes);
    let mut params = params![tenant, receipt.id.0];
    params.extend(number.params());
    params.extend(params![
        receipt.supplier,
        receipt.location,
        receipt.status.as_str(),
        receipt.blind,
        receipt.received_on,
        receipt.delivery_note.clone(),
        receipt.receiver,
        receipt.trail.version,
        receipt.trail.sequence,
        receipt.trail.hash.clone(),
        tx.now()?,
    ]);
    writes.exec(INSERT, params, 1);
    writes.exec(
        INSERT_ORDERS,
        params![tenant, receipt.id.0, receipt.orders.clone()],
        receipt.orders.len() as u64,
    );
    Ok(())
}

/// Removes all lines of an open receipt.
pub fn delete_lines(op: &Op, id: ReceiptId, writes: &mut Flight) {
    writes.exec_any(DELETE_LINES, params![op.tenant.0, id.0]);
}

/// Writes new lines.
pub fn insert_lines(op: &Op, id: ReceiptId, lines: &[ReceiptLine], writes: &mut Flight) {
    macro_rules! column {
        ($f:expr) => {
            lines.iter().map($f).collect::<Vec<_>>()
        };
    }
    writes.exec(
        INSERT_LINES,
        params![
            op.tenant.0,
            id.0,
            column!(|l| l.number),
            column!(|l| l.order.map(|o| o.0)),
            column!(|l| l.order.map(|o| o.1)),
            column!(|l| l.item),
            column!(|l| l.quantity),
            column!(|l| l.damaged),
            column!(|l| l.unit.clone()),
            column!(|l| l.base_per_unit),
            column!(|l| l.unit_cost),
            column!(|l| l.lot.clone()),
            column!(|l| l.expires_on),
            column!(|l| l.is_final),
        ],
        lines.len() as u64,
    );
}

/// Writes a receipt's header as it is now.
///
/// # Errors
/// An authorization for something else.
pub fn update<D: DutyType>(
    tx: &TenantTx<'_>,
    authorized: Authorized<D>,
    receipt: &Receipt,
    version_before: i32,
    writes: &mut Flight,
) -> Result<()> {
    authorized.sign(tx, receipt.id, version_before, writes)?;
    update_by_system(tx, receipt, writes)
}

/// Writes a receipt's header after a system act.
///
/// # Errors
/// The transaction's time is not known.
pub fn update_by_system(tx: &TenantTx<'_>, receipt: &Receipt, writes: &mut Flight) -> Result<()> {
    writes.exec(
        UPDATE,
        params![
            tx.op().tenant.0,
            receipt.id.0,
            receipt.status.as_str(),
            receipt.reason.clone(),
            receipt.trail.version,
            receipt.trail.sequence,
            receipt.trail.hash.clone(),
            tx.now()?,
        ],
        1,
    );
    Ok(())
}

/// Commits an act on a receipt; the outcome shows the receipt as it is then.
///
/// # Errors
/// What the database said.
pub async fn commit(tx: TenantTx<'_>, receipt: &Receipt, mut writes: Flight) -> Result<Outcome> {
    let row = queries::ask(tx.op(), receipt.id.0, &mut writes);
    let outcome = Outcome::done(receipt.id, receipt.trail.version);
    tx.commit_showing(writes, outcome, row, queries::read).await
}
