//! What the database itself must hold: the catalogue, the transaction door, the round trips, upgrades.

mod cancel;
mod catalogue;
pub mod fixture;
mod plans;
mod round_trips;
mod statements;
mod turns;
mod upgrade;
