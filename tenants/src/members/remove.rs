//! Propose that a member no longer has a role.

use super::assignment::{AssignmentCommand, AssignmentStatus};
use super::repo;
use crate::error::Result;
use crate::event::Event;
use crate::id::RoleAssignmentId;
use crate::op::Op;
use crate::policy::{Duty, duty};
use crate::tx::{Flight, Outcome, TenantTx, Tenants};

/// Approved → RemovalPending, in a new round: it stays in force until another person approves the removal.
///
/// # Errors
/// Refusals of authority, version and state; ADM-01.
pub async fn propose_removal(
    db: &Tenants,
    op: &Op,
    id: RoleAssignmentId,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut assignment = repo::load_assignment_for_update(&mut tx, id.0).await?;
    let before = assignment.trail.version;
    if assignment.status == AssignmentStatus::Approved {
        assignment.round += 1;
    }
    let (mut facts, _) = tx
        .facts(assignment.subject(), &[Duty::RoleGrant], Flight::new())
        .await?;
    let proposed = facts
        .authorize::<duty::RoleGrant>(&assignment.standing(AssignmentCommand::ProposeRemoval, expected_version))?;
    assignment.status = AssignmentStatus::RemovalPending;
    assignment.trail.touch();
    tx.record(
        Event::new(
            "role-assignment-removal-proposed",
            "ROLE_ASSIGNMENT",
            assignment.id,
            assignment.data(),
        )
        .of_act(proposed.act()),
        &mut assignment.trail,
    )?;
    let mut writes = Flight::new();
    repo::update_assignment(&tx, proposed, &assignment, before, false, &mut writes)?;
    tx.commit(writes, Outcome::done(assignment.id, assignment.trail.version))
        .await
}
