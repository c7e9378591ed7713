//! The segregation policy: what is in force, drafts, mutations.

use super::entered;
use super::role::{SodRole, SodRoleInput, roles};
use super::rules::member;
use crate::graphql::error::{SodTier, coded};
use crate::graphql::id::Id;
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
use quartermaster_tenants::act::Tailoring;
use quartermaster_tenants::id::{MemberId, SodPolicyId};
use quartermaster_tenants::policy::PolicyRows;
use quartermaster_tenants::sod_policy::queries::{self, DraftRecord, NEWEST, PolicyRecord};
use quartermaster_tenants::sod_policy::{self, PolicyCommand, PolicyEdit, PolicyStatus};
use std::collections::HashMap;
use std::sync::Arc;

/// The states of a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "PolicyStatus")]
pub enum SodPolicyStatus {
    /// Waits for a second person.
    Pending,
    /// In force, or was until a later one.
    Published,
    /// Refused by the second person.
    Rejected,
}

/// A rule that keeps two duties apart.
#[derive(SimpleObject, Debug, Clone)]
pub struct SodRule {
    /// Such as `P2P-03`.
    rule: String,
    /// Whether the tenant may switch it off.
    tier: SodTier,
    /// Whether it applies.
    enabled: bool,
    /// One duty.
    duty_a: String,
    /// The other; `@approver` is every duty of that kind.
    duty_b: String,
    /// How near two acts must be, such as `same_document`; null for a static rule: one person may not hold both.
    relation: Option<String>,
    /// How many days an earlier act counts; null for ever.
    days: Option<i32>,
}

/// The policy in force.
#[derive(SimpleObject, Debug, Clone)]
pub struct SodPolicy {
    /// 1 is what the tenant began with.
    version: i32,
    /// Names the content: equal for tenants with the same policy.
    digest: String,
    /// Since when it is in force.
    published_at: DateTime,
    /// All rules, also those switched off.
    rules: Vec<SodRule>,
    /// All roles.
    roles: Vec<SodRole>,
}

impl SodPolicy {
    fn of(record: &PolicyRecord) -> quartermaster_tenants::Result<Self> {
        Ok(Self {
            version: record.version,
            digest: record.digest.iter().map(|b| format!("{b:02x}")).collect(),
            published_at: DateTime(record.published_at),
            rules: rules(&record.tailoring),
            roles: roles(&record.tailoring.rows()?, &record.tailoring),
        })
    }
}

fn rules(tailoring: &Tailoring) -> Vec<SodRule> {
    let standard = PolicyRows::standard();
    let enabled = |rule: &String| !tailoring.rules_off.contains(rule);
    let tier = |word: &str| match word {
        "mandatory" => SodTier::Mandatory,
        _ => SodTier::Default,
    };
    let fixed = standard.ssod.into_iter().map(|r| SodRule {
        enabled: enabled(&r.rule),
        tier: tier(&r.tier),
        rule: r.rule,
        duty_a: r.duty_a,
        duty_b: r.duty_b,
        relation: None,
        days: None,
    });
    let dynamic = standard.dsod.into_iter().map(|r| SodRule {
        enabled: enabled(&r.rule),
        tier: tier(&r.tier),
        rule: r.rule,
        duty_a: r.duty_a,
        duty_b: r.duty_b,
        relation: Some(r.relation),
        days: i32::try_from(r.days).ok().filter(|d| *d > 0),
    });
    fixed.chain(dynamic).collect()
}

/// A draft of the tenant's policy: the whole tailoring, waiting for or decided by a second person.
#[derive(SimpleObject, Clone)]
pub struct SodPolicyDraft {
    /// Opaque; begins with `sdp_`.
    pub id: ID,
    /// Its state.
    status: SodPolicyStatus,
    /// Default rules that are not to apply.
    rules_off: Vec<String>,
    /// Roles besides the standard ones.
    roles: Vec<SodRole>,
    /// The policy version that it was made from.
    base_version: i32,
    /// The version that it became.
    policy_version: Option<i32>,
    /// Why it was proposed.
    note: Option<String>,
    /// Why it was refused.
    reason: Option<String>,
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
    viewer_can: Related<CanKey<DraftRecord>>,
}

viewer_can!(
    /// What you could do to a draft of the policy now.
    SodPolicyDraftViewerCan, PolicyCommand;
    /// Bring it into force.
    publish = Publish,
    /// Refuse it.
    reject = Reject,
);
previewed!(DraftRecord, PolicyCommand, SodPolicyDraftViewerCan, |r| (
    r.id, r.version
));

impl From<DraftRecord> for SodPolicyDraft {
    fn from(r: DraftRecord) -> Self {
        Self {
            viewer_can: Related(CanKey(Arc::new(r.clone()))),
            id: ID(SodPolicyId(r.id).to_string()),
            status: r.status.into(),
            rules_off: r.tailoring.rules_off,
            roles: r.tailoring.roles.into_iter().map(SodRole::of_tenant).collect(),
            base_version: r.base_version,
            policy_version: r.policy_version,
            note: r.note,
            reason: r.reason,
            editor: Related(MemberId(r.editor)),
            editor_id: member(r.editor),
            decider: MaybeRelated(r.decider.map(MemberId)),
            decider_id: r.decider.map(member),
            decided_at: r.decided_at.map(DateTime),
            version: r.version,
            created_at: DateTime(r.created_at),
        }
    }
}

impl Loader<SodPolicyId> for Batch {
    type Value = SodPolicyDraft;
    type Error = LoadError;
    async fn load(&self, keys: &[SodPolicyId]) -> Result<HashMap<SodPolicyId, SodPolicyDraft>, LoadError> {
        let found = queries::drafts_by_ids(&self.session.db, &self.session.op, keys).await?;
        Ok(found.into_iter().map(|(id, r)| (id, r.into())).collect())
    }
}

connection!(SodPolicyDraftConnection, SodPolicyDraftEdge, SodPolicyDraft);

/// Queries about the policy.
#[derive(Default)]
pub struct PolicyQuery;

#[Object]
impl PolicyQuery {
    /// The segregation policy in force: rules with tier and whether they apply, roles with their duties.
    async fn sod_policy(&self, ctx: &Context<'_>) -> Result<SodPolicy> {
        let s = session(ctx)?;
        let record = s.read(queries::current(&s.db, &s.op).await)?;
        s.read(SodPolicy::of(&record))
    }

    /// A draft of the policy by its id.
    async fn sod_policy_draft(&self, ctx: &Context<'_>, id: Id<SodPolicyId>) -> Result<Option<SodPolicyDraft>> {
        one(ctx, id.0).await
    }

    /// Drafts of the policy, newest first.
    #[allow(clippy::too_many_arguments)]
    async fn sod_policy_drafts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "One of these states.")] statuses: Option<Vec<SodPolicyStatus>>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<SodPolicyDraftConnection> {
        let s = session(ctx)?;
        let window = window(first, after, last, before, NEWEST)?;
        let wanted: Option<Vec<PolicyStatus>> = statuses.map(|s| s.into_iter().map(Into::into).collect());
        let wanted = Arc::new(wanted);
        let page = s.read(queries::drafts(&s.db, &s.op, wanted.as_deref(), &window).await)?;
        let total = count(s, move |db, op| {
            let wanted = wanted.clone();
            async move { queries::count_drafts(&db, &op, wanted.as_deref()).await }
        });
        Ok(SodPolicyDraftConnection::of(page, total))
    }
}

/// The whole of the tenant's own part of the policy, in place of what is in force.
#[derive(InputObject)]
pub struct SodPolicyEditInput {
    /// Default rules that are not to apply.
    #[graphql(default)]
    rules_off: Vec<String>,
    /// Roles besides the standard ones.
    #[graphql(default)]
    roles: Vec<SodRoleInput>,
    /// Why, for the second person.
    note: Option<String>,
}

impl SodPolicyEditInput {
    fn names(&self) -> entered::Names {
        let duties = |role: &SodRoleInput| role.duties.iter().map(|d| d.duty.clone()).collect();
        self.roles.iter().map(|r| (r.name.clone(), duties(r))).collect()
    }

    fn edit(self) -> Result<PolicyEdit> {
        let mut tailoring = Tailoring {
            rules_off: self.rules_off,
            ..Tailoring::default()
        };
        for role in self.roles {
            let (name, body) = role.read();
            if tailoring.roles.insert(name, body).is_some() {
                return Err(coded("BAD_USER_INPUT", "A role is given twice."));
            }
        }
        Ok(PolicyEdit {
            tailoring,
            note: self.note,
        })
    }
}

command_input!(SodPolicyId;
    /// The draft to bring into force.
    SodPolicyPublishInput,
);
reason_input!(SodPolicyId;
    /// The draft to refuse.
    SodPolicyRejectInput,
);
payload!(
    /// A policy draft after a mutation.
    SodPolicyPayload, sod_policy_draft: SodPolicyDraft, SodPolicyId
);

/// Mutations of the policy.
#[derive(Default)]
pub struct PolicyMutation;

#[Object]
impl PolicyMutation {
    /// Drafts the tenant's own part of the policy. Another person publishes it.
    async fn sod_policy_edit(&self, ctx: &Context<'_>, input: SodPolicyEditInput) -> Result<SodPolicyPayload> {
        let s = session(ctx)?;
        let roles = input.names();
        let edit = input.edit()?;
        let outcome = perform!(s, sod_policy::edit(&s.db, &s.op, &edit));
        Ok(entered::in_their_places(outcome, &roles).into())
    }

    /// Brings a draft into force. Whoever edited it cannot, nor whoever would gain by it.
    async fn sod_policy_publish(&self, ctx: &Context<'_>, input: SodPolicyPublishInput) -> Result<SodPolicyPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(id, perform!(s, sod_policy::publish(&s.db, &s.op, id, version))).into())
    }

    /// Refuses a draft. Whoever edited it cannot.
    async fn sod_policy_reject(&self, ctx: &Context<'_>, input: SodPolicyRejectInput) -> Result<SodPolicyPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        let outcome = perform!(s, sod_policy::reject(&s.db, &s.op, id, &input.reason, version));
        Ok(about(id, outcome).into())
    }
}
