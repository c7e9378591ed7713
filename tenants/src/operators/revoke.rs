//! End an operator's assignment at once, by the tenant or by the partner; or take its proposal back.

use super::assignment::{AssignmentCommand, AssignmentStatus, OperatorAssignment};
use super::ending::Attached;
use super::{own_side, repo};
use crate::act::above::{self, HandAbove};
use crate::directory::{Directory, PartnerOp, founding_op};
use crate::error::Result;
use crate::event::Event;
use crate::id::OperatorAssignmentId;
use crate::input::text;
use crate::op::Op;
use crate::policy::{Duty, duty};
use crate::tx::{Flight, Outcome, TenantTx, Tenants};
use serde_json::json;
use uuid::Uuid;

/// Pending or Admitted → Revoked, by the tenant. The operator's lock waits for what is being committed and stops what is not:
/// his account, his roles and his credentials end in the same transaction.
///
/// # Errors
/// Refusals of authority, version and state; ADM-15.
pub async fn revoke(
    db: &Tenants,
    op: &Op,
    id: OperatorAssignmentId,
    reason: &str,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    let reason = text(&["reason"], reason, 500)?;
    let mut tx = TenantTx::begin(db, op).await?;
    let (mut assignment, attached) = repo::lock_with_attached(&mut tx, id.0).await?;
    let before = assignment.trail.version;
    // Who ends it gives nobody anything: the operator himself may.
    let (mut facts, _) = tx
        .facts(assignment.subject(), &[Duty::TenOperatorAdmit], Flight::new())
        .await?;
    let standing = assignment.standing(AssignmentCommand::Revoke, expected_version);
    let revoked = facts.authorize::<duty::TenOperatorAdmit>(&standing)?;
    let mut writes = Flight::new();
    end(
        &mut tx,
        &mut assignment,
        attached,
        reason,
        Some(op.account),
        revoked.act(),
        &mut writes,
    )?;
    repo::update(&tx, revoked, &assignment, before, &mut writes)?;
    tx.commit(writes, Outcome::done(id, assignment.trail.version)).await
}

/// The same by the partner: also in a tenant that is suspended.
///
/// # Errors
/// Refusals of authority, version and state.
pub async fn revoke_from_above(
    directory: &Directory,
    db: &Tenants,
    by: &PartnerOp,
    id: OperatorAssignmentId,
    reason: &str,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    let reason = text(&["reason"], reason, 500)?;
    let directory_tx = by.begin(directory, db, Duty::PtnOperatorAssign).await?;
    let place = own_side::place(&directory_tx, by, id).await?;
    let op = founding_op(by, place.tenant);
    let mut tx = TenantTx::begin(db, &op).await?;
    let (mut assignment, attached) = repo::lock_with_attached(&mut tx, id.0).await?;
    let before = assignment.trail.version;
    above::lock(&mut tx, &assignment.subject()).await?;
    assignment
        .standing(AssignmentCommand::Revoke, expected_version)
        .check()?;
    let (hand, mut writes) = (HandAbove::of(Duty::PtnOperatorAssign), Flight::new());
    end(&mut tx, &mut assignment, attached, reason, None, hand.act, &mut writes)?;
    repo::update(&tx, hand, &assignment, before, &mut writes)?;
    let data = json!({ "operatorAssignmentId": id.to_string() });
    directory_tx
        .record(by, "operator-assignment-revoked", Some(place.tenant), data)
        .await?;
    let outcome = tx.commit(writes, Outcome::done(id, assignment.trail.version)).await?;
    directory_tx.finish(by, outcome).await
}

/// A proposal is only taken back; an assignment in force ends with all that hangs on it.
fn end(
    tx: &mut TenantTx<'_>,
    assignment: &mut OperatorAssignment,
    mut attached: Attached,
    reason: String,
    decider: Option<Uuid>,
    act: Uuid,
    writes: &mut Flight,
) -> Result<()> {
    if assignment.status == AssignmentStatus::Admitted {
        attached.end_all(tx, act, assignment.id, writes)?;
    }
    assignment.decide(AssignmentStatus::Revoked, decider, Some(reason), tx.now()?);
    let event = Event::new(
        "operator-assignment-revoked",
        "OPERATOR_ASSIGNMENT",
        assignment.id,
        assignment.data(),
    );
    tx.record(event.of_act(act), &mut assignment.trail)?;
    Ok(())
}
