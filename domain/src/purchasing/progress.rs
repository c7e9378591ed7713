//! Orders as other documents move them: receipts, their reversals, returns, short-closing. Set-based, for several orders at once.

use super::purchase_order::PurchaseOrder;
use super::status::OrderStatus;
use super::{header_data, row};
use quartermaster_tenants::event::Event;
use quartermaster_tenants::tx::{Flight, Landing, Rows, TenantTx};
use quartermaster_tenants::{Op, Result, params};
use std::collections::{BTreeSet, HashMap};
use tokio_postgres::Row;
use uuid::Uuid;

const LOCK: &str = "SELECT o.* FROM (SELECT DISTINCT w.id FROM unnest($2::uuid[]) w (id) ORDER BY w.id) u CROSS JOIN LATERAL ( \
      SELECT x.* FROM qm.purchase_order x WHERE x.tenant_id = $1 AND x.id = u.id AND ($3::uuid[] IS NULL OR x.location_id = ANY($3)) FOR UPDATE) o ORDER BY u.id";
const LINES: &str = "SELECT l.* FROM unnest($2::uuid[]) u (id) CROSS JOIN LATERAL ( \
      SELECT x.* FROM qm.purchase_order_line x WHERE x.tenant_id = $1 AND x.id = u.id OFFSET 0) l ORDER BY l.id, l.line_number";

const LOCK_OF_RECEIPT: &str = "SELECT o.* FROM (SELECT r.order_id AS id FROM qm.receipt_order r WHERE r.tenant_id = $1 AND r.id = $2 ORDER BY r.order_id) u CROSS JOIN LATERAL ( \
      SELECT x.* FROM qm.purchase_order x WHERE x.tenant_id = $1 AND x.id = u.id FOR UPDATE) o ORDER BY u.id";
const LINES_OF_RECEIPT: &str = "SELECT l.* FROM qm.receipt_order r CROSS JOIN LATERAL ( \
      SELECT x.* FROM qm.purchase_order_line x WHERE x.tenant_id = $1 AND x.id = r.order_id OFFSET 0) l WHERE r.tenant_id = $1 AND r.id = $2 ORDER BY l.id, l.line_number";

const UPDATE: &str = "UPDATE qm.purchase_order o SET status = u.status, held_from = u.held_from, version = u.version, event_sequence = u.event_sequence, event_hash = u.event_hash, updated_at = $2 \
    FROM (SELECT * FROM unnest($3::uuid[], $4::text[], $5::text[], $6::int[], $7::int[], $8::bytea[]) w (id, status, held_from, version, event_sequence, event_hash) \
      LIMIT cardinality($3::uuid[])) u \
    WHERE o.tenant_id = $1 AND o.id = u.id";

const UPDATE_LINES: &str = "UPDATE qm.purchase_order_line l SET received_quantity = u.received, returned_quantity = u.returned, closed_quantity = u.closed, is_open = u.is_open \
    FROM (SELECT * FROM unnest($2::uuid[], $3::int[], $4::numeric[], $5::numeric[], $6::numeric[], $7::bool[]) w (id, line_number, received, returned, closed, is_open) \
      LIMIT cardinality($2::uuid[])) u \
    WHERE l.tenant_id = $1 AND l.id = u.id AND l.line_number = u.line_number";

/// Where locked orders will be.
pub struct OrdersRows {
    headers: Rows,
    lines: Rows,
}

/// Adds the statements that lock these orders, in the order of their ids, and read their lines.
pub fn lock(op: &Op, ids: &[Uuid], flight: &mut Flight) -> OrdersRows {
    let scope = op.locations.as_param().map(<[Uuid]>::to_vec);
    OrdersRows {
        headers: flight.rows(LOCK, params![op.tenant.0, ids.to_vec(), scope]),
        lines: flight.rows(LINES, params![op.tenant.0, ids.to_vec()]),
    }
}

/// The same for the orders that a receipt is against; the caller's scope is that of the receipt.
pub fn lock_of_receipt(op: &Op, receipt: Uuid, flight: &mut Flight) -> OrdersRows {
    OrdersRows {
        headers: flight.rows(LOCK_OF_RECEIPT, params![op.tenant.0, receipt]),
        lines: flight.rows(LINES_OF_RECEIPT, params![op.tenant.0, receipt]),
    }
}

/// Reads locked orders, in the order of their ids.
///
/// # Errors
/// A column that is not as expected.
pub fn read(landing: &Landing, rows: &OrdersRows) -> Result<Vec<PurchaseOrder>> {
    let mut lines: HashMap<Uuid, Vec<&Row>> = HashMap::new();
    for line in landing.get(rows.lines) {
        lines.entry(line.try_get("id")?).or_default().push(line);
    }
    landing
        .get(rows.headers)
        .iter()
        .map(|h| {
            let mut order = row::order(h, &[])?;
            let own = lines.remove(&order.id.0).unwrap_or_default();
            order.lines = own.into_iter().map(row::line).collect::<Result<_>>()?;
            Ok(order)
        })
        .collect()
}

/// Gives each order the state that its lines ask for, and records it as a system act: what a receipt, a reversal, a return
/// or a short-closing of `lines` (order, line number) made of it, after the `event` that says so where it was no receipt.
/// Adds the writes.
///
/// # Errors
/// The transaction's time is not known.
pub fn settle(
    tx: &mut TenantTx<'_>,
    orders: &mut [PurchaseOrder],
    lines: &BTreeSet<(Uuid, i32)>,
    event: Option<&'static str>,
    writes: &mut Flight,
) -> Result<()> {
    let touched: BTreeSet<Uuid> = lines.iter().map(|(order, _)| *order).collect();
    for order in orders.iter_mut().filter(|o| touched.contains(&o.id.0)) {
        let before = order.held_from.unwrap_or(order.status);
        order.settle_where_it_is();
        order.trail.touch();
        let completed = order.held_from.unwrap_or(order.status) == OrderStatus::Received;
        let follows = match (event, completed) {
            (Some(_), true) if before == OrderStatus::Received => None,
            (_, true) => Some("purchase-order-received"),
            (Some(_), false) => None,
            (None, false) => Some("purchase-order-partially-received"),
        };
        for kind in event.into_iter().chain(follows) {
            tx.record(
                Event::new(kind, "PURCHASE_ORDER", order.id, header_data(order))
                    .at_location(order.location)
                    .by_system(),
                &mut order.trail,
            )?;
        }
    }
    write(tx, orders, lines, &touched, writes)
}

fn write(
    tx: &TenantTx<'_>,
    orders: &[PurchaseOrder],
    lines: &BTreeSet<(Uuid, i32)>,
    touched: &BTreeSet<Uuid>,
    writes: &mut Flight,
) -> Result<()> {
    let headers: Vec<&PurchaseOrder> = orders.iter().filter(|o| touched.contains(&o.id.0)).collect();
    if headers.is_empty() {
        return Ok(());
    }
    let lines: Vec<(Uuid, _)> = headers
        .iter()
        .flat_map(|o| o.lines.iter().map(|l| (o.id.0, l)))
        .filter(|(o, l)| lines.contains(&(*o, l.number)))
        .collect();
    macro_rules! column {
        ($of:expr, $f:expr) => {
            $of.iter().map($f).collect::<Vec<_>>()
        };
    }
    let tenant = tx.op().tenant.0;
    writes.exec(
        UPDATE,
        params![
            tenant,
            tx.now()?,
            column!(headers, |o| o.id.0),
            column!(headers, |o| o.status.as_str()),
            column!(headers, |o| o.held_from.map(|s| s.as_str())),
            column!(headers, |o| o.trail.version),
            column!(headers, |o| o.trail.sequence),
            column!(headers, |o| o.trail.hash.clone()),
        ],
        headers.len() as u64,
    );
    writes.exec(
        UPDATE_LINES,
        params![
            tenant,
            column!(lines, |(o, _)| *o),
            column!(lines, |(_, l)| l.number),
            column!(lines, |(_, l)| l.received),
            column!(lines, |(_, l)| l.returned),
            column!(lines, |(_, l)| l.closed),
            column!(lines, |(_, l)| l.is_open),
        ],
        lines.len() as u64,
    );
    Ok(())
}
