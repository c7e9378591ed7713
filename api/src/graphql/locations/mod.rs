//! Locations and their regions: the nodes, queries, inputs, mutations.

mod input;
mod location;
mod mutation;
mod query;
mod region;

pub use location::{Location, LocationConnection, LocationKind, LocationStatus};
pub use mutation::{LocationMutation, LocationPayload, RegionPayload};
pub use query::LocationQuery;
pub use region::Region;
