//! What can be asked about imports: how far, with what result, which lines were refused and why.

use super::SILENCE;
use super::job::{ImportKind, ImportState, Job};
use super::repo;
use crate::shared::{Cursor, Listing, Order, Page, Window};
use chrono::{DateTime, Utc};
use quartermaster_tenants::error::Code;
use quartermaster_tenants::{Error, Flight, Op, Result, TenantTx, Tenants, params};
use std::collections::HashMap;
use tokio_postgres::Row;
use uuid::Uuid;

/// An import, as it is read.
#[derive(Debug, Clone)]
pub struct ImportRecord {
    /// It.
    pub job: Job,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it last moved.
    pub updated_at: DateTime<Utc>,
}

/// Which imports; all conditions together.
#[derive(Debug, Clone, Default)]
pub struct ImportFilter {
    /// With one of these ids.
    pub ids: Option<Vec<Uuid>>,
    /// Of these kinds.
    pub kinds: Option<Vec<ImportKind>>,
    /// In one of these states.
    pub states: Option<Vec<ImportState>>,
}

/// One thing that is told about a line.
#[derive(Debug, Clone)]
pub struct RefusalRecord {
    /// The number of the line in the file.
    pub line: i32,
    /// 0, 1, 2 … of the line.
    pub part: i32,
    /// The column; empty for the line as a whole.
    pub field: String,
    /// Stable.
    pub code: Code,
    /// A sentence.
    pub reason: String,
    /// The line as it was, with its first refusal only.
    pub raw: String,
    /// The value was left out, and the line went in.
    pub omitted: bool,
}

/// A refused line with all that is wrong with it.
#[derive(Debug, Clone)]
pub struct RefusedLine {
    /// Its number in the file.
    pub line: i32,
    /// The columns, separated by semicolons.
    pub fields: String,
    /// The reasons, one after the other.
    pub reasons: String,
    /// The line as it was, as CSV.
    pub raw: String,
}

/// The orders in which the list can be asked for.
pub const ORDERS: [Order; 2] = [
    Order::descending("created-desc", "t.id", "uuid"),
    Order::ascending("created-asc", "t.id", "uuid"),
];

/// The order of what is told about lines: a cursor's value is the line's number, then its part.
pub const BY_LINE: Order = Order::ascending("line", "line", "bigint");

/// Parts of a line in a cursor's value.
const PARTS: i64 = 1_000;

/// An import with what became of its change, and of its process: columns over `t` and `c`.
macro_rules! columns {
    () => {
        "t.*, CASE WHEN t.state = 'PROPOSED' AND c.status = 'APPROVED' THEN 'APPLIED' WHEN t.state = 'PROPOSED' AND c.status IN ('REJECTED', 'WITHDRAWN') THEN 'DECLINED' ELSE t.state END AS shown"
    };
}
const FROM: &str = "qm.import_job t LEFT JOIN qm.master_change c ON c.tenant_id = t.tenant_id AND c.id = t.change_id";
const STATE: &str = "(CASE WHEN t.state = 'PROPOSED' AND c.status = 'APPROVED' THEN 'APPLIED' WHEN t.state = 'PROPOSED' AND c.status IN ('REJECTED', 'WITHDRAWN') THEN 'DECLINED' ELSE t.state END) = ANY(?)";
const BY_IDS: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM qm.import_job t LEFT JOIN qm.master_change c ON c.tenant_id = t.tenant_id AND c.id = t.change_id WHERE t.tenant_id = $1 AND t.id = ANY($2)"
);
const TOLD: &str = "SELECT r.* FROM unnest($2::uuid[]) j (id) CROSS JOIN LATERAL (SELECT x.* FROM qm.import_refusal x WHERE x.tenant_id = $1 AND x.id = j.id \
    AND (x.line_number, x.part) > ($3, $4) AND (x.line_number, x.part) < ($5, $6) ORDER BY x.line_number, x.part LIMIT $7) r ORDER BY r.id, r.line_number, r.part";
const TOLD_BACKWARD: &str = "SELECT r.* FROM unnest($2::uuid[]) j (id) CROSS JOIN LATERAL (SELECT x.* FROM qm.import_refusal x WHERE x.tenant_id = $1 AND x.id = j.id \
    AND (x.line_number, x.part) > ($3, $4) AND (x.line_number, x.part) < ($5, $6) ORDER BY x.line_number DESC, x.part DESC LIMIT $7) r ORDER BY r.id, r.line_number DESC, r.part DESC";
const COUNTS_TOLD: &str =
    "SELECT r.id, count(*) FROM qm.import_refusal r WHERE r.tenant_id = $1 AND r.id = ANY($2) GROUP BY r.id";
const REFUSED: &str = "SELECT r.line_number, string_agg(r.field, '; ' ORDER BY r.part), string_agg(r.reason, ' ' ORDER BY r.part), string_agg(r.raw, '' ORDER BY r.part) \
    FROM qm.import_refusal r WHERE r.tenant_id = $1 AND r.id = $2 AND NOT r.omitted AND r.line_number > $3 GROUP BY r.line_number ORDER BY r.line_number LIMIT $4";

fn listing(op: &Op, filter: &ImportFilter) -> Listing {
    let mut list = Listing::new(columns!(), FROM, op.tenant.0);
    let words = |w: &[ImportKind]| w.iter().map(|k| k.as_str()).collect::<Vec<_>>();
    let states = |w: &[ImportState]| w.iter().map(|k| k.as_str()).collect::<Vec<_>>();
    list.filter_some("t.id = ANY(?)", filter.ids.clone())
        .filter_some("t.kind = ANY(?)", filter.kinds.as_deref().map(words))
        .filter_some(STATE, filter.states.as_deref().map(states));
    list
}

/// A page of imports.
///
/// # Errors
/// What the database said.
pub async fn imports(
    db: &Tenants,
    op: &Op,
    filter: &ImportFilter,
    order: Order,
    window: &Window,
) -> Result<Page<ImportRecord>> {
    let mut tx = TenantTx::read(db, op).await?;
    let now = tx.clock().await?;
    listing(op, filter)
        .read(&mut tx, order, window, |row| read(row, now))
        .await
}

/// How many there are.
///
/// # Errors
/// What the database said.
pub async fn count_imports(db: &Tenants, op: &Op, filter: &ImportFilter) -> Result<i64> {
    listing(op, filter).total(&mut TenantTx::read(db, op).await?).await
}

/// The imports with these ids.
///
/// # Errors
/// What the database said.
pub async fn imports_by_ids(db: &Tenants, op: &Op, ids: &[Uuid]) -> Result<HashMap<Uuid, ImportRecord>> {
    let mut tx = TenantTx::read(db, op).await?;
    let now = tx.clock().await?;
    let mut flight = Flight::new();
    let rows = flight.rows(BY_IDS, params![op.tenant.0, ids.to_vec()]);
    let landing = tx.fly(flight).await?;
    landing
        .get(rows)
        .iter()
        .map(|r| read(r, now).map(|i| (i.job.id, i)))
        .collect()
}

/// What is told about the lines of these imports: the same window of each, one statement.
///
/// # Errors
/// What the database said.
pub async fn told(db: &Tenants, op: &Op, ids: &[Uuid], window: &Window) -> Result<HashMap<Uuid, Page<RefusalRecord>>> {
    let place = |c: &Option<Cursor>, otherwise: i64| {
        let at = c.as_ref().and_then(|c| c.value.parse().ok()).unwrap_or(otherwise);
        let whole = |n: i64| i32::try_from(n).unwrap_or(i32::MAX);
        (whole(at.div_euclid(PARTS)), whole(at.rem_euclid(PARTS)))
    };
    let (after, before) = (place(&window.after, -1), place(&window.before, i64::MAX));
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let sql = if window.from_back { TOLD_BACKWARD } else { TOLD };
    let rows = flight.rows(
        sql,
        params![
            op.tenant.0,
            ids.to_vec(),
            after.0,
            after.1,
            before.0,
            before.1,
            window.limit + 1
        ],
    );
    let landing = tx.fly(flight).await?;
    let mut all: HashMap<Uuid, Vec<(RefusalRecord, Cursor)>> = HashMap::new();
    for row in landing.get(rows) {
        let (id, told) = read_told(row)?;
        let value = i64::from(told.line) * PARTS + i64::from(told.part);
        let cursor = Cursor {
            tag: BY_LINE.tag,
            value: value.to_string().into(),
            id,
        };
        all.entry(id).or_default().push((told, cursor));
    }
    let limit = usize::try_from(window.limit).map_err(Error::internal)?;
    let page = |(id, mut rows): (Uuid, Vec<_>)| {
        let more = rows.len() > limit;
        rows.truncate(limit);
        if window.from_back {
            rows.reverse();
        }
        let (has_next, has_previous) = match window.from_back {
            false => (more, window.after.is_some()),
            true => (window.before.is_some(), more),
        };
        (
            id,
            Page {
                rows,
                has_next,
                has_previous,
            },
        )
    };
    Ok(all.into_iter().map(page).collect())
}

/// How much is told about the lines of an import.
///
/// # Errors
/// What the database said.
pub async fn counts_told(db: &Tenants, op: &Op, imports: &[Uuid]) -> Result<HashMap<Uuid, i64>> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let counts = flight.rows(COUNTS_TOLD, params![op.tenant.0, imports.to_vec()]);
    let landing = tx.fly(flight).await?;
    let read = |r: &tokio_postgres::Row| Ok((r.try_get(0)?, r.try_get(1)?));
    landing.get(counts).iter().map(read).collect()
}

/// At most `limit` refused lines of an import behind line `after`, as they were.
///
/// # Errors
/// What the database said.
pub async fn refused(db: &Tenants, op: &Op, id: Uuid, after: i32, limit: i64) -> Result<Vec<RefusedLine>> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let rows = flight.rows(REFUSED, params![op.tenant.0, id, after, limit]);
    let landing = tx.fly(flight).await?;
    let read = |row: &Row| {
        Ok(RefusedLine {
            line: row.try_get(0)?,
            fields: row.try_get(1)?,
            reasons: row.try_get(2)?,
            raw: row.try_get(3)?,
        })
    };
    landing.get(rows).iter().map(read).collect()
}

fn read_told(row: &Row) -> Result<(Uuid, RefusalRecord)> {
    let word: String = row.try_get("code")?;
    Ok((
        row.try_get("id")?,
        RefusalRecord {
            line: row.try_get("line_number")?,
            part: row.try_get("part")?,
            field: row.try_get("field")?,
            code: serde_json::from_value(serde_json::Value::String(word)).map_err(Error::internal)?,
            reason: row.try_get("reason")?,
            raw: row.try_get("raw")?,
            omitted: row.try_get("omitted")?,
        },
    ))
}

fn read(row: &Row, now: DateTime<Utc>) -> Result<ImportRecord> {
    let mut job = repo::read(row)?;
    let updated_at = row.try_get("updated_at")?;
    let shown: &str = row.try_get("shown")?;
    job.state = ImportState::parse(shown)?;
    if job.state == ImportState::Reading && updated_at < now - SILENCE {
        job.fail("The upload broke off: its server stopped.");
    }
    Ok(ImportRecord {
        job,
        created_at: row.try_get("created_at")?,
        updated_at,
    })
}
