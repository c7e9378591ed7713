//! Items: the node, queries, inputs, mutations.

mod input;
mod item;
mod mutation;
mod query;

pub use item::{Item, ItemConnection, ItemStatus};
pub use mutation::{ItemMutation, ItemPayload};
pub use query::ItemQuery;
