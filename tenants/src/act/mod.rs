//! May these hands do this duty on this document, now? The protocol of every state change (segregation of duties, 8).
//!
//! ```text
//! begin            policy lock (shared), idempotency key, the document FOR UPDATE        1st flight
//! TenantTx::facts  hand locks, then the facts: time, policy, roles, earlier hands        2nd flight
//! Facts::authorize decide from the compiled tables, ask live Casbin again -> Authorized  no round trip
//! repository       takes Authorized by value: state, hands, events                       3rd flight
//! commit
//! ```
//!
//! Only [`Facts::authorize`] makes an [`Authorized`], and no write of a governed document compiles without one.

pub(crate) mod above;
mod authorized;
mod eligible;
mod facts;
mod history;
pub mod lock;
mod may;
mod preview;
pub(crate) mod reask;
mod refusal;
pub(crate) mod signature;
mod subject;
mod tailoring;

pub use authorized::{Authorized, link, link_many};
pub(crate) use authorized::{NoHand, Signs};
pub use eligible::{Actor, eligible_actors};
pub(crate) use facts::policy_of;
pub use facts::{Facts, Standing};
pub use may::may;
pub use preview::{Asked, Preview, preview};
pub use refusal::{Conflict, DutyRefusal};
pub use subject::Subject;
pub use tailoring::{CustomRoleBody, Tailoring};
