//! Locations and regions: stores, warehouses, distribution centres. A harmless setting (TEN.CONFIG), not a thing of two people.
//!
//! | document | states | verbs |
//! |---|---|---|
//! | location | Active, Closed | [`create`], [`update`], [`close`] |
//! | region | – | [`region_create`] |

mod location;
pub mod queries;
mod region;
mod write;

pub use location::{Location, LocationKind, LocationStatus};
pub use region::{NewRegion, region_create};
pub(crate) use write::{Existing, lookup, read as read_location, write};
pub use write::{close, create, update};
