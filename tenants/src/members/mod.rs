//! Who belongs to a tenant, where, and with which roles.
//!
//! | document | states | verbs |
//! |---|---|---|
//! | member (USER_ACCOUNT) | Invited, Active, Inactive | [`create`], [`deactivate`], [`reactivate`], [`set_locations`] |
//! | role assignment (ROLE_ASSIGNMENT) | Pending, Approved, RemovalPending, Removed, Rejected | [`propose`], [`approve`], [`reject`], [`propose_removal`] |
//!
//! Nobody proposes or approves his own access (ADM-01, ADM-02), nobody approves what he proposed (ADM-03). A role that would
//! put both duties of a static rule in one hand is refused when it is proposed, and again when it is approved, under the
//! person's lock: an act that runs at the same moment sees the roles before or after, never between.

mod account;
mod approve;
mod assignment;
pub(crate) mod conflicts;
mod create;
mod deactivate;
pub(crate) mod given;
mod preview;
mod propose;
pub mod queries;
mod reject;
mod remove;
pub(crate) mod repo;
mod set_locations;

pub use account::{Member, MemberStatus};
pub use approve::approve;
pub use assignment::{AssignmentCommand, AssignmentStatus, RoleAssignment};
pub use conflicts::{StaticConflictView, sod_conflicts};
pub(crate) use create::checked_locations;
pub use create::{NewMember, create};
pub use deactivate::{deactivate, reactivate};
pub use preview::approvals;
pub use propose::{NewAssignment, propose};
pub use reject::reject;
pub use remove::propose_removal;
pub use set_locations::set_locations;
