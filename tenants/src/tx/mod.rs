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
mod pulse;
mod queue;
mod retry;
mod seat;

pub use flight::{Flight, Landing, Param, Rows};
pub use health::{Load, Problem, database_time, problems};
pub use numbers::{Number, Numbering};
pub use outcome::Outcome;
pub use pulse::{Beat, Missed, Pulse};
pub use retry::Attempts;
pub(crate) use retry::End;

use crate::error::{Error, Result};
use crate::event::{Event, Recorder, Trail};
use crate::id::TenantId;
use crate::op::Op;
use crate::recorded_kind::RecordedKind;
use crate::wire::{self, Tls};
use chrono::{DateTime, Utc};
use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use seat::{Opening, Seat, Sitting};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tracing::Instrument;
use uuid::Uuid;

/// The pool for tenant data. Private to this module's types: nothing else gets a connection from it.
#[derive(Clone)]
pub struct Tenants {
    pool: Pool,
    /// Cancellations are connections of their own.
    tls: Tls,
    queue: Arc<queue::Queue>,
    pub(crate) numbers: Arc<numbers::Blocks>,
    pub(crate) policies: Arc<crate::policy::PolicyCache>,
    trips: Arc<AtomicU64>,
    sitting: Option<Sitting>,
}

/// What each connection asks of the planner. One plan for each statement: planning array statements anew costs as much as running
/// them. No scan of a whole table where an index will do: it reads every tenant's rows, and a plan that was right while a table was
/// small stays when it is not. No compilation: nothing here runs long enough to earn it back.
pub const SESSION: &str = "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c jit=off";

/// A connection is open within this time, its greeting included, or there is none.
pub(crate) const CONNECTED_WITHIN: Duration = Duration::from_secs(5);
/// A connection whose other end is gone without a word – a cut cable, a machine without power – is broken after this time.
pub(crate) const SILENT: Duration = Duration::from_secs(15);
/// How long a request waits for a connection.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

impl Tenants {
    /// A pool of `connections` for the application's role. Connects lazily; waits at most five seconds for a free connection.
    ///
    /// # Errors
    /// A URL that cannot be read.
    pub fn new(app_url: &str, connections: usize) -> Result<Self> {
        let asked = wire::asked(app_url)?;
        let tls = asked.tls()?;
        let mut config = asked.config;
        config
            .options(SESSION)
            .application_name("quartermaster")
            .connect_timeout(CONNECTED_WITHIN)
            .keepalives_idle(SILENT)
            .tcp_user_timeout(SILENT);
        let manager = Manager::from_config(
            config,
            tls.clone(),
            ManagerConfig {
                recycling_method: RecyclingMethod::Fast,
            },
        );
        let pool = Pool::builder(manager)
            .max_size(connections)
            .pre_recycle(plans_grow_with_the_data())
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(LONGEST_WAIT))
            .create_timeout(Some(CONNECTED_WITHIN))
            .build()
            .map_err(|e| Error::Unavailable(e.to_string()))?;
        Ok(Self {
            pool,
            tls,
            queue: queue::Queue::new(connections),
            numbers: Arc::default(),
            policies: Arc::default(),
            trips: Arc::default(),
            sitting: None,
        })
    }

    /// The same pool for one request: all that it reads shares one transaction, which its first act takes over.
    #[must_use]
    pub fn for_request(&self) -> Self {
        Self {
            sitting: Some(Sitting::default()),
            ..self.clone()
        }
    }

    /// Round trips to the database so far. Tests take the difference around one operation.
    #[must_use]
    pub fn round_trips(&self) -> u64 {
        self.trips.load(Ordering::Relaxed)
    }

    /// Throws away all connections that nobody uses: after the database was gone, each may lead nowhere.
    pub fn renew(&self) {
        self.pool.retain(|_, _| false);
    }

    /// A connection for nobody's tenant: to ask how the database is.
    pub(crate) async fn connection(&self) -> Result<Object> {
        Ok(self.pool.get().await?)
    }

    /// A connection for a tenant, when its turn has come.
    async fn connection_of(&self, tenant: TenantId) -> Result<(Object, queue::Turn)> {
        let turn = tokio::time::timeout(LONGEST_WAIT, self.queue.turn(tenant)).await;
        let turn = turn.ok().flatten();
        let turn = turn.ok_or_else(|| Error::Unavailable("no connection was free in time".to_owned()))?;
        Ok((self.pool.get().await?, turn))
    }
}

/// Throws away a connection's plans after its 1st, 2nd, 4th, 8th … use. A plan is kept, and one that was made while a table was
/// empty reads all of it by whatever index comes first: they all cost the same then. So plans are made anew as often as what there
/// is may have doubled, and in the long run never; nobody waits for the first ANALYZE, which comes when it comes.
fn plans_grow_with_the_data() -> Hook {
    Hook::async_fn(|client, metrics| {
        Box::pin(async move {
            if metrics.recycle_count.is_power_of_two() {
                client.batch_execute(FORGET_PLANS).await.map_err(HookError::Backend)?;
            }
            Ok(())
        })
    })
}

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

const FORGET_PLANS: &str = "DISCARD PLANS";
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
        let mut prelude = Flight::new();
        let mut remembered = None;
        let begin = !self.seat.begun();
        if begin {
            prelude.rows(SET_TENANT, params![self.op.tenant.0]);
        }
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
        let all = prelude.append(flight);
        let conn = self.seat.conn()?;
        let statements = all.prepare(conn).await?;
        self.prepared = true;
        self.db.trips.fetch_add(1, Ordering::Relaxed);
        let span = tracing::debug_span!(
            "flight",
            otel.kind = "client",
            db.system.name = "postgresql",
            statements = all.len()
        );
        let landed = self
            .seat
            .landed(all.send(conn, &statements, begin))
            .instrument(span)
            .await;
        self.opening = None;
        let landing = landed?;
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
    pub async fn commit(mut self, mut writes: Flight, outcome: Outcome) -> Result<Outcome> {
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
        self.fly(writes).await?;
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
        Ok(outcome)
    }
}

/// Parameters of a statement, owned: `params![tenant, id, quantities]`.
#[macro_export]
macro_rules! params {
    ($($p:expr),* $(,)?) => { vec![$(Box::new($p) as $crate::tx::Param),*] };
}
pub use params;
