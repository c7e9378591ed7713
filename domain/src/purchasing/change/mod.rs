//! Changes of an order after its release (UBL OrderChange; X12 860): a new revision, approved again.
//!
//! | from | command | to |
//! |---|---|---|
//! | – | [`create`] | InApproval; straight to Effective when the amount needs no approval |
//! | InApproval | [`approve`] | InApproval (a first of two), Effective: the order is its next revision |
//! | InApproval | [`reject`], [`withdraw`] | Rejected ■, Withdrawn ■ |
//!
//! At most one change of an order is open. Until it is effective, receipts go against the order as it is; no quantity can fall
//! below what was received or closed.

mod approve;
mod change_order;
mod create;
mod decline;
pub mod queries;
mod repo;

pub use approve::approve;
pub use change_order::{ChangeCommand, ChangeOrder, ChangeStatus, FieldChange};
pub use create::{LineChange, NewChange, create};
pub use decline::{reject, withdraw};
