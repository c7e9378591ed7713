//! Take a policy back that nobody has decided.

use super::policy::{PolicyCommand, PolicyStatus};
use super::{event, repo};
use crate::shared::{ReplenishmentPolicyId, required_text};
use quartermaster_tenants::policy::{Duty, duty};
use quartermaster_tenants::{Flight, Op, Outcome, Result, TenantTx, Tenants};

/// Pending → Withdrawn.
///
/// # Errors
/// Refusals of authority, version, state, of an empty reason.
pub async fn withdraw(
    db: &Tenants,
    op: &Op,
    id: ReplenishmentPolicyId,
    reason: &str,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut policy = repo::load_for_update(&mut tx, id).await?;
    let before = policy.trail.version;
    let (mut facts, _) = tx.facts(policy.subject(), &[Duty::ReplEdit], Flight::new()).await?;
    let withdrawn = facts.authorize::<duty::ReplEdit>(&policy.standing(PolicyCommand::Withdraw, expected_version))?;
    let reason = required_text(&["reason"], reason, 2000)?;
    policy.decide(PolicyStatus::Withdrawn, op.account, Some(reason));
    tx.record(
        event("replenishment-policy-withdrawn", &policy).of_act(withdrawn.act()),
        &mut policy.trail,
    )?;
    let mut writes = Flight::new();
    repo::update(&tx, withdrawn, &policy, before, &mut writes)?;
    tx.commit(writes, Outcome::done(id, policy.trail.version)).await
}
