//! The SQL of returns.

use super::create::NewReturn;
use super::line::{Came, NewReturnLine};
use super::row;
use super::supplier_return::SupplierReturn;
use crate::shared::SupplierReturnId;
use quartermaster_tenants::act::Authorized;
use quartermaster_tenants::policy::DutyType;
use quartermaster_tenants::tx::{Flight, Landing, Number, Rows, TenantTx};
use quartermaster_tenants::{Op, Refusal, Result, number_sql, params};
use rust_decimal::Decimal;
use std::collections::HashMap;
use uuid::Uuid;

const SUPPLIER: &str = "SELECT currency FROM qm.supplier WHERE tenant_id = $1 AND id = $2";
const LOCATION: &str =
    "SELECT status FROM qm.location WHERE tenant_id = $1 AND id = $2 AND ($3::uuid[] IS NULL OR id = ANY($3))";
const DISCREPANCY: &str =
    "SELECT 1 FROM qm.discrepancy WHERE tenant_id = $1 AND id = $2 AND supplier_id = $3 AND location_id = $4";
// A receipt that goods go back from is not reversed at the same moment.
const LOCK_RECEIPTS: &str =
    "SELECT r.id FROM qm.receipt r WHERE r.tenant_id = $1 AND r.id = ANY($2) ORDER BY r.id FOR UPDATE";
const CAME: &str = "SELECT l.id, l.line_number, l.item_id, l.quantity, l.unit, l.base_per_unit, l.lot, l.order_id, l.order_line_number, o.unit_price, o.base_per_unit AS order_base, po.currency, \
    o.item_id = l.item_id AS fits, \
    coalesce((SELECT sum(b.quantity * b.base_per_unit) FROM qm.supplier_return_line b JOIN qm.supplier_return s ON s.tenant_id = b.tenant_id AND s.id = b.id \
      WHERE b.tenant_id = $1 AND b.receipt_id = l.id AND b.receipt_line_number = l.line_number AND s.status NOT IN ('REJECTED', 'CANCELLED')), 0) AS went_back \
    FROM qm.receipt r JOIN qm.receipt_line l ON l.tenant_id = r.tenant_id AND l.id = r.id \
    LEFT JOIN qm.purchase_order_line o ON o.tenant_id = l.tenant_id AND o.id = l.order_id AND o.line_number = l.order_line_number \
    LEFT JOIN qm.purchase_order po ON po.tenant_id = o.tenant_id AND po.id = o.id \
    WHERE r.tenant_id = $1 AND (l.id, l.line_number) IN (SELECT u.id, u.n FROM unnest($2::uuid[], $3::int[]) u (id, n)) \
    AND r.supplier_id = $4 AND r.location_id = $5 AND r.status IN ('ACCEPTED', 'DISCREPANT')";

const LOCK: &str = "SELECT t.* FROM qm.supplier_return t WHERE t.tenant_id = $1 AND t.id = $2 AND ($3::uuid[] IS NULL OR t.location_id = ANY($3)) FOR UPDATE";
const LINES: &str =
    "SELECT l.* FROM qm.supplier_return_line l WHERE l.tenant_id = $1 AND l.id = $2 ORDER BY l.line_number";

const INSERT: &str = concat!(
    "INSERT INTO qm.supplier_return AS t (tenant_id, id, number, supplier_id, location_id, status, currency, returned_on, authorisation_number, reason, net_amount, round, required_level, \
     approvals, maker_account_id, discrepancy_id, version, event_sequence, event_hash, created_at, updated_at) VALUES ($1, $2, ",
    number_sql!("3", "4", "5", "6", "7", "8"),
    ", $9, $10, $11, $12, $13, $14, $15, $16, 1, $17, $18, $19, $20, $21, $22, $23, $24, $24)"
);
const INSERT_LINES: &str = "INSERT INTO qm.supplier_return_line AS l (tenant_id, id, line_number, item_id, quantity, unit, base_per_unit, unit_price, net_amount, lot, stock_status, reason, \
    receipt_id, receipt_line_number, order_id, order_line_number) \
    SELECT t.tenant_id, t.id, u.line_number, u.item_id, u.quantity, u.unit, u.base_per_unit, u.unit_price, u.net, u.lot, u.stock_status, u.reason, u.receipt_id, u.receipt_line, u.order_id, u.order_line \
    FROM qm.supplier_return t, unnest($3::int[], $4::uuid[], $5::numeric[], $6::text[], $7::numeric[], $8::numeric[], $9::numeric[], $10::text[], $11::text[], $12::text[], $13::uuid[], $14::int[], $15::uuid[], $16::int[]) \
    u (line_number, item_id, quantity, unit, base_per_unit, unit_price, net, lot, stock_status, reason, receipt_id, receipt_line, order_id, order_line) WHERE t.tenant_id = $1 AND t.id = $2";
const UPDATE: &str = "UPDATE qm.supplier_return t SET status = $3, decision_reason = $4, required_level = $5, approvals = $6, shipped_on = $7, tracking_number = $8, version = $9, event_sequence = $10, \
    event_hash = $11, updated_at = $12 WHERE t.tenant_id = $1 AND t.id = $2";
const UPDATE_COSTS: &str = "UPDATE qm.supplier_return_line l SET unit_cost = u.cost FROM unnest($3::int[], $4::numeric[]) u (line_number, cost) \
    WHERE l.tenant_id = $1 AND l.id = $2 AND l.line_number = u.line_number";

/// What a new return refers to.
pub struct References {
    /// The supplier's currency.
    pub supplier_currency: Option<String>,
    /// Status of a location inside the caller's scope.
    pub location_status: Option<String>,
    /// The discrepancy is of this supplier at this location.
    pub discrepancy_found: bool,
    /// Receipt lines of this supplier at this location, in stock.
    pub came: HashMap<(Uuid, i32), Came>,
}

/// Where the answers of [`references`] will be.
pub struct ReferenceRows {
    supplier: Rows,
    location: Rows,
    discrepancy: Rows,
    came: Rows,
}

/// Adds the statements that read what a return refers to, and lock its receipts.
pub fn references(op: &Op, input: &NewReturn, entered: &[NewReturnLine], flight: &mut Flight) -> ReferenceRows {
    let scope = op.locations.as_param().map(<[Uuid]>::to_vec);
    let (ids, lines): (Vec<Uuid>, Vec<i32>) = entered.iter().filter_map(|l| l.receipt).unzip();
    let (tenant, supplier, location) = (op.tenant.0, input.supplier, input.location);
    flight.rows(LOCK_RECEIPTS, params![tenant, ids.clone()]);
    ReferenceRows {
        supplier: flight.rows(SUPPLIER, params![tenant, supplier]),
        location: flight.rows(LOCATION, params![tenant, location, scope]),
        discrepancy: flight.rows(DISCREPANCY, params![tenant, input.discrepancy, supplier, location]),
        came: flight.rows(CAME, params![tenant, ids, lines, supplier, location]),
    }
}

/// Reads them.
///
/// # Errors
/// A column that is not as expected.
pub fn read_references(landing: &Landing, at: &ReferenceRows) -> Result<References> {
    let text = |rows| landing.optional(rows).map(|r| r.try_get(0)).transpose();
    let mut came = HashMap::new();
    for r in landing.get(at.came) {
        let (quantity, base): (Decimal, Decimal) = (r.try_get("quantity")?, r.try_get("base_per_unit")?);
        let fits = r.try_get::<_, Option<bool>>("fits")?.unwrap_or(false);
        let order: Option<Uuid> = r.try_get("order_id")?;
        let price: Option<Decimal> = r.try_get("unit_price")?;
        let per: Option<Decimal> = r.try_get("order_base")?;
        let line = Came {
            item: r.try_get("item_id")?,
            unit: r.try_get("unit")?,
            base_per_unit: base,
            lot: r.try_get("lot")?,
            left: quantity * base - r.try_get::<_, Decimal>("went_back")?,
            order: order.zip(r.try_get("order_line_number")?).filter(|_| fits),
            base_price: price
                .zip(per)
                .filter(|_| fits)
                .map(|(p, per)| p / per)
                .zip(r.try_get("currency")?),
        };
        came.insert((r.try_get("id")?, r.try_get("line_number")?), line);
    }
    Ok(References {
        supplier_currency: text(at.supplier)?,
        location_status: text(at.location)?,
        discrepancy_found: landing.optional(at.discrepancy).is_some(),
        came,
    })
}

/// Locks a return, in the transaction's first flight.
///
/// # Errors
/// `NOT_FOUND` for an id that is nobody's, another tenant's, or at a location outside the caller's scope.
pub async fn load_for_update(tx: &mut TenantTx<'_>, id: SupplierReturnId) -> Result<SupplierReturn> {
    let op = tx.op();
    let scope = op.locations.as_param().map(<[Uuid]>::to_vec);
    let mut flight = Flight::new();
    let header = flight.rows(LOCK, params![op.tenant.0, id.0, scope]);
    let lines = flight.rows(LINES, params![op.tenant.0, id.0]);
    let landing = tx.fly(flight).await?;
    let header = landing
        .optional(header)
        .ok_or_else(|| Refusal::not_found(&["id"], "supplier return"))?;
    row::read(header, landing.get(lines))
}

/// Writes a new return with its lines. Its number is taken here.
///
/// # Errors
/// An authorization for something else.
pub fn insert<D: DutyType>(
    tx: &TenantTx<'_>,
    authorized: Authorized<D>,
    r: &SupplierReturn,
    number: &Number,
    writes: &mut Flight,
) -> Result<()> {
    let tenant = tx.op().tenant.0;
    authorized.sign(tx, r.id, r.trail.version, writes)?;
    number.take(tenant, writes);
    let mut params = params![tenant, r.id.0];
    params.extend(number.params());
    params.extend(params![
        r.supplier,
        r.location,
        r.status.as_str(),
        r.currency.code(),
        r.returned_on,
        r.authorisation.clone(),
        r.reason.clone(),
        r.net(),
        r.required_level.map(|l| i16::from(l.get())),
        r.approvals,
        r.maker,
        r.discrepancy,
        r.trail.version,
        r.trail.sequence,
        r.trail.hash.clone(),
        tx.now()?,
    ]);
    writes.exec(INSERT, params, 1);
    macro_rules! column {
        ($f:expr) => {
            r.lines.iter().map($f).collect::<Vec<_>>()
        };
    }
    writes.exec(
        INSERT_LINES,
        params![
            tenant,
            r.id.0,
            column!(|l| l.number),
            column!(|l| l.item),
            column!(|l| l.quantity),
            column!(|l| l.unit.clone()),
            column!(|l| l.base_per_unit),
            column!(|l| l.unit_price),
            column!(|l| l.net),
            column!(|l| l.lot.clone()),
            column!(|l| l.stock_status.as_str()),
            column!(|l| l.reason.clone()),
            column!(|l| l.receipt.map(|x| x.0)),
            column!(|l| l.receipt.map(|x| x.1)),
            column!(|l| l.order.map(|x| x.0)),
            column!(|l| l.order.map(|x| x.1)),
        ],
        r.lines.len() as u64,
    );
    Ok(())
}

/// Writes a return's header as it is now.
///
/// # Errors
/// An authorization for something else.
pub fn update<D: DutyType>(
    tx: &TenantTx<'_>,
    authorized: Authorized<D>,
    r: &SupplierReturn,
    version_before: i32,
    writes: &mut Flight,
) -> Result<()> {
    authorized.sign(tx, r.id, version_before, writes)?;
    writes.exec(
        UPDATE,
        params![
            tx.op().tenant.0,
            r.id.0,
            r.status.as_str(),
            r.decision_reason.clone(),
            r.required_level.map(|l| i16::from(l.get())),
            r.approvals,
            r.shipped_on,
            r.tracking.clone(),
            r.trail.version,
            r.trail.sequence,
            r.trail.hash.clone(),
            tx.now()?,
        ],
        1,
    );
    Ok(())
}

/// Writes what each line left stock at.
pub fn update_costs(op: &Op, r: &SupplierReturn, writes: &mut Flight) {
    let numbers: Vec<i32> = r.lines.iter().map(|l| l.number).collect();
    let costs: Vec<Option<Decimal>> = r.lines.iter().map(|l| l.unit_cost).collect();
    writes.exec(
        UPDATE_COSTS,
        params![op.tenant.0, r.id.0, numbers, costs],
        r.lines.len() as u64,
    );
}
