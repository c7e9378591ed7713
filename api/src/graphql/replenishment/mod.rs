//! Replenishment policies: the node, its lines, what a viewer can do, queries, inputs, mutations.

mod mutation;
mod policy;
mod query;

pub use mutation::{ReplenishmentMutation, ReplenishmentPolicyPayload};
pub use policy::{PolicyLinesKey, ReplenishmentPolicy, ReplenishmentPolicyConnection, ReplenishmentPolicyStatus};
pub use query::ReplenishmentQuery;
