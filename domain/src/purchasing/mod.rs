//! Purchasing: what is ordered from whom, who agreed to it, and what became of it.
//!
//! | document | states | verbs |
//! |---|---|---|
//! | purchase order (UBL Order) | Draft, InApproval, Approved, Released, PartiallyReceived, Received; Rejected, Cancelled, OnHold | [`create`], [`update`], [`submit`], [`approve`], [`send_back`], [`reject`], [`release`], [`cancel`], [`hold`], [`resume`], [`short_close`] |
//!
//! | change order (UBL OrderChange) | InApproval, Effective; Rejected, Withdrawn | [`change::create`], [`change::approve`], [`change::reject`], [`change::withdraw`] |
//!
//! The order decides about itself ([`PurchaseOrder`]); who may decide is asked of the tenant's policy; the amount's level says
//! how much authority an approval needs. Release on approval is a system act of the tenant's published rule.

mod approve;
mod cancel;
pub mod change;
mod create;
mod detail;
mod hold;
pub mod line;
mod line_queries;
pub mod progress;
mod purchase_order;
pub mod queries;
mod reject;
mod release;
pub mod repo;
mod row;
mod send_back;
mod short_close;
pub mod sight;
mod status;
mod submit;
mod update;
mod window;

pub use approve::approve;
pub use cancel::cancel;
pub use create::{NewOrder, create};
pub use hold::{hold, resume};
pub use line::{NewLine, OrderLine};
pub use purchase_order::{Approval, PurchaseOrder, exposure};
pub use reject::reject;
pub use release::release;
pub use send_back::send_back;
pub use short_close::short_close;
pub use status::{OrderCommand, OrderStatus};
pub use submit::submit;
pub use update::update;

use quartermaster_tenants::id::encode;
use serde_json::{Value, json};

/// What every event of an order says.
fn header_data(order: &PurchaseOrder) -> Value {
    json!({
        "status": order.status.as_str(),
        "revision": order.revision,
        "round": order.round,
        "supplierId": encode("sup", order.supplier),
        "locationId": encode("loc", order.location),
        "currencyCode": order.currency.code(),
        "netAmount": order.net(),
        "taxAmount": order.tax(),
        "lineCount": order.lines.len(),
    })
}

/// The event of a new order also says what was ordered: its lines are part of the record.
fn created_data(order: &PurchaseOrder) -> Value {
    let mut data = header_data(order);
    data["orderedOn"] = json!(order.ordered_on);
    data
}
