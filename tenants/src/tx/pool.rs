//! The pool of connections to tenant data, and what a request does with it.

use super::premise::Premise;
use super::seat::Sitting;
use super::{Flight, TenantTx, numbers};
use crate::error::{Error, Result};
use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The pool for tenant data. Private to this module's types: nothing else gets a connection from it.
#[derive(Clone)]
pub struct Tenants {
    pub(super) pool: Pool,
    pub(crate) numbers: Arc<numbers::Blocks>,
    pub(crate) policies: Arc<crate::policy::PolicyCache>,
    pub(crate) accounts: Arc<crate::account::Accounts>,
    pub(super) trips: Arc<AtomicU64>,
    pub(super) statements: Arc<AtomicU64>,
    pub(super) sitting: Option<Sitting>,
}

/// What each connection asks of the planner. One plan for each statement: planning array statements anew costs as much as running
/// them. No scan of a whole table where an index will do: it reads every tenant's rows, and a plan that was right while a table was
/// small stays when it is not. No compilation: nothing here runs long enough to earn it back.
pub const SESSION: &str = "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c jit=off";

impl Tenants {
    /// A pool of `connections` for the application's role. Connects lazily; waits at most five seconds for a free connection.
    ///
    /// # Errors
    /// A URL that cannot be read.
    pub fn new(app_url: &str, connections: usize) -> Result<Self> {
        let mut config: tokio_postgres::Config = app_url
            .parse()
            .map_err(|e| Error::Unavailable(format!("database URL: {e}")))?;
        config
            .options(SESSION)
            .application_name("quartermaster")
            .connect_timeout(Duration::from_secs(5));
        let manager = Manager::from_config(
            config,
            tokio_postgres::NoTls,
            ManagerConfig {
                recycling_method: RecyclingMethod::Fast,
            },
        );
        let pool = Pool::builder(manager)
            .max_size(connections)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(Duration::from_secs(5)))
            .build()
            .map_err(|e| Error::Unavailable(e.to_string()))?;
        Ok(Self {
            pool,
            numbers: Arc::default(),
            policies: Arc::default(),
            accounts: Arc::default(),
            trips: Arc::default(),
            statements: Arc::default(),
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

    /// The same for one query, which may begin with what this process remembers of who asks. Nothing of its answer may be shown
    /// before [`Self::premise_held`] said yes.
    #[must_use]
    pub fn for_query(&self) -> Self {
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

    /// Did what the query began with hold? Asks now, if none of its flights has asked. Otherwise the request is to be answered anew,
    /// [for a request](Self::for_request) that supposes nothing.
    pub async fn premise_held(&self) -> bool {
        let Some(sitting) = &self.sitting else { return true };
        if let Some(premise) = sitting.open()
            && let Ok(mut tx) = TenantTx::read(self, premise.asked_as()).await
        {
            // Where it cannot be asked, it is not firm.
            let _ = tx.fly(Flight::new()).await;
        }
        sitting.standing.as_ref().is_none_or(|s| s.is_firm())
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

    pub(super) async fn connection(&self) -> Result<Object> {
        Ok(self.pool.get().await?)
    }
}
