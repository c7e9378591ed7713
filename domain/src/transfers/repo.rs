//! The SQL of transfers' writes: one statement for each table, whatever the number of lines.

use super::status::TransferStatus;
use super::transfer::{Transfer, TransferLine};
use crate::shared::TransferId;
use quartermaster_tenants::act::Authorized;
use quartermaster_tenants::event::Trail;
use quartermaster_tenants::policy::DutyType;
use quartermaster_tenants::tx::{Flight, Number, TenantTx};
use quartermaster_tenants::{Refusal, Result, number_sql, params};
use tokio_postgres::Row;
use uuid::Uuid;

const LOCK: &str = "SELECT t.* FROM qm.transfer t WHERE t.tenant_id = $1 AND t.id = $2 \
    AND ($3::uuid[] IS NULL OR ($4 AND t.from_location_id = ANY($3)) OR ($5 AND t.to_location_id = ANY($3))) FOR UPDATE";
const LINES: &str = "SELECT l.* FROM qm.transfer_line l WHERE l.tenant_id = $1 AND l.id = $2 ORDER BY l.line_number";

const INSERT: &str = concat!(
    "INSERT INTO qm.transfer AS t (tenant_id, id, number, from_location_id, to_location_id, status, expected_on, note, requester_account_id, \
     version, event_sequence, event_hash, created_at, updated_at) VALUES ($1, $2, ",
    number_sql!("3", "4", "5", "6", "7", "8"),
    ", $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $18)"
);

const INSERT_LINES: &str = "INSERT INTO qm.transfer_line AS l (tenant_id, id, line_number, item_id, lot, quantity, reserved_quantity, shipped_quantity, received_quantity, damaged_quantity, lost_quantity) \
    SELECT t.tenant_id, t.id, u.line_number, u.item_id, u.lot, u.quantity, 0, 0, 0, 0, 0 \
    FROM qm.transfer t, unnest($3::int[], $4::uuid[], $5::text[], $6::numeric[]) u (line_number, item_id, lot, quantity) WHERE t.tenant_id = $1 AND t.id = $2";

const UPDATE: &str = "UPDATE qm.transfer t SET status = $3, reason = $4, version = $5, event_sequence = $6, event_hash = $7, updated_at = $8, \
    shipped_at = CASE WHEN $3 = 'IN_TRANSIT' THEN coalesce(t.shipped_at, $8) ELSE t.shipped_at END WHERE t.tenant_id = $1 AND t.id = $2";

const UPDATE_LINES: &str = "UPDATE qm.transfer_line l SET reserved_quantity = u.reserved, shipped_quantity = u.shipped, received_quantity = u.received, damaged_quantity = u.damaged, lost_quantity = u.lost \
    FROM unnest($3::int[], $4::numeric[], $5::numeric[], $6::numeric[], $7::numeric[], $8::numeric[]) u (line_number, reserved, shipped, received, damaged, lost) \
    WHERE l.tenant_id = $1 AND l.id = $2 AND l.line_number = u.line_number";

/// On which side of a transfer an act takes place: the caller must see that location.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The sender's.
    From,
    /// The receiver's.
    To,
    /// Either's.
    Either,
}

/// Locks a transfer, in the transaction's first flight.
///
/// # Errors
/// `NOT_FOUND` for an id that is nobody's, another tenant's, or at locations outside the caller's scope.
pub async fn load_for_update(tx: &mut TenantTx<'_>, id: TransferId, side: Side) -> Result<Transfer> {
    let op = tx.op();
    let scope = op.locations.as_param().map(<[Uuid]>::to_vec);
    let mut flight = Flight::new();
    let (from, to) = (side != Side::To, side != Side::From);
    let header = flight.rows(LOCK, params![op.tenant.0, id.0, scope, from, to]);
    let lines = flight.rows(LINES, params![op.tenant.0, id.0]);
    let landing = tx.fly(flight).await?;
    let header = landing
        .optional(header)
        .ok_or_else(|| Refusal::not_found(&["id"], "transfer"))?;
    let line = |r: &Row| {
        Ok(TransferLine {
            number: r.try_get("line_number")?,
            item: r.try_get("item_id")?,
            lot: r.try_get("lot")?,
            quantity: r.try_get("quantity")?,
            reserved: r.try_get("reserved_quantity")?,
            shipped: r.try_get("shipped_quantity")?,
            received: r.try_get("received_quantity")?,
            damaged: r.try_get("damaged_quantity")?,
            lost: r.try_get("lost_quantity")?,
        })
    };
    Ok(Transfer {
        id: header.try_get::<_, Uuid>("id")?.into(),
        from: header.try_get("from_location_id")?,
        to: header.try_get("to_location_id")?,
        status: TransferStatus::parse(header.try_get("status")?)?,
        expected_on: header.try_get("expected_on")?,
        note: header.try_get("note")?,
        reason: header.try_get("reason")?,
        requester: header.try_get("requester_account_id")?,
        lines: landing.get(lines).iter().map(line).collect::<Result<_>>()?,
        trail: Trail::from_row(header)?,
    })
}

/// Writes a new transfer. Its number is taken last.
///
/// # Errors
/// An authorization for something else.
pub fn insert<D: DutyType>(
    tx: &TenantTx<'_>,
    authorized: Authorized<D>,
    t: &Transfer,
    number: &Number,
    writes: &mut Flight,
) -> Result<()> {
    let (op, now) = (tx.op(), tx.now()?);
    authorized.sign(tx, t.id, t.trail.version, writes)?;
    number.take(op.tenant.0, writes);
    let mut params = params![op.tenant.0, t.id.0];
    params.extend(number.params());
    params.extend(params![
        t.from,
        t.to,
        t.status.as_str(),
        t.expected_on,
        t.note.clone(),
        t.requester,
        t.trail.version,
        t.trail.sequence,
        t.trail.hash.clone(),
        now,
    ]);
    writes.exec(INSERT, params, 1);
    macro_rules! column {
        ($f:expr) => {
            t.lines.iter().map($f).collect::<Vec<_>>()
        };
    }
    writes.exec(
        INSERT_LINES,
        params![
            op.tenant.0,
            t.id.0,
            column!(|l| l.number),
            column!(|l| l.item),
            column!(|l| l.lot.clone()),
            column!(|l| l.quantity),
        ],
        t.lines.len() as u64,
    );
    Ok(())
}

/// Writes a transfer as it is now.
///
/// # Errors
/// An authorization for something else.
pub fn update<D: DutyType>(
    tx: &TenantTx<'_>,
    authorized: Authorized<D>,
    t: &Transfer,
    version_before: i32,
    writes: &mut Flight,
) -> Result<()> {
    authorized.sign(tx, t.id, version_before, writes)?;
    let tenant = tx.op().tenant.0;
    writes.exec(
        UPDATE,
        params![
            tenant,
            t.id.0,
            t.status.as_str(),
            t.reason.clone(),
            t.trail.version,
            t.trail.sequence,
            t.trail.hash.clone(),
            tx.now()?,
        ],
        1,
    );
    macro_rules! column {
        ($f:expr) => {
            t.lines.iter().map($f).collect::<Vec<_>>()
        };
    }
    writes.exec(
        UPDATE_LINES,
        params![
            tenant,
            t.id.0,
            column!(|l| l.number),
            column!(|l| l.reserved),
            column!(|l| l.shipped),
            column!(|l| l.received),
            column!(|l| l.damaged),
            column!(|l| l.lost),
        ],
        t.lines.len() as u64,
    );
    Ok(())
}
