//! Transfers: stock goes from one location to another, through two custodians.
//!
//! | document | states | verbs |
//! |---|---|---|
//! | transfer (X12 943, 944) | Approved, Picking, InTransit, PartiallyReceived, Discrepant, Closed, Cancelled | [`create`], [`pick`], [`ship`], [`receive`], [`settle`], [`cancel`] |
//!
//! A request needs no approval of its own (no duty of the tables approves transfers): it is approved by nobody, as a system
//! act. Picking promises all of it at the sender: what is promised is allocated, and nobody else can take it. Shipping takes
//! what was promised, and frees what it leaves behind; calling off frees all of it. Who ships without having picked does both
//! at once, for what he ships. To pick and to ship is one duty: whoever did either has had the goods in his hands and does
//! not receive them.
//!
//! What is shipped leaves the sender and lies in transit at the receiver until somebody else than the shipper (INV-05)
//! and the requester (INV-06) receives it. What does not arrive is a difference on record: it leaves the transit stock, and
//! the transfer closes when the difference is settled.

mod cancel;
mod create;
mod pick;
pub mod queries;
mod receive;
pub mod repo;
mod settle;
mod ship;
mod status;
mod transfer;

pub use cancel::cancel;
pub use create::{NewTransfer, create};
pub use pick::pick;
pub use receive::{ReceivedLine, receive};
pub use settle::settle;
pub use ship::{ShippedLine, ship};
pub use status::{TransferCommand, TransferStatus};
pub use transfer::{Transfer, TransferLine};

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
