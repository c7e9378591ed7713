//! The SQL of purchasing's writes: set-based, one statement for each table, whatever the number of lines.

use super::line::{ItemReference, OrderLine};
use super::purchase_order::PurchaseOrder;
use super::{queries, row};
use crate::shared::PurchaseOrderId;
use chrono::NaiveDate;
use quartermaster_tenants::act::Authorized;
use quartermaster_tenants::policy::DutyType;
use quartermaster_tenants::tx::{Flight, Landing, Number, Rows, TenantTx};
use quartermaster_tenants::{Op, Outcome, Refusal, Result, number_sql, params};
use rust_decimal::Decimal;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use uuid::Uuid;

const SUPPLIER: &str = "SELECT status, ordering_blocked, currency FROM qm.supplier WHERE tenant_id = $1 AND id = $2";
const LOCATION: &str =
    "SELECT status FROM qm.location WHERE tenant_id = $1 AND id = $2 AND ($3::uuid[] IS NULL OR id = ANY($3))";
/// An item once for each of its packs, or once without. Each is looked up by itself: of a list (`= ANY`) the planner knows no
/// length, and may read all items of the tenant instead.
const ITEMS: &str = "SELECT i.id, i.base_unit, i.status, t.minimum_quantity, t.order_multiple, p.unit, p.base_quantity FROM unnest($3::uuid[]) u (id) CROSS JOIN LATERAL ( \
      SELECT x.id, x.base_unit, x.status FROM qm.item x WHERE x.tenant_id = $1 AND x.id = u.id OFFSET 0) i \
    LEFT JOIN LATERAL ( \
      SELECT x.minimum_quantity, x.order_multiple FROM qm.supplier_item x WHERE x.tenant_id = $1 AND x.supplier_id = $2 AND x.item_id = u.id OFFSET 0) t ON true \
    LEFT JOIN LATERAL (SELECT x.unit, x.base_quantity FROM qm.item_pack x WHERE x.tenant_id = $1 AND x.id = u.id OFFSET 0) p ON true";

/// Prices that could hold on the order's day, later ones first.
const PRICES: &str = "SELECT p.* FROM qm.supplier s CROSS JOIN unnest($3::uuid[]) u (item) CROSS JOIN LATERAL ( \
      SELECT x.item_id, x.unit, x.minimum_quantity, x.price, x.valid_from, x.valid_to FROM qm.supplier_price x \
      WHERE x.tenant_id = $1 AND x.supplier_id = $2 AND x.item_id = u.item AND x.currency = coalesce($4, s.currency) \
      AND ($5::date IS NULL OR (x.valid_from <= $5 AND (x.valid_to IS NULL OR x.valid_to >= $5))) OFFSET 0) p \
    WHERE s.tenant_id = $1 AND s.id = $2 ORDER BY p.valid_from DESC";

const LOCK: &str = "SELECT o.* FROM qm.purchase_order o WHERE o.tenant_id = $1 AND o.id = $2 AND ($3::uuid[] IS NULL OR o.location_id = ANY($3)) FOR UPDATE";
const LINES: &str =
    "SELECT l.* FROM qm.purchase_order_line l WHERE l.tenant_id = $1 AND l.id = $2 ORDER BY l.line_number";

const INSERT: &str = concat!(
    "INSERT INTO qm.purchase_order AS o (tenant_id, id, number, supplier_id, location_id, status, currency, ordered_on, expected_on, note, reference, \
     net_amount, tax_amount, revision, round, required_level, approvals, buyer_account_id, version, event_sequence, event_hash, created_at, updated_at) \
     VALUES ($1, $2, ",
    number_sql!("3", "4", "5", "6", "7", "8"),
    ", $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, 1, 1, $19, $20, $21, $22, $23, $24, $25, $25)"
);

const INSERT_LINES: &str = "INSERT INTO qm.purchase_order_line AS l (tenant_id, id, line_number, item_id, quantity, unit, base_per_unit, unit_price, tax_rate, \
    net_amount, tax_amount, expected_on, received_quantity, returned_quantity, closed_quantity, is_open) \
    SELECT o.tenant_id, o.id, u.line_number, u.item_id, u.quantity, u.unit, u.base_per_unit, u.unit_price, u.tax_rate, u.net, u.tax, u.expected_on, u.received, u.returned, u.closed, u.is_open \
    FROM qm.purchase_order o, unnest($3::int[], $4::uuid[], $5::numeric[], $6::text[], $7::numeric[], $8::numeric[], $9::numeric[], $10::numeric[], $11::numeric[], $12::date[], \
    $13::numeric[], $14::numeric[], $15::numeric[], $16::bool[]) u (line_number, item_id, quantity, unit, base_per_unit, unit_price, tax_rate, net, tax, expected_on, received, returned, closed, is_open) \
    WHERE o.tenant_id = $1 AND o.id = $2";

const DELETE_LINES: &str = "DELETE FROM qm.purchase_order_line l WHERE l.tenant_id = $1 AND l.id = $2";

const UPDATE: &str = "UPDATE qm.purchase_order o SET status = $3, held_from = $4, expected_on = $5, note = $6, reference = $7, net_amount = $8, tax_amount = $9, revision = $10, \
    round = $11, required_level = $12, approvals = $13, reason = $14, version = $15, event_sequence = $16, event_hash = $17, updated_at = $18, supplier_id = $19, location_id = $20, ordered_on = $21, currency = $22 \
    WHERE o.tenant_id = $1 AND o.id = $2";

const UPDATE_PROGRESS: &str = "UPDATE qm.purchase_order_line l SET received_quantity = u.received, returned_quantity = u.returned, closed_quantity = u.closed, is_open = u.is_open \
    FROM unnest($3::int[], $4::numeric[], $5::numeric[], $6::numeric[], $7::bool[]) u (line_number, received, returned, closed, is_open) \
    WHERE l.tenant_id = $1 AND l.id = $2 AND l.line_number = u.line_number";

/// What a new or edited order refers to.
pub struct References {
    /// Status, blocked for ordering, currency.
    pub supplier: Option<(String, bool, String)>,
    /// Status of a location inside the caller's scope.
    pub location: Option<String>,
    /// By item.
    pub items: HashMap<Uuid, ItemReference>,
}

/// Where the answers of [`references`] will be.
pub struct ReferenceRows {
    supplier: Rows,
    location: Rows,
    items: Rows,
    prices: Rows,
}

/// What the agreed price of a line depends on besides the line.
#[derive(Debug, Clone, Copy, Default)]
pub struct PriceBasis<'a> {
    /// The order's date, if it is known already.
    pub on: Option<NaiveDate>,
    /// The order's currency; the supplier's when not given.
    pub currency: Option<&'a str>,
}

/// Adds the statements that read what an order refers to.
pub fn references(
    op: &Op,
    supplier: Uuid,
    location: Uuid,
    items: Vec<Uuid>,
    basis: PriceBasis<'_>,
    flight: &mut Flight,
) -> ReferenceRows {
    let scope = op.locations.as_param().map(<[Uuid]>::to_vec);
    ReferenceRows {
        supplier: flight.rows(SUPPLIER, params![op.tenant.0, supplier]),
        location: flight.rows(LOCATION, params![op.tenant.0, location, scope]),
        items: flight.rows(ITEMS, params![op.tenant.0, supplier, items.clone()]),
        prices: flight.rows(
            PRICES,
            params![
                op.tenant.0,
                supplier,
                items,
                basis.currency.map(str::to_owned),
                basis.on
            ],
        ),
    }
}

/// Reads them, with the prices of the day `on`.
///
/// # Errors
/// A column that is not as expected.
pub fn read_references(landing: &Landing, at: &ReferenceRows, on: NaiveDate) -> Result<References> {
    let supplier = landing
        .optional(at.supplier)
        .map(|r| Ok::<_, quartermaster_tenants::Error>((r.try_get(0)?, r.try_get(1)?, r.try_get(2)?)))
        .transpose()?;
    let location = landing.optional(at.location).map(|r| r.try_get(0)).transpose()?;
    let mut items: HashMap<Uuid, ItemReference> = HashMap::new();
    for r in landing.get(at.items) {
        let item = match items.entry(r.try_get("id")?) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let (least, multiple) = (r.try_get("minimum_quantity")?, r.try_get("order_multiple")?);
                new.insert(ItemReference {
                    base_unit: r.try_get("base_unit")?,
                    active: r.try_get::<_, &str>("status")? == "ACTIVE",
                    packs: vec![],
                    prices: vec![],
                    minimum: Option::zip(least, multiple),
                })
            }
        };
        if let Some(unit) = r.try_get("unit")? {
            item.packs.push((unit, r.try_get("base_quantity")?));
        }
    }
    for r in landing.get(at.prices) {
        let (from, to): (NaiveDate, Option<NaiveDate>) = (r.try_get("valid_from")?, r.try_get("valid_to")?);
        if from > on || to.is_some_and(|to| to < on) {
            continue;
        }
        if let Some(item) = items.get_mut(&r.try_get::<_, Uuid>("item_id")?) {
            let (unit, least): (String, Decimal) = (r.try_get("unit")?, r.try_get("minimum_quantity")?);
            // Of two that both hold, the one that began later.
            if !item.prices.iter().any(|(u, l, _)| *u == unit && *l == least) {
                item.prices.push((unit, least, r.try_get("price")?));
            }
        }
    }
    Ok(References {
        supplier,
        location,
        items,
    })
}

/// Where a locked order will be.
pub struct OrderRows {
    header: Rows,
    lines: Rows,
}

/// Adds the statements that lock an order and read its lines.
pub fn lock(op: &Op, id: PurchaseOrderId, flight: &mut Flight) -> OrderRows {
    let scope = op.locations.as_param().map(<[Uuid]>::to_vec);
    OrderRows {
        header: flight.rows(LOCK, params![op.tenant.0, id.0, scope]),
        lines: flight.rows(LINES, params![op.tenant.0, id.0]),
    }
}

/// Locks an order, in the transaction's first flight.
///
/// # Errors
/// `NOT_FOUND` for an id that is nobody's, another tenant's, or at a location outside the caller's scope.
pub async fn load_for_update(tx: &mut TenantTx<'_>, id: PurchaseOrderId) -> Result<PurchaseOrder> {
    let mut flight = Flight::new();
    let rows = lock(tx.op(), id, &mut flight);
    let landing = tx.fly(flight).await?;
    read_locked(&landing, &rows)
}

/// Reads a locked order.
///
/// # Errors
/// `NOT_FOUND`, as [`load_for_update`].
pub fn read_locked(landing: &Landing, rows: &OrderRows) -> Result<PurchaseOrder> {
    let header = landing
        .optional(rows.header)
        .ok_or_else(|| Refusal::not_found(&["id"], "purchase order"))?;
    row::order(header, landing.get(rows.lines))
}

/// Writes a new order. Its number is taken last.
///
/// # Errors
/// An authorization for something else.
pub fn insert<D: DutyType>(
    tx: &TenantTx<'_>,
    authorized: Authorized<D>,
    order: &PurchaseOrder,
    number: &Number,
    writes: &mut Flight,
) -> Result<()> {
    let (op, now) = (tx.op(), tx.now()?);
    authorized.sign(tx, order.id, order.trail.version, writes)?;
    number.take(op.tenant.0, writes);
    let mut params = params![op.tenant.0, order.id.0];
    params.extend(number.params());
    params.extend(params![
        order.supplier,
        order.location,
        order.status.as_str(),
        order.currency.code(),
        order.ordered_on,
        order.expected_on,
        order.note.clone(),
        order.reference.clone(),
        order.net(),
        order.tax(),
        order.required_level.map(|l| i16::from(l.get())),
        order.approvals,
        order.buyer,
        order.trail.version,
        order.trail.sequence,
        order.trail.hash.clone(),
        now,
    ]);
    writes.exec(INSERT, params, 1);
    insert_lines(op, order, writes);
    Ok(())
}

/// Replaces the lines of a draft.
pub fn replace_lines(op: &Op, order: &PurchaseOrder, writes: &mut Flight) {
    writes.exec_any(DELETE_LINES, params![op.tenant.0, order.id.0]);
    insert_lines(op, order, writes);
}

fn insert_lines(op: &Op, order: &PurchaseOrder, writes: &mut Flight) {
    let l = &order.lines;
    macro_rules! column {
        ($f:expr) => {
            l.iter().map($f).collect::<Vec<_>>()
        };
    }
    writes.exec(
        INSERT_LINES,
        params![
            op.tenant.0,
            order.id.0,
            column!(|l| l.number),
            column!(|l| l.item),
            column!(|l| l.quantity),
            column!(|l| l.unit.clone()),
            column!(|l| l.base_per_unit),
            column!(|l| l.unit_price),
            column!(|l| l.tax_rate),
            column!(|l| l.net),
            column!(|l| l.tax),
            column!(|l| l.expected_on),
            column!(|l| l.received),
            column!(|l| l.returned),
            column!(|l| l.closed),
            column!(|l| l.is_open),
        ],
        l.len() as u64,
    );
}

/// Writes an order's header as it is now.
///
/// # Errors
/// An authorization for something else.
pub fn update<D: DutyType>(
    tx: &TenantTx<'_>,
    authorized: Authorized<D>,
    order: &PurchaseOrder,
    version_before: i32,
    writes: &mut Flight,
) -> Result<()> {
    authorized.sign(tx, order.id, version_before, writes)?;
    update_by_system(tx, order, writes)
}

/// Writes an order's header after a system act, or after the act on another document that moved it (a receipt).
///
/// # Errors
/// The transaction's time is not known.
pub fn update_by_system(tx: &TenantTx<'_>, order: &PurchaseOrder, writes: &mut Flight) -> Result<()> {
    writes.exec(
        UPDATE,
        params![
            tx.op().tenant.0,
            order.id.0,
            order.status.as_str(),
            order.held_from.map(|s| s.as_str()),
            order.expected_on,
            order.note.clone(),
            order.reference.clone(),
            order.net(),
            order.tax(),
            order.revision,
            order.round,
            order.required_level.map(|l| i16::from(l.get())),
            order.approvals,
            order.reason.clone(),
            order.trail.version,
            order.trail.sequence,
            order.trail.hash.clone(),
            tx.now()?,
            order.supplier,
            order.location,
            order.ordered_on,
            order.currency.code(),
        ],
        1,
    );
    Ok(())
}

/// Writes how far these lines have come.
pub fn update_progress<'a>(
    op: &Op,
    id: PurchaseOrderId,
    lines: impl Iterator<Item = &'a OrderLine>,
    writes: &mut Flight,
) {
    let lines: Vec<&OrderLine> = lines.collect();
    if lines.is_empty() {
        return;
    }
    macro_rules! column {
        ($f:expr) => {
            lines.iter().map($f).collect::<Vec<_>>()
        };
    }
    writes.exec(
        UPDATE_PROGRESS,
        params![
            op.tenant.0,
            id.0,
            column!(|l| l.number),
            column!(|l| l.received),
            column!(|l| l.returned),
            column!(|l| l.closed),
            column!(|l| l.is_open)
        ],
        lines.len() as u64,
    );
}

/// Commits an act on an order; the outcome shows the order as it is then.
///
/// # Errors
/// What the database said.
pub async fn commit(tx: TenantTx<'_>, order: &PurchaseOrder, mut writes: Flight) -> Result<Outcome> {
    let row = queries::ask(tx.op(), &[order.id.0], &mut writes);
    let outcome = Outcome::done(order.id, order.trail.version);
    tx.commit_showing(writes, outcome, row, queries::read_order).await
}
