//! Loads what nodes refer to: batched by key, one statement for all parents of a level.

use super::Session;
use super::error::fault;
use async_graphql::dataloader::{DataLoader, Loader};
use async_graphql::runtime::{Timer, TokioSpawner};
use async_graphql::{Context, Result};
use futures::future::BoxFuture;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

/// Loads batches for one request. Each capability implements [`Loader`] for its own keys in its own file.
pub struct Batch {
    /// Whose request it is.
    pub session: Session,
}

/// A loader's error, cloneable for all that wait for it.
pub type LoadError = Arc<quartermaster_tenants::Error>;

/// The loaders of one request.
pub type Loaders = DataLoader<Batch>;

/// Waits for one turn of the scheduler in place of a while: everything that is ready has asked by then.
struct NextTurn;

impl Timer for NextTurn {
    fn delay(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::task::yield_now())
    }
}

/// Fresh loaders for a request.
#[must_use]
pub fn loaders(session: Session) -> Loaders {
    DataLoader::new(Batch { session }, TokioSpawner::current(), NextTurn)
}

/// Whoever can ask the loaders: a resolver by its context, a subscription by loaders of its own.
pub trait Asks {
    /// The loaders.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` for a request without a credential.
    fn loaders(&self) -> Result<&Loaders>;
}

impl Asks for Context<'_> {
    fn loaders(&self) -> Result<&Loaders> {
        super::session(self)?;
        self.data::<Loaders>()
    }
}

impl Asks for Loaders {
    fn loaders(&self) -> Result<&Loaders> {
        Ok(self)
    }
}

/// Loads one value by its key; `None` when there is none that the caller may see.
///
/// # Errors
/// Faults, coded.
pub async fn one<K>(ctx: &impl Asks, key: K) -> Result<Option<<Batch as Loader<K>>::Value>>
where
    K: Send + Sync + Hash + Eq + Clone + 'static,
    Batch: Loader<K, Error = LoadError>,
{
    let loaders = ctx.loaders()?;
    let request = loaders.loader().session.op.request_id;
    loaders
        .load_one(key)
        .await
        .map_err(|e| fault(quartermaster_tenants::Error::Internal(e.to_string()), request))
}
