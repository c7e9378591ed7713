//! Lines of suppliers, items and prices: what they say is proposed in one change.

use super::chunk::{Reading, Verdicts};
use super::claims::Claim;
use super::job::InvalidGtin;
use super::repo::{self, Held};
use super::row::Row;
use super::start;
use crate::changes::{Action, Batch, Current, Line, Master, decide_line};
use quartermaster_tenants::act::Standing;
use quartermaster_tenants::error::Code;
use quartermaster_tenants::policy::DutyType;
use quartermaster_tenants::tx::{Landing, Rows};
use quartermaster_tenants::{Error, Flight, Op, Outcome, Refusal, Result, TenantTx, Tenants, params};
use std::collections::HashMap;
use uuid::Uuid;

/// Master data that comes in files.
pub(super) trait Importable: Master {
    /// What lines name by code, found in the database.
    type Known: Send;

    /// Adds the statements that look for what these lines name.
    fn look_for(op: &Op, rows: &[&Row], flight: &mut Flight) -> Vec<Rows>;

    /// Reads what they found.
    ///
    /// # Errors
    /// A column that is not as expected.
    fn known(landing: &Landing, looked: &[Rows]) -> Result<Self::Known>;

    /// What a line says, on top of the record as it stands: columns that the file does not have are kept from it.
    ///
    /// # Errors
    /// Values that cannot be read, names of nothing, each with its column.
    fn read(row: &Row, known: &Self::Known, before: Option<&Self>) -> Result<Self, Vec<Refusal>>;

    /// Takes GTINs out that are none, and says which.
    fn without_invalid_gtins(self) -> (Self, Vec<Refusal>) {
        (self, vec![])
    }

    /// Does a record stand behind what was found?
    fn stands(_current: &Current) -> bool {
        true
    }

    /// What the line does to the record besides its content.
    ///
    /// # Errors
    /// Something that cannot be done to it.
    fn action(_row: &Row, _current: Option<&Current>) -> Result<Action, Refusal> {
        Ok(Action::Update)
    }

    /// What of the record can never change.
    ///
    /// # Errors
    /// It would change.
    fn keeps(&self, _before: &Self) -> Result<(), Refusal> {
        Ok(())
    }

    /// What the record claims for itself within the file, its key first.
    fn claims(&self, row: &Row) -> Vec<Claim>;

    /// The column of a field of the record.
    fn column(&self, field: &[String]) -> String;
}

/// A line that may go in.
struct Candidate<'r, M> {
    row: &'r Row,
    id: Uuid,
    record: M,
    action: Action,
    omitted: Vec<Refusal>,
}

/// Takes lines: six round trips, whatever their number.
pub(super) async fn take<M: Importable>(db: &Tenants, op: &Op, reading: &mut Reading, rows: &[Row]) -> Result<()> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut verdicts = Verdicts::of(rows);
    let open: Vec<&Row> = rows.iter().filter(|r| r.refusals.is_empty()).collect();
    let mut flight = Flight::new();
    let held = Held::of(op, reading, &mut flight);
    let looked = M::look_for(op, &open, &mut flight);
    let landing = tx.fly(flight).await?;
    let change = held.change(&landing, reading)?;
    let known = M::known(&landing, &looked)?;

    let mut keyed = Vec::with_capacity(open.len());
    for row in open {
        match M::read(row, &known, None) {
            Ok(record) => keyed.push((row, record.key())),
            Err(refusals) => verdicts.refuse(row, refusals),
        }
    }
    let found = current::<M>(&mut tx, keyed.iter().map(|(_, key)| key.clone()).collect()).await?;
    let mut candidates = Vec::with_capacity(keyed.len());
    for (row, key) in keyed {
        match decide::<M>(row, &known, found.get(&key), reading)? {
            Decided::Refused(refusals) => verdicts.refuse(row, refusals),
            Decided::Unchanged(omitted) => verdicts.unchanged(row, omitted),
            Decided::Candidate(candidate) => candidates.push((candidate, key)),
        }
    }
    let mut lines: Vec<Line> = Vec::with_capacity(candidates.len());
    let problems = problems(&mut tx, &candidates).await?;
    for ((candidate, key), wrong) in candidates.into_iter().zip(problems) {
        if !wrong.is_empty() {
            verdicts.refuse(candidate.row, named(&candidate.record, wrong));
            continue;
        }
        let standing = found.get(&key).filter(|c| M::stands(c));
        match decide_line(&candidate.record, standing, candidate.action)? {
            Some(line) => {
                verdicts.accept(candidate.row, line.action, candidate.omitted);
                lines.push(line);
            }
            None => verdicts.unchanged(candidate.row, candidate.omitted),
        }
    }
    let mut writes = Flight::new();
    let mut stored = None;
    if let Some(change) = change.filter(|_| !lines.is_empty()) {
        let suppliers = lines.iter().filter_map(|l| l.supplier).collect();
        let subject = change.subject().of_suppliers(suppliers);
        let (mut facts, _) = tx.facts(subject, &[M::Maker::DUTY], Flight::new()).await?;
        if reading.job.dry_run {
            let standing = Standing::new_document();
            start::check(&mut facts, &tx, reading.job.kind, change.id, &standing)?;
        } else {
            stored = Some(change.id);
            let mut batch = Batch {
                stored: reading.job.change.is_some(),
                change,
            };
            batch.add::<M>(&mut tx, &mut facts, &lines, false, &mut writes)?;
        }
    }
    tx.clock().await?;
    let job = repo::record(&mut tx, &reading.job, stored, &verdicts, &mut writes)?;
    let outcome = Outcome::done(job.id, job.trail.version);
    tx.commit(writes, outcome).await?;
    reading.job = job;
    Ok(())
}

/// What stands now, locked.
async fn current<M: Importable>(tx: &mut TenantTx<'_>, mut keys: Vec<String>) -> Result<HashMap<String, Current>> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    keys.sort_unstable();
    keys.dedup();
    let mut flight = Flight::new();
    let rows = flight.rows(M::CURRENT, params![tx.op().tenant.0, keys]);
    let landing = tx.fly(flight).await?;
    landing.get(rows).iter().map(Current::read).collect()
}

enum Decided<'r, M> {
    Refused(Vec<Refusal>),
    Unchanged(Vec<Refusal>),
    Candidate(Candidate<'r, M>),
}

/// What a line comes to, by the file and by the record as it stands.
fn decide<'r, M: Importable>(
    row: &'r Row,
    known: &M::Known,
    current: Option<&Current>,
    reading: &mut Reading,
) -> Result<Decided<'r, M>> {
    let standing = current.filter(|c| M::stands(c));
    let before: Option<M> = standing.map(Current::typed).transpose()?;
    let record = match M::read(row, known, before.as_ref()) {
        Ok(record) => record,
        Err(refusals) => return Ok(Decided::Refused(refusals)),
    };
    let (record, omitted) = match reading.job.on_invalid_gtin {
        InvalidGtin::Omit => record.without_invalid_gtins(),
        InvalidGtin::Refuse => (record, vec![]),
    };
    let unchecked = record.clone();
    let record = match record.checked() {
        Ok(record) => record,
        Err(refusals) => return Ok(Decided::Refused(named(&unchecked, refusals))),
    };
    let claimed = |reading: &mut Reading| claim(&record, row, reading);
    if let Some(taken) = claimed(reading) {
        return Ok(Decided::Refused(vec![taken]));
    }
    let action = match M::action(row, standing) {
        Ok(action) => action,
        Err(refusal) => return Ok(Decided::Refused(vec![refusal])),
    };
    let refuse = |message: &str| {
        let column = record.column(&[]);
        Ok(Decided::Refused(vec![Refusal::new(
            Code::InvalidState,
            &[&column],
            message,
        )]))
    };
    if let (Some(c), Some(before)) = (standing, &before) {
        if c.status == "CLOSED" {
            return refuse("This is closed for good.");
        }
        if action == Action::Update && !M::is_new(&c.status) && *before == record {
            return Ok(Decided::Unchanged(omitted));
        }
        if !M::is_new(&c.status)
            && let Err(refusal) = record.keeps(before)
        {
            return Ok(Decided::Refused(vec![refusal]));
        }
    }
    if let Some(pending) = current.and_then(|c| c.pending.clone()) {
        let pending: M = serde_json::from_value(pending).map_err(Error::internal)?;
        return if pending == record {
            Ok(Decided::Unchanged(omitted))
        } else {
            refuse("Another change of this waits for approval.")
        };
    }
    Ok(Decided::Candidate(Candidate {
        row,
        id: standing.map_or_else(|| record.fresh(), |c| c.id),
        record,
        action,
        omitted,
    }))
}

fn claim<M: Importable>(record: &M, row: &Row, reading: &mut Reading) -> Option<Refusal> {
    record.claims(row).into_iter().find_map(|claim| {
        let first = reading.claims.take(&claim, row.line)?;
        let (column, message) = match claim {
            Claim::Alone(column, _) => (column, format!("Line {first} of the file has this already.")),
            Claim::Agreed(column, _, _) => (column, format!("Line {first} of the file says otherwise.")),
        };
        Some(Refusal::new(Code::Duplicate, &[column], message))
    })
}

/// What the database finds wrong with records that are right in themselves.
async fn problems<M: Importable>(
    tx: &mut TenantTx<'_>,
    candidates: &[(Candidate<'_, M>, String)],
) -> Result<Vec<Vec<Refusal>>> {
    if candidates.is_empty() {
        return Ok(vec![]);
    }
    let records: Vec<M> = candidates.iter().map(|(c, _)| c.record.clone()).collect();
    let mut flight = Flight::new();
    let looked = M::look(tx.op(), &records, &mut flight);
    let landing = tx.fly(flight).await?;
    let pairs: Vec<(Uuid, &M)> = candidates.iter().map(|(c, _)| (c.id, &c.record)).collect();
    M::problems(&landing, &looked, &pairs)
}

/// The same refusals, with columns in place of the record's fields.
fn named<M: Importable>(record: &M, refusals: Vec<Refusal>) -> Vec<Refusal> {
    refusals
        .into_iter()
        .map(|r| Refusal {
            field: vec![record.column(&r.field)],
            ..r
        })
        .collect()
}
