//! A partner's people, and those of them that a tenant admitted: nodes, queries, mutations, for both sides.

mod mutation;
mod node;
mod preview;
mod query;
mod staff;

pub use node::{OperatorAssignment, OperatorCredential};

use async_graphql::MergedObject;

/// Queries about operators.
#[derive(MergedObject, Default)]
pub struct OperatorQuery(query::AssignmentQuery, staff::StaffQuery);

/// Mutations of operators.
#[derive(MergedObject, Default)]
pub struct OperatorMutation(mutation::AssignmentMutation, staff::StaffMutation);
