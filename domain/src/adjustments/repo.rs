//! The SQL of adjustments' writes: one statement for each table, whatever the number of lines.

use super::adjustment::{Adjustment, AdjustmentLine, AdjustmentStatus};
use crate::inventory::{Place, Reason, StockStatus};
use crate::shared::AdjustmentId;
use quartermaster_tenants::act::Authorized;
use quartermaster_tenants::event::Trail;
use quartermaster_tenants::policy::{DutyType, Level};
use quartermaster_tenants::tx::{Flight, Number, TenantTx};
use quartermaster_tenants::{Refusal, Result, number_sql, params};
use tokio_postgres::Row;
use uuid::Uuid;

const LOCK: &str = "SELECT a.* FROM qm.adjustment a WHERE a.tenant_id = $1 AND a.id = $2 AND ($3::uuid[] IS NULL OR a.location_id = ANY($3)) FOR UPDATE";
const LINES: &str = "SELECT l.* FROM qm.adjustment_line l WHERE l.tenant_id = $1 AND l.id = $2 ORDER BY l.line_number";

const INSERT: &str = concat!(
    "INSERT INTO qm.adjustment AS a (tenant_id, id, number, location_id, status, reason, note, count_id, value, required_level, round, maker_account_id, poster_person_id, refusal, \
     version, event_sequence, event_hash, created_at, updated_at) VALUES ($1, $2, ",
    number_sql!("3", "4", "5", "6", "7", "8"),
    ", $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $23)"
);

const INSERT_LINES: &str = "INSERT INTO qm.adjustment_line AS l (tenant_id, id, line_number, item_id, lot, stock_status, quantity, unit_cost, moved_cost) \
    SELECT a.tenant_id, a.id, u.line_number, u.item_id, u.lot, u.status, u.quantity, u.unit_cost, u.moved_cost \
    FROM qm.adjustment a, unnest($3::int[], $4::uuid[], $5::text[], $6::text[], $7::numeric[], $8::numeric[], $9::numeric[]) \
    u (line_number, item_id, lot, status, quantity, unit_cost, moved_cost) WHERE a.tenant_id = $1 AND a.id = $2";

const UPDATE: &str = "UPDATE qm.adjustment a SET status = $3, value = $4, required_level = $5, poster_person_id = $6, refusal = $7, version = $8, event_sequence = $9, event_hash = $10, updated_at = $11 \
    WHERE a.tenant_id = $1 AND a.id = $2";

const UPDATE_LINES: &str = "UPDATE qm.adjustment_line l SET moved_cost = u.moved_cost FROM unnest($3::int[], $4::numeric[]) u (line_number, moved_cost) \
    WHERE l.tenant_id = $1 AND l.id = $2 AND l.line_number = u.line_number";

/// Locks an adjustment, in the transaction's first flight.
///
/// # Errors
/// `NOT_FOUND` for an id that is nobody's, another tenant's, or at a location outside the caller's scope.
pub async fn load_for_update(tx: &mut TenantTx<'_>, id: AdjustmentId) -> Result<Adjustment> {
    let op = tx.op();
    let scope = op.locations.as_param().map(<[Uuid]>::to_vec);
    let mut flight = Flight::new();
    let header = flight.rows(LOCK, params![op.tenant.0, id.0, scope]);
    let lines = flight.rows(LINES, params![op.tenant.0, id.0]);
    let landing = tx.fly(flight).await?;
    let header = landing
        .optional(header)
        .ok_or_else(|| Refusal::not_found(&["id"], "adjustment"))?;
    read(header, landing.get(lines))
}

fn read(header: &Row, lines: &[Row]) -> Result<Adjustment> {
    let location = header.try_get("location_id")?;
    let line = |r: &Row| {
        Ok(AdjustmentLine {
            number: r.try_get("line_number")?,
            place: Place {
                item: r.try_get("item_id")?,
                location,
                lot: r.try_get("lot")?,
                status: StockStatus::parse(r.try_get("stock_status")?)?,
            },
            quantity: r.try_get("quantity")?,
            unit_cost: r.try_get("unit_cost")?,
            moved_cost: r.try_get("moved_cost")?,
        })
    };
    Ok(Adjustment {
        id: header.try_get::<_, Uuid>("id")?.into(),
        location,
        status: AdjustmentStatus::parse(header.try_get("status")?)?,
        reason: Reason::parse(header.try_get("reason")?)?,
        note: header.try_get("note")?,
        count: header.try_get("count_id")?,
        lines: lines.iter().map(line).collect::<Result<_>>()?,
        value: header.try_get("value")?,
        required_level: header
            .try_get::<_, Option<i16>>("required_level")?
            .and_then(|l| Level::new(u8::try_from(l).ok()?)),
        round: header.try_get("round")?,
        maker: header.try_get("maker_account_id")?,
        poster: header.try_get("poster_person_id")?,
        refusal: header.try_get("refusal")?,
        trail: Trail::from_row(header)?,
    })
}

/// Writes a new adjustment. Its number is taken last.
///
/// # Errors
/// An authorization for something else.
pub fn insert<D: DutyType>(
    tx: &TenantTx<'_>,
    authorized: Authorized<D>,
    a: &Adjustment,
    number: &Number,
    writes: &mut Flight,
) -> Result<()> {
    let (op, now) = (tx.op(), tx.now()?);
    authorized.sign(tx, a.id, a.trail.version, writes)?;
    number.take(op.tenant.0, writes);
    let mut params = params![op.tenant.0, a.id.0];
    params.extend(number.params());
    params.extend(params![
        a.location,
        a.status.as_str(),
        a.reason.as_str(),
        a.note.clone(),
        a.count,
        a.value,
        a.required_level.map(|l| i16::from(l.get())),
        a.round,
        a.maker,
        a.poster,
        a.refusal.clone(),
        a.trail.version,
        a.trail.sequence,
        a.trail.hash.clone(),
        now,
    ]);
    writes.exec(INSERT, params, 1);
    macro_rules! column {
        ($f:expr) => {
            a.lines.iter().map($f).collect::<Vec<_>>()
        };
    }
    writes.exec(
        INSERT_LINES,
        params![
            op.tenant.0,
            a.id.0,
            column!(|l| l.number),
            column!(|l| l.place.item),
            column!(|l| l.place.lot.clone()),
            column!(|l| l.place.status.as_str()),
            column!(|l| l.quantity),
            column!(|l| l.unit_cost),
            column!(|l| l.moved_cost),
        ],
        a.lines.len() as u64,
    );
    Ok(())
}

/// Writes an adjustment as it is now.
///
/// # Errors
/// An authorization for something else.
pub fn update<D: DutyType>(
    tx: &TenantTx<'_>,
    authorized: Authorized<D>,
    a: &Adjustment,
    version_before: i32,
    writes: &mut Flight,
) -> Result<()> {
    authorized.sign(tx, a.id, version_before, writes)?;
    let tenant = tx.op().tenant.0;
    writes.exec(
        UPDATE,
        params![
            tenant,
            a.id.0,
            a.status.as_str(),
            a.value,
            a.required_level.map(|l| i16::from(l.get())),
            a.poster,
            a.refusal.clone(),
            a.trail.version,
            a.trail.sequence,
            a.trail.hash.clone(),
            tx.now()?,
        ],
        1,
    );
    if a.status == AdjustmentStatus::Posted {
        let numbers: Vec<i32> = a.lines.iter().map(|l| l.number).collect();
        let costs: Vec<_> = a.lines.iter().map(|l| l.moved_cost).collect();
        writes.exec(
            UPDATE_LINES,
            params![tenant, a.id.0, numbers, costs],
            a.lines.len() as u64,
        );
    }
    Ok(())
}
