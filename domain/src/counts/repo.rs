//! The SQL of counts' writes: one statement for each table, whatever the number of places.

use super::stock_count::{CountLine, CountStatus, StockCount};
use crate::inventory::{Place, StockStatus};
use crate::shared::StockCountId;
use quartermaster_tenants::act::Authorized;
use quartermaster_tenants::event::Trail;
use quartermaster_tenants::policy::{DutyType, Level};
use quartermaster_tenants::tx::{Flight, Landing, Number, Rows, TenantTx};
use quartermaster_tenants::{Op, Refusal, Result, number_sql, params};
use rust_decimal::Decimal;
use std::collections::HashMap;
use tokio_postgres::Row;
use uuid::Uuid;

const LOCK: &str = "SELECT c.* FROM qm.stock_count c WHERE c.tenant_id = $1 AND c.id = $2 AND ($3::uuid[] IS NULL OR c.location_id = ANY($3)) FOR UPDATE";
const LINES: &str = "SELECT l.* FROM qm.stock_count_line l WHERE l.tenant_id = $1 AND l.id = $2 AND ($3::uuid[] IS NULL OR l.item_id = ANY($3)) ORDER BY l.item_id, l.lot, l.stock_status";
const COUNTERS: &str = "SELECT DISTINCT e.person_id FROM qm.stock_count_entry e JOIN qm.stock_count c ON c.tenant_id = e.tenant_id AND c.id = e.count_id AND c.pass = e.pass \
    WHERE e.tenant_id = $1 AND e.count_id = $2 AND e.person_id IS NOT NULL";
const BOOKS: &str = "SELECT p.item_id, p.lot, p.stock_status, p.quantity, p.average_cost FROM qm.stock_position p \
    WHERE p.tenant_id = $1 AND p.location_id = $2 AND p.item_id = ANY($3) AND p.owner_id = '00000000-0000-0000-0000-000000000000'";

const INSERT: &str = concat!(
    "INSERT INTO qm.stock_count AS c (tenant_id, id, number, location_id, status, blind, tolerance_percent, item_ids, note, pass, round, value, planner_account_id, \
     version, event_sequence, event_hash, created_at, updated_at) VALUES ($1, $2, ",
    number_sql!("3", "4", "5", "6", "7", "8"),
    ", $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $22)"
);

const SNAPSHOT: &str = "INSERT INTO qm.stock_count_line AS l (tenant_id, id, item_id, lot, stock_status, snapshot_quantity, snapshot_version, asked) \
    SELECT c.tenant_id, c.id, p.item_id, p.lot, p.stock_status, p.quantity, p.version, true FROM qm.stock_count c \
    JOIN qm.stock_position p ON p.tenant_id = c.tenant_id AND p.location_id = c.location_id AND p.stock_status <> 'IN_TRANSIT' AND p.quantity <> 0 \
    WHERE c.tenant_id = $1 AND c.id = $2 AND (c.item_ids IS NULL OR p.item_id = ANY(c.item_ids))";
const SNAPSHOT_NAMED: &str = "INSERT INTO qm.stock_count_line AS l (tenant_id, id, item_id, lot, stock_status, snapshot_quantity, snapshot_version, asked) \
    SELECT c.tenant_id, c.id, i.id, '', 'AVAILABLE', 0, 0, true FROM qm.stock_count c JOIN qm.item i ON i.tenant_id = c.tenant_id AND i.id = ANY(c.item_ids) AND NOT i.lot_tracked \
    WHERE c.tenant_id = $1 AND c.id = $2 ON CONFLICT (tenant_id, id, item_id, lot, stock_status) DO NOTHING";

const UPDATE: &str = "UPDATE qm.stock_count c SET status = $3, pass = $4, value = $5, required_level = $6, reason = $7, version = $8, event_sequence = $9, event_hash = $10, updated_at = $11, \
    started_at = CASE WHEN $3 = 'IN_PROGRESS' THEN coalesce(c.started_at, $11) ELSE c.started_at END WHERE c.tenant_id = $1 AND c.id = $2";

const ENTRIES: &str = "INSERT INTO qm.stock_count_entry AS e (tenant_id, id, count_id, pass, item_id, lot, stock_status, quantity, account_id, person_id, at) \
    SELECT c.tenant_id, u.id, c.id, $3, u.item_id, u.lot, u.status, u.quantity, $4, $5, $6 \
    FROM qm.stock_count c, unnest($7::uuid[], $8::uuid[], $9::text[], $10::text[], $11::numeric[]) u (id, item_id, lot, status, quantity) WHERE c.tenant_id = $1 AND c.id = $2";

const WRITE_LINES: &str = "INSERT INTO qm.stock_count_line AS l (tenant_id, id, item_id, lot, stock_status, snapshot_quantity, snapshot_version, asked, counted_quantity, expected_quantity, unit_cost, previous_variance, counted_at) \
    SELECT c.tenant_id, c.id, u.item_id, u.lot, u.status, 0, 0, u.asked, u.counted, u.expected, u.unit_cost, u.previous, $3 \
    FROM qm.stock_count c, unnest($4::uuid[], $5::text[], $6::text[], $7::bool[], $8::numeric[], $9::numeric[], $10::numeric[], $11::numeric[]) \
    u (item_id, lot, status, asked, counted, expected, unit_cost, previous) WHERE c.tenant_id = $1 AND c.id = $2 \
    ON CONFLICT (tenant_id, id, item_id, lot, stock_status) DO UPDATE SET asked = excluded.asked, counted_quantity = excluded.counted_quantity, expected_quantity = excluded.expected_quantity, \
    unit_cost = excluded.unit_cost, previous_variance = excluded.previous_variance, counted_at = CASE WHEN l.counted_quantity IS NOT DISTINCT FROM excluded.counted_quantity THEN l.counted_at ELSE excluded.counted_at END";

/// Which lines an act needs.
pub enum Lines {
    /// None.
    None,
    /// Those of these items.
    Of(Vec<Uuid>),
    /// All.
    All,
}

/// Locks a count, in the transaction's first flight; gives it with the persons who entered lines of its present pass.
///
/// # Errors
/// `NOT_FOUND` for an id that is nobody's, another tenant's, or at a location outside the caller's scope.
pub async fn load_for_update(tx: &mut TenantTx<'_>, id: StockCountId, lines: Lines) -> Result<(StockCount, Vec<Uuid>)> {
    let op = tx.op();
    let scope = op.locations.as_param().map(<[Uuid]>::to_vec);
    let items = match lines {
        Lines::None => Some(vec![]),
        Lines::Of(items) => Some(items),
        Lines::All => None,
    };
    let mut flight = Flight::new();
    let header = flight.rows(LOCK, params![op.tenant.0, id.0, scope]);
    let lines = flight.rows(LINES, params![op.tenant.0, id.0, items]);
    let counters = flight.rows(COUNTERS, params![op.tenant.0, id.0]);
    let landing = tx.fly(flight).await?;
    let header = landing
        .optional(header)
        .ok_or_else(|| Refusal::not_found(&["id"], "stock count"))?;
    let persons = landing.get(counters).iter().map(|r| Ok(r.try_get(0)?));
    Ok((read(header, landing.get(lines))?, persons.collect::<Result<_>>()?))
}

fn read(header: &Row, lines: &[Row]) -> Result<StockCount> {
    let location = header.try_get("location_id")?;
    let line = |r: &Row| {
        Ok(CountLine {
            place: place(r, location)?,
            asked: r.try_get("asked")?,
            counted: r.try_get("counted_quantity")?,
            expected: r.try_get("expected_quantity")?,
            unit_cost: r.try_get("unit_cost")?,
            previous_variance: r.try_get("previous_variance")?,
        })
    };
    Ok(StockCount {
        id: header.try_get::<_, Uuid>("id")?.into(),
        location,
        status: CountStatus::parse(header.try_get("status")?)?,
        blind: header.try_get("blind")?,
        tolerance: header.try_get("tolerance_percent")?,
        items: header.try_get("item_ids")?,
        note: header.try_get("note")?,
        pass: header.try_get("pass")?,
        round: header.try_get("round")?,
        value: header.try_get("value")?,
        required_level: header
            .try_get::<_, Option<i16>>("required_level")?
            .and_then(|l| Level::new(u8::try_from(l).ok()?)),
        planner: header.try_get("planner_account_id")?,
        reason: header.try_get("reason")?,
        lines: lines.iter().map(line).collect::<Result<_>>()?,
        trail: Trail::from_row(header)?,
    })
}

fn place(r: &Row, location: Uuid) -> Result<Place> {
    Ok(Place {
        item: r.try_get("item_id")?,
        location,
        lot: r.try_get("lot")?,
        status: StockStatus::parse(r.try_get("stock_status")?)?,
    })
}

/// Adds the statement that reads what the books say of some items at a location.
pub fn books(op: &Op, location: Uuid, items: Vec<Uuid>, flight: &mut Flight) -> (Rows, Uuid) {
    (flight.rows(BOOKS, params![op.tenant.0, location, items]), location)
}

/// Quantity and average cost, by place.
///
/// # Errors
/// A column that is not as expected.
pub fn read_books(landing: &Landing, (rows, location): (Rows, Uuid)) -> Result<HashMap<Place, (Decimal, Decimal)>> {
    let read = |r: &Row| {
        Ok((
            place(r, location)?,
            (r.try_get("quantity")?, r.try_get("average_cost")?),
        ))
    };
    landing.get(rows).iter().map(read).collect()
}

/// Writes a new count. Its number is taken last.
///
/// # Errors
/// An authorization for something else.
pub fn insert<D: DutyType>(
    tx: &TenantTx<'_>,
    authorized: Authorized<D>,
    c: &StockCount,
    number: &Number,
    writes: &mut Flight,
) -> Result<()> {
    let (op, now) = (tx.op(), tx.now()?);
    authorized.sign(tx, c.id, c.trail.version, writes)?;
    number.take(op.tenant.0, writes);
    let mut params = params![op.tenant.0, c.id.0];
    params.extend(number.params());
    params.extend(params![
        c.location,
        c.status.as_str(),
        c.blind,
        c.tolerance,
        c.items.clone(),
        c.note.clone(),
        c.pass,
        c.round,
        c.value,
        c.planner,
        c.trail.version,
        c.trail.sequence,
        c.trail.hash.clone(),
        now,
    ]);
    writes.exec(INSERT, params, 1);
    Ok(())
}

/// Takes the snapshot of the places in the count's scope.
pub fn snapshot(op: &Op, c: &StockCount, writes: &mut Flight) {
    writes.exec_any(SNAPSHOT, params![op.tenant.0, c.id.0]);
    if c.items.is_some() {
        writes.exec_any(SNAPSHOT_NAMED, params![op.tenant.0, c.id.0]);
    }
}

/// Writes a count's header as it is now, with the hands of the act.
///
/// # Errors
/// An authorization for something else.
pub fn update<D: DutyType>(
    tx: &TenantTx<'_>,
    authorized: Authorized<D>,
    c: &StockCount,
    version_before: i32,
    writes: &mut Flight,
) -> Result<()> {
    authorized.sign(tx, c.id, version_before, writes)?;
    update_header(tx, c, writes)
}

/// Writes a count's header after an entry, whose hands come with the submission of its pass.
///
/// # Errors
/// The transaction's time is not known.
pub(super) fn update_header(tx: &TenantTx<'_>, c: &StockCount, writes: &mut Flight) -> Result<()> {
    writes.exec(
        UPDATE,
        params![
            tx.op().tenant.0,
            c.id.0,
            c.status.as_str(),
            c.pass,
            c.value,
            c.required_level.map(|l| i16::from(l.get())),
            c.reason.clone(),
            c.trail.version,
            c.trail.sequence,
            c.trail.hash.clone(),
            tx.now()?,
        ],
        1,
    );
    Ok(())
}

/// Writes what one counter entered.
///
/// # Errors
/// The transaction's time is not known.
pub fn write_entries(tx: &TenantTx<'_>, c: &StockCount, added: &[(Place, Decimal)], writes: &mut Flight) -> Result<()> {
    let op = tx.op();
    macro_rules! column {
        ($f:expr) => {
            added.iter().map($f).collect::<Vec<_>>()
        };
    }
    writes.exec(
        ENTRIES,
        params![
            op.tenant.0,
            c.id.0,
            c.pass,
            op.account,
            op.person,
            tx.now()?,
            column!(|_| Uuid::now_v7()),
            column!(|(p, _)| p.item),
            column!(|(p, _)| p.lot.clone()),
            column!(|(p, _)| p.status.as_str()),
            column!(|(_, q)| *q),
        ],
        added.len() as u64,
    );
    Ok(())
}

/// Writes what these places came to.
///
/// # Errors
/// The transaction's time is not known.
pub fn write_lines<'l>(
    tx: &TenantTx<'_>,
    c: &StockCount,
    lines: impl Iterator<Item = &'l CountLine>,
    writes: &mut Flight,
) -> Result<()> {
    let lines: Vec<&CountLine> = lines.collect();
    macro_rules! column {
        ($f:expr) => {
            lines.iter().map($f).collect::<Vec<_>>()
        };
    }
    writes.exec(
        WRITE_LINES,
        params![
            tx.op().tenant.0,
            c.id.0,
            tx.now()?,
            column!(|l| l.place.item),
            column!(|l| l.place.lot.clone()),
            column!(|l| l.place.status.as_str()),
            column!(|l| l.asked),
            column!(|l| l.counted),
            column!(|l| l.expected),
            column!(|l| l.unit_cost),
            column!(|l| l.previous_variance),
        ],
        lines.len() as u64,
    );
    Ok(())
}
