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

pub use gather::{Have, Wants, gather};
pub use leaf::{Plain, list, text};
pub use object::{ARGUED, Argued, is_called, object, plan_of};
pub use select::{Asked, Chosen, Planner, Selection};

use super::loaders::{Asks, Loaders};
use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::{ContextSelectionSet, OutputType, Positioned, ServerResult, Value};
use std::borrow::Cow;

/// In the data of a request whose answer is written by [`super::super::http::answer`]: plans may answer with finished JSON.
pub struct AnswersJson;

/// What is executed by plan where that is possible.
pub struct Planned<T>(pub T);

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
            && let Some(json) = write(&self.0, ctx, loaders).await
        {
            // Nothing that a client sends becomes `Binary`: it is ours, and finished.
            return Ok(Value::Binary(json.into()));
        }
        // Rarely needed, and large.
        Box::pin(self.0.resolve(ctx, field)).await
    }
}

async fn write<T: Plain>(root: &T, ctx: &ContextSelectionSet<'_>, loaders: &Loaders) -> Option<Vec<u8>> {
    let selection = T::plan(&Planner::new(ctx), ctx.item)?;
    let have = gather(root, &selection, loaders.loader()).await?;
    let mut out = Vec::with_capacity(4_096);
    root.write(&selection, &have, &mut out);
    Some(out)
}
