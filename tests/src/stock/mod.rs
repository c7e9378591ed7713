//! Stock: the ledger under fire, adjustments, counts, promises, transfers, and who may do which.

mod adjusting;
mod costing;
mod counting;
mod picking;
mod promised;
mod replenishing;
mod shelf;
mod transferring;
mod valuing;
