//! Stock counts: what lies there is counted, what the books say is put right by another person than the counters.
//!
//! | document | states | verbs |
//! |---|---|---|
//! | stock count (APICS physical inventory, cycle count) | Planned, InProgress, RecountAsked, Reviewed, Posted, Cancelled | [`plan`], [`start`], [`enter`], [`submit`], [`approve`], [`cancel`] |
//!
//! A place is expected to hold its snapshot with all movements until it was counted: that is its position at that moment, and
//! is kept with what was counted. Who enters is no hand yet; when the pass is submitted everybody who entered is one. A pass
//! outside the tolerance is counted again, only where it was outside, by others (DUAL-05); a recount that agrees with the
//! books or with the pass before it is believed. Counters see no expectation while a blind count or a recount is open
//! ([`crate::inventory::sight`]).

mod approve;
mod cancel;
mod enter;
mod plan;
mod post;
pub mod queries;
pub mod repo;
mod start;
mod stock_count;
mod submit;

pub use approve::approve;
pub use cancel::cancel;
pub use enter::{CountEntry, enter};
pub use plan::{NewCount, plan};
pub use start::start;
pub use stock_count::{CountCommand, CountLine, CountStatus, StockCount};
pub use submit::submit;

use quartermaster_tenants::event::Event;
use quartermaster_tenants::id::encode;
use serde_json::json;

/// An event of a count, with what each of them says: no quantity, so that no counter learns one from it.
fn event(kind: &'static str, c: &StockCount) -> Event {
    let data = json!({
        "status": c.status.as_str(), "locationId": encode("loc", c.location), "blind": c.blind, "pass": c.pass,
        "requiredLevel": c.required_level.map(|l| l.get()),
    });
    Event::new(kind, "STOCK_COUNT", c.id, data).at_location(c.location)
}
