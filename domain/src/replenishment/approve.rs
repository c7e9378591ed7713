//! Approve a policy: its lines are in force at once.

use super::policy::{PolicyCommand, PolicyStatus};
use super::{apply, event, repo};
use crate::shared::ReplenishmentPolicyId;
use quartermaster_tenants::policy::{Duty, duty};
use quartermaster_tenants::{Flight, Op, Outcome, Result, TenantTx, Tenants};

/// Pending → Approved, by another person than its proposer (ADM-19).
///
/// # Errors
/// Refusals of authority, version, state, segregation of duties; of an item or a location that is not active any more.
pub async fn approve(
    db: &Tenants,
    op: &Op,
    id: ReplenishmentPolicyId,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    // An act that moves stock cannot wait for a threshold that does not exist yet. So none is under way meanwhile: otherwise
    // stock could fall below a new threshold without anybody being told.
    let mut tx = TenantTx::begin_publishing(db, op).await?;
    let mut policy = repo::load_for_update(&mut tx, id).await?;
    let before = policy.trail.version;
    let mut reads = Flight::new();
    let at = apply::reads(op, id, &mut reads);
    let (mut facts, landing) = tx.facts(policy.subject(), &[Duty::ReplApprove], reads).await?;
    let approved = facts.authorize::<duty::ReplApprove>(&policy.standing(PolicyCommand::Approve, expected_version))?;
    policy.decide(PolicyStatus::Approved, op.account, None);
    tx.record(
        event("replenishment-policy-approved", &policy).of_act(approved.act()),
        &mut policy.trail,
    )?;
    let mut writes = Flight::new();
    apply::writes(&mut tx, approved.act(), &landing, at, &mut writes)?;
    repo::update(&tx, approved, &policy, before, &mut writes)?;
    tx.commit(writes, Outcome::done(id, policy.trail.version)).await
}
