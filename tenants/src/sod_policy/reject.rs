//! Refuse a draft.

use super::draft::PolicyStatus;
use super::repo;
use crate::error::Result;
use crate::event::Event;
use crate::id::SodPolicyId;
use crate::input::required_text;
use crate::op::Op;
use crate::policy::{Duty, duty};
use crate::tx::{Flight, Outcome, TenantTx, Tenants};

/// Pending → Rejected, with the reason. Whoever edited it cannot.
///
/// # Errors
/// Refusals of authority, version, state, segregation of duties; a missing reason.
pub async fn reject(
    db: &Tenants,
    op: &Op,
    id: SodPolicyId,
    reason: &str,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut draft = repo::load_for_update(&mut tx, id).await?;
    let before = draft.trail.version;
    let (mut facts, _) = tx.facts(draft.subject(), &[Duty::PolPublish], Flight::new()).await?;
    let rejected = facts.authorize::<duty::PolPublish>(&draft.standing(expected_version))?;
    draft.status = PolicyStatus::Rejected;
    draft.reason = Some(required_text(&["reason"], reason, 500)?);
    draft.trail.touch();
    let event = Event::new("sod-policy-rejected", "SOD_POLICY", id, draft.data());
    tx.record(event.of_act(rejected.act()), &mut draft.trail)?;
    let mut writes = Flight::new();
    repo::update(&tx, rejected, &draft, before, &mut writes)?;
    tx.commit(writes, Outcome::done(id, draft.trail.version)).await
}
