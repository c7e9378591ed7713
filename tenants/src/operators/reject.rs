//! Do not let a partner's operator in.

use super::assignment::{AssignmentCommand, AssignmentStatus};
use super::repo;
use crate::error::Result;
use crate::event::Event;
use crate::id::OperatorAssignmentId;
use crate::input::text;
use crate::op::Op;
use crate::policy::{Duty, duty};
use crate::tx::{Flight, Outcome, TenantTx, Tenants};

/// Pending → Rejected.
///
/// # Errors
/// Refusals of authority, version and state; ADM-15, ADM-16: it is the same duty as admitting.
pub async fn reject(
    db: &Tenants,
    op: &Op,
    id: OperatorAssignmentId,
    reason: &str,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    let reason = text(&["reason"], reason, 500)?;
    let mut tx = TenantTx::begin(db, op).await?;
    let mut assignment = repo::lock(&mut tx, id.0).await?;
    let before = assignment.trail.version;
    let subject = assignment.subject().benefiting(assignment.person);
    let (mut facts, _) = tx.facts(subject, &[Duty::TenOperatorAdmit], Flight::new()).await?;
    let standing = assignment.standing(AssignmentCommand::Reject, expected_version);
    let rejected = facts.authorize::<duty::TenOperatorAdmit>(&standing)?;

    assignment.decide(AssignmentStatus::Rejected, Some(op.account), Some(reason), facts.now);
    let event = Event::new(
        "operator-assignment-rejected",
        "OPERATOR_ASSIGNMENT",
        id,
        assignment.data(),
    );
    tx.record(event.of_act(rejected.act()), &mut assignment.trail)?;
    let mut writes = Flight::new();
    repo::update(&tx, rejected, &assignment, before, &mut writes)?;
    tx.commit(writes, Outcome::done(id, assignment.trail.version)).await
}
