//! Transfers: stock goes from one location to another, through two custodians.
//!
//! | document | states | verbs |
//! |---|---|---|
//! | transfer (X12 943, 944) | Approved, InTransit, PartiallyReceived, Discrepant, Closed, Cancelled | [`create`], [`ship`], [`receive`], [`settle`], [`cancel`] |
//!
//! A request needs no approval of its own (no duty of the tables approves transfers): it is approved by nobody, as a system
//! act. What is shipped leaves the sender and lies in transit at the receiver until somebody else than the shipper (INV-05)
//! and the requester (INV-06) receives it. What does not arrive is a difference on record: it leaves the transit stock, and
//! the transfer closes when the difference is settled.

mod cancel;
mod create;
pub mod queries;
mod receive;
pub mod repo;
mod settle;
mod ship;
mod transfer;

pub use cancel::cancel;
pub use create::{NewTransfer, create};
pub use receive::{ReceivedLine, receive};
pub use settle::settle;
pub use ship::{ShippedLine, ship};
pub use transfer::{Transfer, TransferCommand, TransferLine, TransferStatus};

use quartermaster_tenants::event::Event;
use quartermaster_tenants::id::encode;
use serde_json::json;
use uuid::Uuid;

/// An event of a transfer at one of its two places, with what each of them says.
fn event(kind: &'static str, t: &Transfer, at: Uuid) -> Event {
    let data = json!({
        "status": t.status.as_str(), "fromLocationId": encode("loc", t.from), "toLocationId": encode("loc", t.to), "lineCount": t.lines.len(),
    });
    Event::new(kind, "TRANSFER", t.id, data).at_location(at)
}
