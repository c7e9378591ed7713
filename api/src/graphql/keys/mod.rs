//! API keys: nodes, queries, mutations.

mod mutation;
mod node;
mod query;

pub use mutation::ApiKeyMutation;
pub use node::ApiKey;
pub use query::ApiKeyQuery;
