//! Receipts: the node, its lines, what a viewer can do, queries, inputs, mutations.

mod input;
mod line;
mod mutation;
mod preview;
mod query;
mod receipt;

pub use line::{ReceiptLine, ReceiptLineConnection, ReceiptLinesKey};
pub use mutation::{ReceiptPayload, ReceivingMutation};
pub use preview::ReceiptViewerCan;
pub use query::ReceivingQuery;
pub use receipt::{Receipt, ReceiptConnection, ReceiptStatus};
