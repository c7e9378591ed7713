//! Invitations of members: nodes, queries, mutations.

mod mutation;
mod node;
mod query;

pub use mutation::InvitationMutation;
pub use node::Invitation;
pub use query::InvitationQuery;
