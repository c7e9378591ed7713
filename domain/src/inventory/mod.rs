//! Inventory: what lies where, in which state, at what cost, and every movement that made it so.
//!
//! | part | what it does |
//! |---|---|
//! | [`ledger`] | the one way to move stock: locks positions, decides, writes movements and positions together |
//! | [`queries`] | positions, the ledger, past and future stock, the proof that ledger and reservations = positions |
//! | [`references`] | the locations and items that stock documents name |
//! | [`sight`] | what a counter must not see while a blind count is open |
//! | [`threshold`] | who is told that too little is left, and when |
//! | [`valuation`] | moving average cost |
//! | [`Allocation`] | stock that is promised to a transfer: it lies where it lay, and nobody else takes it |
//! | [`Movement`], [`Place`], [`StockStatus`], [`Reason`] | the words of the ledger |
//!
//! A position is stock of one item at one location, of one lot, in one stock status, of one owner. Positions are what the
//! movements add up to; movements are never changed. All quantities are in the item's base unit.

mod holding;
pub mod ledger;
mod locked;
mod movement;
pub mod queries;
pub mod references;
pub mod sight;
pub mod threshold;
pub mod valuation;

pub use ledger::{Allocation, MOVING, Posting, Stock};
pub use movement::{Movement, Place, Reason, StockStatus};
