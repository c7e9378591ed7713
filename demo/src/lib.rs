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
//!
//! This crate depends on nothing of the product, so that what it expects is an independent opinion.

pub mod description;
pub mod world;

pub use description::Description;
pub use world::{Size, write_world};
