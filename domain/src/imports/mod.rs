//! Imports: suppliers, items, locations and prices from CSV files of any size, read as they arrive.
//!
//! | document | states | verbs |
//! |---|---|---|
//! | import | Reading; Proposed, Applied, Unchanged, Checked, Failed, Cancelled | [`import`], [`cancel`] |
//!
//! Lines are taken in chunks, each in a transaction of its own and a fixed number of statements. Good lines of suppliers, items and
//! prices become one change document ([`crate::changes`]), a draft while the file is read and pending at its end: another person
//! approves it as a whole (VND-01, VND-09, P2P-27). Locations are a harmless setting (TEN.CONFIG) and are in force with their chunk.
//! Refused lines are kept as they were, with field, code and reason, so that they can be corrected and uploaded again.
//!
//! - **A column that the file does not have** leaves what the record has; an empty cell empties it.
//! - **The same file again** changes nothing: a line that says what is in force, or what is proposed already, is counted as unchanged.
//! - **A dry run** does all of it but the writes, and asks for the same duty.
//! - **An upload that breaks off** (the client hangs up, the file cannot be read further, the server stops) is Failed, and its draft is
//!   taken back by the system: a draft never becomes pending by itself. A process that was killed cannot say so: its import counts as
//!   failed when it has not moved for [`SILENCE`], and the tenant's next import takes its draft back. Nobody has to wait for that:
//!   who uploaded it cancels it, or sends the same file again, which takes its place.
//! - **Categories and regions** are never made by a file of items or locations: they are settings, and a line that names an unknown one is
//!   refused.

mod abandoned;
mod cancel;
mod chunk;
mod claims;
mod columns;
mod fail;
mod finish;
mod import;
mod items;
mod job;
mod lines;
mod locations;
mod masters;
mod prices;
pub mod queries;
mod repo;
mod row;
mod start;
mod suppliers;

pub use cancel::cancel;
pub use columns::{Column, REFUSAL_COLUMNS};
pub use import::{Import, Upload, import};
pub use job::{Counts, ImportKind, ImportState, InvalidGtin, Job};
pub use lines::written;

use chrono::TimeDelta;

/// The most lines of one file: what one person can answer for, and one transaction approve.
pub const MOST_LINES: u32 = 200_000;
/// The longest record, in bytes.
pub const LONGEST_RECORD: usize = 64 * 1024;
/// An import that has not moved for so long has lost its process. While it is read, something moves every few seconds.
pub const SILENCE: TimeDelta = TimeDelta::minutes(2);
