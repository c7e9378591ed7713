//! The SQL of rules' writes.

use super::change::Change;
use super::rule::{RuleKind, RuleStatus, WorkflowRule};
use crate::act::Authorized;
use crate::error::{Error, Refusal, Result};
use crate::event::Trail;
use crate::id::WorkflowRuleId;
use crate::policy::DutyType;
use crate::tx::{Flight, TenantTx, params};
use tokio_postgres::Row;
use uuid::Uuid;

const LOCK: &str = "SELECT r.* FROM qm.workflow_rule r WHERE r.tenant_id = $1 AND r.id = $2 FOR UPDATE";
const INSERT: &str = "INSERT INTO qm.workflow_rule (tenant_id, id, kind, status, content, changes, restored_from, note, editor_account_id, version, event_sequence, event_hash, created_at, updated_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13)";
const UPDATE: &str = "UPDATE qm.workflow_rule r SET status = $3, content = $4, reason = $5, settings_version = $6, decider_account_id = $7, decided_at = $8, version = $9, event_sequence = $10, event_hash = $11, updated_at = $8 \
    WHERE r.tenant_id = $1 AND r.id = $2 AND r.version = $12";

pub(super) async fn load_for_update(tx: &mut TenantTx<'_>, id: WorkflowRuleId) -> Result<WorkflowRule> {
    let mut flight = Flight::new();
    let row = flight.rows(LOCK, params![tx.op().tenant.0, id.0]);
    let landing = tx.fly(flight).await?;
    let row = landing
        .optional(row)
        .ok_or_else(|| Refusal::not_found(&["id"], "workflow rule"))?;
    Ok(WorkflowRule {
        id,
        kind: kind(row)?,
        status: status(row)?,
        content: row.try_get("content")?,
        changes: changes(row)?,
        reason: row.try_get("reason")?,
        settings_version: row.try_get("settings_version")?,
        trail: Trail::from_row(row)?,
    })
}

pub(super) fn kind(row: &Row) -> Result<RuleKind> {
    let word: &str = row.try_get("kind")?;
    RuleKind::parse(word).ok_or_else(|| Error::internal(format!("kind of rule {word}")))
}

pub(super) fn status(row: &Row) -> Result<RuleStatus> {
    let word: &str = row.try_get("status")?;
    RuleStatus::parse(word).ok_or_else(|| Error::internal(format!("status of rule {word}")))
}

pub(super) fn changes(row: &Row) -> Result<Vec<Change>> {
    serde_json::from_value(row.try_get("changes")?).map_err(Error::internal)
}

pub(super) struct Origin {
    pub(super) restored_from: Option<Uuid>,
    pub(super) note: Option<String>,
}

pub(super) fn insert<D: DutyType>(
    tx: &TenantTx<'_>,
    authorized: Authorized<D>,
    rule: &WorkflowRule,
    origin: Origin,
    writes: &mut Flight,
) -> Result<()> {
    let op = tx.op();
    authorized.sign(tx, rule.id, rule.trail.version, writes)?;
    writes.exec(
        INSERT,
        params![
            op.tenant.0,
            rule.id.0,
            rule.kind.as_str(),
            rule.status.as_str(),
            rule.content.clone(),
            serde_json::to_value(&rule.changes).map_err(Error::internal)?,
            origin.restored_from,
            origin.note,
            op.account,
            rule.trail.version,
            rule.trail.sequence,
            rule.trail.hash.clone(),
            tx.now()?,
        ],
        1,
    );
    Ok(())
}

pub(super) fn update<D: DutyType>(
    tx: &TenantTx<'_>,
    authorized: Authorized<D>,
    rule: &WorkflowRule,
    before: i32,
    writes: &mut Flight,
) -> Result<()> {
    let op = tx.op();
    authorized.sign(tx, rule.id, before, writes)?;
    writes.exec(
        UPDATE,
        params![
            op.tenant.0,
            rule.id.0,
            rule.status.as_str(),
            rule.content.clone(),
            rule.reason.clone(),
            rule.settings_version,
            op.account,
            tx.now()?,
            rule.trail.version,
            rule.trail.sequence,
            rule.trail.hash.clone(),
            before,
        ],
        1,
    );
    Ok(())
}
