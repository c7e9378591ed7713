//! Propose another key in place of one.

use super::key::{Key, KeyCommand, KeyStatus};
use super::repo;
use crate::error::{Code, Refusal, Result};
use crate::event::{Event, Trail};
use crate::id::ApiKeyId;
use crate::op::Op;
use crate::policy::{Duty, duty};
use crate::tx::{Flight, Outcome, TenantTx, Tenants, params};

/// A replaced key goes on for at most a week.
pub const LONGEST_OVERLAP_HOURS: i32 = 168;

const PROPOSED: &str =
    "SELECT 1 AS one FROM qm.api_key k WHERE k.tenant_id = $1 AND k.replaces_id = $2 AND k.status = 'PENDING' LIMIT 1";

/// → a Pending key of the same machine, with the same role, places and last day. It takes two people like the first: whoever could
/// renew a secret alone could act as a machine that somebody else answers for. Its approval shows the new secret, and the old key
/// stops `overlap_hours` later; a key that leaked is revoked instead.
///
/// # Errors
/// Refusals of authority, version, state and input; `DUPLICATE` when one is proposed already.
pub async fn rotate(
    db: &Tenants,
    op: &Op,
    id: ApiKeyId,
    overlap_hours: i32,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let old = repo::load_for_update(&mut tx, id).await?.key;
    let mut key = Key {
        id: ApiKeyId::fresh(),
        status: KeyStatus::Pending,
        replaces: Some(id.0),
        overlap_hours: Some(overlap_hours),
        reason: None,
        trail: Trail::new(),
        ..old.clone()
    };
    let mut reads = Flight::new();
    let proposed = reads.rows(PROPOSED, params![op.tenant.0, id.0]);
    let (mut facts, landing) = tx.facts(key.subject(), &[Duty::KeyIssue], reads).await?;
    let rotated = facts.authorize::<duty::KeyIssue>(&old.standing(KeyCommand::Rotate, facts.now, expected_version))?;
    if !(0..=LONGEST_OVERLAP_HOURS).contains(&overlap_hours) {
        let message = format!("A replaced key goes on for 0 to {LONGEST_OVERLAP_HOURS} hours.");
        return Err(Refusal::invalid(&["overlapHours"], message).into());
    }
    if landing.optional(proposed).is_some() {
        let message = "A key in place of this one is proposed already.";
        return Err(Refusal::new(Code::Duplicate, &["id"], message).into());
    }
    key.trail.touch();
    tx.record(
        Event::new("api-key-rotation-proposed", "API_KEY", key.id, key.data()).of_act(rotated.act()),
        &mut key.trail,
    )?;
    let mut writes = Flight::new();
    repo::insert(&tx, rotated, &key, old.trail.version, &mut writes)?;
    tx.commit(writes, Outcome::done(key.id, key.trail.version)).await
}
