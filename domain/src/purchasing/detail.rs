//! An order as its page shows it: with its supplier, its lines and their items. Each statement finds its rows by the order's id and
//! needs no answer of another, so that all of it takes one round trip.

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

const SUPPLIER: &str = "SELECT t.id, t.code, t.legal_name, t.status, t.hold_reason, t.tax_id, t.gln, t.currency, t.payment_terms_days, t.lead_time_days, t.incoterm, t.external_key, t.version, t.created_at, t.updated_at, b.mask \
    FROM qm.purchase_order o JOIN qm.supplier t ON t.tenant_id = o.tenant_id AND t.id = o.supplier_id \
    LEFT JOIN qm.supplier_bank b ON b.tenant_id = t.tenant_id AND b.id = t.id WHERE o.tenant_id = $1 AND o.id = $2";

const ITEMS: &str = "SELECT t.* FROM (SELECT DISTINCT w.item_id FROM (SELECT l.item_id FROM qm.purchase_order_line l \
      WHERE l.tenant_id = $1 AND l.id = $2 AND l.line_number > $3 AND l.line_number < $4 ORDER BY l.line_number LIMIT $5) w) u CROSS JOIN LATERAL ( \
      SELECT x.id, x.sku, x.name, x.description, x.category_id, x.base_unit, x.status, x.lot_tracked, x.expiry_tracked, x.serial_tracked, x.regulated, x.version, x.created_at, x.updated_at \
      FROM qm.item x WHERE x.tenant_id = $1 AND x.id = u.item_id OFFSET 0) t";

/// An order that the caller may see, with what is wanted beside it.
///
/// # Errors
/// What the database said.
pub async fn order(db: &Tenants, op: &Op, id: Uuid, beside: Beside) -> Result<Option<OrderDetail>> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let tenant = op.tenant.0;
    let header = queries::ask(op, &[id], &mut flight);
    let supplier = beside.supplier.then(|| flight.rows(SUPPLIER, params![tenant, id]));
    let lines = beside.lines.map(|w| line_queries::ask(op, &[id], w, &mut flight));
    // From the back the lines are other ones: their items are left to whoever asks for them.
    let window = beside.lines.filter(|w| beside.items && !w.from_back);
    let items = window.map(|w| flight.rows(ITEMS, params![tenant, id, w.after, w.before, w.limit]));
    if beside.last {
        flight.last();
    }
    let landing = tx.fly(flight).await?;
    let Some(header) = landing.optional(header) else {
        return Ok(None);
    };
    let mut lines = match lines {
        Some(rows) => line_queries::read(landing.get(rows))?,
        None => Vec::new(),
    };
    lines.sort_by_key(|l| l.number);
    let items = items.map_or(&[][..], |rows| landing.get(rows));
    Ok(Some(OrderDetail {
        order: queries::read_order(header)?,
        supplier: match supplier.and_then(|rows| landing.optional(rows)) {
            Some(row) => Some(suppliers::read(row)?),
            None => None,
        },
        lines,
        items: items.iter().map(items::read).collect::<Result<_>>()?,
    }))
}
