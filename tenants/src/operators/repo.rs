//! The SQL of operator assignments and their credentials.

use super::assignment::{AssignmentStatus, OperatorAssignment};
use super::credential::Credential;
use super::ending::Attached;
use crate::act::Signs;
use crate::error::{Error, Refusal, Result};
use crate::event::Trail;
use crate::members::given::{Household, lock_household};
use crate::tx::{Flight, TenantTx, params};
use tokio_postgres::Row;
use uuid::Uuid;

const LOCK: &str = "SELECT o.* FROM qm.operator_assignment o WHERE o.tenant_id = $1 AND o.id = $2 FOR UPDATE";
const LOCK_EARLIER: &str = "SELECT o.* FROM qm.operator_assignment o WHERE o.tenant_id = $1 AND o.person_id = $2 AND o.status = 'ADMITTED' AND o.id <> $3 FOR UPDATE";
const LOCK_CREDENTIALS: &str = "SELECT c.* FROM qm.operator_session c WHERE c.tenant_id = $1 AND c.revoked_at IS NULL AND c.assignment_id IN \
    (SELECT o.id FROM qm.operator_assignment o WHERE o.tenant_id = $1 AND o.person_id = $2 AND o.status = 'ADMITTED') ORDER BY c.id FOR UPDATE";
const INSERT: &str = "INSERT INTO qm.operator_assignment AS o (tenant_id, id, partner_id, person_id, display_name, status, valid_until, account_id, role, role_assignment_id, purpose, \
    proposer_person_id, round, version, event_sequence, event_hash, created_at, updated_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1, $13, $14, $15, $16, $16)";
const UPDATE: &str = "UPDATE qm.operator_assignment o SET status = $3, reason = $4, decider_account_id = $5, decided_at = $6, account_id = $7, version = $8, event_sequence = $9, event_hash = $10, updated_at = $6 \
    WHERE o.tenant_id = $1 AND o.id = $2";
const LOCK_CREDENTIAL: &str = "SELECT c.* FROM qm.operator_session c WHERE c.tenant_id = $1 AND c.id = $2 FOR UPDATE";
const INSERT_CREDENTIAL: &str = "INSERT INTO qm.operator_session AS c (tenant_id, id, assignment_id, account_id, secret_hash, purpose, expires_at, version, event_sequence, event_hash, created_at, updated_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)";
const USE_CREDENTIAL: &str = "UPDATE qm.operator_session c SET first_used_at = $3, version = $4, event_sequence = $5, event_hash = $6, updated_at = $3 WHERE c.tenant_id = $1 AND c.id = $2";
const REVOKE_CREDENTIALS: &str = "UPDATE qm.operator_session c SET revoked_at = $6, version = u.version, event_sequence = u.sequence, event_hash = u.hash, updated_at = $6 \
    FROM unnest($2::uuid[], $3::int[], $4::int[], $5::bytea[]) u (id, version, sequence, hash) WHERE c.tenant_id = $1 AND c.id = u.id";

/// The assignment alone.
pub(super) async fn lock(tx: &mut TenantTx<'_>, id: Uuid) -> Result<OperatorAssignment> {
    let mut flight = Flight::new();
    let row = flight.rows(LOCK, params![tx.op().tenant.0, id]);
    let landing = tx.fly(flight).await?;
    let row = landing.optional(row).ok_or_else(not_found)?;
    assignment(row)
}

/// The assignment with all that comes and goes with it.
pub(super) async fn lock_with_attached(tx: &mut TenantTx<'_>, id: Uuid) -> Result<(OperatorAssignment, Attached)> {
    let found = lock(tx, id).await?;
    let tenant = tx.op().tenant.0;
    let mut flight = Flight::new();
    let earlier = flight.rows(LOCK_EARLIER, params![tenant, found.person, id]);
    let credentials = flight.rows(LOCK_CREDENTIALS, params![tenant, found.person]);
    let (roles, account) = lock_household(tenant, found.person, &mut flight);
    let landing = tx.fly(flight).await?;
    let attached = Attached {
        earlier: landing.optional(earlier).map(assignment).transpose()?,
        credentials: landing.get(credentials).iter().map(credential).collect::<Result<_>>()?,
        household: Household::read(landing.get(roles), landing.optional(account))?,
    };
    Ok((found, attached))
}

pub(super) fn not_found() -> Error {
    Refusal::not_found(&["id"], "operator assignment").into()
}

pub(super) fn assignment(row: &Row) -> Result<OperatorAssignment> {
    Ok(OperatorAssignment {
        id: row.try_get("id")?,
        partner: row.try_get("partner_id")?,
        person: row.try_get("person_id")?,
        display_name: row.try_get("display_name")?,
        status: AssignmentStatus::parse(row.try_get("status")?),
        valid_until: row.try_get("valid_until")?,
        account: row.try_get("account_id")?,
        role_assignment: row.try_get("role_assignment_id")?,
        purpose: row.try_get("purpose")?,
        reason: row.try_get("reason")?,
        proposer: row.try_get("proposer_person_id")?,
        decider: row.try_get("decider_account_id")?,
        decided_at: row.try_get("decided_at")?,
        trail: Trail::from_row(row)?,
    })
}

pub(super) fn credential(row: &Row) -> Result<Credential> {
    Ok(Credential {
        id: row.try_get("id")?,
        assignment: row.try_get("assignment_id")?,
        account: row.try_get("account_id")?,
        purpose: row.try_get("purpose")?,
        expires_at: row.try_get("expires_at")?,
        revoked_at: row.try_get("revoked_at")?,
        first_used_at: row.try_get("first_used_at")?,
        trail: Trail::from_row(row)?,
    })
}

pub(super) fn insert(tx: &TenantTx<'_>, by: impl Signs, o: &OperatorAssignment, writes: &mut Flight) -> Result<()> {
    by.sign(tx, o.id, 0, writes)?;
    let row = params![
        tx.op().tenant.0,
        o.id,
        o.partner,
        o.person,
        o.display_name.clone(),
        o.status.as_str(),
        o.valid_until,
        o.account,
        super::ROLE,
        o.role_assignment,
        o.purpose.clone(),
        o.proposer,
        o.trail.version,
        o.trail.sequence,
        o.trail.hash.clone(),
        tx.now()?
    ];
    writes.exec(INSERT, row, 1);
    Ok(())
}

/// By a member of the tenant who may, or by somebody above it.
pub(super) fn update(
    tx: &TenantTx<'_>,
    by: impl Signs,
    o: &OperatorAssignment,
    before: i32,
    writes: &mut Flight,
) -> Result<()> {
    by.sign(tx, o.id, before, writes)?;
    let row = params![
        tx.op().tenant.0,
        o.id,
        o.status.as_str(),
        o.reason.clone(),
        o.decider,
        tx.now()?,
        o.account,
        o.trail.version,
        o.trail.sequence,
        o.trail.hash.clone()
    ];
    writes.exec(UPDATE, row, 1);
    Ok(())
}

pub(super) async fn lock_credential(tx: &mut TenantTx<'_>, id: Uuid) -> Result<Option<Credential>> {
    let mut flight = Flight::new();
    let row = flight.rows(LOCK_CREDENTIAL, params![tx.op().tenant.0, id]);
    let landing = tx.fly(flight).await?;
    landing.optional(row).map(credential).transpose()
}

pub(super) fn insert_credential(tx: &TenantTx<'_>, c: &Credential, hash: &[u8; 32], writes: &mut Flight) -> Result<()> {
    let row = params![
        tx.op().tenant.0,
        c.id,
        c.assignment,
        c.account,
        hash.to_vec(),
        c.purpose.clone(),
        c.expires_at,
        c.trail.version,
        c.trail.sequence,
        c.trail.hash.clone(),
        tx.now()?
    ];
    writes.exec(INSERT_CREDENTIAL, row, 1);
    Ok(())
}

pub(super) fn use_credential(tx: &TenantTx<'_>, c: &Credential, writes: &mut Flight) {
    let (version, sequence, hash) = (c.trail.version, c.trail.sequence, c.trail.hash.clone());
    let row = params![tx.op().tenant.0, c.id, c.first_used_at, version, sequence, hash];
    writes.exec(USE_CREDENTIAL, row, 1);
}

pub(super) fn revoke_credentials(tx: &TenantTx<'_>, all: &[Credential], writes: &mut Flight) -> Result<()> {
    macro_rules! column {
        ($f:expr) => {
            all.iter().map($f).collect::<Vec<_>>()
        };
    }
    let rows = params![
        tx.op().tenant.0,
        column!(|c| c.id),
        column!(|c| c.trail.version),
        column!(|c| c.trail.sequence),
        column!(|c| c.trail.hash.clone()),
        tx.now()?
    ];
    writes.exec(REVOKE_CREDENTIALS, rows, all.len() as u64);
    Ok(())
}
