//! Take some lines of a file: one transaction, whatever they come to.

use super::claims::Claims;
use super::job::{Counts, ImportKind, Job};
use super::row::Row;
use super::{locations, masters};
use crate::changes::Action;
use crate::items::Item;
use crate::pricing::Price;
use crate::suppliers::Supplier;
use quartermaster_tenants::error::{Code, Detail};
use quartermaster_tenants::{Error, Op, Refusal, Result, Tenants};
use serde_json::{Value, json};
use std::ops::Range;
use uuid::Uuid;

/// A chunk that loses to concurrent transactions is tried this often.
const TRIES: u32 = 5;

/// An import while its file is read.
pub(super) struct Reading {
    /// As it was last written.
    pub job: Job,
    /// The id that its change has, or will have.
    pub change: Uuid,
    /// What its lines claim for themselves.
    pub claims: Claims,
}

/// Takes lines. Where a rule of duties refuses the act as a whole, it is taken in halves, until only the lines are refused that the
/// rule is about.
pub(super) async fn take(db: &Tenants, op: &Op, reading: &mut Reading, rows: &mut [Row]) -> Result<()> {
    let mut waiting: Vec<Range<usize>> = std::iter::once(0..rows.len()).collect();
    while let Some(part) = waiting.pop() {
        let Err(error) = tried(db, op, reading, &rows[part.clone()]).await else {
            continue;
        };
        let refusals = match error {
            Error::Refused(refusals) if refusals.iter().all(|r| r.code == Code::SegregationOfDuties) => refusals,
            other => return Err(other),
        };
        if part.len() > 1 {
            let middle = part.start + part.len() / 2;
            waiting.push(middle..part.end);
            waiting.push(part.start..middle);
        } else if let Some(row) = rows.get_mut(part.start) {
            row.refusals.extend(refusals);
            waiting.push(part);
        }
    }
    Ok(())
}

async fn tried(db: &Tenants, op: &Op, reading: &mut Reading, rows: &[Row]) -> Result<()> {
    let mut left = TRIES;
    loop {
        left -= 1;
        let end = match reading.job.kind {
            ImportKind::Suppliers => masters::take::<Supplier>(db, op, reading, rows).await,
            ImportKind::Items => masters::take::<Item>(db, op, reading, rows).await,
            ImportKind::Prices => masters::take::<Price>(db, op, reading, rows).await,
            ImportKind::Locations => locations::take(db, op, reading, rows).await,
        };
        match end {
            Err(Error::Contended(what)) if left > 0 => tracing::debug!(%what, left, "a chunk is tried again"),
            end => return end,
        }
    }
}

/// What the lines of a chunk came to.
#[derive(Debug, Default)]
pub(super) struct Verdicts {
    /// How many to what.
    pub counts: Counts,
    /// What is told about single lines.
    pub told: Vec<Told>,
    /// Refusals by rules of duties, for the audit log.
    pub duties: Vec<Value>,
}

/// One thing that is told about a line.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub line: u32,
    pub part: i32,
    pub refusal: Refusal,
    /// The line as it was, with the first refusal only.
    pub raw: String,
    /// The value was left out, the line went in.
    pub omitted: bool,
}

impl Verdicts {
    /// Of these lines; those that are refused already are.
    pub(super) fn of(rows: &[Row]) -> Self {
        let mut verdicts = Self::default();
        verdicts.counts.lines = i32::try_from(rows.len()).unwrap_or(i32::MAX);
        for row in rows.iter().filter(|r| !r.refusals.is_empty()) {
            verdicts.refuse(row, row.refusals.clone());
        }
        verdicts
    }

    /// A line is refused.
    pub(super) fn refuse(&mut self, row: &Row, refusals: Vec<Refusal>) {
        self.counts.refused += 1;
        let mut raw = row.raw();
        for (part, refusal) in (0..).zip(refusals) {
            if let Detail::Duties(d) = &refusal.detail {
                self.duties.push(json!({ "rule": d.rule, "duty": d.duty, "document": d.subject.document, "documentKind": d.subject.kind }));
            }
            self.told.push(Told {
                line: row.line,
                part,
                refusal,
                raw: std::mem::take(&mut raw),
                omitted: false,
            });
        }
    }

    /// A line goes in.
    pub(super) fn accept(&mut self, row: &Row, action: Action, omitted: Vec<Refusal>) {
        match action {
            Action::Create => self.counts.created += 1,
            _ => self.counts.updated += 1,
        }
        self.omit(row, omitted);
    }

    /// A line says nothing new.
    pub(super) fn unchanged(&mut self, row: &Row, omitted: Vec<Refusal>) {
        self.counts.unchanged += 1;
        self.omit(row, omitted);
    }

    fn omit(&mut self, row: &Row, omitted: Vec<Refusal>) {
        for (part, refusal) in (0..).zip(omitted) {
            self.counts.omitted += 1;
            self.told.push(Told {
                line: row.line,
                part,
                refusal,
                raw: String::new(),
                omitted: true,
            });
        }
    }
}
