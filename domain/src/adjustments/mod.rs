//! Adjustments: stock is put right by people, with a reason, and by two of them where the value asks for it.
//!
//! | document | states | verbs |
//! |---|---|---|
//! | adjustment (X12 947) | Draft, InApproval, Posted, Rejected, Reversed | [`create`], [`submit`], [`approve`], [`reject`], [`reverse`] |
//!
//! The level is that of the absolute value at cost. Level 0 is approved by nobody and posted at once, as system acts (6.10);
//! an approval posts at once as well. An adjustment that names a count derives from it: who counted does not approve (INV-03).

mod adjustment;
mod approve;
mod create;
mod post;
pub mod queries;
mod reject;
pub mod repo;
mod reverse;
mod submit;

pub use adjustment::{Adjustment, AdjustmentCommand, AdjustmentLine, AdjustmentStatus};
pub use approve::approve;
pub use create::{NewAdjustment, NewAdjustmentLine, create};
pub use reject::reject;
pub use reverse::reverse;
pub use submit::submit;

use quartermaster_tenants::event::Event;
use quartermaster_tenants::id::encode;
use serde_json::json;

/// An event of an adjustment, with what each of them says.
fn event(kind: &'static str, a: &Adjustment) -> Event {
    let data = json!({
        "status": a.status.as_str(), "reason": a.reason.as_str(), "locationId": encode("loc", a.location),
        "lineCount": a.lines.len(), "value": a.value, "requiredLevel": a.required_level.map(|l| l.get()),
    });
    Event::new(kind, "ADJUSTMENT", a.id, data).at_location(a.location)
}
