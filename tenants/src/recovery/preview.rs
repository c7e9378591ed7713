//! Asking before doing: what each command on a proposed administrator would answer, whoever looks at it.

use super::approve_as_platform;
use super::proposal::{Recovery, RecoveryCommand, RecoveryStatus};
use super::propose::Candidate;
use super::repo;
use crate::act::above::previewed;
use crate::act::{Preview, policy_of};
use crate::directory::{Directory, PartnerOp, PlatformOp};
use crate::error::{Code, Result};
use crate::members::{self, Member, conflicts};
use crate::op::Op;
use crate::policy::{Duty, RoleRef};
use crate::tx::{Flight, TenantTx, Tenants, params};
use std::collections::HashMap;
use uuid::Uuid;

const ACCOUNTS: &str = "SELECT a.* FROM qm.account a WHERE a.tenant_id = $1 AND a.person_id = ANY($2)";

/// What approving these would be refused for inside the tenant, beyond authority and state: two flights, whatever their number.
///
/// # Errors
/// What the database said.
pub async fn approvals(db: &Tenants, op: &Op, of: &[&Recovery]) -> Result<HashMap<Uuid, Preview>> {
    let pending = |r: &&Recovery| r.status == RecoveryStatus::Pending;
    let pending: Vec<&Recovery> = of.iter().copied().filter(pending).collect();
    if pending.is_empty() {
        return Ok(HashMap::new());
    }
    let mut tx = TenantTx::read(db, op).await?;
    let policy = policy_of(&mut tx).await?;
    let candidates = candidates(&mut tx, &pending).await?;
    let mut out = HashMap::new();
    for (recovery, (candidate, held)) in pending.into_iter().zip(candidates) {
        if let Err(refusals) = candidate.may_have_it(&policy, recovery, &held, "id")
            && let Some(first) = refusals.into_iter().next()
        {
            out.insert(recovery.id, Preview::of(first));
        }
    }
    Ok(out)
}

/// The people as the tenant knows them, each with the roles that he holds there.
async fn candidates(tx: &mut TenantTx<'_>, of: &[&Recovery]) -> Result<Vec<(Candidate, Vec<RoleRef>)>> {
    let op = tx.op();
    let persons: Vec<Uuid> = of.iter().map(|r| r.person).collect();
    let mut reads = Flight::new();
    let accounts = reads.rows(ACCOUNTS, params![op.tenant.0, persons.clone()]);
    let held = conflicts::read_roles_of_many(
        op,
        of.iter().map(|r| r.account).collect(),
        persons.into_iter().map(Some).collect(),
        &mut reads,
    );
    let landing = tx.fly(reads).await?;
    let mut there: HashMap<Option<Uuid>, Member> = HashMap::new();
    for row in landing.get(accounts) {
        let member = members::repo::member(row)?;
        there.insert(member.person, member);
    }
    let mut held = conflicts::roles_by_place(landing.get(held))?;
    let candidate = |(recovery, n): (&&Recovery, i64)| {
        let account = there.get(&Some(recovery.person)).cloned();
        let roles = held.remove(&n).unwrap_or_default();
        let candidate = Candidate {
            exists: account.is_some(),
            member: repo::member(recovery, account),
        };
        (candidate, roles.into_iter().map(|(_, role)| role).collect())
    };
    Ok(of.iter().zip(1_i64..).map(candidate).collect())
}

/// What each command would answer to somebody of the partner.
///
/// # Errors
/// `FORBIDDEN` for one who belongs to it no more; what the database said.
pub async fn of_partner(
    directory: &Directory,
    db: &Tenants,
    by: &PartnerOp,
    recovery: &Recovery,
) -> Result<Vec<(RecoveryCommand, Preview)>> {
    let tx = by.begin_as_member(directory).await?;
    let may = by.may(db, &tx, Duty::PtnTenantCreate).await?;
    tx.commit().await?;
    let answer = |command| {
        let preview = match command {
            RecoveryCommand::Withdraw | RecoveryCommand::Review if may => {
                previewed(recovery.standing(command, None).check())?
            }
            _ => Preview::plain(Code::Forbidden),
        };
        Ok((command, preview))
    };
    RecoveryCommand::ALL.into_iter().map(answer).collect()
}

/// What each command would answer to a person of the platform.
///
/// # Errors
/// What the database said.
pub async fn of_platform(
    db: &Tenants,
    by: &PlatformOp,
    recovery: &Recovery,
) -> Result<Vec<(RecoveryCommand, Preview)>> {
    let op = by.inside(recovery.tenant);
    let mut tx = TenantTx::read(db, &op).await?;
    let (candidate, _) = candidates(&mut tx, &[recovery]).await?.remove(0);
    let approve = approve_as_platform::check(&mut tx, by, recovery, &candidate, None).await;
    let forbidden = |command| (command, Preview::plain(Code::Forbidden));
    Ok(vec![
        (RecoveryCommand::Approve, previewed(approve)?),
        forbidden(RecoveryCommand::Withdraw),
        forbidden(RecoveryCommand::Review),
    ])
}
