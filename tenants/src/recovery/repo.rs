//! The SQL of recoveries.

use super::proposal::{AdministratorRole, Recovery, RecoveryStatus};
use super::propose::Candidate;
use crate::act::Signs;
use crate::error::{Error, Refusal, Result};
use crate::event::{Event, Trail};
use crate::id::{AdministratorRecoveryId, TenantId};
use crate::members::given::{Given, Household, lock_household};
use crate::members::{Member, MemberStatus};
use crate::op::AccountKind;
use crate::tx::{Flight, TenantTx, params};
use serde_json::json;
use tokio_postgres::Row;
use uuid::Uuid;

const LOCK: &str = "SELECT r.* FROM qm.administrator_recovery r WHERE r.tenant_id = $1 AND r.id = $2 FOR UPDATE";
const INSERT: &str = "INSERT INTO qm.administrator_recovery AS r (tenant_id, id, partner_id, person_id, display_name, email, role, reason, status, account_id, role_assignment_id, \
    proposer_person_id, version, event_sequence, event_hash, created_at, updated_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $16)";
const UPDATE: &str = "UPDATE qm.administrator_recovery r SET status = $3, account_id = $4, decider_account_id = $5, first_platform_person_id = $6, second_platform_person_id = $7, decided_at = $8, \
    reviewer_person_id = $9, review_note = $10, reviewed_at = $11, version = $12, event_sequence = $13, event_hash = $14, updated_at = $15 WHERE r.tenant_id = $1 AND r.id = $2";
const PERSON_TENANT: &str =
    "INSERT INTO qm.person_tenant (person_id, member_tenant_id) VALUES ($2, $1) ON CONFLICT DO NOTHING";

pub(super) async fn lock(tx: &mut TenantTx<'_>, id: AdministratorRecoveryId) -> Result<Recovery> {
    let mut flight = Flight::new();
    let row = flight.rows(LOCK, params![tx.op().tenant.0, id.0]);
    let landing = tx.fly(flight).await?;
    recovery(landing.optional(row).ok_or_else(not_found)?)
}

pub(super) fn not_found() -> Error {
    Refusal::not_found(&["id"], "proposal").into()
}

/// The account and the roles that the person has in the tenant already.
pub(super) async fn household(tx: &mut TenantTx<'_>, person: Uuid) -> Result<Household> {
    let mut flight = Flight::new();
    let (roles, account) = lock_household(tx.op().tenant.0, person, &mut flight);
    let landing = tx.fly(flight).await?;
    Household::read(landing.get(roles), landing.optional(account))
}

/// The account that the role is for: the one that is there, else the one that is to be made.
pub(super) fn member(recovery: &Recovery, there: Option<Member>) -> Member {
    there.unwrap_or_else(|| Member {
        id: recovery.account,
        person: Some(recovery.person),
        sponsor: None,
        kind: AccountKind::Human,
        status: MemberStatus::Active,
        trail: Trail::new(),
    })
}

pub(super) fn recovery(row: &Row) -> Result<Recovery> {
    let reviewer: Option<Uuid> = row.try_get("reviewer_person_id")?;
    let reviewed_at: Option<chrono::DateTime<chrono::Utc>> = row.try_get("reviewed_at")?;
    let note = row.try_get("review_note")?;
    Ok(Recovery {
        tenant: TenantId(row.try_get("tenant_id")?),
        id: row.try_get("id")?,
        partner: row.try_get("partner_id")?,
        person: row.try_get("person_id")?,
        display_name: row.try_get("display_name")?,
        email: row.try_get("email")?,
        role: AdministratorRole::parse(row.try_get("role")?),
        reason: row.try_get("reason")?,
        status: RecoveryStatus::parse(row.try_get("status")?),
        account: row.try_get("account_id")?,
        role_assignment: row.try_get("role_assignment_id")?,
        proposer: row.try_get("proposer_person_id")?,
        decider: row.try_get("decider_account_id")?,
        platform: [
            row.try_get("first_platform_person_id")?,
            row.try_get("second_platform_person_id")?,
        ],
        decided_at: row.try_get("decided_at")?,
        review: reviewer.zip(reviewed_at).map(|(who, at)| (who, note, at)),
        trail: Trail::from_row(row)?,
    })
}

pub(super) fn insert(tx: &TenantTx<'_>, by: impl Signs, r: &Recovery, writes: &mut Flight) -> Result<()> {
    by.sign(tx, r.role_assignment, 0, writes)?;
    let row = params![
        tx.op().tenant.0,
        r.id,
        r.partner,
        r.person,
        r.display_name.clone(),
        r.email.clone(),
        r.role.as_str(),
        r.reason.clone(),
        r.status.as_str(),
        r.account,
        r.role_assignment,
        r.proposer,
        r.trail.version,
        r.trail.sequence,
        r.trail.hash.clone(),
        tx.now()?
    ];
    writes.exec(INSERT, row, 1);
    Ok(())
}

/// By a member of the tenant who may, or by somebody above it. The hand is on the role assignment: that is what the rules about
/// grants are about.
pub(super) fn update(tx: &TenantTx<'_>, by: impl Signs, r: &Recovery, before: i32, writes: &mut Flight) -> Result<()> {
    by.sign(tx, r.role_assignment, before, writes)?;
    let (reviewer, note, reviewed_at) = match &r.review {
        Some((who, note, at)) => (Some(*who), note.clone(), Some(*at)),
        None => (None, None, None),
    };
    let row = params![
        tx.op().tenant.0,
        r.id,
        r.status.as_str(),
        r.account,
        r.decider,
        r.platform[0],
        r.platform[1],
        r.decided_at,
        reviewer,
        note,
        reviewed_at,
        r.trail.version,
        r.trail.sequence,
        r.trail.hash.clone(),
        tx.now()?
    ];
    writes.exec(UPDATE, row, 1);
    Ok(())
}

/// An approved recovery gives the account and the role.
pub(super) fn give(
    tx: &mut TenantTx<'_>,
    r: &mut Recovery,
    to: Candidate,
    act: Uuid,
    writes: &mut Flight,
) -> Result<()> {
    r.account = to.member.id;
    let given = Given {
        member: to.member,
        exists: to.exists,
        display_name: &r.display_name,
        email: r.email.as_deref(),
        valid_until: None,
        role: r.role.as_str(),
        role_assignment: r.role_assignment,
        because: json!(AdministratorRecoveryId(r.id).to_string()),
    };
    given.give(tx, act, writes)?;
    writes.exec_any(PERSON_TENANT, params![tx.op().tenant.0, r.person]);
    Ok(())
}

/// Its next event.
pub(super) fn record(tx: &mut TenantTx<'_>, kind: &'static str, r: &mut Recovery, act: Uuid) -> Result<()> {
    let event = Event::new(kind, super::proposal::KIND, r.id, r.data());
    tx.record(event.of_act(act), &mut r.trail)?;
    Ok(())
}
