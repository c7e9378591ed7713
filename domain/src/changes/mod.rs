//! Changes of master data: what one person proposes and another approves.
//!
//! A change document ([`Change`]) stands behind every verb of suppliers, items and prices. It has lines, each with the whole
//! record as it shall be and the readable differences to what it was; one line for a person's edit, many for an import. Approving
//! applies all lines in one transaction, whoever wrote any of them cannot be the one who approves (VND-01, VND-09, P2P-27).
//!
//! | document | states | verbs |
//! |---|---|---|
//! | SUPPLIER_CHANGE, ITEM_CHANGE, PRICE_LIST | Draft (an import is being read), Pending, Approved; Rejected, Withdrawn | [`propose`], [`approve`], [`reject`], [`withdraw`] |

mod apply;
mod approve;
mod change;
mod discard;
mod master;
mod propose;
pub mod queries;
mod reject;
pub(crate) mod repo;

pub use approve::approve;
pub use change::{Action, Change, ChangeCommand, ChangeKind, ChangeStatus};
pub(crate) use discard::discard;
pub(crate) use master::Line;
pub use master::{Current, Difference, Master, differences};
pub(crate) use propose::{Batch, decide_line};
pub use propose::{edit, propose, remove};
pub use reject::{reject, withdraw};

use serde_json::{Value, json};

/// What every event of a change says: ids, words and figures, never the record.
pub(crate) fn change_data(change: &Change) -> Value {
    json!({ "status": change.status.as_str(), "action": change.action.as_str(), "targetId": change.target, "lineCount": change.line_count })
}
