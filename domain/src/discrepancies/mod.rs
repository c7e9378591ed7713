//! Discrepancies: what came otherwise than it should, who settles it, and what was decided.
//!
//! | document | states | verbs |
//! |---|---|---|
//! | discrepancy (X12 842) | Open, Resolved | [`raise`], [`resolve`] |
//!
//! Completing a receipt finds most of them ([`find`]); the receiver is their maker, the order's buyer their owner. A receipt is
//! Discrepant while one of its discrepancies is open, and Accepted by the system when the last is resolved.

mod discrepancy;
mod found;
mod kind;
pub mod queries;
mod raise;
pub(crate) mod repo;
mod resolve;

pub use discrepancy::{Discrepancy, DiscrepancyCommand};
pub use found::{end_with_receipt, find, insert_found};
pub use kind::{DiscrepancyStatus, Kind, Resolution};
pub use raise::{NewDiscrepancy, raise};
pub(crate) use repo::{lock_open, read_locked};
pub use resolve::resolve;
