//! Approve a role assignment, or its removal.

use super::assignment::{AssignmentCommand, AssignmentStatus};
use super::{conflicts, repo};
use crate::error::{Code, Refusal, Result};
use crate::event::Event;
use crate::id::RoleAssignmentId;
use crate::op::Op;
use crate::policy::{Duty, RoleRef, duty};
use crate::tx::{Flight, Outcome, TenantTx, Tenants};

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
    let (mut facts, landing) = tx.facts(assignment.subject(), &[Duty::RoleGrantApprove], reads).await?;
    let approved = facts
        .authorize::<duty::RoleGrantApprove>(&assignment.standing(AssignmentCommand::Approve, expected_version))?;

    let kind = if assignment.status == AssignmentStatus::RemovalPending {
        assignment.status = AssignmentStatus::Removed;
        "role-assignment-removed"
    } else {
        if assignment.valid_until.is_some_and(|u| u <= facts.now) {
            let message = "The role would have ended already. Reject it.";
            return Err(Refusal::new(Code::InvalidInput, &["id"], message).into());
        }
        let role = RoleRef::from(assignment.role.as_str());
        conflicts::role_fits(facts.policy(), &role, &assignment.member)?;
        let held = conflicts::roles(landing.get(held), Some(assignment.id))?;
        let broken = conflicts::conflicts(facts.policy(), &held, &role);
        if !broken.is_empty() {
            return Err(conflicts::refusals(broken, Duty::RoleGrantApprove, &assignment.subject()).into());
        }
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
