//! Stock: the ledger under fire, adjustments, counts, promises, transfers, and who may do which.

mod adjusting;
mod counting;
mod picking;
mod replenishing;
mod shelf;
mod transferring;
mod valuing;
