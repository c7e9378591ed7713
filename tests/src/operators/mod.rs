//! Partner's operators in tenants, and administrators for a tenant that has none left.

mod admission;
mod duties;
mod ending;
pub mod land;
mod outside;
mod recovery;
mod repeating;
