//! Members and their roles: nodes, queries, mutations.

mod mutation;
mod node;
mod query;

pub use mutation::{PeopleMutation, RoleAssignmentInput};
pub use node::{Member, RoleAssignment};
pub use query::{PeopleOrder, PeopleQuery};
