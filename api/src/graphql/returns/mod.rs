//! Returns to suppliers: the node, its lines, what a viewer can do, queries, inputs, mutations.

mod input;
mod mutation;
mod preview;
mod query;
mod supplier_return;

pub use mutation::{SupplierReturnMutation, SupplierReturnPayload};
pub use preview::SupplierReturnViewerCan;
pub use query::SupplierReturnQuery;
pub use supplier_return::{ReturnLinesKey, SupplierReturn, SupplierReturnConnection, SupplierReturnStatus};
