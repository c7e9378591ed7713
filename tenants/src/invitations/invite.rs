//! Invite somebody whose login is not known yet.

use super::invitation::{Invitation, InvitationStatus};
use super::repo;
use crate::act::{Standing, Subject};
use crate::error::{Error, Refusal, Result};
use crate::event::{Event, Trail};
use crate::id::{InvitationId, MemberId};
use crate::identity::ShownOnce;
use crate::identity::invitation_token::InvitationToken;
use crate::input::{Refusals, required_text};
use crate::members::repo::MemberDetails;
use crate::members::{self, Member, MemberStatus};
use crate::op::{AccountKind, Op};
use crate::policy::{DocumentKind, Duty, duty};
use crate::tx::{Flight, Outcome, TenantTx, Tenants};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use uuid::Uuid;

/// For how many days an invitation can be accepted.
pub const VALID_DAYS: i64 = 14;

/// Somebody who is to belong to the tenant.
#[derive(Debug, Clone)]
pub struct NewInvitation {
    /// Where the invitation goes.
    pub email: String,
    /// What the person is called here.
    pub display_name: String,
    /// The locations that the member sees and acts at; all when not given.
    pub locations: Option<Vec<Uuid>>,
    /// The account ends by itself.
    pub valid_until: Option<DateTime<Utc>>,
}

/// → a member that waits (Invited), and a Pending invitation. Its token is shown in this answer alone, to whoever invites and
/// brings it to the person; an idempotent repeat shows nothing.
///
/// # Errors
/// Refusals of authority and input.
pub async fn invite(db: &Tenants, op: &Op, new: &NewInvitation, token: &mut ShownOnce) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let (id, member) = (InvitationId::fresh(), MemberId::fresh());
    let mut reads = Flight::new();
    let known = members::repo::known_locations(op, new.locations.as_deref(), &mut reads);
    let subject = Subject::new(DocumentKind::UserAccount, member);
    let (mut facts, landing) = tx.facts(subject, &[Duty::UsrManage], reads).await?;
    let invited = facts.authorize::<duty::UsrManage>(&Standing::new_document())?;

    let mut refusals = Refusals::default();
    let display_name = refusals.take(required_text(&["displayName"], &new.display_name, 200));
    let email = refusals.take(address(&new.email));
    let known = landing.get(known).len();
    let locations = refusals.take(members::checked_locations(new.locations.as_deref(), known));
    if new.valid_until.is_some_and(|u| u <= facts.now) {
        let message = "The account would have ended already.";
        refusals.push(Refusal::invalid(&["validUntil"], message));
    }
    refusals.finish()?;

    let (text, hash) = InvitationToken::generate(op.tenant.0, id.0).map_err(Error::internal)?;
    let mut invitation = Invitation {
        id,
        member: Member {
            id: member.0,
            person: None,
            sponsor: None,
            kind: AccountKind::Human,
            status: MemberStatus::Invited,
            trail: Trail::new(),
        },
        status: InvitationStatus::Pending,
        expires_at: facts.now + TimeDelta::days(VALID_DAYS),
        trail: Trail::new(),
    };
    invitation.member.trail.touch();
    invitation.trail.touch();
    let data = json!({ "kind": "HUMAN", "allLocations": new.locations.is_none(), "validUntil": new.valid_until, "invitationId": id.to_string() });
    tx.record(
        Event::new("member-invited", "USER_ACCOUNT", member, data).of_act(invited.act()),
        &mut invitation.member.trail,
    )?;
    tx.record(
        Event::new("invitation-issued", "INVITATION", id, invitation.data()).of_act(invited.act()),
        &mut invitation.trail,
    )?;
    let mut writes = Flight::new();
    let locations = locations.flatten();
    let details = MemberDetails {
        display_name: display_name.as_deref().unwrap_or_default(),
        email: email.as_deref(),
        locations: locations.as_deref(),
        valid_until: new.valid_until,
    };
    members::repo::insert_member(&tx, invited, &invitation.member, &details, &mut writes)?;
    repo::insert(&tx, &invitation, hash, &mut writes)?;
    let outcome = tx.commit(writes, Outcome::done(id, invitation.trail.version)).await?;
    token.fill(text);
    Ok(outcome)
}

/// An address by its form: whether anybody reads there, only the invitation shows.
fn address(email: &str) -> Result<String, Refusal> {
    let email = required_text(&["email"], email, 320)?;
    match email.rsplit_once('@') {
        Some((local, domain)) if !local.is_empty() && !domain.is_empty() && !email.contains(char::is_whitespace) => {
            Ok(email)
        }
        _ => Err(Refusal::invalid(
            &["email"],
            "An address such as ada@example.com is expected.",
        )),
    }
}
