//! What two people decide about a tenant: its settings, its policy, its machines' keys, its partner's operators.

mod entered;
mod policy;
mod role;
mod rules;
mod settings;

pub use policy::{PolicyMutation, PolicyQuery, SodPolicyDraft};
pub use rules::{RulesMutation, RulesQuery, WorkflowRule, WorkflowRuleViewerCan};
pub use settings::{DocumentsRegistered, TenantSettings};

use async_graphql::MergedObject;

/// Queries about controls.
#[derive(MergedObject, Default)]
pub struct ControlsQuery(RulesQuery, PolicyQuery);

/// Mutations of controls.
#[derive(MergedObject, Default)]
pub struct ControlsMutation(RulesMutation, PolicyMutation);
