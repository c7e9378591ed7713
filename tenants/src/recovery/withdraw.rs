//! Take a proposed administrator back.

use super::proposal::{RecoveryCommand, RecoveryStatus};
use super::repo;
use crate::act::above::{self, HandAbove};
use crate::directory::{Directory, PartnerOp, founding_op};
use crate::error::Result;
use crate::id::{AdministratorRecoveryId, TenantId};
use crate::operators::own_side::own_tenant;
use crate::policy::Duty;
use crate::tx::{Flight, Outcome, TenantTx, Tenants};
use serde_json::json;

/// Pending → Withdrawn, by the partner.
///
/// # Errors
/// Refusals of authority, version and state.
pub async fn withdraw(
    directory: &Directory,
    db: &Tenants,
    by: &PartnerOp,
    tenant: TenantId,
    id: AdministratorRecoveryId,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    let directory_tx = by.begin(directory, db, Duty::PtnTenantCreate).await?;
    own_tenant(&directory_tx, by, tenant).await?;
    let op = founding_op(by, tenant);
    let mut tx = TenantTx::begin(db, &op).await?;
    let mut recovery = repo::lock(&mut tx, id).await?;
    let before = recovery.trail.version;
    above::lock(&mut tx, &recovery.subject()).await?;
    recovery.standing(RecoveryCommand::Withdraw, expected_version).check()?;

    recovery.decide(RecoveryStatus::Withdrawn, tx.now()?);
    let (hand, mut writes) = (HandAbove::of(Duty::RoleGrant), Flight::new());
    repo::record(&mut tx, "administrator-recovery-withdrawn", &mut recovery, hand.act)?;
    repo::update(&tx, hand, &recovery, before, &mut writes)?;
    let data = json!({ "administratorRecoveryId": id.to_string() });
    directory_tx
        .record(by, "administrator-recovery-withdrawn", Some(tenant), data)
        .await?;
    let done = Outcome::done(recovery.id, recovery.trail.version);
    let outcome = tx.commit(writes, done).await?;
    directory_tx.finish(by, outcome).await
}
