//! Bring a rule into force.

use super::change::apply;
use super::issuer::IssuerBindingDraft;
use super::repo;
use super::rule::{RuleCommand, RuleKind, RuleStatus, WorkflowRule};
use crate::error::{Code, Error, Refusal, Result};
use crate::event::Event;
use crate::id::WorkflowRuleId;
use crate::op::Op;
use crate::policy::{Duty, duty};
use crate::settings::Settings;
use crate::tx::{Flight, Outcome, TenantTx, Tenants, params};
use serde_json::Value;
use uuid::Uuid;

const CURRENT: &str = "SELECT settings, version FROM qm.tenant_setting WHERE tenant_id = $1 AND id = $1 FOR UPDATE";
const SETTINGS: &str = "UPDATE qm.tenant_setting s SET settings = $2, rule_id = $3, publisher_person_id = $4, version = $5, updated_at = $6 \
    WHERE s.tenant_id = $1 AND s.id = $1 AND s.version = $5 - 1";
const ISSUER: &str = "INSERT INTO qm.issuer (id, issuer, bound_tenant_id, algorithms, jwks_url, status, created_at) VALUES ($1, $2, $3, $4, $5, 'ACTIVE', $6)";

/// Pending → Published. It waits for every act in flight; later ones decide by the new settings.
///
/// # Errors
/// Refusals of authority, version, state, segregation of duties (ADM-10); a value that was changed since the edit.
pub async fn publish(db: &Tenants, op: &Op, id: WorkflowRuleId, expected_version: Option<i32>) -> Result<Outcome> {
    let mut tx = TenantTx::begin_publishing(db, op).await?;
    let mut rule = repo::load_for_update(&mut tx, id).await?;
    let before = rule.trail.version;
    let mut reads = Flight::new();
    let current = reads.rows(CURRENT, params![op.tenant.0]);
    let (mut facts, landing) = tx.facts(rule.subject(), &[Duty::WfPublish], reads).await?;
    let published = facts.authorize::<duty::WfPublish>(&rule.standing(RuleCommand::Publish, expected_version))?;

    let mut writes = Flight::new();
    match rule.kind {
        RuleKind::Settings => {
            let row = landing.one(current)?;
            rule.content = changed(row.try_get("settings")?, &rule)?;
            let version = row.try_get::<_, i32>("version")? + 1;
            rule.settings_version = Some(version);
            let content = rule.content.clone();
            writes.exec(
                SETTINGS,
                params![op.tenant.0, content, id.0, op.person, version, facts.now],
                1,
            );
        }
        RuleKind::Issuer => {
            let issuer: IssuerBindingDraft = serde_json::from_value(rule.content.clone()).map_err(Error::internal)?;
            let IssuerBindingDraft {
                issuer,
                algorithms,
                jwks_url,
            } = issuer;
            writes.exec(
                ISSUER,
                params![Uuid::now_v7(), issuer, op.tenant.0, algorithms, jwks_url, facts.now],
                1,
            );
        }
    }
    rule.status = RuleStatus::Published;
    rule.trail.touch();
    let event = Event::new("workflow-rule-published", "WORKFLOW_RULE", id, rule.data());
    tx.record(event.of_act(published.act()), &mut rule.trail)?;
    repo::update(&tx, published, &rule, before, &mut writes)?;
    tx.commit(writes, Outcome::done(id, rule.trail.version)).await
}

/// The settings as they are, with the rule's changes.
fn changed(stored: Value, rule: &WorkflowRule) -> Result<Value> {
    // What a release added to the settings has its default until it is published otherwise.
    let current: Settings = serde_json::from_value(stored).map_err(Error::internal)?;
    let mut value = serde_json::to_value(current).map_err(Error::internal)?;
    if let Err(stale) = apply(&mut value, &rule.changes) {
        let message = format!(
            "Since this was drafted, {} changed. Draft it again, so that what you publish is what you have seen.",
            stale.join(", ")
        );
        return Err(Refusal::new(Code::Conflict, &["id"], message).into());
    }
    let settings: Settings = serde_json::from_value(value.clone()).map_err(Error::internal)?;
    let problems = settings.problems();
    if problems.is_empty() {
        Ok(value)
    } else {
        Err(problems.into())
    }
}
