//! Refuse a rule, or take it back.

use super::repo;
use super::rule::{RuleCommand, RuleStatus};
use crate::error::Result;
use crate::event::Event;
use crate::id::WorkflowRuleId;
use crate::input::required_text;
use crate::op::Op;
use crate::policy::{DutyType, duty};
use crate::tx::{Flight, Outcome, TenantTx, Tenants};
use serde_json::json;

/// Pending → Rejected, with the reason. Whoever edited it cannot.
///
/// # Errors
/// Refusals of authority, version, state, segregation of duties; a missing reason.
pub async fn reject(
    db: &Tenants,
    op: &Op,
    id: WorkflowRuleId,
    reason: &str,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    close::<duty::WfPublish>(db, op, id, RuleCommand::Reject, Some(reason), expected_version).await
}

/// Pending → Withdrawn, by those who edit.
///
/// # Errors
/// Refusals of authority, version, state.
pub async fn withdraw(db: &Tenants, op: &Op, id: WorkflowRuleId, expected_version: Option<i32>) -> Result<Outcome> {
    close::<duty::WfEdit>(db, op, id, RuleCommand::Withdraw, None, expected_version).await
}

async fn close<D: DutyType>(
    db: &Tenants,
    op: &Op,
    id: WorkflowRuleId,
    command: RuleCommand,
    reason: Option<&str>,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut rule = repo::load_for_update(&mut tx, id).await?;
    let before = rule.trail.version;
    let (mut facts, _) = tx.facts(rule.subject(), &[D::DUTY], Flight::new()).await?;
    let authorized = facts.authorize::<D>(&rule.standing(command, expected_version))?;
    rule.reason = reason.map(|r| required_text(&["reason"], r, 500)).transpose()?;
    let kind = match command {
        RuleCommand::Withdraw => {
            rule.status = RuleStatus::Withdrawn;
            "workflow-rule-withdrawn"
        }
        RuleCommand::Publish | RuleCommand::Reject => {
            rule.status = RuleStatus::Rejected;
            "workflow-rule-rejected"
        }
    };
    rule.trail.touch();
    let mut data = rule.data();
    data["reason"] = json!(rule.reason);
    tx.record(
        Event::new(kind, "WORKFLOW_RULE", id, data).of_act(authorized.act()),
        &mut rule.trail,
    )?;
    let mut writes = Flight::new();
    repo::update(&tx, authorized, &rule, before, &mut writes)?;
    tx.commit(writes, Outcome::done(id, rule.trail.version)).await
}
