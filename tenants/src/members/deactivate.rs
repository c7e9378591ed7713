//! Stop a member from acting, and let a member act again.

use super::account::MemberStatus;
use super::{conflicts, repo};
use crate::error::{Code, Refusal, Result};
use crate::event::Event;
use crate::id::MemberId;
use crate::input::text;
use crate::op::Op;
use crate::policy::{Duty, DutySet, duty, ssod_conflicts};
use crate::tx::{Flight, Outcome, TenantTx, Tenants};
use serde_json::json;

/// Invited or Active → Inactive, at once: the person's lock waits for what is being committed and stops what is not.
///
/// # Errors
/// Refusals of authority, version and state; nobody deactivates himself.
pub async fn deactivate(
    db: &Tenants,
    op: &Op,
    id: MemberId,
    reason: &str,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    let reason = text(&["reason"], reason, 500)?;
    let mut tx = TenantTx::begin(db, op).await?;
    let mut member = repo::load_member_for_update(&mut tx, id.0).await?;
    let before = member.trail.version;
    let (mut facts, _) = tx.facts(member.subject(), &[Duty::UsrManage], Flight::new()).await?;
    let from = [MemberStatus::Invited, MemberStatus::Active];
    let managed = facts.authorize::<duty::UsrManage>(&member.standing(&from, expected_version))?;
    if id.0 == op.account {
        return Err(Refusal::new(Code::InvalidInput, &["id"], "Nobody deactivates himself.").into());
    }
    member.status = MemberStatus::Inactive;
    member.trail.touch();
    tx.record(
        Event::new("member-deactivated", "USER_ACCOUNT", id, json!({ "reason": reason })).of_act(managed.act()),
        &mut member.trail,
    )?;
    let mut writes = Flight::new();
    repo::update_member(&tx, managed, &member, before, &mut writes)?;
    tx.commit(writes, Outcome::done(id, member.trail.version)).await
}

/// Inactive → Active, with the roles that the member had. They are asked of the static rules again: the person may have gained
/// others meanwhile, through a machine that he answers for.
///
/// # Errors
/// Refusals of authority, version and state; static rules that the roles would break together.
pub async fn reactivate(db: &Tenants, op: &Op, id: MemberId, expected_version: Option<i32>) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut member = repo::load_member_for_update(&mut tx, id.0).await?;
    let before = member.trail.version;
    let mut reads = Flight::new();
    let held = conflicts::read_roles(op, &member, &mut reads);
    let (mut facts, landing) = tx.facts(member.subject(), &[Duty::UsrManage], reads).await?;
    let managed = facts.authorize::<duty::UsrManage>(&member.standing(&[MemberStatus::Inactive], expected_version))?;
    if member.beneficiary().is_none() {
        let message = "This member never accepted the invitation. Invite the person again.";
        return Err(Refusal::new(Code::InvalidState, &["id"], message).into());
    }
    let roles = conflicts::roles(landing.get(held), None)?;
    let together = facts.policy().duties_of_all(&roles);
    if let Some(broken) = ssod_conflicts(facts.policy(), DutySet::EMPTY, together).first() {
        let message = format!(
            "The same person would hold {} and {} (SoD rule {}).",
            broken.a.code(),
            broken.b.code(),
            broken.rule
        );
        return Err(Refusal::new(Code::SegregationOfDuties, &["id"], message).into());
    }
    member.status = MemberStatus::Active;
    member.trail.touch();
    tx.record(
        Event::new("member-reactivated", "USER_ACCOUNT", id, json!({})).of_act(managed.act()),
        &mut member.trail,
    )?;
    let mut writes = Flight::new();
    repo::update_member(&tx, managed, &member, before, &mut writes)?;
    tx.commit(writes, Outcome::done(id, member.trail.version)).await
}
