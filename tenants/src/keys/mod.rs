//! API keys: how machines come in. Each is one machine's, with a person who answers for whatever it does (6.9).
//!
//! | document | states | verbs |
//! |---|---|---|
//! | API key (API_KEY) | Pending, Active, Rejected, Revoked; an active one ends by its dates | [`propose`], [`approve`], [`reject`], [`revoke`], [`rotate`] |
//!
//! One person proposes a key, another activates it (ADM-11), and never the one who answers for it (ADM-12). The approval makes the
//! machine's account, gives it its one role, and shows the secret; only its hash is kept. A rotation is a key too, proposed and
//! approved in the same way: it replaces an older one of the same machine, which goes on for some hours. [`authenticate`] lets a
//! key in for as long as it, its account and the person who answers for it are active. From then on the machine is an account
//! like others: it acts by its role, and its acts are in that person's hand.

mod approve;
mod authenticate;
mod key;
mod propose;
pub mod queries;
mod reject;
mod repo;
mod revoke;
mod rotate;

pub use approve::approve;
pub use authenticate::{Machine, authenticate};
pub use key::{Key, KeyCommand, KeyStatus, MachineKind};
pub use propose::{NewKey, propose};
pub use reject::reject;
pub use revoke::revoke;
pub use rotate::{LONGEST_OVERLAP_HOURS, rotate};
