//! Purchase orders: the node, its lines, what a viewer can do, queries, inputs, mutations.

mod input;
mod line;
mod mutation;
mod order;
mod preview;
mod query;

pub use input::{
    PurchaseOrderApproveInput, PurchaseOrderCancelInput, PurchaseOrderLineInput, PurchaseOrderSubmitInput,
};
pub use line::{LinesKey, PurchaseOrderLine, PurchaseOrderLineConnection};
pub use mutation::{PurchaseOrderPayload, PurchasingMutation};
pub use order::{PurchaseOrder, PurchaseOrderConnection, PurchaseOrderStatus};
pub use preview::PurchaseOrderViewerCan;
pub use query::PurchasingQuery;
