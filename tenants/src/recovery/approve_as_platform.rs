//! Approve a proposed administrator as one of two people of the platform, where the tenant has nobody who could.

use super::administrators::Administrators;
use super::proposal::{RecoveryCommand, RecoveryStatus};
use super::{propose, repo};
use crate::act::above;
use crate::directory::{PartnerOp, PlatformOp, founding_op};
use crate::error::{Code, Refusal, Result};
use crate::id::{AdministratorRecoveryId, PartnerId, TenantId};
use crate::op::Op;
use crate::policy::Duty;
use crate::tx::{Flight, Outcome, TenantTx, Tenants, params};
use uuid::Uuid;

const IS_PLATFORM: &str = "SELECT qm.is_platform($1)";

/// The first approval is kept; the second, of another person, makes the account and the role.
///
/// # Errors
/// `NOT_FOUND`; `INVALID_STATE` while an administrator of the tenant could approve; ADM-02, ADM-03, and the same person twice.
pub async fn approve_as_platform(
    db: &Tenants,
    by: &PlatformOp,
    tenant: TenantId,
    id: AdministratorRecoveryId,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    let op = by.inside(tenant);
    let mut tx = TenantTx::begin(db, &op).await?;
    let mut recovery = repo::lock(&mut tx, id).await?;
    let household = repo::household(&mut tx, recovery.person).await?;
    above::lock(&mut tx, &recovery.subject()).await?;
    still_platform(&mut tx, by).await?;
    recovery.standing(RecoveryCommand::Approve, expected_version).check()?;
    above::tenant_is_active(&mut tx, "id").await?;
    let administrators = Administrators::read(&mut tx).await?;
    if administrators.any(Duty::RoleGrantApprove, recovery.person) {
        let message = "An administrator of the tenant may approve this: it is not the platform's to decide.";
        return Err(Refusal::new(Code::InvalidState, &["id"], message).into());
    }
    propose::suits(&mut tx, &administrators.policy, &recovery, &household, "id").await?;
    recovery.approve_as_platform(by.person, tx.now()?)?;

    let (act, mut writes) = (Uuid::now_v7(), Flight::new());
    if recovery.status == RecoveryStatus::Approved {
        let (member, exists) = (repo::member(&recovery, &household), household.account.is_some());
        repo::give(&mut tx, &mut recovery, member, exists, act, &mut writes)?;
        repo::record(&mut tx, "administrator-recovery-approved", &mut recovery, act)?;
    } else {
        repo::record(&mut tx, "administrator-recovery-approved-once", &mut recovery, act)?;
    }
    repo::write(&tx, &recovery, &mut writes)?;
    above::sign(
        &tx,
        Duty::RoleGrantApprove,
        recovery.role_assignment,
        1,
        act,
        &mut writes,
    )?;
    let done = Outcome::done(recovery.id, recovery.trail.version);
    tx.commit(writes, done).await
}

/// It can be withdrawn at any moment.
async fn still_platform(tx: &mut TenantTx<'_>, by: &PlatformOp) -> Result<()> {
    let mut reads = Flight::new();
    let platform = reads.rows(IS_PLATFORM, params![by.person]);
    if tx.fly(reads).await?.one(platform)?.try_get(0)? {
        return Ok(());
    }
    Err(Refusal::new(Code::Forbidden, &[], "You do not belong to the platform any more.").into())
}

impl PlatformOp {
    /// The person inside a tenant for one transaction. No account: nothing else can be done with it.
    #[must_use]
    pub fn inside(&self, tenant: TenantId) -> Op {
        let nobody = PartnerOp {
            partner: PartnerId(Uuid::nil()),
            person: self.person,
            display_name: String::new(),
            roles: Vec::new(),
            request_id: self.request_id,
            idempotency: self.idempotency.clone(),
            clock_offset: self.clock_offset,
        };
        founding_op(&nobody, tenant)
    }
}
