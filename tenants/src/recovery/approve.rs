//! Approve a proposed administrator, by one that the tenant still has.

use super::proposal::RecoveryCommand;
use super::propose::Candidate;
use super::repo;
use crate::error::Result;
use crate::id::AdministratorRecoveryId;
use crate::op::Op;
use crate::policy::{Duty, duty};
use crate::tx::{Flight, Outcome, TenantTx, Tenants};

/// Pending → Approved: the person has an account and the role.
///
/// # Errors
/// Refusals of authority, version and state; ADM-02, ADM-03; static rules that the role would break by now.
pub async fn approve(
    db: &Tenants,
    op: &Op,
    id: AdministratorRecoveryId,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut recovery = repo::lock(&mut tx, id).await?;
    let before = recovery.trail.version;
    let household = repo::household(&mut tx, recovery.person).await?;
    let subject = recovery.subject();
    let (mut facts, _) = tx.facts(subject, &[Duty::RoleGrantApprove], Flight::new()).await?;
    let standing = recovery.standing(RecoveryCommand::Approve, expected_version);
    let approved = facts.authorize::<duty::RoleGrantApprove>(&standing)?;
    let candidate = Candidate::of(&recovery, &household);
    candidate.check(&mut tx, facts.policy(), &recovery, "id").await?;

    recovery.approve(op.account, facts.now);
    let (act, mut writes) = (approved.act(), Flight::new());
    repo::give(&mut tx, &mut recovery, candidate, act, &mut writes)?;
    repo::record(&mut tx, "administrator-recovery-approved", &mut recovery, act)?;
    repo::update(&tx, approved, &recovery, before, &mut writes)?;
    let done = Outcome::done(recovery.id, recovery.trail.version);
    tx.commit(writes, done).await
}
