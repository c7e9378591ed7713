//! Discrepancies: what came otherwise than it should.

mod discrepancy;
mod mutation;
mod query;

pub use discrepancy::{
    DiscrepanciesKey, Discrepancy, DiscrepancyConnection, DiscrepancyKind, DiscrepancyResolution, DiscrepancyStatus,
};
pub use mutation::{DiscrepancyMutation, DiscrepancyPayload, DiscrepancyResolveInput};
pub use query::DiscrepancyQuery;
