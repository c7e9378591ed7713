//! Approve a key: its machine comes in from now on.

use super::key::{Key, KeyCommand, KeyStatus};
use super::propose::{may_answer, role_of};
use super::repo;
use crate::error::{Code, Error, Refusal, Result};
use crate::event::{Event, Trail};
use crate::id::{ApiKeyId, encode};
use crate::identity::ShownOnce;
use crate::identity::api_key::ApiKey;
use crate::members::conflicts;
use crate::op::Op;
use crate::policy::{Duty, duty};
use crate::tx::{Flight, Outcome, TenantTx, Tenants};
use chrono::TimeDelta;
use serde_json::json;
use uuid::Uuid;

/// Pending → Active. The first key of a machine makes its account and gives it its role; one that replaces another lets that
/// one go on for the hours that were proposed.
///
/// The secret is made here and shown in this answer alone. Made earlier, it would lie for a while in the hand of the one person
/// who proposed it; shown later to whoever answers for the machine, it would have to be stored meanwhile. The approver hands it
/// over: by ADM-11 and ADM-12 he is neither of the two, and what he did with it himself would be in the owner's hand and name, on
/// record with his approval. An idempotent repeat shows nothing. A secret that was lost is replaced by [`super::rotate`].
///
/// # Errors
/// Refusals of authority, version and state; ADM-11, ADM-12; every static rule that its role would break by now.
pub async fn approve(
    db: &Tenants,
    op: &Op,
    id: ApiKeyId,
    expected_version: Option<i32>,
    secret: &mut ShownOnce,
) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let repo::Locked { mut key, replaced, .. } = repo::load_for_update(&mut tx, id).await?;
    let before = key.trail.version;
    let mut reads = Flight::new();
    let owner = repo::read_owner(op, &key, &mut reads);
    let held = conflicts::read_roles(op, &key.member(), &mut reads);
    let role_kind = repo::read_role_kind(op, &key.role, &mut reads);
    let (mut facts, landing) = tx.facts(key.subject(), &[Duty::KeyApprove], reads).await?;
    let approved =
        facts.authorize::<duty::KeyApprove>(&key.standing(KeyCommand::Approve, facts.now, expected_version))?;

    may_answer(&crate::members::repo::member(landing.one(owner)?)?, "id")?;
    if key.valid_until.is_some_and(|u| u <= facts.now) {
        let message = "The key would have ended already. Reject it.";
        return Err(Refusal::invalid(&["id"], message).into());
    }
    let role_kind = repo::role_kind(&key.role, landing.optional(role_kind))?;
    let role = role_of(key.kind, &key.role, role_kind.as_deref())?;
    if replaced.is_none() {
        let held = conflicts::roles(landing.get(held), None)?;
        let broken = conflicts::conflicts(facts.policy(), &held, &role);
        if !broken.is_empty() {
            return Err(conflicts::refusals(broken, Duty::KeyApprove, &key.subject()).into());
        }
    }

    let act = approved.act();
    let (text, hash) = ApiKey::generate(op.tenant.0, id.0).map_err(Error::internal)?;
    key.status = KeyStatus::Active;
    key.trail.touch();
    tx.record(
        Event::new("api-key-approved", "API_KEY", id, key.data()).of_act(act),
        &mut key.trail,
    )?;
    let mut writes = Flight::new();
    repo::update(&tx, approved, &key, before, &mut writes)?;
    repo::decide(&tx, &key, Some(hash), &mut writes)?;
    match replaced {
        Some(old) => end(&mut tx, old, &key, act, &mut writes)?,
        None => begin(&mut tx, &key, act, &mut writes)?,
    }
    let outcome = tx.commit(writes, Outcome::done(id, key.trail.version)).await?;
    secret.fill(text);
    Ok(outcome)
}

/// The machine's account and its role begin with its first key.
fn begin(tx: &mut TenantTx<'_>, key: &Key, act: Uuid, writes: &mut Flight) -> Result<()> {
    let (mut account, mut assignment) = (Trail::new(), Trail::new());
    account.touch();
    assignment.touch();
    let data = json!({ "kind": key.kind.as_str(), "allLocations": key.locations.is_none(), "validUntil": key.valid_until, "apiKeyId": key.id.to_string() });
    tx.record(
        Event::new("member-created", "USER_ACCOUNT", key.machine, data).of_act(act),
        &mut account,
    )?;
    let data = json!({ "memberId": encode("mem", key.machine), "role": key.role, "apiKeyId": key.id.to_string() });
    tx.record(
        Event::new("role-assignment-approved", "ROLE_ASSIGNMENT", key.role_assignment, data).of_act(act),
        &mut assignment,
    )?;
    repo::insert_machine(tx, key, &account, &assignment, writes)
}

/// The replaced key goes on for some hours, and never longer than it would have.
fn end(tx: &mut TenantTx<'_>, mut old: Key, new: &Key, act: Uuid, writes: &mut Flight) -> Result<()> {
    let now = tx.now()?;
    if old.status_at(now) != KeyStatus::Active || old.ends_at.is_some() {
        let message = "The key that it replaces is no longer active. Reject it, and propose a new key.";
        return Err(Refusal::new(Code::InvalidState, &["id"], message).into());
    }
    let before = old.trail.version;
    let ends_at = now + TimeDelta::hours(new.overlap_hours.unwrap_or_default().into());
    old.ends_at = Some(old.valid_until.map_or(ends_at, |u| u.min(ends_at)));
    old.trail.touch();
    tx.record(
        Event::new("api-key-replaced", "API_KEY", old.id, old.data()).of_act(act),
        &mut old.trail,
    )?;
    repo::replace(tx, &old, before, writes)
}
