//! Accept an invitation with a verified login.

use super::invitation::{Invitation, InvitationStatus};
use super::repo;
use crate::account::nobody;
use crate::authenticate::speaks_for;
use crate::directory::Directory;
use crate::error::{Code, Error, Refusal, Result};
use crate::event::Event;
use crate::id::TenantId;
use crate::identity::api_key::SecretHash;
use crate::identity::invitation_token::InvitationToken;
use crate::identity::token::IssuerBinding;
use crate::members::MemberStatus;
use crate::op::{AccountKind, Op};
use crate::tx::{Flight, Outcome, TenantTx, Tenants, params};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use uuid::Uuid;

/// A verified login, whether or not anybody here knows it: who accepts.
#[derive(Debug, Clone)]
pub struct Login {
    /// The issuer's id in the directory.
    pub issuer: Uuid,
    /// Whom the issuer means.
    pub subject: String,
    /// For whom the issuer may speak.
    pub binding: IssuerBinding,
    /// Correlates log lines, events and the answer.
    pub request_id: Uuid,
    /// Moves the database's clock in tests; zero in production, by configuration.
    pub clock_offset: TimeDelta,
}

const SEEN: &str = "SELECT clock_timestamp() AS at, s.status AS tenant_status, i.*, a.status AS member_status, a.person_id AS member_person, a.display_name \
    FROM qm.invitation i JOIN qm.account a ON a.tenant_id = i.tenant_id AND a.id = i.account_id JOIN qm.tenant_setting s ON s.tenant_id = i.tenant_id AND s.id = i.tenant_id \
    WHERE i.tenant_id = $1 AND i.id = $2";
const HERE: &str = "SELECT 1 AS one FROM qm.account a WHERE a.tenant_id = $1 AND a.person_id = $2";

/// Pending → Accepted, and its member → Active: (issuer, subject) is the person, the person has the account. The outcome's document
/// is the member, its tenant is called `tenant`. The same person again is answered the same.
///
/// # Errors
/// `NOT_FOUND` for every token that opens nothing. To the holder of one that does: `INVALID_STATE` when it expired, was taken back or
/// used, `FORBIDDEN` when the login's issuer does not speak for people of the tenant, `DUPLICATE` when the person has an account in
/// it.
pub async fn accept(db: &Tenants, directory: &Directory, login: &Login, token: &str) -> Result<Outcome> {
    let token = InvitationToken::parse(token).ok_or_else(unknown)?;
    let tenant = TenantId(token.tenant());
    let (seen, mut op) = opened(db, login, &token).await?;
    let found = directory.find_tenant(tenant).await?.ok_or_else(unknown)?;
    if !speaks_for(login.binding, tenant, found) {
        let message = "Log in where people of this tenant do: this login's issuer does not speak for it.";
        return Err(Refusal::new(Code::Forbidden, &["token"], message).into());
    }
    let known = directory.find_login(login.issuer, &login.subject).await?;
    if seen.status == InvitationStatus::Accepted && known.is_some() && seen.member.person == known {
        return Ok(Outcome::done(seen.member.id, seen.trail.version).with("tenant", tenant.0));
    }
    // The person of a login that nobody has seen is made only when the invitation is good.
    let person = match known {
        Some(person) => person,
        None => directory.ensure_person(login.issuer, &login.subject).await?,
    };
    op.person = Some(person);
    join(db, &op, seen, person).await
}

fn unknown() -> Error {
    Refusal::new(Code::NotFound, &["token"], "There is no such invitation.").into()
}

/// The invitation as it is seen before anything is locked, if this token is its own, and who would accept it.
async fn opened(db: &Tenants, login: &Login, token: &InvitationToken) -> Result<(Invitation, Op)> {
    let nobody = nobody(TenantId(token.tenant()), login.clock_offset, login.request_id);
    let mut tx = TenantTx::read(db, &nobody).await?;
    let mut reads = Flight::new();
    let row = reads.rows(SEEN, params![token.tenant(), token.invitation()]);
    let landing = tx.fly(reads).await?;
    let row = landing.optional(row);
    let stored: Option<Vec<u8>> = row.map(|r| r.try_get("token_hash")).transpose()?;
    let hash = stored.as_deref().and_then(SecretHash::from_bytes);
    let opens = token.opens(hash.unwrap_or_else(SecretHash::of_nobody));
    let row = row.filter(|_| opens).ok_or_else(unknown)?;
    if row.try_get::<_, &str>("tenant_status")? != "ACTIVE" {
        return Err(Error::Inactive);
    }
    let seen = repo::seen(row)?;
    if seen.status != InvitationStatus::Accepted {
        let at: DateTime<Utc> = row.try_get("at")?;
        seen.acceptable(at + login.clock_offset)?;
    }
    let op = Op {
        account: seen.member.id,
        kind: AccountKind::Human,
        display_name: row.try_get("display_name")?,
        ..nobody.clone()
    };
    Ok((seen, op))
}

async fn join(db: &Tenants, op: &Op, seen: Invitation, person: Uuid) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut invitation = repo::load_for_update(&mut tx, seen.id).await?;
    let now = tx.clock().await?;
    invitation.acceptable(now)?;
    let mut reads = Flight::new();
    let here = reads.rows(HERE, params![op.tenant.0, person]);
    if tx.fly(reads).await?.optional(here).is_some() {
        let message = "You have an account in this tenant.";
        return Err(Refusal::new(Code::Duplicate, &["token"], message).into());
    }
    let before = invitation.trail.version;
    invitation.status = InvitationStatus::Accepted;
    invitation.member.status = MemberStatus::Active;
    invitation.member.person = Some(person);
    invitation.trail.touch();
    invitation.member.trail.touch();
    let accepted = Event::new("invitation-accepted", "INVITATION", invitation.id, invitation.data());
    tx.record(accepted, &mut invitation.trail)?;
    let data = json!({ "invitationId": invitation.id.to_string() });
    let joined = Event::new("member-joined", "USER_ACCOUNT", invitation.member.id, data);
    tx.record(joined, &mut invitation.member.trail)?;
    let mut writes = Flight::new();
    repo::accept(&tx, &invitation, before, person, &mut writes)?;
    let outcome = Outcome::done(invitation.member.id, invitation.trail.version).with("tenant", op.tenant.0);
    tx.commit(writes, outcome).await
}
