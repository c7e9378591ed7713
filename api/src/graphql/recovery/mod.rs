//! An administrator for a tenant that has none left: proposed by its partner, approved inside or by the platform.

mod mutation;
mod node;
mod query;

pub use mutation::RecoveryMutation;
pub use node::AdministratorRecovery;
pub use query::RecoveryQuery;
