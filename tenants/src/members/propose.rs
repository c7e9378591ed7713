//! Propose that a member has a role.

use super::account::MemberStatus;
use super::assignment::{AssignmentStatus, RoleAssignment};
use super::{conflicts, repo};
use crate::act::Standing;
use crate::error::{Code, Refusal, Result};
use crate::event::{Event, Trail};
use crate::id::RoleAssignmentId;
use crate::op::Op;
use crate::policy::{Duty, RoleRef, duty};
use crate::tx::{Flight, Outcome, TenantTx, Tenants, params};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// A role for a member, as an administrator proposes it.
#[derive(Debug, Clone)]
pub struct NewAssignment {
    /// Who is to have it.
    pub member: Uuid,
    /// Its name.
    pub role: String,
    /// At once when not given.
    pub valid_from: Option<DateTime<Utc>>,
    /// For good when not given.
    pub valid_until: Option<DateTime<Utc>>,
}

const OPEN: &str = "SELECT 1 AS one FROM qm.role_assignment r WHERE r.tenant_id = $1 AND r.account_id = $2 AND r.role = $3 AND r.state IN ('PENDING', 'APPROVED') \
    AND (r.valid_until IS NULL OR r.valid_until > clock_timestamp()) LIMIT 1";

/// → Pending. It gives nothing before another person approves it.
///
/// # Errors
/// Refusals of authority and input; ADM-01; every static rule that the role would break.
pub async fn propose(db: &Tenants, op: &Op, new: &NewAssignment) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let member = repo::load_member_for_update(&mut tx, new.member)
        .await
        .map_err(|e| repo::at(e, "memberId"))?;
    let mut assignment = RoleAssignment {
        id: RoleAssignmentId::fresh().0,
        member,
        role: new.role.clone(),
        status: AssignmentStatus::Pending,
        valid_from: new.valid_from,
        valid_until: new.valid_until,
        round: 1,
        trail: Trail::new(),
    };
    let mut reads = Flight::new();
    let held = conflicts::read_roles(op, &assignment.member, &mut reads);
    let own = conflicts::read_own_kind(op, &new.role, &mut reads);
    let open = reads.rows(OPEN, params![op.tenant.0, new.member, new.role.clone()]);
    let (mut facts, landing) = tx.facts(assignment.subject(), &[Duty::RoleGrant], reads).await?;
    let proposed = facts.authorize::<duty::RoleGrant>(&Standing::new_document())?;

    if assignment.member.status == MemberStatus::Inactive {
        return Err(Refusal::new(Code::Inactive, &["memberId"], "This member is not active.").into());
    }
    conflicts::check_dates(new.valid_from, new.valid_until, facts.now)?;
    let role = RoleRef::from(new.role.as_str());
    let own = conflicts::own_kind(landing.optional(own))?;
    conflicts::role_fits(facts.policy(), &role, own.as_deref(), assignment.member.kind)?;
    if landing.optional(open).is_some() {
        let message = "The member has this role, or it is proposed already.";
        return Err(Refusal::new(Code::Duplicate, &["role"], message).into());
    }
    let broken = conflicts::conflicts(facts.policy(), &conflicts::roles(landing.get(held), None)?, &role);
    if !broken.is_empty() {
        return Err(conflicts::refusals(broken, Duty::RoleGrant, &assignment.subject()).into());
    }

    assignment.trail.touch();
    tx.record(
        Event::new(
            "role-assignment-proposed",
            "ROLE_ASSIGNMENT",
            assignment.id,
            assignment.data(),
        )
        .of_act(proposed.act()),
        &mut assignment.trail,
    )?;
    let mut writes = Flight::new();
    repo::insert_assignment(&tx, proposed, &assignment, &mut writes)?;
    tx.commit(writes, Outcome::done(assignment.id, assignment.trail.version))
        .await
}
