//! Exports: suppliers, items, locations and prices as CSV files, in the columns that [`crate::imports`] reads.
//!
//! A file holds what is in force: suppliers that are active or on hold, items active or inactive, active locations, all agreed
//! prices. What is only proposed, and what has ended, is not in it. So an export that is imported changes nothing, whoever has
//! changed nothing in it. Locations are those that the caller sees, as in every list.
//!
//! - **It is read page by page** ([`page`]), each in a transaction of its own that ends before anybody is waited for: a client that
//!   reads slowly holds no connection, no snapshot and no lock. So the file is no picture of one moment: a change that is approved
//!   meanwhile may be in it for a part of its records. No record is missing or doubled for that, since pages go on behind a key that
//!   never changes, and each line is whole.
//! - **Text is as it was entered** (RFC 4180), also where it begins with `=`, `+`, `-` or `@`, which a spreadsheet would take for a
//!   formula: whatever were put before it would come back as a change, and telephone numbers begin with `+`. Who opens a file in
//!   a spreadsheet imports its columns as text.

mod items;
mod locations;
mod page;
mod prices;
mod suppliers;

pub use page::{Page, Place, header, page};

/// Lines of one page; the statements say it themselves, so that they are planned for it.
const LINES: usize = 1_000;
