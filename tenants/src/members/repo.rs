//! The SQL of members and their roles.

use super::account::{Member, MemberStatus};
use super::assignment::{AssignmentStatus, RoleAssignment};
use crate::act::Authorized;
use crate::error::{Error, Refusal, Result};
use crate::event::Trail;
use crate::op::{AccountKind, Op};
use crate::policy::DutyType;
use crate::tx::{Flight, Rows, TenantTx, params};
use tokio_postgres::Row;
use uuid::Uuid;

const LOCK_MEMBER: &str = "SELECT a.* FROM qm.account a WHERE a.tenant_id = $1 AND a.id = $2 FOR UPDATE";
const INSERT_MEMBER: &str = "INSERT INTO qm.account AS a (tenant_id, id, person_id, kind, status, display_name, email, all_locations, valid_until, version, event_sequence, event_hash, created_at, updated_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13)";
const UPDATE_MEMBER: &str = "UPDATE qm.account a SET status = $3, person_id = $4, version = $5, event_sequence = $6, event_hash = $7, updated_at = $8 WHERE a.tenant_id = $1 AND a.id = $2";
const PERSON_TENANT: &str =
    "INSERT INTO qm.person_tenant (person_id, member_tenant_id) VALUES ($2, $1) ON CONFLICT DO NOTHING";
const CLEAR_LOCATIONS: &str = "DELETE FROM qm.account_location l WHERE l.tenant_id = $1 AND l.id = $2";
const SET_LOCATIONS: &str = "INSERT INTO qm.account_location AS l (tenant_id, id, location_id) SELECT a.tenant_id, a.id, u.location FROM qm.account a, unnest($3::uuid[]) u (location) WHERE a.tenant_id = $1 AND a.id = $2 RETURNING l.location_id";
const ALL_LOCATIONS: &str = "UPDATE qm.account a SET all_locations = $3 WHERE a.tenant_id = $1 AND a.id = $2";
const KNOWN_LOCATIONS: &str = "SELECT l.id FROM qm.location l WHERE l.tenant_id = $1 AND l.id = ANY($2)";

/// The account's row is locked with the assignment's: both change together.
const LOCK_ASSIGNMENT: &str = "SELECT r.*, a.person_id, a.sponsor_person_id, a.kind, a.status, a.version AS member_version, a.event_sequence AS member_sequence, a.event_hash AS member_hash \
    FROM qm.role_assignment r JOIN qm.account a ON a.tenant_id = r.tenant_id AND a.id = r.account_id WHERE r.tenant_id = $1 AND r.id = $2 FOR UPDATE";
const INSERT_ASSIGNMENT: &str = "INSERT INTO qm.role_assignment AS r (tenant_id, id, account_id, role, state, valid_from, valid_until, removal_requested, round, version, event_sequence, event_hash, created_at, updated_at) \
    SELECT a.tenant_id, $2, a.id, $4, $5, $6, $7, false, $8, $9, $10, $11, $12, $12 FROM qm.account a WHERE a.tenant_id = $1 AND a.id = $3";
const UPDATE_ASSIGNMENT: &str = "UPDATE qm.role_assignment r SET state = $3, removal_requested = $4, round = $5, version = $6, event_sequence = $7, event_hash = $8, updated_at = $9 WHERE r.tenant_id = $1 AND r.id = $2";
/// Roles are part of what an account is: whoever holds its version sees that they changed.
const RAISE_MEMBER: &str =
    "UPDATE qm.account a SET version = a.version + 1, updated_at = $3 WHERE a.tenant_id = $1 AND a.id = $2";

pub(crate) async fn load_member_for_update(tx: &mut TenantTx<'_>, id: Uuid) -> Result<Member> {
    let mut flight = Flight::new();
    let row = flight.rows(LOCK_MEMBER, params![tx.op().tenant.0, id]);
    let landing = tx.fly(flight).await?;
    let row = landing
        .optional(row)
        .ok_or_else(|| Refusal::not_found(&["id"], "member"))?;
    member(row)
}

/// The same refusal, at the field by which the input named the document.
pub(crate) fn at(error: Error, field: &str) -> Error {
    match error {
        Error::Refused(mut refusals) => {
            for refusal in &mut refusals {
                refusal.field = vec![field.to_owned()];
            }
            Error::Refused(refusals)
        }
        other => other,
    }
}

pub(crate) fn member(row: &Row) -> Result<Member> {
    Ok(Member {
        id: row.try_get("id")?,
        person: row.try_get("person_id")?,
        sponsor: row.try_get("sponsor_person_id")?,
        kind: AccountKind::parse(row.try_get("kind")?),
        status: MemberStatus::parse(row.try_get("status")?),
        trail: Trail::from_row(row)?,
    })
}

/// What a new member is besides [`Member`].
pub(crate) struct MemberDetails<'a> {
    pub display_name: &'a str,
    pub email: Option<&'a str>,
    pub locations: Option<&'a [Uuid]>,
    pub valid_until: Option<chrono::DateTime<chrono::Utc>>,
}

pub(crate) fn insert_member<D: DutyType>(
    tx: &TenantTx<'_>,
    authorized: Authorized<D>,
    member: &Member,
    details: &MemberDetails<'_>,
    writes: &mut Flight,
) -> Result<()> {
    authorized.sign(tx, member.id, member.trail.version, writes)?;
    let op = tx.op();
    let row = params![
        op.tenant.0,
        member.id,
        member.person,
        member.kind.as_str(),
        member.status.as_str(),
        details.display_name.to_owned(),
        details.email.map(str::to_owned),
        details.locations.is_none(),
        details.valid_until,
        member.trail.version,
        member.trail.sequence,
        member.trail.hash.clone(),
        tx.now()?
    ];
    writes.exec(INSERT_MEMBER, row, 1);
    if let Some(person) = member.person {
        writes.exec_any(PERSON_TENANT, params![op.tenant.0, person]);
    }
    if let Some(locations) = details.locations.filter(|l| !l.is_empty()) {
        let n = locations.len() as u64;
        writes.exec(SET_LOCATIONS, params![op.tenant.0, member.id, locations.to_vec()], n);
    }
    Ok(())
}

pub(crate) fn update_member<D: DutyType>(
    tx: &TenantTx<'_>,
    authorized: Authorized<D>,
    member: &Member,
    before: i32,
    writes: &mut Flight,
) -> Result<()> {
    authorized.sign(tx, member.id, before, writes)?;
    let row = params![
        tx.op().tenant.0,
        member.id,
        member.status.as_str(),
        member.person,
        member.trail.version,
        member.trail.sequence,
        member.trail.hash.clone(),
        tx.now()?
    ];
    writes.exec(UPDATE_MEMBER, row, 1);
    Ok(())
}

/// After [`update_member`], whose row count proves that the member is there.
pub(crate) fn replace_locations(op: &Op, member: Uuid, locations: Option<&[Uuid]>, writes: &mut Flight) {
    writes.exec_any(CLEAR_LOCATIONS, params![op.tenant.0, member]);
    writes.exec(ALL_LOCATIONS, params![op.tenant.0, member, locations.is_none()], 1);
    if let Some(locations) = locations.filter(|l| !l.is_empty()) {
        let n = locations.len() as u64;
        writes.exec(SET_LOCATIONS, params![op.tenant.0, member, locations.to_vec()], n);
    }
}

pub(crate) fn known_locations(op: &Op, wanted: Option<&[Uuid]>, reads: &mut Flight) -> Rows {
    reads.rows(
        KNOWN_LOCATIONS,
        params![op.tenant.0, wanted.unwrap_or_default().to_vec()],
    )
}

pub(crate) async fn load_assignment_for_update(tx: &mut TenantTx<'_>, id: Uuid) -> Result<RoleAssignment> {
    let mut flight = Flight::new();
    let row = flight.rows(LOCK_ASSIGNMENT, params![tx.op().tenant.0, id]);
    let landing = tx.fly(flight).await?;
    let row = landing
        .optional(row)
        .ok_or_else(|| Refusal::not_found(&["id"], "role assignment"))?;
    assignment(row)
}

fn assignment(row: &Row) -> Result<RoleAssignment> {
    Ok(RoleAssignment {
        id: row.try_get("id")?,
        member: Member {
            id: row.try_get("account_id")?,
            person: row.try_get("person_id")?,
            sponsor: row.try_get("sponsor_person_id")?,
            kind: AccountKind::parse(row.try_get("kind")?),
            status: MemberStatus::parse(row.try_get("status")?),
            trail: Trail {
                version: row.try_get("member_version")?,
                sequence: row.try_get("member_sequence")?,
                hash: row.try_get("member_hash")?,
            },
        },
        role: row.try_get("role")?,
        status: AssignmentStatus::parse(row.try_get("state")?, row.try_get("removal_requested")?),
        valid_from: row.try_get("valid_from")?,
        valid_until: row.try_get("valid_until")?,
        round: row.try_get("round")?,
        trail: Trail::from_row(row)?,
    })
}

pub(crate) fn insert_assignment<D: DutyType>(
    tx: &TenantTx<'_>,
    authorized: Authorized<D>,
    a: &RoleAssignment,
    writes: &mut Flight,
) -> Result<()> {
    authorized.sign(tx, a.id, a.trail.version, writes)?;
    let row = params![
        tx.op().tenant.0,
        a.id,
        a.member.id,
        a.role.clone(),
        a.status.state(),
        a.valid_from,
        a.valid_until,
        a.round,
        a.trail.version,
        a.trail.sequence,
        a.trail.hash.clone(),
        tx.now()?
    ];
    writes.exec(INSERT_ASSIGNMENT, row, 1);
    Ok(())
}

/// `raise` when the member's roles changed with it.
pub(crate) fn update_assignment<D: DutyType>(
    tx: &TenantTx<'_>,
    authorized: Authorized<D>,
    a: &RoleAssignment,
    before: i32,
    raise: bool,
    writes: &mut Flight,
) -> Result<()> {
    authorized.sign(tx, a.id, before, writes)?;
    let row = params![
        tx.op().tenant.0,
        a.id,
        a.status.state(),
        a.status == AssignmentStatus::RemovalPending,
        a.round,
        a.trail.version,
        a.trail.sequence,
        a.trail.hash.clone(),
        tx.now()?
    ];
    writes.exec(UPDATE_ASSIGNMENT, row, 1);
    if raise {
        writes.exec(RAISE_MEMBER, params![tx.op().tenant.0, a.member.id, tx.now()?], 1);
    }
    Ok(())
}
