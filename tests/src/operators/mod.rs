//! Partner's operators in tenants, and administrators for a tenant that has none left.

mod admission;
mod asking;
mod duties;
mod ending;
pub mod land;
mod lists;
mod outside;
mod recovery;
mod repeating;
