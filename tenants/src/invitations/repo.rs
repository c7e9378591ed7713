//! The SQL of invitations.

use super::invitation::{Invitation, InvitationStatus};
use crate::act::Authorized;
use crate::error::{Refusal, Result};
use crate::event::Trail;
use crate::id::InvitationId;
use crate::identity::api_key::SecretHash;
use crate::members::{Member, MemberStatus};
use crate::op::AccountKind;
use crate::policy::DutyType;
use crate::tx::{Flight, TenantTx, params};
use tokio_postgres::Row;
use uuid::Uuid;

/// The invitation before its member, as all who lock both.
const LOCK: &str = "SELECT i.* FROM qm.invitation i WHERE i.tenant_id = $1 AND i.id = $2 FOR UPDATE";
const LOCK_MEMBER: &str = "SELECT a.* FROM qm.account a WHERE a.tenant_id = $1 AND a.id = (SELECT i.account_id FROM qm.invitation i WHERE i.tenant_id = $1 AND i.id = $2) FOR UPDATE";
const INSERT: &str = "INSERT INTO qm.invitation (tenant_id, id, account_id, token_hash, status, expires_at, version, event_sequence, event_hash, created_at, updated_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)";
const UPDATE: &str = "UPDATE qm.invitation i SET status = $3, version = $4, event_sequence = $5, event_hash = $6, updated_at = $7 WHERE i.tenant_id = $1 AND i.id = $2 AND i.version = $8";
const JOIN: &str = "UPDATE qm.account a SET status = $3, person_id = $4, version = $5, event_sequence = $6, event_hash = $7, updated_at = $8 WHERE a.tenant_id = $1 AND a.id = $2 AND a.person_id IS NULL";
const PERSON_TENANT: &str =
    "INSERT INTO qm.person_tenant (person_id, member_tenant_id) VALUES ($2, $1) ON CONFLICT DO NOTHING";

pub(super) async fn load_for_update(tx: &mut TenantTx<'_>, id: InvitationId) -> Result<Invitation> {
    let mut flight = Flight::new();
    let invitation = flight.rows(LOCK, params![tx.op().tenant.0, id.0]);
    let member = flight.rows(LOCK_MEMBER, params![tx.op().tenant.0, id.0]);
    let landing = tx.fly(flight).await?;
    let row = landing
        .optional(invitation)
        .ok_or_else(|| Refusal::not_found(&["id"], "invitation"))?;
    Ok(Invitation {
        id,
        member: crate::members::repo::member(landing.one(member)?)?,
        status: InvitationStatus::parse(row.try_get("status")?),
        expires_at: row.try_get("expires_at")?,
        trail: Trail::from_row(row)?,
    })
}

/// An invitation of a joined row whose member's columns are called `member_…`: to look, not to write.
pub(super) fn seen(row: &Row) -> Result<Invitation> {
    Ok(Invitation {
        id: InvitationId(row.try_get("id")?),
        member: Member {
            id: row.try_get("account_id")?,
            person: row.try_get("member_person")?,
            sponsor: None,
            kind: AccountKind::Human,
            status: MemberStatus::parse(row.try_get("member_status")?),
            trail: Trail::new(),
        },
        status: InvitationStatus::parse(row.try_get("status")?),
        expires_at: row.try_get("expires_at")?,
        trail: Trail::from_row(row)?,
    })
}

/// After the write of its member, which consumes the authorization.
pub(super) fn insert(tx: &TenantTx<'_>, i: &Invitation, hash: SecretHash, writes: &mut Flight) -> Result<()> {
    let row = params![
        tx.op().tenant.0,
        i.id.0,
        i.member.id,
        hash.as_bytes().to_vec(),
        i.status.as_str(),
        i.expires_at,
        i.trail.version,
        i.trail.sequence,
        i.trail.hash.clone(),
        tx.now()?
    ];
    writes.exec(INSERT, row, 1);
    Ok(())
}

/// Taken back, with its member.
pub(super) fn revoke<D: DutyType>(
    tx: &TenantTx<'_>,
    authorized: Authorized<D>,
    i: &Invitation,
    before: i32,
    writes: &mut Flight,
) -> Result<()> {
    authorized.sign(tx, i.member.id, before, writes)?;
    put(tx, i, before, None, writes)
}

/// Accepted by this person. No duty authorizes it and no hand is left: whoever invited had the duty, and the token is the proof.
pub(super) fn accept(tx: &TenantTx<'_>, i: &Invitation, before: i32, person: Uuid, writes: &mut Flight) -> Result<()> {
    put(tx, i, before, Some(person), writes)?;
    writes.exec_any(PERSON_TENANT, params![tx.op().tenant.0, person]);
    Ok(())
}

fn put(tx: &TenantTx<'_>, i: &Invitation, before: i32, person: Option<Uuid>, writes: &mut Flight) -> Result<()> {
    let (tenant, now) = (tx.op().tenant.0, tx.now()?);
    let row = params![
        tenant,
        i.id.0,
        i.status.as_str(),
        i.trail.version,
        i.trail.sequence,
        i.trail.hash.clone(),
        now,
        before
    ];
    writes.exec(UPDATE, row, 1);
    let member = params![
        tenant,
        i.member.id,
        i.member.status.as_str(),
        person,
        i.member.trail.version,
        i.member.trail.sequence,
        i.member.trail.hash.clone(),
        now
    ];
    writes.exec(JOIN, member, 1);
    Ok(())
}
