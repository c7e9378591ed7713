//! Revoke an operator's credentials at once, one or all, by the tenant, by the partner, or by himself.

use super::assignment::{AssignmentCommand, OperatorAssignment};
use super::ending::{self, Attached};
use super::{own_side, repo};
use crate::act::above;
use crate::directory::{Directory, PartnerOp, founding_op};
use crate::error::{Code, Refusal, Result};
use crate::id::{OperatorAssignmentId, OperatorCredentialId};
use crate::input::text;
use crate::op::Op;
use crate::policy::{Duty, duty};
use crate::tx::{Flight, Outcome, TenantTx, Tenants};
use serde_json::json;
use uuid::Uuid;

/// Open → revoked; the assignment stays as it is, and the operator may make another. To keep him out, revoke the assignment: that
/// also stops a request that was let in before and has not committed yet.
///
/// # Errors
/// Refusals of authority and state; `NOT_FOUND` for a credential that is none of the assignment, or not open any more.
pub async fn credential_revoke(
    db: &Tenants,
    op: &Op,
    id: OperatorAssignmentId,
    credential: Option<OperatorCredentialId>,
    reason: &str,
) -> Result<Outcome> {
    let reason = text(&["reason"], reason, 500)?;
    let mut tx = TenantTx::begin(db, op).await?;
    let (assignment, attached) = repo::lock_with_attached(&mut tx, id.0).await?;
    let (mut facts, _) = tx
        .facts(assignment.subject(), &[Duty::TenOperatorAdmit], Flight::new())
        .await?;
    let standing = assignment.standing(AssignmentCommand::CredentialRevoke, None);
    let revoked = facts.authorize::<duty::TenOperatorAdmit>(&standing)?;
    let mut writes = Flight::new();
    revoke(&mut tx, attached, credential, &reason, revoked.act(), &mut writes)?;
    revoked.sign(&tx, assignment.id, assignment.trail.version, &mut writes)?;
    done(tx, &assignment, writes).await
}

/// The same by the partner's administrator, or by the operator himself.
///
/// # Errors
/// As [`credential_revoke`].
pub async fn credential_revoke_from_above(
    directory: &Directory,
    db: &Tenants,
    by: &PartnerOp,
    id: OperatorAssignmentId,
    credential: Option<OperatorCredentialId>,
    reason: &str,
) -> Result<Outcome> {
    let reason = text(&["reason"], reason, 500)?;
    let member_tx = by.begin_on_own(directory).await?;
    let place = own_side::place(&member_tx, by, id).await?;
    let directory_tx = if place.person == by.person {
        member_tx
    } else {
        member_tx.commit().await?;
        by.begin(directory, db, Duty::PtnOperatorAssign).await?
    };
    let op = founding_op(by, place.tenant);
    let mut tx = TenantTx::begin(db, &op).await?;
    let (assignment, attached) = repo::lock_with_attached(&mut tx, id.0).await?;
    above::lock(&mut tx, &assignment.subject()).await?;
    assignment.standing(AssignmentCommand::CredentialRevoke, None).check()?;
    let mut writes = Flight::new();
    revoke(&mut tx, attached, credential, &reason, Uuid::now_v7(), &mut writes)?;
    let data =
        json!({ "operatorAssignmentId": id.to_string(), "operatorCredentialId": credential.map(|c| c.to_string()) });
    directory_tx
        .record(by, "operator-credential-revoked", Some(place.tenant), data)
        .await?;
    let outcome = done(tx, &assignment, writes).await?;
    directory_tx.finish(by, outcome).await
}

fn revoke(
    tx: &mut TenantTx<'_>,
    attached: Attached,
    wanted: Option<OperatorCredentialId>,
    reason: &str,
    act: Uuid,
    writes: &mut Flight,
) -> Result<()> {
    let mut credentials = attached.credentials;
    if let Some(wanted) = wanted {
        credentials.retain(|c| c.id == wanted.0);
    }
    ending::revoke(tx, &mut credentials, act, &json!(reason), writes)?;
    if credentials.is_empty() && wanted.is_some() {
        let message = "There is no open credential with this id.";
        return Err(Refusal::new(Code::NotFound, &["credentialId"], message).into());
    }
    Ok(())
}

async fn done(tx: TenantTx<'_>, assignment: &OperatorAssignment, writes: Flight) -> Result<Outcome> {
    let outcome = Outcome::done(assignment.id, assignment.trail.version);
    tx.commit(writes, outcome).await
}
