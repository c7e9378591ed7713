//! Approve a proposed administrator as one of two people of the platform, where the tenant has nobody who could.

use super::administrators::Administrators;
use super::proposal::{Recovery, RecoveryCommand, RecoveryStatus};
use super::propose::Candidate;
use super::repo;
use crate::act::above::{self, HandAbove};
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
/// `NOT_FOUND`; `INVALID_STATE` while an administrator of the tenant could approve; ADM-02, ADM-03: the same person twice is one.
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
    let before = recovery.trail.version;
    let household = repo::household(&mut tx, recovery.person).await?;
    let candidate = Candidate::of(&recovery, &household);
    above::lock(&mut tx, &recovery.subject()).await?;
    check(&mut tx, by, &recovery, &candidate, expected_version).await?;
    recovery.approve_as_platform(by.person, tx.now()?);

    let (hand, mut writes) = (HandAbove::of(DUTY), Flight::new());
    if recovery.status == RecoveryStatus::Approved {
        repo::give(&mut tx, &mut recovery, candidate, hand.act, &mut writes)?;
        repo::record(&mut tx, "administrator-recovery-approved", &mut recovery, hand.act)?;
    } else {
        repo::record(&mut tx, "administrator-recovery-approved-once", &mut recovery, hand.act)?;
    }
    repo::update(&tx, hand, &recovery, before, &mut writes)?;
    let done = Outcome::done(recovery.id, recovery.trail.version);
    tx.commit(writes, done).await
}

/// What each approval exercises.
const DUTY: Duty = Duty::RoleGrantApprove;
/// Four eyes on access: where the platform decides, they are those of its two people.
const FOUR_EYES: &str = "ADM-03";

/// All that may stand in the way, in the order of refusals (6.3): for the act behind its locks, and for whoever asks before.
pub(super) async fn check(
    tx: &mut TenantTx<'_>,
    by: &PlatformOp,
    recovery: &Recovery,
    candidate: &Candidate,
    expected_version: Option<i32>,
) -> Result<()> {
    still_platform(tx, by).await?;
    let standing = recovery.standing(RecoveryCommand::Approve, expected_version);
    standing.check()?;
    above::tenant_is_active(tx, "id").await?;
    let administrators = Administrators::read(tx).await?;
    if administrators.any(DUTY, recovery.person) {
        let message = "An administrator of the tenant may approve this: it is not the platform's to decide.";
        return Err(Refusal::new(Code::InvalidState, &["id"], message).into());
    }
    let (policy, subject) = (&administrators.policy, recovery.subject());
    let prior = above::earlier_hands(tx, &subject, DUTY).await?;
    above::check_counts_once(policy, FOUR_EYES, &subject, DUTY, &standing, &prior)?;
    above::check_rules(tx, policy, &subject, DUTY, &standing, prior)?;
    candidate.check(tx, policy, recovery, "id").await
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
