//! Refuse a proposed key.

use super::key::{KeyCommand, KeyStatus};
use super::repo;
use crate::error::Result;
use crate::event::Event;
use crate::id::ApiKeyId;
use crate::input::required_text;
use crate::op::Op;
use crate::policy::{Duty, duty};
use crate::tx::{Flight, Outcome, TenantTx, Tenants};

/// Pending → Rejected, with the reason. For a rotation the older key goes on as if nothing had been proposed.
///
/// # Errors
/// Refusals of authority, version and state; ADM-11, ADM-12; a missing reason.
pub async fn reject(
    db: &Tenants,
    op: &Op,
    id: ApiKeyId,
    reason: &str,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut key = repo::load_for_update(&mut tx, id).await?.key;
    let before = key.trail.version;
    let (mut facts, _) = tx.facts(key.subject(), &[Duty::KeyApprove], Flight::new()).await?;
    let rejected =
        facts.authorize::<duty::KeyApprove>(&key.standing(KeyCommand::Reject, facts.now, expected_version))?;
    key.reason = Some(required_text(&["reason"], reason, 500)?);
    key.status = KeyStatus::Rejected;
    key.trail.touch();
    tx.record(
        Event::new("api-key-rejected", "API_KEY", id, key.data()).of_act(rejected.act()),
        &mut key.trail,
    )?;
    let mut writes = Flight::new();
    repo::update(&tx, rejected, &key, before, &mut writes)?;
    repo::decide(&tx, &key, None, &mut writes)?;
    tx.commit(writes, Outcome::done(id, key.trail.version)).await
}
