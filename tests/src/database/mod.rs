//! What the database itself must hold: the catalogue, the transaction door, the round trips, upgrades.

mod cancel;
mod catalogue;
mod explained;
pub mod fixture;
mod plans;
mod round_trips;
pub mod statements;
mod turns;
mod upgrade;
mod young;
