//! Suppliers: who may deliver, on which terms, and where their money goes.
//!
//! | document | states | verbs |
//! |---|---|---|
//! | supplier | Draft, PendingApproval, Active, OnHold, Closed | [`create`], [`update`], [`close`], [`hold`], [`release`] |
//! | SUPPLIER_CHANGE | see [`crate::changes`] | `changes::{approve, reject, withdraw}` |
//! | SUPPLIER_BANK_CHANGE | Pending, Approved, Rejected | [`bank::propose`], [`bank::verify`], [`bank::reject`] |
//!
//! Whoever created or changed a supplier approves neither it (VND-01) nor, for 90 days, an order to it (VND-03). Bank details
//! are write-only: sealed in the field, shown as a mask.

pub mod bank;
mod bank_row;
mod hold;
mod incoterm;
mod party;
pub mod queries;
mod supplier;

use crate::changes::{self, Action};
use crate::shared::SupplierId;
use quartermaster_tenants::{Op, Outcome, Result, Tenants};

pub use hold::{hold, release};
pub use incoterm::Incoterm;
pub use party::{party_add, party_remove};
pub use supplier::{Contact, Site, Supplier, SupplierStatus};
pub(crate) use supplier::{country, days, optional};

/// Proposes a new supplier: it exists, waiting for approval.
///
/// # Errors
/// Refusals of the input, of authority; `DUPLICATE` for a code in use.
pub async fn create(db: &Tenants, op: &Op, supplier: Supplier) -> Result<Outcome> {
    changes::propose(db, op, supplier, "code").await
}

/// Proposes another content of a supplier. What it was stays in force until somebody else approves.
///
/// # Errors
/// Refusals of the input, of authority, version, state.
pub async fn update(
    db: &Tenants,
    op: &Op,
    id: SupplierId,
    expected_version: Option<i32>,
    change: impl FnOnce(Supplier) -> Supplier + Send,
) -> Result<Outcome> {
    let keep_code = |before: Supplier| Supplier {
        code: before.code.clone(),
        ..change(before)
    };
    changes::edit(db, op, id.0, expected_version, Action::Update, keep_code).await
}

/// Proposes that a supplier ends. Approving needs that no business with it is open.
///
/// # Errors
/// Refusals of authority, version, state.
pub async fn close(db: &Tenants, op: &Op, id: SupplierId, expected_version: Option<i32>) -> Result<Outcome> {
    changes::remove::<Supplier>(db, op, id.0, expected_version, Action::Close).await
}
