//! Returns to suppliers: goods go back, a credit is expected.
//!
//! | document | states | verbs |
//! |---|---|---|
//! | supplier return (UBL DespatchAdvice of return, X12 180) | Draft, InApproval, Approved, Shipped, Closed; Rejected, Cancelled | [`create`], [`submit`], [`approve`], [`reject`], [`ship`], [`cancel`] |
//!
//! Who made a return neither approves nor ships it. Its money is its own: quantity × price of the return, not what the goods
//! cost in stock. A shipped return that expects no credit is closed by the system; the others wait for their credit note.

mod cancel;
mod create;
mod decide;
pub mod line;
pub mod queries;
pub(crate) mod repo;
mod row;
mod ship;
mod status;
mod submit;
mod supplier_return;

pub use cancel::cancel;
pub use create::{NewReturn, create};
pub use decide::{approve, reject};
pub use line::{NewReturnLine, ReturnLine};
pub use ship::ship;
pub use status::{ReturnCommand, ReturnStatus};
pub use submit::submit;
pub use supplier_return::SupplierReturn;
