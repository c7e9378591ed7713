//! The pool of connections to tenant data, and what a request does with it.

use super::premise::Premise;
use super::queue::{Queue, Turn};
use super::seat::Sitting;
use super::{Flight, TenantTx, numbers};
use crate::error::{Error, Result};
use crate::id::TenantId;
use crate::wire::{self, Tls};
use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Object, Pool, QueueMode, RecyclingMethod, Runtime};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The pool for tenant data. Private to this module's types: nothing else gets a connection from it.
#[derive(Clone)]
pub struct Tenants {
    pub(super) pool: Pool,
    /// Cancellations are connections of their own.
    pub(super) tls: Tls,
    pub(super) queue: Arc<Queue>,
    pub(crate) numbers: Arc<numbers::Blocks>,
    pub(crate) policies: Arc<crate::policy::PolicyCache>,
    pub(crate) accounts: Arc<crate::account::Accounts>,
    pub(super) trips: Arc<AtomicU64>,
    pub(super) statements: Arc<AtomicU64>,
    pub(super) looks: Arc<Looks>,
    pub(super) sitting: Option<Sitting>,
}

/// When a look at who asks was last timed. That has the database answer it by itself, and both sides wake up once more.
#[derive(Debug)]
pub(super) struct Looks {
    since: Instant,
    /// Milliseconds since then.
    last: AtomicU64,
}

impl Looks {
    /// As often as is worth knowing, in milliseconds.
    const EVERY: u64 = 4;

    fn begin() -> Self {
        Self {
            since: Instant::now(),
            last: AtomicU64::new(0),
        }
    }

    /// Is it time for another? Whoever is told so times it.
    pub(super) fn are_due(&self) -> bool {
        self.are_due_at(u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX))
    }

    fn are_due_at(&self, now: u64) -> bool {
        let due = |last: u64| (now.saturating_sub(last) >= Self::EVERY).then_some(now);
        self.last
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, due)
            .is_ok()
    }
}

/// What each connection asks of the planner. One plan for each statement: planning array statements anew costs as much as running
/// them. No scan of a whole table where an index will do: it reads every tenant's rows, and a plan that was right while a table was
/// small stays when it is not. No compilation: nothing here runs long enough to earn it back.
pub const SESSION: &str = "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c jit=off";

/// A connection is open within this time, its greeting included, or there is none.
pub(crate) const CONNECTED_WITHIN: Duration = Duration::from_secs(5);
/// A connection whose other end is gone without a word – a cut cable, a machine without power – is broken after this time.
pub(crate) const SILENT: Duration = Duration::from_secs(15);
const FORGET_PLANS: &str = "DISCARD PLANS";
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
            // The connection that was used last: its process in the database still has in its caches what the next needs.
            .queue_mode(QueueMode::Lifo)
            .pre_recycle(plans_grow_with_the_data())
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(LONGEST_WAIT))
            .create_timeout(Some(CONNECTED_WITHIN))
            .build()
            .map_err(|e| Error::Unavailable(e.to_string()))?;
        Ok(Self {
            pool,
            tls,
            queue: Queue::new(connections),
            numbers: Arc::default(),
            policies: Arc::default(),
            accounts: Arc::default(),
            trips: Arc::default(),
            statements: Arc::default(),
            looks: Arc::new(Looks::begin()),
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

    /// The same, beginning with what this process remembers of who asks. Nothing of the answer may be shown before
    /// [`Self::premise_held`] said yes; an act is not done before its first flight has asked.
    #[must_use]
    pub fn supposing(&self) -> Self {
        Self {
            sitting: Some(Sitting::supposing()),
            ..self.clone()
        }
    }

    pub(crate) fn may_suppose(&self) -> bool {
        self.sitting.as_ref().is_some_and(|s| s.standing.is_some())
    }

    pub(crate) fn suppose(&self, premise: Arc<dyn Premise>) {
        if let Some(standing) = self.sitting.as_ref().and_then(|s| s.standing.as_ref()) {
            standing.suppose(premise);
        }
    }

    /// Did what the request began with hold? Asks now, if none of its flights has asked. Otherwise the request is to be answered anew,
    /// [for a request](Self::for_request) that supposes nothing.
    pub async fn premise_held(&self) -> bool {
        let Some(sitting) = &self.sitting else { return true };
        if let Some(premise) = sitting.open() {
            // Where it cannot be asked, it is not firm. In a box: few requests ask nothing else, and all would carry its room.
            let _ = Box::pin(async {
                let mut tx = TenantTx::read(self, premise.asked_as()).await?;
                tx.fly(Flight::new()).await
            })
            .await;
        }
        sitting.standing.as_ref().is_none_or(|s| s.is_firm())
    }

    /// How long the database took to say who asks, in the first flight of the request: the same work for all requests. Not every
    /// request times it.
    #[must_use]
    pub fn looked(&self) -> Option<Duration> {
        self.sitting.as_ref()?.look.get().copied()
    }

    /// Round trips to the database so far. Tests take the difference around one operation.
    #[must_use]
    pub fn round_trips(&self) -> u64 {
        self.trips.load(Ordering::Relaxed)
    }

    /// Statements in these round trips, the one that sets the tenant among them; `BEGIN` and `COMMIT` are none.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
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
    pub(super) async fn connection_of(&self, tenant: TenantId) -> Result<(Object, Turn)> {
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

#[cfg(test)]
mod tests {
    use super::Looks;

    #[test]
    fn a_look_is_timed_every_few_milliseconds_by_one_of_those_who_look() {
        let looks = Looks::begin();
        let timed: Vec<u64> = [3, 4, 4, 5, 7, 9, 9, 12, 13]
            .into_iter()
            .filter(|at| looks.are_due_at(*at))
            .collect();
        assert_eq!(timed, [4, 9, 13]);
    }
}
