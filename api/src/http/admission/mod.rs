//! How much is begun. A server that takes on more than it can do does all of it late; so a request takes a place before anything of it
//! is parsed, verified or looked up, and gives it back with its answer. Who finds no place waits, and who would wait in vain hears at once
//! that he should come again: 503, `UNAVAILABLE`, `Retry-After`. Beyond capacity the admitted keep their latency, and the rest costs
//! next to nothing.
//!
//! | what | file |
//! |---|---|
//! | who works, who waits, who is sent away | `gate.rs` |
//! | what came lately | `lately.rs` |
//! | how many work at a time | `limit.rs` |
//! | whose a request is, before it is looked at | `whose.rs` |
//!
//! Health, readiness and figures take no place, nor do subscriptions and the bytes of files: those last, and each step of theirs is
//! short.

mod gate;
mod lately;
mod limit;
mod whose;

use super::answer::Fault;
use super::graphql::denied;
use super::{App, metrics};
use crate::auth::Door;
use crate::config::Config;
use axum::http::{HeaderMap, header};
use gate::{Arrival, Call, Figures, Gate};
use limit::Limit;
use quartermaster_tenants::authenticate::Caller;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use uuid::Uuid;
pub use whose::Whose;
use whose::{Fingerprint, Known};

/// So many requests for each processor work at a time at least: enough to keep it and the database busy, whatever they wait for.
const FOR_EACH_PROCESSOR: usize = 2;

/// The places of a server.
pub struct Admission {
    gate: Mutex<Gate<Place>>,
    patience: Duration,
    known: Known,
}

/// A place to work at, until this is dropped.
pub struct Place {
    admission: Arc<Admission>,
    whose: Whose,
    since: Instant,
    credential: Option<Fingerprint>,
}

/// Why somebody is sent away, as figures name it.
#[derive(Debug, Clone, Copy)]
pub enum SentAway {
    /// There was no room to wait in.
    Full,
    /// It took too long.
    Waited,
    /// The database is not there.
    Database,
}

impl SentAway {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Full, Self::Waited, Self::Database];

    /// For figures.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Waited => "waited",
            Self::Database => "database",
        }
    }
}

impl Admission {
    /// The places that this configuration gives.
    #[must_use]
    pub fn new(config: &Config) -> Arc<Self> {
        let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let most = config.requests_at_once.unwrap_or(config.database_connections);
        let at = Instant::now();
        let limit = Limit::new(processors.saturating_mul(FOR_EACH_PROCESSOR), most, at);
        Arc::new(Self {
            gate: Mutex::new(Gate::new(limit, config.requests_waiting, at)),
            patience: Duration::from_secs(config.request_wait_seconds),
            known: Known::default(),
        })
    }

    /// A place, as soon as there is one.
    ///
    /// # Errors
    /// There is none for this one, or was none in time.
    pub async fn enter(self: &Arc<Self>, whose: Whose) -> Result<Place, SentAway> {
        let began = Instant::now();
        let (calls, arrival) = {
            let mut gate = self.gate();
            (gate.next(began), gate.arrive(whose, began))
        };
        self.call(calls);
        let entered = match arrival {
            Arrival::Works => Ok(self.place(whose, began)),
            Arrival::SentAway => Err(SentAway::Full),
            Arrival::Waits(called) => match tokio::time::timeout(self.patience, called).await {
                Ok(Ok(place)) => Ok(place),
                // Somebody else needed the room more.
                Ok(Err(_)) => Err(SentAway::Full),
                Err(_) => {
                    self.gate().gave_up(Instant::now());
                    Err(SentAway::Waited)
                }
            },
        };
        match &entered {
            Ok(_) => metrics::admitted(began.elapsed()),
            Err(why) => metrics::sent_away(*why),
        }
        entered
    }

    /// How many work, how many may, how many wait.
    #[must_use]
    pub fn figures(&self) -> (usize, usize, usize) {
        let Figures { working, most, waiting } = self.gate().figures();
        (working, most, waiting)
    }

    fn place(self: &Arc<Self>, whose: Whose, since: Instant) -> Place {
        Place {
            admission: self.clone(),
            whose,
            since,
            credential: None,
        }
    }

    /// Not while a gate is held: a place that nobody takes comes back through it.
    fn call(self: &Arc<Self>, calls: Vec<Call<Place>>) {
        for Call { whose, since, call } in calls {
            drop(call.send(self.place(whose, since)));
        }
    }

    fn gate(&self) -> MutexGuard<'_, Gate<Place>> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// The credential of the request that works here is this caller's. What works now is counted as it was when it came.
    pub fn is_of(&self, caller: &Caller) {
        let whose = Whose::of(caller);
        if let Some(credential) = self.credential.filter(|_| whose != self.whose) {
            self.admission.known.is(credential, whose);
        }
    }

    /// The look at who asks took so long.
    pub fn looked(&self, took: Duration) {
        let at = Instant::now();
        let calls = {
            let mut gate = self.admission.gate();
            gate.limit.look(took, at);
            gate.next(at)
        };
        self.admission.call(calls);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let calls = self.admission.gate().leave(self.whose, self.since, Instant::now());
        self.admission.call(calls);
    }
}

impl App {
    /// A place for the request of this id with these headers: the one way in, before anything of it is parsed, verified or looked up. Only
    /// that a key is none that somebody made up is known by then ([`Door::prove`]).
    ///
    /// # Errors
    /// More comes than can be done, the database is not there; a key that opens nothing.
    pub async fn enter(&self, headers: &HeaderMap, id: Uuid) -> Result<Place, Fault> {
        self.there()?;
        if let Ok(Some(credential)) = Door::credential(headers) {
            self.door.prove(credential, id).await.map_err(|e| denied(&e))?;
        }
        let known = &self.admission.known;
        let credential = headers.get(header::AUTHORIZATION);
        let credential = credential.map(|value| known.fingerprint(value.as_bytes()));
        let whose = credential.map_or(Whose::Stranger, |credential| known.whose(credential));
        let mut place = self.enter_as(whose).await?;
        place.credential = credential;
        Ok(place)
    }

    /// What a request comes to, but for a database that is gone: nobody waits for that. What a mutation came to, its key will tell.
    ///
    /// # Errors
    /// The request's own, or that the service is not available.
    pub async fn unless_gone<T>(&self, work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
        tokio::select! {
            // Who is sent away for it is counted.
            biased;
            done = work => done,
            () = self.database.gone() => Err(Fault::unavailable()),
        }
    }

    /// The same as [`Self::enter`] for what came another way than in a request of its own.
    ///
    /// # Errors
    /// As [`Self::enter`].
    pub async fn enter_as(&self, whose: Whose) -> Result<Place, Fault> {
        self.there()?;
        self.admission.enter(whose).await.map_err(|_| Fault::overloaded())
    }

    fn there(&self) -> Result<(), Fault> {
        if self.database.is_there() {
            return Ok(());
        }
        metrics::sent_away(SentAway::Database);
        Err(Fault::unavailable())
    }
}
