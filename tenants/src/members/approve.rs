//! Approve a role assignment, or its removal.

use super::assignment::{AssignmentCommand, AssignmentStatus};
use super::{conflicts, repo};
use crate::act::Subject;
use crate::error::{Refusal, Result};
use crate::event::Event;
use crate::id::RoleAssignmentId;
use crate::op::{AccountKind, Op};
use crate::policy::{Duty, Policy, RoleRef, duty};
use crate::tx::{Flight, Outcome, TenantTx, Tenants};
use chrono::{DateTime, Utc};

/// What a role's approval is decided on besides authority; asked for its preview too.
pub(super) struct Grant {
    pub role: RoleRef,
    /// Who holds it, for a role of the tenant's own.
    pub own_kind: Option<String>,
    pub account: AccountKind,
    /// The person's other roles, through all accounts.
    pub held: Vec<RoleRef>,
    pub valid_until: Option<DateTime<Utc>>,
}

impl Grant {
    pub(super) fn check(&self, policy: &Policy, now: DateTime<Utc>, subject: &Subject) -> Result<(), Vec<Refusal>> {
        if self.valid_until.is_some_and(|u| u <= now) {
            let message = "The role would have ended already. Reject it.";
            return Err(vec![Refusal::invalid(&["id"], message)]);
        }
        conflicts::role_fits(policy, &self.role, self.own_kind.as_deref(), self.account).map_err(|r| vec![r])?;
        let broken = conflicts::conflicts(policy, &self.held, &self.role);
        if broken.is_empty() {
            return Ok(());
        }
        Err(conflicts::refusals(broken, Duty::RoleGrantApprove, subject))
    }
}

/// Pending → Approved, RemovalPending → Removed. The person is locked against every act until the commit: what is decided on
/// his roles at the same moment is decided wholly before or wholly after.
///
/// # Errors
/// Refusals of authority, version and state; ADM-02, ADM-03; every static rule that the role would break by now.
pub async fn approve(db: &Tenants, op: &Op, id: RoleAssignmentId, expected_version: Option<i32>) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut assignment = repo::load_assignment_for_update(&mut tx, id.0).await?;
    let before = assignment.trail.version;
    let mut reads = Flight::new();
    let held = conflicts::read_roles(op, &assignment.member, &mut reads);
    let own = conflicts::read_own_kind(op, &assignment.role, &mut reads);
    let (mut facts, landing) = tx.facts(assignment.subject(), &[Duty::RoleGrantApprove], reads).await?;
    let approved = facts
        .authorize::<duty::RoleGrantApprove>(&assignment.standing(AssignmentCommand::Approve, expected_version))?;

    let kind = if assignment.status == AssignmentStatus::RemovalPending {
        assignment.status = AssignmentStatus::Removed;
        "role-assignment-removed"
    } else {
        let grant = Grant {
            role: RoleRef::from(assignment.role.as_str()),
            own_kind: conflicts::own_kind(landing.optional(own))?,
            account: assignment.member.kind,
            held: conflicts::roles(landing.get(held), Some(assignment.id))?,
            valid_until: assignment.valid_until,
        };
        grant.check(facts.policy(), facts.now, &assignment.subject())?;
        assignment.status = AssignmentStatus::Approved;
        "role-assignment-approved"
    };
    assignment.trail.touch();
    tx.record(
        Event::new(kind, "ROLE_ASSIGNMENT", assignment.id, assignment.data()).of_act(approved.act()),
        &mut assignment.trail,
    )?;
    let mut writes = Flight::new();
    repo::update_assignment(&tx, approved, &assignment, before, true, &mut writes)?;
    tx.commit(writes, Outcome::done(assignment.id, assignment.trail.version))
        .await
}
