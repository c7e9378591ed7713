//! The tenant's own part of the segregation policy: default rules switched off, roles besides the standard ones.
//!
//! | document | states | verbs |
//! |---|---|---|
//! | policy draft (SOD_POLICY) | Pending, Published, Rejected | [`edit`], [`publish`], [`reject`] |
//!
//! A draft is the whole tailoring, not a difference, and names the version that it was made from. Publishing takes the tenant's
//! policy lock exclusively: it waits for every act in flight, and those that come later are decided by what it published
//! (H-04). The gate of 7.5 says all that speaks against a draft; whoever edited it does not publish it (ADM-04), nor does
//! anybody who holds a role that it widens (H-18).

mod draft;
mod edit;
mod publish;
pub mod queries;
mod reject;
mod repo;

pub use draft::{PolicyCommand, PolicyDraft, PolicyStatus};
pub use edit::{PolicyEdit, edit};
pub use publish::publish;
pub use reject::reject;
