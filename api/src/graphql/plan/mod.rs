//! Planned execution: what a list or a node is asked for is worked out once, what it refers to is loaded level by level, and
//! then everything is written as JSON, without a future for each field. It costs a tenth of the general executor.
//!
//! A type takes part by one line, [`plan!`](crate::plan), and a resolver by answering with [`Planned`]. Whatever a plan does not
//! know – a field with arguments, a relation that leads nowhere, a load that fails – leaves the whole of it to the general
//! executor, which stays the one that says what is right: `tests/src/api/planned.rs` compares the two.

mod gather;
mod leaf;
mod object;
mod select;

pub use gather::{Have, Wants};

pub use leaf::{Plain, list, text};
pub use object::{ARGUED, Argued, is_called, object, plan_of};
pub use select::{Asked, Chosen, Planner, Selection};

use super::loaders::{Asks, Batch, LoadError};
use async_graphql::dataloader::Loader;
use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::{Context, ContextSelectionSet, OutputType, Positioned, ServerResult, Value};
use gather::gather;
use std::any::TypeId;
use std::borrow::Cow;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

/// Room for the JSON of nearly every answer: one that grows is copied each time, and memory that is not written costs nothing.
const ROOM: usize = 128 << 10;

/// In the data of a request whose answer is written by [`super::super::http::answer`]: plans may answer with finished JSON.
pub struct AnswersJson {
    /// The operation asks for one root field.
    pub alone: bool,
}

/// What is executed by plan where that is possible.
pub struct Planned<T> {
    root: T,
    ahead: Option<Ahead>,
}

/// What is selected of a field before anything of it is loaded, so that one round trip can bring more than the field's own rows;
/// and what it brought. What was not brought is loaded level by level, as for any other.
pub struct Ahead {
    selection: Selection,
    alone: bool,
    have: Mutex<Have>,
}

impl Ahead {
    /// The plan of a field of type `T`, where it can be executed by plan.
    pub fn of<T: Plain>(ctx: &Context<'_>) -> Option<Self> {
        let alone = ctx.data_opt::<AnswersJson>()?.alone;
        let set = &ctx.item.node.selection_set;
        let selection = T::plan(&Planner::new(&ctx.with_selection_set(set)), set)?;
        let have = Mutex::default();
        Some(Self { selection, alone, have })
    }

    /// Is nothing of the operation left to be loaded once nodes by keys of these types are there?
    #[must_use]
    pub fn ends_with(&self, keys: &[TypeId]) -> bool {
        self.alone && self.selection.stays_within(keys)
    }

    /// What is selected of the field.
    #[must_use]
    pub fn selection(&self) -> &Selection {
        &self.selection
    }

    /// Keeps what was brought by these keys.
    pub fn bring<K>(&mut self, loaded: impl IntoIterator<Item = (K, <Batch as Loader<K>>::Value)>)
    where
        K: Send + Sync + Hash + Eq + Clone + 'static,
        Batch: Loader<K, Error = LoadError>,
    {
        let have = self.have.get_mut().unwrap_or_else(PoisonError::into_inner);
        have.bring(loaded.into_iter().collect());
    }
}

impl<T> Planned<T> {
    /// A value of which nothing is loaded yet but itself.
    pub fn of(root: T) -> Self {
        Self { root, ahead: None }
    }

    /// A value with what was brought along with it.
    pub fn with(root: T, ahead: Option<Ahead>) -> Self {
        Self { root, ahead }
    }
}

impl<T: OutputType + Plain> OutputType for Planned<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn qualified_type_name() -> String {
        T::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        if ctx.data_opt::<AnswersJson>().is_some()
            && let Ok(loaders) = ctx.loaders()
            && let Some(json) = self.write(ctx, loaders.loader()).await
        {
            // Nothing that a client sends becomes `Binary`: it is ours, and finished.
            return Ok(Value::Binary(json.into()));
        }
        // Rarely needed, and large.
        Box::pin(self.root.resolve(ctx, field)).await
    }
}

impl<T: Plain> Planned<T> {
    async fn write(&self, ctx: &ContextSelectionSet<'_>, batch: &Batch) -> Option<Vec<u8>> {
        let planned;
        let (selection, mut have) = match &self.ahead {
            Some(Ahead { selection, have, .. }) => {
                let mut have = have.lock().unwrap_or_else(PoisonError::into_inner);
                (selection, std::mem::take(&mut *have))
            }
            None => {
                planned = T::plan(&Planner::new(ctx), ctx.item)?;
                (&planned, Have::default())
            }
        };
        gather(&self.root, selection, batch, &mut have).await.then_some(())?;
        let mut out = Vec::with_capacity(ROOM);
        self.root.write(selection, &have, &mut out);
        Some(out)
    }
}
