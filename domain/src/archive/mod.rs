//! One tenant as one file: exported from one deployment, imported into another, with all that the API shows of it.
//!
//! | part | question |
//! |---|---|
//! | [`export`] | a tenant becomes a file, as it was at one moment |
//! | [`import`] | the file becomes a tenant below a partner: whole, proven, or not at all |
//! | `file.rs`, [`Manifest`] | what the file looks like: a gzipped tar of CSV files, and the list of them, signed |
//! | `catalogue.rs` | which tables there are: all that have a tenant, as the database itself lists them |
//! | `directory.rs` | what belongs to the tenant above the tenant's own tables: itself, its hosts, its people's logins |
//! | `sealed.rs` | fields that the deployment's data key seals travel under the transfer key |
//! | `evidence.rs` | audit chains and ledger, proven before the file is written and before the import is committed |
//! | [`TransferKey`] | what both deployments must have for it, and nobody else |
//!
//! Both verbs are the console's: they connect as the owner of the schema, which row level security does not bind, and nothing
//! that serves can do either. Neither holds more of a tenant in memory than a part of one table.

mod catalogue;
mod directory;
mod error;
mod evidence;
mod export;
mod file;
mod import;
mod key;
mod manifest;
mod sealed;

pub use directory::{STAYS, TRAVELS};
pub use error::{ArchiveError, Refused};
pub use evidence::Evidence;
pub use export::{Exporting, export};
pub use file::verified;
pub use import::import;
pub use key::TransferKey;
pub use manifest::{Folder, Manifest, Part, Section};
