//! An order as its page shows it: with its supplier, its lines and their items. An order travels with its supplier and a line with
//! its item, one row each; both statements find their rows by the order's id, so that all of it takes one round trip.

use super::line_queries::{self, LineRecord, LineWindow};
use super::queries::{self, OrderRecord};
use crate::items::queries::{self as items, ItemRecord};
use crate::suppliers::queries::{self as suppliers, SupplierRecord};
use quartermaster_tenants::tx::Flight;
use quartermaster_tenants::{Op, Result, TenantTx, Tenants, params};
use uuid::Uuid;

/// What is wanted beside an order.
#[derive(Debug, Clone, Copy, Default)]
pub struct Beside {
    /// Its supplier.
    pub supplier: bool,
    /// These of its lines.
    pub lines: Option<LineWindow>,
    /// The items of these lines.
    pub items: bool,
    /// Nothing else is wanted in this transaction.
    pub last: bool,
}

/// An order with what was wanted beside it.
#[derive(Debug)]
pub struct OrderDetail {
    /// The order.
    pub order: OrderRecord,
    /// Its supplier.
    pub supplier: Option<SupplierRecord>,
    /// Lines, by number.
    pub lines: Vec<LineRecord>,
    /// Items of these lines.
    pub items: Vec<ItemRecord>,
}

const WITH_SUPPLIER: &str = "SELECT t.id, t.number, t.supplier_id, t.location_id, t.status, t.held_from, t.currency, t.ordered_on, t.expected_on, t.note, t.reference, t.net_amount, t.tax_amount, \
    t.revision, t.round, t.required_level, t.approvals, t.buyer_account_id, t.reason, t.version, t.created_at, t.updated_at, \
    s.id, s.code, s.legal_name, s.status, s.hold_reason, s.tax_id, s.gln, s.currency, s.payment_terms_days, s.lead_time_days, s.incoterm, s.external_key, s.version, s.created_at, s.updated_at, b.mask \
    FROM qm.purchase_order t JOIN qm.supplier s ON s.tenant_id = t.tenant_id AND s.id = t.supplier_id \
    LEFT JOIN qm.supplier_bank b ON b.tenant_id = s.tenant_id AND b.id = s.id \
    WHERE t.tenant_id = $1 AND t.id = $2 AND ($3::uuid[] IS NULL OR t.location_id = ANY($3))";

const LINES_WITH_ITEMS: &str = "SELECT l.id, l.line_number, l.item_id, l.quantity, l.unit, l.unit_price, l.received_quantity, l.base_per_unit, l.tax_rate, l.net_amount, l.tax_amount, l.expected_on, \
    l.returned_quantity, l.closed_quantity, \
    t.id, t.sku, t.name, t.description, t.category_id, t.base_unit, t.status, t.lot_tracked, t.expiry_tracked, t.serial_tracked, t.regulated, t.version, t.created_at, t.updated_at \
    FROM (SELECT x.* FROM qm.purchase_order_line x WHERE x.tenant_id = $1 AND x.id = $2 AND x.line_number > $3 AND x.line_number < $4 ORDER BY x.line_number LIMIT $5) l \
    CROSS JOIN LATERAL (SELECT x.* FROM qm.item x WHERE x.tenant_id = $1 AND x.id = l.item_id OFFSET 0) t";

const LINES_BRIEFLY_WITH_ITEMS: &str = "SELECT l.id, l.line_number, l.item_id, l.quantity, l.unit, l.unit_price, l.received_quantity, \
    t.id, t.sku, t.name, t.description, t.category_id, t.base_unit, t.status, t.lot_tracked, t.expiry_tracked, t.serial_tracked, t.regulated, t.version, t.created_at, t.updated_at \
    FROM (SELECT x.* FROM qm.purchase_order_line x WHERE x.tenant_id = $1 AND x.id = $2 AND x.line_number > $3 AND x.line_number < $4 ORDER BY x.line_number LIMIT $5) l \
    CROSS JOIN LATERAL (SELECT x.* FROM qm.item x WHERE x.tenant_id = $1 AND x.id = l.item_id OFFSET 0) t";

/// An order that the caller may see, with what is wanted beside it.
///
/// # Errors
/// What the database said.
pub async fn order(db: &Tenants, op: &Op, id: Uuid, beside: Beside) -> Result<Option<OrderDetail>> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let header = if beside.supplier {
        let scope = op.locations.as_param().map(<[Uuid]>::to_vec);
        queries::ask_seen(op, WITH_SUPPLIER, params![op.tenant.0, id, scope], &mut flight)
    } else {
        queries::ask(op, &[id], &mut flight)
    };
    // From the back the lines are other ones: their items are left to whoever asks for them.
    let with_items = beside.lines.is_some_and(|w| beside.items && !w.from_back);
    let lines = beside.lines.map(|w| {
        if with_items {
            let params = params![op.tenant.0, id, w.after, w.before, w.limit];
            let sql = if w.briefly {
                LINES_BRIEFLY_WITH_ITEMS
            } else {
                LINES_WITH_ITEMS
            };
            line_queries::ask_seen(op, sql, params, &mut flight)
        } else {
            line_queries::ask(op, &[id], w, &mut flight)
        }
    });
    if beside.last {
        flight.last();
    }
    let landing = tx.fly(flight).await?;
    let Some(header) = landing.optional(header) else {
        return Ok(None);
    };
    let rows = lines.map_or(&[][..], |rows| landing.get(rows));
    let columns = beside.lines.map_or(0, LineWindow::columns);
    let mut lines: Vec<LineRecord> = rows
        .iter()
        .map(|row| line_queries::read(row, columns))
        .collect::<Result<_>>()?;
    lines.sort_by_key(|l| l.number);
    let items = if with_items { rows } else { &[][..] };
    let supplier = beside
        .supplier
        .then(|| suppliers::read_from(header, queries::COLUMN_COUNT));
    Ok(Some(OrderDetail {
        order: queries::read_order(header)?,
        supplier: supplier.transpose()?,
        lines,
        items: items
            .iter()
            .map(|row| items::read_from(row, columns))
            .collect::<Result<_>>()?,
    }))
}
