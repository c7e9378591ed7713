//! Suppliers: the node, queries, inputs, mutations.

mod incoterm;
mod input;
mod mutation;
mod query;
mod supplier;

pub use input::set;
pub use mutation::{SupplierMutation, SupplierPayload};
pub use query::SupplierQuery;
pub use supplier::{Supplier, SupplierConnection, SupplierStatus};
