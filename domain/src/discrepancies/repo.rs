//! The SQL of discrepancies.

use super::discrepancy::Discrepancy;
use super::kind::{DiscrepancyStatus, Kind, Resolution};
use crate::shared::{DiscrepancyId, ReceiptId};
use quartermaster_tenants::act::Authorized;
use quartermaster_tenants::event::Trail;
use quartermaster_tenants::policy::DutyType;
use quartermaster_tenants::tx::{Flight, Landing, Number, Rows, TenantTx};
use quartermaster_tenants::{Error, Op, Result, number_sql, params};
use tokio_postgres::Row;
use uuid::Uuid;

const LOCK_OPEN: &str = "SELECT d.* FROM qm.discrepancy d WHERE d.tenant_id = $1 AND d.receipt_id = $2 AND d.status = 'OPEN' ORDER BY d.id FOR UPDATE";

/// Locks all that could follow from settling one: the open ones of its receipt, and itself.
const LOCK_WITH_OTHERS: &str = "SELECT d.* FROM qm.discrepancy d WHERE d.tenant_id = $1 AND d.receipt_id = $2 AND (d.status = 'OPEN' OR d.id = $3) ORDER BY d.id FOR UPDATE";

const RECEIPT_OF: &str = "SELECT d.receipt_id FROM qm.discrepancy d WHERE d.tenant_id = $1 AND d.id = $2 AND ($3::uuid[] IS NULL OR d.location_id = ANY($3))";

const INSERT_FOUND: &str = "INSERT INTO qm.discrepancy AS d (tenant_id, id, number, receipt_id, receipt_line_number, order_id, order_line_number, supplier_id, location_id, item_id, kind, quantity, unit, \
    amount, reason, owner_account_id, due_on, status, found_by_system, version, event_sequence, event_hash, created_at, updated_at) \
    SELECT r.tenant_id, u.id, r.number || '/' || u.n, r.id, u.receipt_line, u.order_id, u.order_line, r.supplier_id, r.location_id, u.item_id, u.kind, u.quantity, u.unit, \
    u.amount, u.reason, u.owner, u.due_on, 'OPEN', true, u.version, u.event_sequence, u.event_hash, $3, $3 \
    FROM qm.receipt r, unnest($4::uuid[], $5::int[], $6::uuid[], $7::int[], $8::uuid[], $9::text[], $10::numeric[], $11::text[], $12::numeric[], $13::uuid[], $14::date[], $15::int[], $16::int[], $17::bytea[], $18::text[]) \
    WITH ORDINALITY u (id, receipt_line, order_id, order_line, item_id, kind, quantity, unit, amount, owner, due_on, version, event_sequence, event_hash, reason, n) \
    WHERE r.tenant_id = $1 AND r.id = $2";

const INSERT: &str = concat!(
    "INSERT INTO qm.discrepancy AS d (tenant_id, id, number, receipt_id, receipt_line_number, order_id, order_line_number, supplier_id, location_id, item_id, kind, quantity, unit, \
     amount, reason, owner_account_id, due_on, status, found_by_system, version, event_sequence, event_hash, created_at, updated_at) VALUES ($1, $2, ",
    number_sql!("3", "4", "5", "6", "7", "8"),
    ", $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, 'OPEN', false, $23, $24, $25, $26, $26)"
);

const UPDATE: &str = "UPDATE qm.discrepancy d SET status = u.status, resolution = u.resolution, resolution_note = u.note, resolved_at = $2, version = u.version, event_sequence = u.event_sequence, \
    event_hash = u.event_hash, updated_at = $2 FROM (SELECT * FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::int[], $8::int[], $9::bytea[]) \
      w (id, status, resolution, note, version, event_sequence, event_hash) LIMIT cardinality($3::uuid[])) u \
    WHERE d.tenant_id = $1 AND d.id = u.id";

/// Adds the statement that locks the open discrepancies of a receipt, after the receipt.
pub fn lock_open(op: &Op, receipt: ReceiptId, flight: &mut Flight) -> Rows {
    flight.rows(LOCK_OPEN, params![op.tenant.0, receipt.0])
}

/// Adds the statement that locks a discrepancy and the open ones beside it, after their receipt.
pub fn lock_with_others(op: &Op, receipt: ReceiptId, id: DiscrepancyId, flight: &mut Flight) -> Rows {
    flight.rows(LOCK_WITH_OTHERS, params![op.tenant.0, receipt.0, id.0])
}

/// Adds the statement that finds a discrepancy's receipt.
pub fn receipt_of(op: &Op, id: DiscrepancyId, flight: &mut Flight) -> Rows {
    let scope = op.locations.as_param().map(<[Uuid]>::to_vec);
    flight.rows(RECEIPT_OF, params![op.tenant.0, id.0, scope])
}

/// Reads locked discrepancies.
///
/// # Errors
/// A column that is not as expected.
pub fn read_locked(landing: &Landing, rows: Rows) -> Result<Vec<Discrepancy>> {
    landing.get(rows).iter().map(read).collect()
}

/// Reads a word of a row.
pub(super) fn word<T>(row: &Row, column: &str, parse: fn(&str) -> Option<T>) -> Result<T> {
    let word: &str = row.try_get(column)?;
    parse(word).ok_or_else(|| Error::internal(format!("{column} {word}")))
}

pub(super) fn read(row: &Row) -> Result<Discrepancy> {
    Ok(Discrepancy {
        id: row.try_get::<_, Uuid>("id")?.into(),
        receipt: row.try_get::<_, Uuid>("receipt_id")?.into(),
        receipt_line: row.try_get("receipt_line_number")?,
        order: row
            .try_get::<_, Option<Uuid>>("order_id")?
            .zip(row.try_get("order_line_number")?),
        supplier: row.try_get("supplier_id")?,
        location: row.try_get("location_id")?,
        item: row.try_get("item_id")?,
        kind: word(row, "kind", Kind::parse)?,
        quantity: row.try_get("quantity")?,
        unit: row.try_get("unit")?,
        amount: row.try_get("amount")?,
        reason: row.try_get("reason")?,
        owner: row.try_get("owner_account_id")?,
        due_on: row.try_get("due_on")?,
        status: word(row, "status", DiscrepancyStatus::parse)?,
        resolution: row
            .try_get::<_, Option<&str>>("resolution")?
            .and_then(Resolution::parse),
        resolution_note: row.try_get("resolution_note")?,
        resolved_at: row.try_get("resolved_at")?,
        found_by_system: row.try_get("found_by_system")?,
        trail: Trail::from_row(row)?,
    })
}

/// Writes what was found on one receipt; the numbers are those of the receipt with `/1`, `/2` … behind.
///
/// # Errors
/// The transaction's time is not known.
pub fn insert_found(tx: &TenantTx<'_>, found: &[Discrepancy], writes: &mut Flight) -> Result<()> {
    let Some(first) = found.first() else {
        return Ok(());
    };
    macro_rules! column {
        ($f:expr) => {
            found.iter().map($f).collect::<Vec<_>>()
        };
    }
    writes.exec(
        INSERT_FOUND,
        params![
            tx.op().tenant.0,
            first.receipt.0,
            tx.now()?,
            column!(|d| d.id.0),
            column!(|d| d.receipt_line),
            column!(|d| d.order.map(|o| o.0)),
            column!(|d| d.order.map(|o| o.1)),
            column!(|d| d.item),
            column!(|d| d.kind.as_str()),
            column!(|d| d.quantity),
            column!(|d| d.unit.clone()),
            column!(|d| d.amount),
            column!(|d| d.owner),
            column!(|d| d.due_on),
            column!(|d| d.trail.version),
            column!(|d| d.trail.sequence),
            column!(|d| d.trail.hash.clone()),
            column!(|d| d.reason.clone()),
        ],
        found.len() as u64,
    );
    Ok(())
}

/// Writes one that was raised by hand. Its number is taken here.
///
/// # Errors
/// An authorization for something else.
pub fn insert<D: DutyType>(
    tx: &TenantTx<'_>,
    authorized: Authorized<D>,
    d: &Discrepancy,
    number: &Number,
    writes: &mut Flight,
) -> Result<()> {
    let tenant = tx.op().tenant.0;
    authorized.sign(tx, d.id, d.trail.version, writes)?;
    number.take(tenant, writes);
    let mut params = params![tenant, d.id.0];
    params.extend(number.params());
    params.extend(params![
        d.receipt.0,
        d.receipt_line,
        d.order.map(|o| o.0),
        d.order.map(|o| o.1),
        d.supplier,
        d.location,
        d.item,
        d.kind.as_str(),
        d.quantity,
        d.unit.clone(),
        d.amount,
        d.reason.clone(),
        d.owner,
        d.due_on,
        d.trail.version,
        d.trail.sequence,
        d.trail.hash.clone(),
        tx.now()?,
    ]);
    writes.exec(INSERT, params, 1);
    Ok(())
}

/// Writes one as it is now.
///
/// # Errors
/// An authorization for something else.
pub fn update<D: DutyType>(
    tx: &TenantTx<'_>,
    authorized: Authorized<D>,
    discrepancy: &Discrepancy,
    version_before: i32,
    writes: &mut Flight,
) -> Result<()> {
    authorized.sign(tx, discrepancy.id, version_before, writes)?;
    update_by_system(tx, std::slice::from_ref(discrepancy), writes)
}

/// Writes them after a system act.
///
/// # Errors
/// The transaction's time is not known.
pub fn update_by_system(tx: &TenantTx<'_>, all: &[Discrepancy], writes: &mut Flight) -> Result<()> {
    if all.is_empty() {
        return Ok(());
    }
    macro_rules! column {
        ($f:expr) => {
            all.iter().map($f).collect::<Vec<_>>()
        };
    }
    writes.exec(
        UPDATE,
        params![
            tx.op().tenant.0,
            tx.now()?,
            column!(|d| d.id.0),
            column!(|d| d.status.as_str()),
            column!(|d| d.resolution.map(Resolution::as_str)),
            column!(|d| d.resolution_note.clone()),
            column!(|d| d.trail.version),
            column!(|d| d.trail.sequence),
            column!(|d| d.trail.hash.clone()),
        ],
        all.len() as u64,
    );
    Ok(())
}
