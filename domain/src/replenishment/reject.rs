//! Refuse a policy: what was in force stays in force.

use super::policy::{PolicyCommand, PolicyStatus};
use super::{event, repo};
use crate::shared::{ReplenishmentPolicyId, required_text};
use quartermaster_tenants::policy::{Duty, duty};
use quartermaster_tenants::{Flight, Op, Outcome, Result, TenantTx, Tenants};

/// Pending → Rejected.
///
/// # Errors
/// Refusals of authority, version, state, segregation of duties, of an empty reason.
pub async fn reject(
    db: &Tenants,
    op: &Op,
    id: ReplenishmentPolicyId,
    reason: &str,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut policy = repo::load_for_update(&mut tx, id).await?;
    let before = policy.trail.version;
    let duties = [Duty::ReplApprove];
    let (mut facts, _) = tx.facts(policy.subject(), &duties, Flight::new()).await?;
    let rejected = facts.authorize::<duty::ReplApprove>(&policy.standing(PolicyCommand::Reject, expected_version))?;
    let reason = required_text(&["reason"], reason, 2000)?;
    policy.decide(PolicyStatus::Rejected, op.account, Some(reason));
    tx.record(
        event("replenishment-policy-rejected", &policy).of_act(rejected.act()),
        &mut policy.trail,
    )?;
    let mut writes = Flight::new();
    repo::update(&tx, rejected, &policy, before, &mut writes)?;
    tx.commit(writes, Outcome::done(id, policy.trail.version)).await
}
