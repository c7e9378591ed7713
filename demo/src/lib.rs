//! Worlds to live in: a seeded generator of small retail worlds, and the pure part of `quartermaster replay`.
//!
//! A *world* is a directory: products, stores, order lines of those stores, and a description (`world.toml`) that says
//! whose tenants they are. [`world`] writes an invented one; the file formats are those of the State of Iowa's open data,
//! so that real files and generated ones are read by the same code.
//!
//! | module | what |
//! |---|---|
//! | [`description`] | `world.toml`: partner, networks, tenants, which store belongs to whom |
//! | [`world`] | the generator: the same seed and size give the same bytes |
//! | [`iowa`] | the description of the real files, which have none |
//! | [`plan`] | what a replay lives: documents in time order, prices, people with disjoint functions, idempotency keys |
//! | [`journal`] | what of it is done; survives a kill |
//! | [`expectation`] | the independent sum of the files, against which a replay is proved |
//!
//! This crate depends on nothing of the product, so that what it expects is an independent opinion.

pub mod description;
pub mod expectation;
pub mod iowa;
pub mod journal;
pub mod plan;
pub mod world;

pub use description::Description;
pub use expectation::Expectation;
pub use journal::Journal;
pub use plan::Plan;
pub use world::{Size, write_world};
