//! Pricing: what suppliers have agreed to take, for which quantity, from when to when, and on which terms they deliver an item.
//!
//! | document | states | verbs |
//! |---|---|---|
//! | PRICE_LIST | see [`crate::changes`] | [`propose`], `changes::{approve, reject, withdraw}` |
//!
//! Whoever entered a price does not approve it (P2P-27). An order line without a price gets the agreed one: of its day, its unit,
//! and the largest break that its quantity reaches. A later first day goes before an earlier one.

mod price;
mod propose;
pub mod queries;
mod terms;

pub use price::{ALWAYS, Price};
pub use propose::{NewPrice, NewPriceList, propose};
pub(crate) use terms::Terms;
