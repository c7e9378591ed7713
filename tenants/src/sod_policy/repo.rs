//! The SQL of drafts' writes.

use super::draft::{PolicyDraft, PolicyStatus};
use crate::act::{Authorized, Tailoring};
use crate::error::{Error, Refusal, Result};
use crate::event::Trail;
use crate::id::SodPolicyId;
use crate::policy::{DutyType, duty};
use crate::tx::{Flight, TenantTx, params};
use tokio_postgres::Row;

const LOCK: &str = "SELECT p.* FROM qm.sod_policy p WHERE p.tenant_id = $1 AND p.id = $2 FOR UPDATE";
const INSERT: &str = "INSERT INTO qm.sod_policy (tenant_id, id, status, rules_off, roles, base_version, note, editor_account_id, version, event_sequence, event_hash, created_at, updated_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)";
const UPDATE: &str = "UPDATE qm.sod_policy p SET status = $3, policy_version = $4, reason = $5, decider_account_id = $6, decided_at = $7, version = $8, event_sequence = $9, event_hash = $10, updated_at = $7 \
    WHERE p.tenant_id = $1 AND p.id = $2 AND p.version = $11";

pub(super) async fn load_for_update(tx: &mut TenantTx<'_>, id: SodPolicyId) -> Result<PolicyDraft> {
    let mut flight = Flight::new();
    let row = flight.rows(LOCK, params![tx.op().tenant.0, id.0]);
    let landing = tx.fly(flight).await?;
    let row = landing
        .optional(row)
        .ok_or_else(|| Refusal::not_found(&["id"], "policy draft"))?;
    Ok(PolicyDraft {
        id,
        status: status(row)?,
        tailoring: tailoring(row)?,
        base_version: row.try_get("base_version")?,
        policy_version: row.try_get("policy_version")?,
        reason: row.try_get("reason")?,
        trail: Trail::from_row(row)?,
    })
}

pub(super) fn status(row: &Row) -> Result<PolicyStatus> {
    let word: &str = row.try_get("status")?;
    PolicyStatus::parse(word).ok_or_else(|| Error::internal(format!("status of policy draft {word}")))
}

pub(super) fn tailoring(row: &Row) -> Result<Tailoring> {
    Ok(Tailoring {
        rules_off: row.try_get("rules_off")?,
        roles: serde_json::from_value(row.try_get("roles")?).map_err(Error::internal)?,
    })
}

pub(super) fn insert(
    tx: &TenantTx<'_>,
    authorized: Authorized<duty::PolEdit>,
    draft: &PolicyDraft,
    note: Option<String>,
    writes: &mut Flight,
) -> Result<()> {
    let op = tx.op();
    authorized.sign(tx, draft.id, draft.trail.version, writes)?;
    writes.exec(
        INSERT,
        params![
            op.tenant.0,
            draft.id.0,
            draft.status.as_str(),
            draft.tailoring.rules_off.clone(),
            serde_json::to_value(&draft.tailoring.roles).map_err(Error::internal)?,
            draft.base_version,
            note,
            op.account,
            draft.trail.version,
            draft.trail.sequence,
            draft.trail.hash.clone(),
            tx.now()?,
        ],
        1,
    );
    Ok(())
}

pub(super) fn update<D: DutyType>(
    tx: &TenantTx<'_>,
    authorized: Authorized<D>,
    draft: &PolicyDraft,
    before: i32,
    writes: &mut Flight,
) -> Result<()> {
    let op = tx.op();
    authorized.sign(tx, draft.id, before, writes)?;
    writes.exec(
        UPDATE,
        params![
            op.tenant.0,
            draft.id.0,
            draft.status.as_str(),
            draft.policy_version,
            draft.reason.clone(),
            op.account,
            tx.now()?,
            draft.trail.version,
            draft.trail.sequence,
            draft.trail.hash.clone(),
            before,
        ],
        1,
    );
    Ok(())
}
