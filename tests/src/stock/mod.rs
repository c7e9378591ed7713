//! Stock: the ledger under fire, adjustments, counts, transfers, and who may do which.

mod adjusting;
mod counting;
mod replenishing;
mod shelf;
mod transferring;
mod valuing;
