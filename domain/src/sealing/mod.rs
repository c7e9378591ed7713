//! Sensitive fields at rest: each tenant's are sealed with a key of its own, and that key is wrapped by a master key of the
//! deployment, which the database never sees.
//!
//! | question or verb | file |
//! |---|---|
//! | which master keys the deployment has, and which is current | `master.rs` |
//! | the key that a tenant seals with now, made when it is first needed | `tenant_key.rs` |
//! | master keys change: wrap the tenants' keys anew, seal again what is sealed otherwise | `rotate.rs` |
//! | which master keys are still needed | `in_use.rs` |
//! | a tenant's keys are destroyed: what they sealed is lost, also to us | `destroy.rs` |
//!
//! The serving role can read and add wrapped keys and change none; the last three are the owner's, over all tenants. How a field is
//! sealed: [`crate::shared::seal`].

mod destroy;
mod in_use;
mod master;
mod rotate;
mod row;
mod tenant_key;

pub use destroy::destroy;
pub use in_use::{InUse, in_use};
pub use master::{KeyError, MasterKeys, Ring};
pub use rotate::{Rotated, rotate};
pub use tenant_key::{opened, sealing};
