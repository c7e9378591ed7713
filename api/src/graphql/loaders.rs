//! Loads what nodes refer to: batched by key, one statement for all parents of a level.

use super::error::fault;
use super::turns::Turns;
use super::{Session, no_member};
use async_graphql::dataloader::{DataLoader, Loader};
use async_graphql::runtime::Timer;
use async_graphql::{ContextBase, Result};
use futures::future::BoxFuture;
use quartermaster_tenants::Tenants;
use quartermaster_tenants::directory::{Directory, PartnerOp};
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

/// Loads batches for one request. Each capability says in its own file what its keys load: `loads!`, or [`Loader`] itself where a key is more than an id.
pub struct Batch {
    /// Whose request it is.
    pub session: Session,
    /// Nothing is shown but what a brief reading brings, for keys that have one.
    pub briefly: bool,
}

impl Batch {
    /// Loads the same, briefly or not.
    #[must_use]
    pub fn reading(&self, briefly: bool) -> Self {
        Self {
            session: self.session.clone(),
            briefly,
        }
    }
}

/// Declares what one question of the domain answers for many keys: `loads!(ItemId => Item, queries::items_by_ids);`, and another
/// one where a brief reading suffices.
#[macro_export]
macro_rules! loads {
    ($key:ident => $value:ty, $query:path $(, briefly $brief:path)?) => {
        impl async_graphql::dataloader::Loader<$key> for $crate::graphql::loaders::Batch {
            type Value = $value;
            type Error = $crate::graphql::loaders::LoadError;
            async fn load(
                &self,
                keys: &[$key],
            ) -> Result<std::collections::HashMap<$key, Self::Value>, $crate::graphql::loaders::LoadError> {
                let ids: Vec<uuid::Uuid> = keys.iter().map(|k| k.0).collect();
                $(
                    if self.briefly {
                        let found = $brief(&self.session.db, &self.session.op, &ids).await?;
                        return Ok(found.into_iter().map(|(id, r)| ($key(id), r.into())).collect());
                    }
                )?
                let found = $query(&self.session.db, &self.session.op, &ids).await?;
                Ok(found.into_iter().map(|(id, r)| ($key(id), r.into())).collect())
            }
        }
    };
}

/// A loader's error, cloneable for all that wait for it.
pub type LoadError = Arc<quartermaster_tenants::Error>;

/// The most keys of one statement; more are loaded by several.
pub(super) const MOST: usize = 10_000;

/// The loaders of one request.
pub type Loaders = Arc<DataLoader<Batch>>;

/// Loads wait for their [`Turns`], and for no clock.
struct AtOnce;

impl Timer for AtOnce {
    fn delay(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// Fresh loaders for a request, which run when the turns are driven.
#[must_use]
pub fn loaders(session: Session, turns: Turns) -> Loaders {
    let batch = Batch {
        session,
        briefly: false,
    };
    Arc::new(DataLoader::new(batch, turns, AtOnce).max_batch_size(MOST))
}

/// Loads batches for one request of somebody of a partner, above its tenants.
pub struct PartnerBatch {
    /// What is above tenants.
    pub directory: Directory,
    /// The pool for tenant data.
    pub db: Tenants,
    /// Who asks.
    pub op: PartnerOp,
}

/// The loaders of such a request.
pub type PartnerLoaders = Arc<DataLoader<PartnerBatch>>;

/// Fresh loaders for a request of somebody of a partner.
#[must_use]
pub fn partner_loaders(batch: PartnerBatch, turns: Turns) -> PartnerLoaders {
    Arc::new(DataLoader::new(batch, turns, AtOnce).max_batch_size(MOST))
}

/// Whoever can ask the loaders: a resolver by its context, a subscription by loaders of its own.
pub trait Asks {
    /// The loaders.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` for a request without a credential.
    fn loaders(&self) -> Result<&Loaders>;
}

impl<T> Asks for ContextBase<'_, T> {
    fn loaders(&self) -> Result<&Loaders> {
        self.data_opt::<Loaders>().ok_or_else(|| no_member(self))
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
    loaders.load_one(key).await.map_err(|e| fault(e, request))
}
