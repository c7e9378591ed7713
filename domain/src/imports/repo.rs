//! The SQL of imports.

use super::chunk::{Reading, Verdicts};
use super::job::{Counts, ImportKind, ImportState, InvalidGtin, Job};
use crate::changes::{self, Action, Change, ChangeStatus};
use quartermaster_tenants::error::Code;
use quartermaster_tenants::event::{Event, Trail};
use quartermaster_tenants::tx::{Flight, Landing, Rows, TenantTx};
use quartermaster_tenants::{Error, Op, Refusal, Result, params};
use tokio_postgres::Row;
use uuid::Uuid;

const INSERT: &str = "INSERT INTO qm.import_job (tenant_id, id, kind, state, dry_run, on_invalid_gtin, name, account_id, header, lines, created, updated, unchanged, refused, file_digest, version, event_sequence, event_hash, created_at, updated_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0, 0, 0, 0, $10, $11, $12, $13, $14, $14)";
const UPDATE: &str = "UPDATE qm.import_job j SET state = $3, change_id = $4, lines = $5, created = $6, updated = $7, unchanged = $8, refused = $9, omitted = $10, failure = $11, file_digest = $12, \
    begins = $13, version = $14, event_sequence = $15, event_hash = $16, updated_at = $17 WHERE j.tenant_id = $1 AND j.id = $2";
const LOCK: &str =
    "SELECT j.*, j.updated_at AS moved_at FROM qm.import_job j WHERE j.tenant_id = $1 AND j.id = $2 FOR UPDATE";
const INSERT_REFUSALS: &str = "INSERT INTO qm.import_refusal AS r (tenant_id, id, line_number, part, field, code, reason, raw, omitted) \
    SELECT $1, $2, u.line_number, u.part, u.field, u.code, u.reason, u.raw, u.omitted \
    FROM unnest($3::int[], $4::int[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bool[]) u (line_number, part, field, code, reason, raw, omitted)";

pub(super) fn read(row: &Row) -> Result<Job> {
    Ok(Job {
        id: row.try_get("id")?,
        kind: ImportKind::parse(row.try_get("kind")?)?,
        state: ImportState::parse(row.try_get("state")?)?,
        dry_run: row.try_get("dry_run")?,
        on_invalid_gtin: InvalidGtin::parse(row.try_get("on_invalid_gtin")?)?,
        name: row.try_get("name")?,
        change: row.try_get("change_id")?,
        account: row.try_get("account_id")?,
        header: row.try_get("header")?,
        counts: Counts {
            lines: row.try_get("lines")?,
            created: row.try_get("created")?,
            updated: row.try_get("updated")?,
            unchanged: row.try_get("unchanged")?,
            refused: row.try_get("refused")?,
            omitted: row.try_get("omitted")?,
        },
        failure: row.try_get("failure")?,
        digest: row.try_get("file_digest")?,
        begins: row.try_get("begins")?,
        trail: Trail::from_row(row)?,
    })
}

/// Adds the statement that locks an import.
pub(super) fn lock(op: &Op, job: Uuid, flight: &mut Flight) -> Rows {
    flight.rows(LOCK, params![op.tenant.0, job])
}

/// An import and its change, locked, while its file is read.
pub(super) struct Held {
    job: Rows,
    change: Option<Rows>,
}

impl Held {
    /// Adds the statements that lock them.
    pub(super) fn of(op: &Op, reading: &Reading, flight: &mut Flight) -> Self {
        let job = lock(op, reading.job.id, flight);
        let kind = reading.job.kind.change();
        let change = kind.map(|kind| changes::repo::lock(op, kind, reading.change, flight));
        Self { job, change }
    }

    /// The change as it is, or as it begins. Somebody may have ended both meanwhile: then nothing more goes in.
    pub(super) fn change(&self, landing: &Landing, reading: &Reading) -> Result<Option<Change>> {
        let row = landing.one(self.job)?;
        let job = &reading.job;
        if row.try_get::<_, &str>("state")? != ImportState::Reading.as_str() {
            return Err(ended("This import was ended meanwhile."));
        }
        let (Some(rows), Some(kind)) = (self.change, job.kind.change()) else {
            return Ok(None);
        };
        let Some(row) = landing.optional(rows) else {
            let mut change = Change::new(kind, Action::Import, job.account);
            change.id = reading.change;
            change.name = Some(job.name.clone()).filter(|n| !n.is_empty());
            return Ok(Some(change));
        };
        let change = changes::repo::read(row)?;
        if change.status != ChangeStatus::Draft {
            return Err(ended("The change of this import was taken back meanwhile."));
        }
        Ok(Some(change))
    }
}

fn ended(message: &str) -> Error {
    Refusal::new(Code::InvalidState, &[], message).into()
}

/// Writes a new import.
pub(super) fn insert(tx: &TenantTx<'_>, job: &Job, writes: &mut Flight) -> Result<()> {
    writes.exec(
        INSERT,
        params![
            tx.op().tenant.0,
            job.id,
            job.kind.as_str(),
            job.state.as_str(),
            job.dry_run,
            job.on_invalid_gtin.as_str(),
            job.name.clone(),
            job.account,
            job.header.clone(),
            job.digest.clone(),
            job.trail.version,
            job.trail.sequence,
            job.trail.hash.clone(),
            tx.now()?,
        ],
        1,
    );
    Ok(())
}

/// Writes an import as it is now.
pub(super) fn update(tx: &TenantTx<'_>, job: &Job, writes: &mut Flight) -> Result<()> {
    let c = job.counts;
    writes.exec(
        UPDATE,
        params![
            tx.op().tenant.0,
            job.id,
            job.state.as_str(),
            job.change,
            c.lines,
            c.created,
            c.updated,
            c.unchanged,
            c.refused,
            c.omitted,
            job.failure.clone(),
            job.digest.clone(),
            job.begins.clone(),
            job.trail.version,
            job.trail.sequence,
            job.trail.hash.clone(),
            tx.now()?,
        ],
        1,
    );
    Ok(())
}

/// Writes what the lines of a chunk came to, and the import with its new counts; gives the import as it is then.
pub(super) fn record(
    tx: &mut TenantTx<'_>,
    job: &Job,
    change: Option<Uuid>,
    verdicts: &Verdicts,
    writes: &mut Flight,
) -> Result<Job> {
    for data in &verdicts.duties {
        let event = Event::new("segregation-of-duties-refused", "REFUSAL", Uuid::now_v7(), data.clone());
        tx.record(event, &mut Trail::new())?;
    }
    let told = &verdicts.told;
    if !told.is_empty() {
        writes.exec(
            INSERT_REFUSALS,
            params![
                tx.op().tenant.0,
                job.id,
                told.iter()
                    .map(|t| i32::try_from(t.line).unwrap_or(i32::MAX))
                    .collect::<Vec<_>>(),
                told.iter().map(|t| t.part).collect::<Vec<_>>(),
                told.iter().map(|t| t.refusal.field.join(".")).collect::<Vec<_>>(),
                told.iter().map(|t| code(t.refusal.code)).collect::<Result<Vec<_>>>()?,
                told.iter().map(|t| t.refusal.message.clone()).collect::<Vec<_>>(),
                told.iter().map(|t| t.raw.clone()).collect::<Vec<_>>(),
                told.iter().map(|t| t.omitted).collect::<Vec<_>>(),
            ],
            told.len() as u64,
        );
    }
    let mut job = job.clone();
    job.counts = job.counts.plus(verdicts.counts);
    job.change = job.change.or(change);
    job.trail.touch();
    update(tx, &job, writes)?;
    Ok(job)
}

fn code(code: Code) -> Result<String> {
    match serde_json::to_value(code).map_err(Error::internal)? {
        serde_json::Value::String(word) => Ok(word),
        other => Err(Error::internal(format!("a code {other}"))),
    }
}
