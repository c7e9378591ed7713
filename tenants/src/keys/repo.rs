//! The SQL of API keys and of the machines that they let in.

use super::key::{Key, KeyStatus, MachineKind};
use crate::act::Authorized;
use crate::error::{Refusal, Result};
use crate::event::Trail;
use crate::id::ApiKeyId;
use crate::identity::api_key::SecretHash;
use crate::members::{Member, MemberStatus, conflicts};
use crate::op::Op;
use crate::policy::{DutyType, StandardRole};
use crate::tx::{Flight, Rows, TenantTx, params};
use tokio_postgres::Row;

/// The key and the one that it replaces, older first: whoever needs both locks them in the same order.
const LOCK: &str = "SELECT k.* FROM qm.api_key k WHERE k.tenant_id = $1 AND (k.id = $2 OR k.id = (SELECT n.replaces_id FROM qm.api_key n WHERE n.tenant_id = $1 AND n.id = $2)) \
    ORDER BY k.id FOR UPDATE";
/// Before any person's lock, as all verbs of members do.
const LOCK_MACHINE: &str = "SELECT a.* FROM qm.account a WHERE a.tenant_id = $1 AND a.id = (SELECT k.account_id FROM qm.api_key k WHERE k.tenant_id = $1 AND k.id = $2) FOR UPDATE";
const INSERT: &str = "INSERT INTO qm.api_key (tenant_id, id, name, status, kind, role, scope, owner_account_id, owner_person_id, account_id, role_assignment_id, secret_hash, expires_at, location_ids, \
    replaces_id, overlap_hours, proposer_account_id, version, event_sequence, event_hash, created_at, updated_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '', $12, $13, $14, $15, $16, $17, $18, $19, $20, $20)";
const UPDATE: &str = "UPDATE qm.api_key k SET status = $3, reason = $4, ends_at = $5, version = $6, event_sequence = $7, event_hash = $8, updated_at = $9 WHERE k.tenant_id = $1 AND k.id = $2 AND k.version = $10";
const DECIDE: &str = "UPDATE qm.api_key k SET decider_account_id = $3, decided_at = $4, secret_hash = coalesce($5, k.secret_hash) WHERE k.tenant_id = $1 AND k.id = $2";
const INSERT_MACHINE: &str = "INSERT INTO qm.account AS a (tenant_id, id, sponsor_person_id, kind, status, display_name, all_locations, valid_until, version, event_sequence, event_hash, created_at, updated_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)";
const INSERT_LOCATIONS: &str = "INSERT INTO qm.account_location AS l (tenant_id, id, location_id) SELECT a.tenant_id, a.id, u.location FROM qm.account a, unnest($3::uuid[]) u (location) WHERE a.tenant_id = $1 AND a.id = $2 RETURNING l.location_id";
const INSERT_ROLE: &str = "INSERT INTO qm.role_assignment AS r (tenant_id, id, account_id, role, state, round, version, event_sequence, event_hash, created_at, updated_at) \
    VALUES ($1, $2, $3, $4, 'APPROVED', 1, $5, $6, $7, $8, $8)";
const STOP_MACHINE: &str = "UPDATE qm.account a SET status = $3, version = $4, event_sequence = $5, event_hash = $6, updated_at = $7 WHERE a.tenant_id = $1 AND a.id = $2";
const OWNER: &str = "SELECT a.* FROM qm.account a WHERE a.tenant_id = $1 AND a.id = $2";

/// A key, locked with what changes together with it.
pub(super) struct Locked {
    pub(super) key: Key,
    /// The key in whose place it is proposed.
    pub(super) replaced: Option<Key>,
    /// Its machine, once there is one.
    pub(super) machine: Option<Member>,
}

pub(super) async fn load_for_update(tx: &mut TenantTx<'_>, id: ApiKeyId) -> Result<Locked> {
    let mut flight = Flight::new();
    let keys = flight.rows(LOCK, params![tx.op().tenant.0, id.0]);
    let machine = flight.rows(LOCK_MACHINE, params![tx.op().tenant.0, id.0]);
    let landing = tx.fly(flight).await?;
    let mut locked = (None, None);
    for row in landing.get(keys) {
        let key = key(row)?;
        if key.id == id {
            locked.0 = Some(key);
        } else {
            locked.1 = Some(key);
        }
    }
    Ok(Locked {
        key: locked.0.ok_or_else(|| Refusal::not_found(&["id"], "API key"))?,
        replaced: locked.1,
        machine: landing
            .optional(machine)
            .map(crate::members::repo::member)
            .transpose()?,
    })
}

fn key(row: &Row) -> Result<Key> {
    Ok(Key {
        id: ApiKeyId(row.try_get("id")?),
        name: row.try_get("name")?,
        status: KeyStatus::parse(row.try_get("status")?),
        kind: MachineKind::parse(row.try_get("kind")?),
        role: row.try_get("role")?,
        duties: row.try_get("scope")?,
        owner: row.try_get("owner_account_id")?,
        owner_person: Some(row.try_get("owner_person_id")?),
        machine: row.try_get("account_id")?,
        role_assignment: row.try_get("role_assignment_id")?,
        locations: row.try_get("location_ids")?,
        valid_until: row.try_get("expires_at")?,
        replaces: row.try_get("replaces_id")?,
        overlap_hours: row.try_get("overlap_hours")?,
        ends_at: row.try_get("ends_at")?,
        reason: row.try_get("reason")?,
        trail: Trail::from_row(row)?,
    })
}

/// Who is to answer for the machine, read after the locks.
pub(super) fn read_owner(op: &Op, key: &Key, reads: &mut Flight) -> Rows {
    reads.rows(OWNER, params![op.tenant.0, key.owner])
}

/// Who holds a role of the tenant's own: `human`, `integration`, `agent`.
pub(super) fn read_role_kind(op: &Op, role: &str, reads: &mut Flight) -> Rows {
    conflicts::read_own_kind(op, role, reads)
}

/// Who holds this role in a tenant, by the standard table or else by the tenant's own; none for a role that is no tenant's.
pub(super) fn role_kind(role: &str, own: Option<&Row>) -> Result<Option<String>> {
    match StandardRole::find(role) {
        Some(standard) => Ok((standard.level == "tenant").then(|| standard.account_kind.to_owned())),
        None => conflicts::own_kind(own),
    }
}

/// `seen` is the version that the authorization was given for: that of the replaced key, for a rotation.
pub(super) fn insert<D: DutyType>(
    tx: &TenantTx<'_>,
    authorized: Authorized<D>,
    key: &Key,
    seen: i32,
    writes: &mut Flight,
) -> Result<()> {
    authorized.sign(tx, key.id, seen, writes)?;
    let op = tx.op();
    let row = params![
        op.tenant.0,
        key.id.0,
        key.name.clone(),
        key.status.as_str(),
        key.kind.as_str(),
        key.role.clone(),
        key.duties.clone(),
        key.owner,
        key.owner_person,
        key.machine,
        key.role_assignment,
        key.valid_until,
        key.locations.clone(),
        key.replaces,
        key.overlap_hours,
        op.account,
        key.trail.version,
        key.trail.sequence,
        key.trail.hash.clone(),
        tx.now()?
    ];
    writes.exec(INSERT, row, 1);
    Ok(())
}

pub(super) fn update<D: DutyType>(
    tx: &TenantTx<'_>,
    authorized: Authorized<D>,
    key: &Key,
    before: i32,
    writes: &mut Flight,
) -> Result<()> {
    authorized.sign(tx, key.id, before, writes)?;
    put(tx, key, before, writes)
}

/// Approved or rejected: by whom, and the hash of the secret if there is one now.
pub(super) fn decide(tx: &TenantTx<'_>, key: &Key, secret: Option<SecretHash>, writes: &mut Flight) -> Result<()> {
    let op = tx.op();
    let hash = secret.map(|s| s.as_bytes().to_vec());
    writes.exec(DECIDE, params![op.tenant.0, key.id.0, op.account, tx.now()?, hash], 1);
    Ok(())
}

/// The replaced key's last hours, after [`update`] of the one in its place.
pub(super) fn replace(tx: &TenantTx<'_>, replaced: &Key, before: i32, writes: &mut Flight) -> Result<()> {
    put(tx, replaced, before, writes)
}

fn put(tx: &TenantTx<'_>, key: &Key, before: i32, writes: &mut Flight) -> Result<()> {
    let row = params![
        tx.op().tenant.0,
        key.id.0,
        key.status.as_str(),
        key.reason.clone(),
        key.ends_at,
        key.trail.version,
        key.trail.sequence,
        key.trail.hash.clone(),
        tx.now()?,
        before
    ];
    writes.exec(UPDATE, row, 1);
    Ok(())
}

/// The machine's account with its role, after [`update`] of its first key.
pub(super) fn insert_machine(
    tx: &TenantTx<'_>,
    key: &Key,
    account: &Trail,
    assignment: &Trail,
    writes: &mut Flight,
) -> Result<()> {
    let (tenant, now) = (tx.op().tenant.0, tx.now()?);
    let row = params![
        tenant,
        key.machine,
        key.owner_person,
        key.kind.as_str(),
        MemberStatus::Active.as_str(),
        key.name.clone(),
        key.locations.is_none(),
        key.valid_until,
        account.version,
        account.sequence,
        account.hash.clone(),
        now
    ];
    writes.exec(INSERT_MACHINE, row, 1);
    if let Some(locations) = &key.locations {
        let row = params![tenant, key.machine, locations.clone()];
        writes.exec(INSERT_LOCATIONS, row, locations.len() as u64);
    }
    let row = params![
        tenant,
        key.role_assignment,
        key.machine,
        key.role.clone(),
        assignment.version,
        assignment.sequence,
        assignment.hash.clone(),
        now
    ];
    writes.exec(INSERT_ROLE, row, 1);
    Ok(())
}

/// The machine whose last key is stopped, after [`update`] of that key.
pub(super) fn stop_machine(tx: &TenantTx<'_>, machine: &Member, writes: &mut Flight) -> Result<()> {
    let row = params![
        tx.op().tenant.0,
        machine.id,
        machine.status.as_str(),
        machine.trail.version,
        machine.trail.sequence,
        machine.trail.hash.clone(),
        tx.now()?
    ];
    writes.exec(STOP_MACHINE, row, 1);
    Ok(())
}
