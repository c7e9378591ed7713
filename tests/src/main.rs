//! Everything that is tested from outside, in one binary. `house` needs no database; the others find theirs in
//! `DATABASE_OWNER_URL`, `DATABASE_APP_URL` and `DATABASE_RELAY_URL`, which `scripts/postgres-run --ephemeral` sets.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod api;
mod audit;
mod badinput;
mod bounds;
mod controls;
mod database;
mod docs;
mod duties;
mod exports;
mod faults;
mod house;
mod imports;
mod invitations;
mod isolation;
mod keys;
mod masters;
mod moving;
mod operate;
mod operators;
mod people;
mod purchasing;
mod receiving;
mod replay;
mod stock;
mod upgrades;
mod world;
