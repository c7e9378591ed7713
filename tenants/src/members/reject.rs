//! Refuse a proposed role, or a proposed removal.

use super::assignment::{AssignmentCommand, AssignmentStatus};
use super::repo;
use crate::error::Result;
use crate::event::Event;
use crate::id::RoleAssignmentId;
use crate::input::text;
use crate::op::Op;
use crate::policy::{Duty, duty};
use crate::tx::{Flight, Outcome, TenantTx, Tenants};
use serde_json::json;

/// Pending → Rejected; RemovalPending → Approved: it stays in force.
///
/// # Errors
/// Refusals of authority, version and state; ADM-02, ADM-03.
pub async fn reject(
    db: &Tenants,
    op: &Op,
    id: RoleAssignmentId,
    reason: &str,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    let reason = text(&["reason"], reason, 500)?;
    let mut tx = TenantTx::begin(db, op).await?;
    let mut assignment = repo::load_assignment_for_update(&mut tx, id.0).await?;
    let before = assignment.trail.version;
    let (mut facts, _) = tx
        .facts(assignment.subject(), &[Duty::RoleGrantApprove], Flight::new())
        .await?;
    let rejected =
        facts.authorize::<duty::RoleGrantApprove>(&assignment.standing(AssignmentCommand::Reject, expected_version))?;
    let kind = if assignment.status == AssignmentStatus::RemovalPending {
        assignment.status = AssignmentStatus::Approved;
        "role-assignment-removal-rejected"
    } else {
        assignment.status = AssignmentStatus::Rejected;
        "role-assignment-rejected"
    };
    assignment.trail.touch();
    let mut data = assignment.data();
    data["reason"] = json!(reason);
    tx.record(
        Event::new(kind, "ROLE_ASSIGNMENT", assignment.id, data).of_act(rejected.act()),
        &mut assignment.trail,
    )?;
    let mut writes = Flight::new();
    repo::update_assignment(&tx, rejected, &assignment, before, false, &mut writes)?;
    tx.commit(writes, Outcome::done(assignment.id, assignment.trail.version))
        .await
}
