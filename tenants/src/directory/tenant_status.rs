//! Suspend, resume and close a tenant, by its partner. No data is lost; nobody works in a tenant that is not active.

use super::provision::founding_op;
use super::{Directory, PartnerOp};
use crate::error::{Code, Detail, Refusal, Result};
use crate::event::{Event, Trail};
use crate::id::TenantId;
use crate::policy::Duty;
use crate::tx::{Flight, Outcome, TenantTx, Tenants, params};
use serde_json::json;
use uuid::Uuid;

const OWN: &str =
    "SELECT 1 AS one FROM qm.tenant t WHERE t.id = $1 AND t.partner_id = $2 AND t.status <> 'PROVISIONING'";
const LOCK: &str = "SELECT t.status, s.version, s.event_sequence, s.event_hash FROM qm.tenant t JOIN qm.tenant_setting s ON s.tenant_id = t.id AND s.id = t.id WHERE t.id = $1 FOR UPDATE";
const TENANT: &str = "UPDATE qm.tenant SET status = $2, version = version + 1, updated_at = $3 WHERE id = $1";
const SETTING: &str = "UPDATE qm.tenant_setting s SET status = $2, version = $3, event_sequence = $4, event_hash = $5, updated_at = $6 WHERE s.tenant_id = $1 AND s.id = $1";
const HAND: &str = "INSERT INTO qm.authz_hand AS h (tenant_id, document_id, sequence, act_id, duty, round, person_id, via, policy_version, at) \
    SELECT $1, $1, 1 + (SELECT coalesce(max(x.sequence), 0) FROM qm.authz_hand x WHERE x.tenant_id = $1 AND x.document_id = $1), $2, $3, 1, $4, 'actor', s.policy_version, $5 \
    FROM qm.tenant_setting s WHERE s.tenant_id = $1 AND s.id = $1";

/// Where a tenant can go.
struct Step {
    from: &'static [&'static str],
    to: &'static str,
    event: &'static str,
}

/// Active → Suspended: nobody works in it until it is resumed.
///
/// # Errors
/// Refusals of authority and state.
pub async fn suspend(
    directory: &Directory,
    db: &Tenants,
    op: &PartnerOp,
    tenant: TenantId,
    reason: &str,
) -> Result<Outcome> {
    let step = Step {
        from: &["ACTIVE"],
        to: "SUSPENDED",
        event: "tenant-suspended",
    };
    go(directory, db, op, tenant, step, reason).await
}

/// Suspended → Active.
///
/// # Errors
/// Refusals of authority and state.
pub async fn resume(
    directory: &Directory,
    db: &Tenants,
    op: &PartnerOp,
    tenant: TenantId,
    reason: &str,
) -> Result<Outcome> {
    let step = Step {
        from: &["SUSPENDED"],
        to: "ACTIVE",
        event: "tenant-resumed",
    };
    go(directory, db, op, tenant, step, reason).await
}

/// Active or Suspended → Closed, for good. All its data stays.
///
/// # Errors
/// Refusals of authority and state.
pub async fn close(
    directory: &Directory,
    db: &Tenants,
    op: &PartnerOp,
    tenant: TenantId,
    reason: &str,
) -> Result<Outcome> {
    let step = Step {
        from: &["ACTIVE", "SUSPENDED"],
        to: "CLOSED",
        event: "tenant-closed",
    };
    go(directory, db, op, tenant, step, reason).await
}

async fn go(
    directory: &Directory,
    db: &Tenants,
    by: &PartnerOp,
    tenant: TenantId,
    step: Step,
    reason: &str,
) -> Result<Outcome> {
    let reason = crate::input::text(&["reason"], reason, 500)?;
    let directory_tx = by.begin(directory, db, Duty::PtnTenantCreate).await?;
    let own = directory_tx
        .rows(OWN, vec![tenant.0.into(), by.partner.0.into()])
        .await?;
    if own.is_empty() {
        return Err(Refusal::not_found(&["id"], "tenant").into());
    }
    let op = founding_op(by, tenant);
    let mut tx = TenantTx::begin(db, &op).await?;
    let mut reads = Flight::new();
    let row = reads.rows(LOCK, params![tenant.0]);
    let landing = tx.fly(reads).await?;
    let row = landing.one(row)?;
    let status: String = row.try_get("status")?;
    if !step.from.contains(&status.as_str()) {
        let message = format!("The tenant is {}, which does not allow this.", status.to_lowercase());
        let mut refusal = Refusal::new(Code::InvalidState, &["id"], message);
        refusal.detail = Detail::State {
            allowed: allowed(&status),
            state: status,
        };
        return Err(refusal.into());
    }
    let mut trail = Trail::from_row(row)?;
    let now = tx.clock().await?;
    let act = Uuid::now_v7();
    trail.touch();
    let data = json!({ "from": status, "to": step.to, "reason": reason });
    tx.record(
        Event::new(step.event, "TENANT", tenant, data.clone()).of_act(act),
        &mut trail,
    )?;
    let mut writes = Flight::new();
    let setting = params![tenant.0, step.to, trail.version, trail.sequence, trail.hash, now];
    let hand = params![tenant.0, act, Duty::PtnTenantCreate.code(), by.person, now];
    writes
        .exec(TENANT, params![tenant.0, step.to, now], 1)
        .exec(SETTING, setting, 1)
        .exec(HAND, hand, 1);
    directory_tx.record(by, step.event, Some(tenant), data).await?;
    let outcome = tx.commit(writes, Outcome::done(tenant, trail.version)).await?;
    directory_tx.finish(by, outcome).await
}

fn allowed(status: &str) -> Vec<String> {
    let commands: &[&str] = match status {
        "ACTIVE" => &["tenantSuspend", "tenantClose"],
        "SUSPENDED" => &["tenantResume", "tenantClose"],
        _ => &[],
    };
    commands.iter().map(|c| (*c).to_owned()).collect()
}
