//! Segregation of duties: who may do what, and who may not do it any more because of what he did before.
//!
//! Pure: no database, no clock, no network. The reference tables are in `data/`; Casbin answers every question about
//! them once, when a policy is compiled, and again, live, for each act that is about to be committed.
mod asked;
mod cache;
mod compile;
mod conflict;
mod decide;
mod duty_set;
mod eligible;
mod explain;
mod golden;
mod level;
mod models;
mod phrases;
mod publish;
mod question;
mod relation;
mod roles;
mod rows;
mod rules;
mod shard;
mod shards;
mod static_rules;
mod tables;
mod vocabulary;

pub use asked::{AskedQuestions, Disagreement};
pub use cache::PolicyCache;
pub use compile::{Digest, Policy, PolicyError};
pub use decide::{decide, decide_rules, twice};
pub use duty_set::DutySet;
pub use eligible::{Candidate, eligible};
pub use explain::message;
pub use level::required_level;
pub use publish::{GateRefusal, HeldRoles, Publication, publish_gate};
pub use question::{Conflict, Decision, Exception, Hand, Held, PriorHand, Question, SodRefusal};
pub use relation::Relation;
pub use roles::{RoleRef, StandardRole, is_machine_kind};
pub use rows::{CustomRole, DsodRow, DutyRow, GrantRow, PolicyRows, RoleRow, SsodRow};
pub use rules::{DynamicRule, StaticRule, standard_rules};
pub use shard::{AskError, ShardError};
pub use static_rules::{StaticConflict, ssod_conflicts};
pub use vocabulary::{
    ControlState, DocumentKind, Duty, DutyKind, DutyType, ENGINE, Level, Side, Tier, UnknownWord, Via, duty,
};
#[cfg(test)]
mod tests;
