//! The one door to tenant data.
//!
//! [`Tenants`] holds the only pool for it. A [`TenantTx`] takes a connection, and with its first [`Flight`] sends `BEGIN`
//! and the tenant, for that transaction alone. Statements travel in flights: any number of them, one round trip. `COMMIT` is
//! a message of its own, after the row counts were checked; it consumes the transaction. Whatever drops a transaction
//! before that – a client that hangs up, a panic, a `?` – leaves no transaction and no tenant on the connection.

mod flight;
mod health;
mod numbers;
mod outcome;
mod pool;
mod premise;
mod pulse;
mod queue;
mod retry;
mod seat;

pub use flight::{Flight, Landing, Param, Rows};
pub use health::{Load, Problem, database_time, problems};
pub use numbers::{Number, Numbering};
pub use outcome::Outcome;
pub(crate) use pool::{CONNECTED_WITHIN, SILENT};
pub use pool::{SESSION, Tenants};
pub(crate) use premise::Premise;
pub use pulse::{Beat, Missed, Pulse};
pub use retry::Attempts;
pub(crate) use retry::End;

use crate::error::{Error, Result};
use crate::event::{Event, Recorder, Trail};
use crate::op::Op;
use crate::recorded_kind::RecordedKind;
use chrono::{DateTime, Utc};
use seat::{Opening, Seat, Sitting};
use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio_postgres::Row;
use tracing::Instrument;
use uuid::Uuid;

/// From recording an event to its commit: what takes longer is given up, so that readers of events know how far to look back.
pub const LONGEST_RECORDED: Duration = Duration::from_secs(60);

/// What a transaction is for: a read skips what only acts need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Read,
    Act,
    Publish,
}

/// A transaction of one tenant.
pub struct TenantTx<'op> {
    seat: Arc<Seat>,
    opening: Option<Opening>,
    op: &'op Op,
    db: Tenants,
    purpose: Purpose,
    /// What an act needs before its first statement has been sent.
    prepared: bool,
    /// Distinguishes this transaction's authorizations from every other's.
    pub(crate) id: Uuid,
    pub(crate) recorder: Recorder,
    now: Option<DateTime<Utc>>,
    /// Since when this transaction holds an event that is not committed.
    recorded: Option<Instant>,
    /// Blocks of numbers that are this process's once the transaction is committed.
    blocks: Vec<(numbers::Key, i64)>,
}

const SET_TENANT: &str = "SELECT qm.set_tenant($1)";
const POLICY_LOCK: &str = "SELECT pg_advisory_xact_lock_shared($1)";
const PUBLISHING_LOCK: &str = "SELECT pg_advisory_xact_lock($1)";
const REMEMBERED: &str =
    "SELECT fingerprint, outcome FROM qm.idempotency WHERE tenant_id = $1 AND account_id = $2 AND key = $3";
const REMEMBER: &str =
    "INSERT INTO qm.idempotency (tenant_id, account_id, key, fingerprint, outcome, at) VALUES ($1, $2, $3, $4, $5, $6)";
const CLOCK: &str = "SELECT clock_timestamp()";

impl<'op> TenantTx<'op> {
    /// A transaction that only reads. No round trip yet.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when no connection is free in time.
    pub async fn read(db: &Tenants, op: &'op Op) -> Result<Self> {
        Self::open(db, op, Purpose::Read).await
    }

    /// A transaction that changes something: its first flight also takes the tenant's policy lock, shared, and looks for
    /// the answer that the request's idempotency key already has. No round trip yet.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when no connection is free in time.
    pub async fn begin(db: &Tenants, op: &'op Op) -> Result<Self> {
        Self::open(db, op, Purpose::Act).await
    }

    /// A transaction that publishes rules or a policy: it takes the tenant's policy lock exclusively, so it waits for every act
    /// in flight, and acts that come later wait for it and read what it published (H-04).
    ///
    /// # Errors
    /// [`Error::Unavailable`] when no connection is free in time.
    pub async fn begin_publishing(db: &Tenants, op: &'op Op) -> Result<Self> {
        Self::open(db, op, Purpose::Publish).await
    }

    async fn open(db: &Tenants, op: &'op Op, purpose: Purpose) -> Result<Self> {
        let (seat, opening) = match (&db.sitting, purpose) {
            (Some(sitting), Purpose::Read) => sitting.join(db, op.tenant).await?,
            (Some(sitting), _) => match sitting.leave(op.tenant).await {
                Some(seat) => (seat, None),
                None => (Seat::take(db, op.tenant).await?, None),
            },
            (None, _) => (Seat::take(db, op.tenant).await?, None),
        };
        Ok(Self {
            seat,
            opening,
            op,
            db: db.clone(),
            purpose,
            prepared: purpose == Purpose::Read,
            id: Uuid::now_v7(),
            recorder: Recorder::default(),
            now: None,
            recorded: None,
            blocks: Vec::new(),
        })
    }

    /// Who acts.
    #[must_use]
    pub fn op(&self) -> &'op Op {
        self.op
    }

    /// The pool that this transaction came from, for its caches.
    #[must_use]
    pub fn db(&self) -> &Tenants {
        &self.db
    }

    /// The transaction's one time: read from the database with the facts of an act, or by the first call of [`Self::clock`].
    ///
    /// # Errors
    /// A defect: asked before it was read.
    pub fn now(&self) -> Result<DateTime<Utc>> {
        self.now
            .ok_or_else(|| Error::internal("the transaction's time was asked for before it was read"))
    }

    pub(crate) fn set_now(&mut self, database_time: DateTime<Utc>) -> DateTime<Utc> {
        *self.now.get_or_insert(database_time + self.op.clock_offset)
    }

    /// Reads the transaction's time if it is not known yet.
    ///
    /// # Errors
    /// What the database said.
    pub async fn clock(&mut self) -> Result<DateTime<Utc>> {
        if let Some(now) = self.now {
            return Ok(now);
        }
        let mut flight = Flight::new();
        let clock = flight.rows(CLOCK, vec![]);
        let landing = self.fly(flight).await?;
        Ok(self.set_now(landing.one(clock)?.try_get(0)?))
    }

    /// Sends the statements of a flight in one round trip and checks the row counts that were promised.
    ///
    /// # Errors
    /// The first error of the flight; [`Error::Repeated`] or [`Error::KeyReused`] when the idempotency key is known.
    pub async fn fly(&mut self, flight: Flight) -> Result<Landing> {
        if self.db.sitting.as_ref().is_some_and(Sitting::fallen) {
            return Err(Error::Inactive);
        }
        let mut prelude = Flight::new();
        let mut remembered = None;
        let begin = !self.seat.begun();
        if begin {
            prelude.rows(SET_TENANT, params![self.op.tenant.0]);
        }
        let premise = self.db.sitting.as_ref().and_then(Sitting::open);
        let asked = premise.map(|p| (p.ask(&mut prelude), p));
        if !self.prepared {
            let lock = if self.purpose == Purpose::Publish {
                PUBLISHING_LOCK
            } else {
                POLICY_LOCK
            };
            prelude.rows(lock, params![crate::act::lock::policy_key(self.op.tenant)]);
            if let Some(key) = &self.op.idempotency {
                remembered = Some(prelude.rows(
                    REMEMBERED,
                    params![self.op.tenant.0, self.op.keyholder(), key.key.clone()],
                ));
            }
        }
        let own = prelude.len();
        let mut all = prelude.append(flight);
        all.write_signatures(self.op);
        let conn = self.seat.conn()?;
        let look = begin && self.db.sitting.as_ref().is_some_and(Sitting::looks) && self.db.looks.are_due();
        let boarded = all.board(conn, begin, look).await?;
        self.prepared = true;
        self.db.trips.fetch_add(1, Ordering::Relaxed);
        self.db.statements.fetch_add(all.len() as u64, Ordering::Relaxed);
        let span = tracing::debug_span!(
            "flight",
            otel.kind = "client",
            db.system.name = "postgresql",
            statements = all.len()
        );
        let landed = self.seat.landed(all.send(conn, boarded)).instrument(span).await;
        self.opening = None;
        if all.is_last() && landed.is_ok() {
            self.seat.ended();
        }
        let landing = landed?;
        if let (Some(sitting), Some(took)) = (&self.db.sitting, landing.looked) {
            sitting.looked(took);
        }
        if let Some((rows, premise)) = asked {
            let holds = premise.holds(landing.get(rows));
            if let Some(standing) = self.db.sitting.as_ref().and_then(|s| s.standing.as_ref()) {
                standing.told(holds);
            }
            if !holds {
                return Err(Error::Inactive);
            }
        }
        if let Some(found) = remembered.and_then(|r| landing.get(r).first()) {
            let asked = self
                .op
                .idempotency
                .as_ref()
                .map(|k| k.fingerprint.to_vec())
                .unwrap_or_default();
            if found.try_get::<_, Vec<u8>>(0)? != asked {
                return Err(Error::KeyReused);
            }
            let outcome = serde_json::from_value(found.try_get(1)?).map_err(Error::internal)?;
            return Err(Error::Repeated(outcome));
        }
        Ok(landing.without_first(own))
    }

    /// Records that something happened to a document, next in the document's chain: one row, audit entry and outbox entry,
    /// sent with the commit. Write the document's row after this: `trail` holds the new end of its chain.
    ///
    /// # Errors
    /// A defect: the transaction's time is not known yet, or the kind of document has no name for whoever reads the audit.
    pub fn record(&mut self, event: Event, trail: &mut Trail) -> Result<Uuid> {
        let now = self.now()?;
        RecordedKind::read(event.document_kind())?;
        self.recorded.get_or_insert_with(Instant::now);
        Ok(self.recorder.push(event, trail, self.op, now))
    }

    /// Sends the writes of a use case with its events and its idempotency outcome, checks the row counts, commits.
    ///
    /// # Errors
    /// The first error of the flight; nothing is changed then.
    pub async fn commit(self, writes: Flight, outcome: Outcome) -> Result<Outcome> {
        self.committed(writes, outcome).await.map(|(outcome, _)| outcome)
    }

    /// The same, and the outcome shows the document as it is then: `row` is the statement behind the writes that finds it. That
    /// takes no transaction and no round trip of its own.
    ///
    /// # Errors
    /// As [`Self::commit`].
    pub async fn commit_showing<T: Any + Send + Sync>(
        self,
        writes: Flight,
        outcome: Outcome,
        row: Rows,
        read: fn(&Row) -> Result<T>,
    ) -> Result<Outcome> {
        let (outcome, landing) = self.committed(writes, outcome).await?;
        // What is done is done: a row that cannot be read is for whoever loads it to complain about.
        Ok(match landing.optional(row).map(read) {
            Some(Ok(record)) => outcome.showing(record),
            _ => outcome,
        })
    }

    async fn committed(mut self, mut writes: Flight, outcome: Outcome) -> Result<(Outcome, Landing)> {
        self.clock().await?;
        let now = self.now()?;
        self.recorder.write(&mut writes, self.op, now)?;
        if let Some(key) = &self.op.idempotency {
            let stored = serde_json::to_value(&outcome).map_err(Error::internal)?;
            writes.exec(
                REMEMBER,
                params![
                    self.op.tenant.0,
                    self.op.keyholder(),
                    key.key.clone(),
                    key.fingerprint.to_vec(),
                    stored,
                    now
                ],
                1,
            );
        }
        let landing = self.fly(writes).await?;
        if self.recorded.is_some_and(|since| since.elapsed() > LONGEST_RECORDED) {
            return Err(Error::Contended("waited too long to be committed".to_owned()));
        }
        let conn = self.seat.conn()?;
        self.db.trips.fetch_add(1, Ordering::Relaxed);
        let span = tracing::debug_span!("commit", otel.kind = "client", db.system.name = "postgresql");
        let committed = async { Ok(conn.batch_execute("COMMIT").await?) };
        self.seat.landed(committed).instrument(span).await?;
        self.seat.ended();
        for (key, from) in self.blocks.drain(..) {
            self.db.numbers.put(key, from);
        }
        Ok((outcome, landing))
    }
}

/// Parameters of a statement, owned: `params![tenant, id, quantities]`.
#[macro_export]
macro_rules! params {
    ($($p:expr),* $(,)?) => { vec![$(Box::new($p) as $crate::tx::Param),*] };
}
pub use params;
