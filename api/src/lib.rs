//! How the outside reaches Quartermaster: HTTP, GraphQL, the command line.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod auth;
pub mod clock;
pub mod commands;
pub mod config;
pub mod database;
pub mod graphql;
pub mod http;
pub mod lifecycle;
pub mod live;
pub mod rest;
pub mod server;
pub mod telemetry;
