//! An administrator for a tenant whose own can grant no roles any more (H-19). There is no seeded super-user to fall back on.
//!
//! | verb | who | what |
//! |---|---|---|
//! | [`propose`] | an administrator of the partner | → Pending: a person for the role of which nobody is left |
//! | [`approve`] | any administrator of the tenant who may approve roles | → Approved |
//! | [`approve_as_platform`] | where no such administrator is left, two people of the platform | first of two, then → Approved |
//! | [`review`] | an administrator of the partner | reads afterwards what the platform decided |
//! | [`withdraw`] | an administrator of the partner | Pending → Withdrawn |
//!
//! Roles are granted by two duties: ROLE.GRANT proposes, ROLE.GRANT.APPROVE approves. As long as active people of the tenant hold
//! both, the tenant helps itself and every proposal is refused; and as long as one of them may approve, the platform cannot. The
//! rules of grants hold: nobody proposes or approves his own access (ADM-01, ADM-02), nobody approves what he proposed (ADM-03).
//! The approval makes the account and the role; until then the person sees nothing.
//!
//! The platform's people act over the API, each with a log-in of his own, and not at a console: there one person with the owner's
//! password could be both.

mod administrators;
mod approve;
mod approve_as_platform;
pub mod preview;
mod proposal;
mod propose;
pub mod queries;
mod repo;
mod review;
mod withdraw;

pub use approve::approve;
pub use approve_as_platform::approve_as_platform;
pub use proposal::{AdministratorRole, Recovery, RecoveryCommand, RecoveryStatus};
pub use propose::{NewRecovery, propose};
pub use review::review;
pub use withdraw::withdraw;
