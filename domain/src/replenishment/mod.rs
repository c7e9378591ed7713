//! Replenishment: from when on an item is to be reordered at a location. One person proposes, another approves.
//!
//! | document | states | verbs |
//! |---|---|---|
//! | REPLENISHMENT_POLICY | Pending, Approved; Rejected, Withdrawn | [`propose`], [`approve`], [`reject`], [`withdraw`] |
//!
//! A policy has lines, each an item at a location with its reorder point and its safety stock (APICS; the safety stock is part of
//! the reorder point). Approving makes them the thresholds of [`crate::inventory`], all in one transaction; whoever proposed them
//! does not approve (ADM-19).
//!
//! An item of which there is less than its reorder point in the moment of approval is below it from that moment on, so
//! `inventory-below-threshold` is recorded at once: who waits for a crossing would wait until the shelf is refilled. An item that
//! was below its former reorder point already was told of, and is not told of again.

mod apply;
mod approve;
mod policy;
mod propose;
pub mod queries;
mod reject;
mod repo;
mod withdraw;

pub use approve::approve;
pub use policy::{PolicyCommand, PolicyLine, PolicyStatus, ReplenishmentPolicy};
pub use propose::{NewPolicy, propose};
pub use reject::reject;
pub use withdraw::withdraw;

use quartermaster_tenants::event::Event;
use serde_json::json;

/// An event of a policy, with what each of them says.
fn event(kind: &'static str, policy: &ReplenishmentPolicy) -> Event {
    let data =
        json!({ "status": policy.status.as_str(), "lineCount": policy.line_count, "reason": policy.reason.as_deref() });
    let event = Event::new(kind, "REPLENISHMENT_POLICY", policy.id, data);
    match policy.only_location() {
        Some(location) => event.at_location(location),
        None => event,
    }
}
