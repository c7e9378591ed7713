//! Workflow rules: the node, queries, inputs, mutations.

use super::settings::{DocumentsRegistered, SettingsDraftInput, TenantSettings};
use crate::graphql::error::coded;
use crate::graphql::id::{Id, uuids};
use crate::graphql::loaders::{Batch, LoadError, one};
use crate::graphql::page::{count, window};
use crate::graphql::payload::about;
use crate::graphql::preview::CanKey;
use crate::graphql::related::{MaybeRelated, Related};
use crate::graphql::scalar::DateTime;
use crate::graphql::session;
use crate::{command_input, connection, payload, perform, previewed, reason_input, viewer_can};
use async_graphql::dataloader::Loader;
use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use quartermaster_tenants::id::{MemberId, WorkflowRuleId};
use quartermaster_tenants::rules::queries::{self, NEWEST, RuleFilter, RuleRecord};
use quartermaster_tenants::rules::{self, IssuerBindingDraft, RuleCommand, RuleEdit, RuleKind, RuleStatus};
use std::collections::HashMap;
use std::sync::Arc;

/// What a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "RuleKind")]
pub enum WorkflowRuleKind {
    /// The tenant's settings.
    Settings,
    /// An OpenID issuer that may speak for the tenant.
    Issuer,
}

/// The states of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "RuleStatus")]
pub enum WorkflowRuleStatus {
    /// Waits for a second person.
    Pending,
    /// In force, or was until a later one.
    Published,
    /// Refused by the second person.
    Rejected,
    /// Taken back by its side.
    Withdrawn,
}

/// One value that changes.
#[derive(SimpleObject, Debug, Clone)]
pub struct SettingChange {
    /// Where, as `exchangeRates.EUR`.
    path: String,
    /// The value before; null when there is none.
    before: Option<String>,
    /// The value after; null when there is none any more.
    after: Option<String>,
}

/// A change of settings, or of a trusted issuer, that needs two people.
#[derive(SimpleObject, Clone)]
pub struct WorkflowRule {
    /// Opaque; begins with `wfr_`.
    pub id: ID,
    /// What it is about.
    kind: WorkflowRuleKind,
    /// Its state.
    status: WorkflowRuleStatus,
    /// What it changes, value by value.
    changes: Vec<SettingChange>,
    /// The rule whose settings it brings back.
    restored_from: MaybeRelated<WorkflowRuleId>,
    /// That rule's id.
    restored_from_id: Option<ID>,
    /// Why it was proposed.
    note: Option<String>,
    /// Why it was refused.
    reason: Option<String>,
    /// The version of the settings that it made.
    settings_version: Option<i32>,
    /// Who proposed it.
    editor: Related<MemberId>,
    /// The editor's id.
    editor_id: ID,
    /// Who decided.
    decider: MaybeRelated<MemberId>,
    /// The decider's id.
    decider_id: Option<ID>,
    /// When it was decided.
    decided_at: Option<DateTime>,
    /// For `expectedVersion`.
    version: i32,
    /// When it was proposed.
    created_at: DateTime,
    /// What you could do to it now, and why not.
    viewer_can: Related<CanKey<RuleRecord>>,
}

fn plain(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::Null => None,
        serde_json::Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

pub(super) fn member(id: uuid::Uuid) -> ID {
    ID(MemberId(id).to_string())
}

impl From<RuleRecord> for WorkflowRule {
    fn from(r: RuleRecord) -> Self {
        let r = Arc::new(r);
        let change = |c: &rules::Change| SettingChange {
            path: c.path.clone(),
            before: plain(&c.before),
            after: plain(&c.after),
        };
        Self {
            id: ID(WorkflowRuleId(r.id).to_string()),
            kind: r.kind.into(),
            status: r.status.into(),
            changes: r.changes.iter().map(change).collect(),
            restored_from: MaybeRelated(r.restored_from.map(WorkflowRuleId)),
            restored_from_id: r.restored_from.map(|f| ID(WorkflowRuleId(f).to_string())),
            note: r.note.clone(),
            reason: r.reason.clone(),
            settings_version: r.settings_version,
            editor: Related(MemberId(r.editor)),
            editor_id: member(r.editor),
            decider: MaybeRelated(r.decider.map(MemberId)),
            decider_id: r.decider.map(member),
            decided_at: r.decided_at.map(DateTime),
            version: r.version,
            created_at: DateTime(r.created_at),
            viewer_can: Related(CanKey(r)),
        }
    }
}

viewer_can!(
    /// What you could do to a workflow rule now.
    WorkflowRuleViewerCan, RuleCommand;
    /// Bring it into force.
    publish = Publish,
    /// Refuse it.
    reject = Reject,
    /// Take it back.
    withdraw = Withdraw,
);

previewed!(RuleRecord, RuleCommand, WorkflowRuleViewerCan, |r| (r.id, r.version));

impl Loader<WorkflowRuleId> for Batch {
    type Value = WorkflowRule;
    type Error = LoadError;
    async fn load(&self, keys: &[WorkflowRuleId]) -> Result<HashMap<WorkflowRuleId, WorkflowRule>, LoadError> {
        let found = queries::rules_by_ids(&self.session.db, &self.session.op, keys).await?;
        Ok(found.into_iter().map(|(id, r)| (id, r.into())).collect())
    }
}

connection!(WorkflowRuleConnection, WorkflowRuleEdge, WorkflowRule);

/// Which rules are wanted; all conditions together.
#[derive(InputObject, Default)]
pub struct WorkflowRuleFilter {
    /// One of these ids.
    ids: Option<Vec<Id<WorkflowRuleId>>>,
    /// One of these states.
    statuses: Option<Vec<WorkflowRuleStatus>>,
    /// One of these kinds.
    kinds: Option<Vec<WorkflowRuleKind>>,
}

/// Queries about settings and rules.
#[derive(Default)]
pub struct RulesQuery;

#[Object]
impl RulesQuery {
    /// The tenant's settings in force.
    async fn tenant_settings(&self, ctx: &Context<'_>) -> Result<TenantSettings> {
        let s = session(ctx)?;
        let record = s.read(queries::settings(&s.db, &s.op).await)?;
        Ok(TenantSettings::of(s.op.tenant, record))
    }

    /// A workflow rule by its id.
    async fn workflow_rule(&self, ctx: &Context<'_>, id: Id<WorkflowRuleId>) -> Result<Option<WorkflowRule>> {
        one(ctx, id.0).await
    }

    /// Workflow rules, newest first: what waits for a second person, and the history of the settings.
    async fn workflow_rules(
        &self,
        ctx: &Context<'_>,
        filter: Option<WorkflowRuleFilter>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<WorkflowRuleConnection> {
        let s = session(ctx)?;
        let window = window(first, after, last, before, NEWEST)?;
        let f = filter.unwrap_or_default();
        let filter = Arc::new(RuleFilter {
            ids: uuids(f.ids),
            statuses: f.statuses.map(|s| s.into_iter().map(Into::into).collect()),
            kinds: f.kinds.map(|k| k.into_iter().map(Into::into).collect()),
        });
        let page = s.read(queries::rules(&s.db, &s.op, &filter, &window).await)?;
        let total = count(s, move |db, op| {
            let filter = filter.clone();
            async move { queries::count_rules(&db, &op, &filter).await }
        });
        Ok(WorkflowRuleConnection::of(page, total))
    }
}

/// An issuer that is to speak for the tenant.
#[derive(InputObject)]
pub struct IssuerBindingInput {
    /// Exactly as in the `iss` claim: an https address.
    issuer: String,
    /// JWA names, such as `RS256`.
    algorithms: Vec<String>,
    /// Where its keys are, if not found by discovery.
    jwks_url: Option<String>,
}

/// What is proposed: exactly one of `settings`, `issuer`, `restoreId`.
#[derive(InputObject)]
pub struct WorkflowRuleEditInput {
    /// Settings to change.
    settings: Option<SettingsDraftInput>,
    /// An issuer that is to speak for the tenant.
    issuer: Option<IssuerBindingInput>,
    /// A published rule whose settings are to come back.
    restore_id: Option<Id<WorkflowRuleId>>,
    /// Why, for the second person.
    note: Option<String>,
}

command_input!(WorkflowRuleId;
    /// The rule to bring into force.
    WorkflowRulePublishInput,
    /// The rule to take back.
    WorkflowRuleWithdrawInput,
);
reason_input!(WorkflowRuleId;
    /// The rule to refuse.
    WorkflowRuleRejectInput,
);
payload!(
    /// A workflow rule after a mutation.
    WorkflowRulePayload, workflow_rule: WorkflowRule, WorkflowRuleId
);

/// Mutations of rules.
#[derive(Default)]
pub struct RulesMutation;

#[Object]
impl RulesMutation {
    /// Proposes changed settings, an issuer, or the return of an earlier version. Another person publishes it.
    async fn workflow_rule_edit(&self, ctx: &Context<'_>, input: WorkflowRuleEditInput) -> Result<WorkflowRulePayload> {
        let s = session(ctx)?;
        let issuer = input.issuer.map(|i| IssuerBindingDraft {
            issuer: i.issuer,
            algorithms: i.algorithms,
            jwks_url: i.jwks_url,
        });
        let settings = input.settings.map(SettingsDraftInput::draft).transpose()?;
        let only = settings.as_ref().and_then(|draft| draft.registered_documents_only);
        if only == Some(true) && ctx.data_opt::<DocumentsRegistered>().is_none() {
            let message = "This deployment has no registered documents: every request of the tenant would be refused.";
            return Err(coded("BAD_USER_INPUT", message));
        }
        let edit = RuleEdit {
            settings,
            issuer,
            restore: input.restore_id.map(|id| id.0),
            note: input.note,
        };
        Ok(perform!(s, rules::edit(&s.db, &s.op, &edit)).into())
    }

    /// Brings a rule into force. Whoever edited it cannot.
    async fn workflow_rule_publish(
        &self,
        ctx: &Context<'_>,
        input: WorkflowRulePublishInput,
    ) -> Result<WorkflowRulePayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(id, perform!(s, rules::publish(&s.db, &s.op, id, version))).into())
    }

    /// Refuses a rule. Whoever edited it cannot.
    async fn workflow_rule_reject(
        &self,
        ctx: &Context<'_>,
        input: WorkflowRuleRejectInput,
    ) -> Result<WorkflowRulePayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        let outcome = perform!(s, rules::reject(&s.db, &s.op, id, &input.reason, version));
        Ok(about(id, outcome).into())
    }

    /// Takes back a rule that nobody has decided yet.
    async fn workflow_rule_withdraw(
        &self,
        ctx: &Context<'_>,
        input: WorkflowRuleWithdrawInput,
    ) -> Result<WorkflowRulePayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(id, perform!(s, rules::withdraw(&s.db, &s.op, id, version))).into())
    }
}
