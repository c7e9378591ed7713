//! A connection with a transaction, and who sits at it: one act alone, or all reads of a request together.

use super::Tenants;
use super::premise::{Premise, Standing};
use super::queue::Turn;
use crate::error::{Error, Result};
use crate::id::TenantId;
use crate::wire::Tls;
use deadpool_postgres::Object;
use futures::FutureExt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::timeout;

/// A database that takes no word takes none to stop either.
const CANCELLED_WITHIN: Duration = Duration::from_secs(5);

/// A connection that goes back to the pool without a transaction and without a tenant, whatever happens.
pub(super) struct Seat {
    conn: Option<Object>,
    tls: Tls,
    /// Given back after the connection.
    _turn: Turn,
    tenant: TenantId,
    /// `BEGIN` and the tenant were sent.
    begun: AtomicBool,
    /// A statement failed: the transaction answers nothing any more.
    broken: AtomicBool,
    /// Flights that were sent and have not landed.
    flying: AtomicUsize,
}

impl Seat {
    pub(super) async fn take(db: &Tenants, tenant: TenantId) -> Result<Arc<Self>> {
        let (conn, turn) = db.connection_of(tenant).await?;
        Ok(Arc::new(Self {
            conn: Some(conn),
            _turn: turn,
            tls: db.tls.clone(),
            tenant,
            begun: AtomicBool::new(false),
            broken: AtomicBool::new(false),
            flying: AtomicUsize::new(0),
        }))
    }

    pub(super) fn conn(&self) -> Result<&Object> {
        self.conn
            .as_ref()
            .ok_or_else(|| Error::internal("the transaction has ended"))
    }

    pub(super) fn begun(&self) -> bool {
        self.begun.load(Relaxed)
    }

    /// Waits for what is sent now. Whoever stops waiting leaves it flying.
    pub(super) async fn landed<T>(&self, sent: impl Future<Output = Result<T>>) -> Result<T> {
        self.begun.store(true, Relaxed);
        self.flying.fetch_add(1, Relaxed);
        let landed = sent.await;
        self.flying.fetch_sub(1, Relaxed);
        if landed.is_err() {
            self.broken.store(true, Relaxed);
        }
        landed
    }

    /// The transaction was committed.
    pub(super) fn ended(&self) {
        self.begun.store(false, Relaxed);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let Some(conn) = self.conn.take() else { return };
        if self.flying.load(Relaxed) > 0 {
            // Something may wait for a lock: the connection leaves the pool, the statement is cancelled.
            let client = Object::take(conn);
            if let Ok(runtime) = tokio::runtime::Handle::try_current() {
                let (cancel, tls) = (client.cancel_token(), self.tls.clone());
                runtime.spawn(async move {
                    let _ = timeout(CANCELLED_WITHIN, cancel.cancel_query(tls)).await;
                    drop(client);
                });
            }
        } else if self.begun() {
            // Messages of a connection are a queue: this one runs before anything of the next user.
            let _ = conn.batch_execute("ROLLBACK").now_or_never();
        }
    }
}

/// While this is held, the others of a sitting wait: the transaction has not begun.
pub(super) type Opening = OwnedMutexGuard<Option<Arc<Seat>>>;

/// One transaction for all that a request reads: the look at who asks, a page, what its rows refer to. Loads are under way in
/// it at the same time. An act that the request goes on to takes it over, so that a request never has two connections.
#[derive(Clone, Default)]
pub(super) struct Sitting {
    place: Arc<Mutex<Option<Arc<Seat>>>>,
    /// What the request takes for granted.
    pub(super) standing: Option<Arc<Standing>>,
    pub(super) look: Arc<OnceLock<Duration>>,
}

impl Sitting {
    /// For a request that takes who asks for whom he was.
    pub(super) fn supposing() -> Self {
        Self {
            standing: Some(Arc::default()),
            ..Self::default()
        }
    }

    /// Is it not known yet how long the look at who asks takes?
    pub(super) fn looks(&self) -> bool {
        self.look.get().is_none()
    }

    /// The look at who asks took so long.
    pub(super) fn looked(&self, took: Duration) {
        let _ = self.look.set(took);
    }

    /// What no flight of the request has asked about yet.
    pub(super) fn open(&self) -> Option<Arc<dyn Premise>> {
        self.standing.as_ref()?.open()
    }

    /// The request began with something that is not so: whatever it goes on to is thrown away.
    pub(super) fn fallen(&self) -> bool {
        self.standing.as_ref().is_some_and(|s| s.has_fallen())
    }

    /// The seat of the request's reads; with an [`Opening`] for who is to begin its transaction.
    pub(super) async fn join(&self, db: &Tenants, tenant: TenantId) -> Result<(Arc<Seat>, Option<Opening>)> {
        let mut place = self.place.clone().lock_owned().await;
        match &*place {
            Some(seat) if seat.tenant != tenant => Ok((Seat::take(db, tenant).await?, None)),
            Some(seat) if seat.begun() && !seat.broken.load(Relaxed) => Ok((seat.clone(), None)),
            _ => {
                let seat = Seat::take(db, tenant).await?;
                *place = Some(seat.clone());
                Ok((seat, Some(place)))
            }
        }
    }

    /// The seat for an act alone, if the request has one that nobody else uses.
    pub(super) async fn leave(&self, tenant: TenantId) -> Option<Arc<Seat>> {
        let seat = self.place.lock().await.take()?;
        let free = Arc::strong_count(&seat) == 1 && seat.tenant == tenant && !seat.broken.load(Relaxed);
        free.then_some(seat)
    }
}
