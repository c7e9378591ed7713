//! Who may see and do what: the tenant tree, identity, tenant-scoped transactions, duties and their segregation,
//! and the record of what happened.
//!
//! | module | question |
//! |---|---|
//! | [`op`] | who acts, for which tenant, in which request |
//! | [`tx`] | the one door to tenant data |
//! | [`act`] | may these hands do this duty on this document, now |
//! | [`feed`] | what happened just now, over all tenants, for whoever waits |
//! | [`event`] | what happened: audit entry and outbox entry in one row |
//! | [`audit`] | reading it, and the proof that nobody changed it |
//! | [`error`] | how an operation can end otherwise |
//! | [`identity`] | who is calling: tokens of people, keys of machines |
//! | [`authenticate`] | which account of which tenant a verified credential is |
//! | [`console`] | a connection as the owner, for commands at the console |
//! | [`directory`] | what is above tenants: partners, networks, issuers, persons, branding |
//! | [`members`] | who belongs to a tenant, with which roles |
//! | [`invitations`] | who may join, and how a login without an account does |
//! | [`keys`] | which machines come in, and who answers for each |
//! | [`operators`] | a partner's people, and those of them that a tenant admitted |
//! | [`recovery`] | an administrator for a tenant that has none left |
//! | [`rules`] | settings and issuers that two people decide |
//! | [`sod_policy`] | which duty rules and roles two people decided |
//! | [`deprecated_uses`] | who still uses what of the API is on its way out |
//! | [`checkup`] | is the database as the migrations left it |
//! | [`wire`] | how a connection is made and secured |
//! | [`id`] | typed, readable identifiers |
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod account;
pub mod act;
pub mod audit;
pub mod authenticate;
pub mod checkup;
pub mod console;
pub mod deprecated_uses;
pub mod directory;
pub mod error;
pub mod event;
pub mod feed;
pub mod id;
pub mod identity;
pub mod input;
pub mod invitations;
pub mod keys;
pub mod listing;
pub mod members;
pub mod op;
pub mod operators;
pub mod policy;
pub mod recorded_kind;
pub mod recovery;
pub mod rules;
pub mod settings;
pub mod sod_policy;
pub mod tx;
pub mod wire;

pub use error::{Error, Refusal, Result};
pub use op::Op;
pub use recorded_kind::RecordedKind;
pub use tx::{Flight, Outcome, TenantTx, Tenants};
