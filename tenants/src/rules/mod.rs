//! Settings that weaken a control, decided by two people (6.10): approval limits, tolerances, release on approval, negative
//! stock, number patterns, and which OpenID issuers may speak for the tenant.
//!
//! | document | states | verbs |
//! |---|---|---|
//! | workflow rule | Pending, Published, Rejected, Withdrawn | [`edit`], [`publish`], [`reject`], [`withdraw`] |
//!
//! An edit says what is to change, as `path: before → after`. Publishing applies exactly that to the settings as they are, and
//! refuses when a value it would replace is no longer the one that its publisher was shown. Whoever edited does not publish
//! (ADM-10). Publishing waits for acts in flight; later ones read the new settings. An earlier version comes back as a new edit
//! with its content. The directory's row of an issuer is written in the same transaction as the rule that binds it.

mod change;
mod draft;
mod edit;
mod issuer;
mod publish;
pub mod queries;
mod reject;
mod repo;
mod rule;

pub use change::Change;
pub use draft::SettingsDraft;
pub use edit::{RuleEdit, edit};
pub use issuer::IssuerBindingDraft;
pub use publish::publish;
pub use reject::{reject, withdraw};
pub use rule::{RuleCommand, RuleKind, RuleStatus, WorkflowRule};
