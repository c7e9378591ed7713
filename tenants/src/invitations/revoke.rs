//! Take an invitation back.

use super::invitation::InvitationStatus;
use super::repo;
use crate::error::Result;
use crate::event::Event;
use crate::id::InvitationId;
use crate::input::text;
use crate::members::MemberStatus;
use crate::op::Op;
use crate::policy::{Duty, duty};
use crate::tx::{Flight, Outcome, TenantTx, Tenants};
use serde_json::json;

/// Pending or expired → Revoked, at once, and the member that waited is stopped with it. Nobody is let in by it any more; to invite
/// the person again is another invitation.
///
/// # Errors
/// Refusals of authority, version and state.
pub async fn revoke(
    db: &Tenants,
    op: &Op,
    id: InvitationId,
    reason: &str,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    let reason = text(&["reason"], reason, 500)?;
    let mut tx = TenantTx::begin(db, op).await?;
    let mut invitation = repo::load_for_update(&mut tx, id).await?;
    let before = invitation.trail.version;
    let subject = invitation.member.subject();
    let (mut facts, _) = tx.facts(subject, &[Duty::UsrManage], Flight::new()).await?;
    let versions = expected_version.map(|expected| (expected, before));
    let standing = invitation.status_at(facts.now).revocation(versions);
    let revoked = facts.authorize::<duty::UsrManage>(&standing)?;
    invitation.status = InvitationStatus::Revoked;
    invitation.member.status = MemberStatus::Inactive;
    invitation.trail.touch();
    invitation.member.trail.touch();
    let act = revoked.act();
    let mut data = invitation.data();
    data["reason"] = json!(reason);
    tx.record(
        Event::new("invitation-revoked", "INVITATION", id, data).of_act(act),
        &mut invitation.trail,
    )?;
    let data = json!({ "reason": reason, "invitationId": id.to_string() });
    tx.record(
        Event::new("member-deactivated", "USER_ACCOUNT", invitation.member.id, data).of_act(act),
        &mut invitation.member.trail,
    )?;
    let mut writes = Flight::new();
    repo::revoke(&tx, revoked, &invitation, before, &mut writes)?;
    tx.commit(writes, Outcome::done(id, invitation.trail.version)).await
}
