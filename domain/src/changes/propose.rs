//! Propose a change: of one record by a person, or of many by an import.

use super::change::{Action, Change, ChangeCommand, ChangeStatus};
use super::master::{Current, Line, Master, differences};
use super::{change_data, repo};
use quartermaster_tenants::act::{Facts, Standing};
use quartermaster_tenants::error::Code;
use quartermaster_tenants::event::Event;
use quartermaster_tenants::policy::DutyType;
use quartermaster_tenants::{Error, Flight, Op, Outcome, Refusal, Result, TenantTx, Tenants, params};
use std::collections::HashMap;
use uuid::Uuid;

/// Proposes a record with a key that is not in use: it exists from now on, waiting for approval.
///
/// # Errors
/// Refusals of the input, of authority, of segregation of duties; `DUPLICATE`.
pub async fn propose<M: Master>(db: &Tenants, op: &Op, record: M, key_field: &'static str) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let record = record.checked();
    let key = record.as_ref().map(M::key).unwrap_or_default();
    let mut change = Change::new(M::KIND, Action::Create, op.account);
    let mut found: HashMap<String, Current> = HashMap::new();
    let mut flight = Flight::new();
    let rows = flight.rows(M::CURRENT, params![op.tenant.0, vec![key.clone()]]);
    let landing = tx.fly(flight).await?;
    for row in landing.get(rows) {
        let (key, current) = Current::read(row)?;
        found.insert(key, current);
    }
    let target = match (found.get(&key), &record) {
        (Some(current), _) => current.id,
        (None, Ok(record)) => record.fresh(),
        (None, Err(_)) => Uuid::now_v7(),
    };
    change.target = Some(target);
    let supplier = record.as_ref().ok().and_then(|r| r.supplier(target));
    let mut reads = Flight::new();
    let looked = record
        .as_ref()
        .ok()
        .map(|r| M::look(op, std::slice::from_ref(r), &mut reads));
    let subject = change.subject().of_suppliers(supplier.into_iter().collect());
    let (mut facts, landing) = tx.facts(subject, &[M::Maker::DUTY], reads).await?;
    let mut writes = Flight::new();
    let act = sign::<M::Maker>(&mut facts, &tx, &change, &Standing::new_document(), &mut writes)?;
    let looked = looked.unwrap_or_default();
    let record = record?;
    one_problem(M::problems(&landing, &looked, &[(target, &record)])?)?;
    let duplicate = || Refusal::new(Code::Duplicate, &[key_field], "This is in use already.");
    if found
        .get(&key)
        .is_some_and(|c| c.status != "DRAFT" || c.pending.is_some())
    {
        return Err(duplicate().into());
    }
    let line = decide_line(&record, found.get(&key), Action::Create)?.ok_or_else(duplicate)?;
    let line = Line {
        target,
        supplier: record.supplier(target),
        ..line
    };
    finish::<M>(&mut tx, &mut change, act, &[line], &mut writes)?;
    tx.commit(writes, Outcome::done(target, 1).with("change", change.id))
        .await
}

/// Proposes another content for a record, made of what stands now.
///
/// # Errors
/// Refusals of the input, of authority, version, state, segregation of duties.
pub async fn edit<M: Master>(
    db: &Tenants,
    op: &Op,
    id: Uuid,
    expected_version: Option<i32>,
    action: Action,
    change_it: impl FnOnce(M) -> M + Send,
) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut flight = Flight::new();
    let rows = flight.rows(M::CURRENT_BY_ID, params![op.tenant.0, vec![id]]);
    let landing = tx.fly(flight).await?;
    let row = landing
        .optional(rows)
        .ok_or_else(|| Refusal::not_found(&["id"], "record"))?;
    let (_, current) = Current::read(row)?;
    let before: M = current.typed()?;
    let mut change = Change::new(M::KIND, action, op.account);
    change.target = Some(id);
    let after = change_it(before.clone()).checked();
    let mut reads = Flight::new();
    let looked = after
        .as_ref()
        .ok()
        .map(|r| M::look(op, std::slice::from_ref(r), &mut reads));
    let subject = change.subject().of_suppliers(before.supplier(id).into_iter().collect());
    let (mut facts, landing) = tx.facts(subject, &[M::Maker::DUTY], reads).await?;
    let mut writes = Flight::new();
    let standing = Standing {
        versions: expected_version.map(|e| (e, current.trail.version)),
        ..Standing::new_document()
    };
    let authorized = facts.authorize::<M::Maker>(&standing)?;
    let act = authorized.act();
    authorized.sign(&tx, change.id, current.trail.version, &mut writes)?;
    if current.pending.is_some() {
        return Err(Refusal::new(
            Code::InvalidState,
            &["id"],
            "Another change of this waits for approval.",
        )
        .into());
    }
    if current.status == "CLOSED" {
        return Err(Refusal::new(Code::InvalidState, &["id"], "This is closed for good.").into());
    }
    let looked = looked.unwrap_or_default();
    let after = after?;
    one_problem(M::problems(&landing, &looked, &[(id, &after)])?)?;
    let line = decide_line(&after, Some(&current), action)?
        .ok_or_else(|| Refusal::invalid(&[], "Nothing is changed by this."))?;
    finish::<M>(&mut tx, &mut change, act, &[line], &mut writes)?;
    tx.commit(
        writes,
        Outcome::done(id, current.trail.version).with("change", change.id),
    )
    .await
}

/// Proposes that a record ends, or begins again, its content as it is.
///
/// # Errors
/// As [`edit`].
pub async fn remove<M: Master>(
    db: &Tenants,
    op: &Op,
    id: Uuid,
    expected_version: Option<i32>,
    action: Action,
) -> Result<Outcome> {
    edit::<M>(db, op, id, expected_version, action, |r| r).await
}

/// The line for one record; `None` when it changes nothing.
pub(crate) fn decide_line<M: Master>(record: &M, current: Option<&Current>, action: Action) -> Result<Option<Line>> {
    let after = serde_json::to_value(record).map_err(Error::internal)?;
    let is_status = matches!(action, Action::Close | Action::Activate | Action::Deactivate);
    let (target, action, insert, before) = match current {
        None => (record.fresh(), Action::Create, true, None),
        Some(c) if M::is_new(&c.status) => (c.id, Action::Create, false, Some(&c.record)),
        Some(c) if is_status => (c.id, action, false, Some(&c.record)),
        Some(c) => {
            if c.typed::<M>()? == *record {
                return Ok(None);
            }
            (c.id, Action::Update, false, Some(&c.record))
        }
    };
    let mut told = differences(before, &after);
    if is_status {
        told.push(super::Difference {
            field: "status".to_owned(),
            before: current.map(|c| c.status.clone()),
            after: Some(action.as_str().to_owned()),
        });
    }
    Ok(Some(Line {
        target,
        supplier: record.supplier(target),
        action,
        record: after,
        differences: serde_json::to_value(told).map_err(Error::internal)?,
        insert,
    }))
}

fn one_problem(problems: Vec<Vec<Refusal>>) -> Result<()> {
    let all: Vec<Refusal> = problems.into_iter().flatten().collect();
    if all.is_empty() { Ok(()) } else { Err(all.into()) }
}

fn sign<D: DutyType>(
    facts: &mut Facts,
    tx: &TenantTx<'_>,
    change: &Change,
    standing: &Standing,
    writes: &mut Flight,
) -> Result<Uuid> {
    let authorized = facts.authorize::<D>(standing)?;
    let act = authorized.act();
    authorized.sign(tx, change.id, change.trail.version, writes)?;
    Ok(act)
}

fn finish<M: Master>(
    tx: &mut TenantTx<'_>,
    change: &mut Change,
    act: Uuid,
    lines: &[Line],
    writes: &mut Flight,
) -> Result<()> {
    change.line_count = i32::try_from(lines.len()).map_err(Error::internal)?;
    change.trail.touch();
    let event = Event::new(
        change.kind.event(change.status),
        change.kind.as_str(),
        change.id,
        change_data(change),
    );
    tx.record(event.of_act(act), &mut change.trail)?;
    repo::insert(tx, change, writes)?;
    repo::insert_lines::<M>(tx, change, act, 0, lines, writes)
}

/// A change with many lines that grows by chunks: an import, or a price list.
pub(crate) struct Batch {
    pub change: Change,
    /// The row exists already.
    pub stored: bool,
}

impl Batch {
    /// The acts of one chunk: signs for its suppliers, adds its lines, and with `last` asks for approval.
    pub(crate) fn add<M: Master>(
        &mut self,
        tx: &mut TenantTx<'_>,
        facts: &mut Facts,
        lines: &[Line],
        last: bool,
        writes: &mut Flight,
    ) -> Result<()> {
        let standing = if self.stored {
            self.change.standing(ChangeCommand::Add, None)
        } else {
            Standing::new_document()
        };
        let act = sign::<M::Maker>(facts, tx, &self.change, &standing, writes)?;
        let before = self.change.line_count;
        self.change.line_count += i32::try_from(lines.len()).map_err(Error::internal)?;
        let status = match (last, self.change.line_count) {
            (false, _) => ChangeStatus::Draft,
            (true, 0) => ChangeStatus::Withdrawn,
            (true, _) => ChangeStatus::Pending,
        };
        let tell = !self.stored || status != self.change.status;
        self.change.status = status;
        self.change.trail.touch();
        if tell {
            let kind = self.change.kind;
            let event = Event::new(
                kind.event(status),
                kind.as_str(),
                self.change.id,
                change_data(&self.change),
            );
            tx.record(event.of_act(act), &mut self.change.trail)?;
        }
        if self.stored {
            repo::update(tx, &self.change, writes)?;
        } else {
            repo::insert(tx, &self.change, writes)?;
            self.stored = true;
        }
        repo::insert_lines::<M>(tx, &self.change, act, before, lines, writes)
    }
}
