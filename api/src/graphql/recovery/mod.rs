//! An administrator for a tenant that has none left: proposed by its partner, approved inside or by the platform.

mod mutation;
mod node;

pub use mutation::RecoveryMutation;
pub use node::{AdministratorRecovery, RecoveryQuery};
