//! Stop a key, or take a proposed one back.

use super::key::{KeyCommand, KeyStatus};
use super::repo;
use crate::error::Result;
use crate::event::Event;
use crate::id::ApiKeyId;
use crate::input::required_text;
use crate::members::MemberStatus;
use crate::op::Op;
use crate::policy::{Duty, duty};
use crate::tx::{Flight, Outcome, TenantTx, Tenants, params};
use serde_json::json;

const OTHERS: &str = "SELECT 1 AS one FROM qm.api_key k WHERE k.tenant_id = $1 AND k.account_id = $2 AND k.id <> $3 AND k.status = 'ACTIVE' \
    AND (k.expires_at IS NULL OR k.expires_at > clock_timestamp()) AND (k.ends_at IS NULL OR k.ends_at > clock_timestamp()) LIMIT 1";

/// Pending or Active → Revoked, at once and by one person: stopping needs no second. With its last key the machine's account
/// stops too, so that what the machine is doing at this moment cannot commit any more; while another key of the same machine
/// goes on, a request that this one let in before may still end.
///
/// # Errors
/// Refusals of authority, version and state; a missing reason.
pub async fn revoke(
    db: &Tenants,
    op: &Op,
    id: ApiKeyId,
    reason: &str,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let repo::Locked { mut key, machine, .. } = repo::load_for_update(&mut tx, id).await?;
    let before = key.trail.version;
    let mut reads = Flight::new();
    let others = reads.rows(OTHERS, params![op.tenant.0, key.machine, id.0]);
    let (mut facts, landing) = tx.facts(key.subject(), &[Duty::KeyIssue], reads).await?;
    let revoked = facts.authorize::<duty::KeyIssue>(&key.standing(KeyCommand::Revoke, facts.now, expected_version))?;
    let reason = required_text(&["reason"], reason, 500)?;
    let was_active = key.status == KeyStatus::Active;
    key.reason = Some(reason.clone());
    key.status = KeyStatus::Revoked;
    key.trail.touch();
    let act = revoked.act();
    tx.record(
        Event::new("api-key-revoked", "API_KEY", id, key.data()).of_act(act),
        &mut key.trail,
    )?;
    let mut writes = Flight::new();
    repo::update(&tx, revoked, &key, before, &mut writes)?;
    let last = was_active && landing.optional(others).is_none();
    if let Some(mut machine) = machine.filter(|m| last && m.status == MemberStatus::Active) {
        machine.status = MemberStatus::Inactive;
        machine.trail.touch();
        let data = json!({ "reason": reason, "apiKeyId": id.to_string() });
        tx.record(
            Event::new("member-deactivated", "USER_ACCOUNT", machine.id, data).of_act(act),
            &mut machine.trail,
        )?;
        repo::stop_machine(&tx, &machine, &mut writes)?;
    }
    tx.commit(writes, Outcome::done(id, key.trail.version)).await
}
