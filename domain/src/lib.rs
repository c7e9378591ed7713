//! What the business does. Each capability is a folder: its `mod.rs` tells the story, an aggregate decides, one file is one
//! verb, `repo.rs` writes, `queries.rs` reads.
//!
//! | capability | documents |
//! |---|---|
//! | [`archive`] | one tenant as one file, from one deployment to another |
//! | [`adjustments`] | corrections of stock, by two people where the value asks for it |
//! | [`counts`] | stock counts, open and blind |
//! | [`evidence`] | the proof that each state follows from the hands on its document |
//! | [`inventory`] | stock positions and the ledger that moves them |
//! | [`changes`] | what one proposes and another approves: supplier, item and price changes |
//! | [`exports`] | suppliers, items, locations and prices as CSV files |
//! | [`imports`] | suppliers, items, locations and prices from CSV files |
//! | [`items`] | items, packs, GTINs, categories |
//! | [`locations`] | stores, warehouses, regions |
//! | [`pricing`] | price lists, supplier items |
//! | [`suppliers`] | suppliers, bank details |
//! | [`purchasing`] | purchase orders and their changes |
//! | [`receiving`] | goods receipts |
//! | [`discrepancies`] | what came otherwise than it should |
//! | [`replenishment`] | reorder points and safety stocks, by two people |
//! | [`returns`] | returns to suppliers |
//! | [`sealing`] | the keys of sensitive fields: a tenant's own, wrapped by the deployment's |
//! | [`transfers`] | stock on its way from one location to another |

pub mod adjustments;
pub mod archive;
pub mod changes;
pub mod counts;
pub mod discrepancies;
pub mod evidence;
pub mod exports;
pub mod imports;
pub mod inventory;
pub mod items;
pub mod locations;
pub mod pricing;
pub mod purchasing;
pub mod receiving;
pub mod replenishment;
pub mod returns;
pub mod sealing;
pub mod shared;
pub mod suppliers;
pub mod transfers;
