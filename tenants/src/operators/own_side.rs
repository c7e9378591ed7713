//! What a partner sees of its own side: its people, and their assignments in all its tenants. Nothing else of any tenant.

use super::assignment::AssignmentStatus;
use super::queries::AssignmentRecord;
use super::repo;
use crate::directory::{Directory, DirectoryTx, PartnerOp};
use crate::error::{Code, Refusal, Result};
use crate::id::{OperatorAssignmentId, PartnerMemberId, TenantId};
use chrono::{DateTime, Utc};
use sea_orm::QueryResult;
use uuid::Uuid;

/// A person of the partner.
#[derive(Debug, Clone)]
pub struct PartnerMemberRecord {
    /// The person.
    pub person: Uuid,
    /// What people call him.
    pub display_name: String,
    /// The roles at the partner.
    pub roles: Vec<String>,
    /// May the person act?
    pub active: bool,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

const OWN: &str =
    "SELECT t.status FROM qm.tenant t WHERE t.id = $1 AND t.partner_id = $2 AND t.status <> 'PROVISIONING'";
const MEMBERS: &str = "SELECT m.person_id, m.display_name, array_to_string(m.roles, ',') AS roles, m.status, m.created_at FROM qm.partner_member m \
    WHERE m.partner_id = $1 AND ($2::uuid IS NULL OR m.person_id > $2) AND ($3::uuid IS NULL OR m.person_id = $3) ORDER BY m.person_id LIMIT $4";
const COUNT_MEMBERS: &str = "SELECT count(*) AS n FROM qm.partner_member m WHERE m.partner_id = $1";
const PLACE: &str =
    "SELECT o.tenant_id, o.account_id, o.person_id FROM qm.operator_assignment o WHERE o.partner_id = $1 AND o.id = $2";
const ASSIGNMENTS: &str = "SELECT o.tenant_id, o.id, o.person_id, o.display_name, o.status, o.valid_until, o.account_id, o.purpose, o.reason, o.decided_at, o.version, o.created_at FROM qm.operator_assignment o \
    WHERE o.partner_id = $1 AND ($2::uuid IS NULL OR o.id < $2) AND ($3::uuid IS NULL OR o.id = $3) AND ($4::uuid IS NULL OR o.person_id = $4) ORDER BY o.id DESC LIMIT $5";
const COUNT_ASSIGNMENTS: &str = "SELECT count(*) AS n FROM qm.operator_assignment o WHERE o.partner_id = $1 AND ($2::uuid IS NULL OR o.person_id = $2)";
const OPEN: &str = "SELECT o.id FROM qm.operator_assignment o WHERE o.partner_id = $1 AND o.person_id = $2 AND o.status IN ('PENDING', 'ADMITTED') ORDER BY o.id";

/// Is this tenant one of the partner's?
pub(crate) async fn own_tenant(tx: &DirectoryTx, by: &PartnerOp, tenant: TenantId) -> Result<()> {
    if tx
        .rows(OWN, vec![tenant.0.into(), by.partner.0.into()])
        .await?
        .is_empty()
    {
        return Err(Refusal::not_found(&["tenantId"], "tenant").into());
    }
    Ok(())
}

/// The name of one of the partner's people, who may act.
pub(super) async fn active_member(tx: &DirectoryTx, by: &PartnerOp, member: PartnerMemberId) -> Result<String> {
    let found = members_in(tx, by, 1, None, Some(member.0)).await?.pop();
    let found = found.ok_or_else(|| Refusal::not_found(&["operatorId"], "person of the partner"))?;
    if !found.active {
        return Err(Refusal::new(Code::Inactive, &["operatorId"], "This person is not active.").into());
    }
    Ok(found.display_name)
}

/// Is or was this one of the partner's people?
pub(super) async fn is_member(tx: &DirectoryTx, by: &PartnerOp, member: PartnerMemberId) -> Result<bool> {
    Ok(!members_in(tx, by, 1, None, Some(member.0)).await?.is_empty())
}

async fn members_in(
    tx: &DirectoryTx,
    by: &PartnerOp,
    first: i64,
    after: Option<Uuid>,
    one: Option<Uuid>,
) -> Result<Vec<PartnerMemberRecord>> {
    let values = vec![by.partner.0.into(), after.into(), one.into(), first.into()];
    let read = |r: &QueryResult| {
        let roles: Option<String> = r.try_get("", "roles")?;
        let status: String = r.try_get("", "status")?;
        Ok(PartnerMemberRecord {
            person: r.try_get("", "person_id")?,
            display_name: r.try_get("", "display_name")?,
            roles: roles
                .unwrap_or_default()
                .split(',')
                .filter(|w| !w.is_empty())
                .map(str::to_owned)
                .collect(),
            active: status == "ACTIVE",
            created_at: r.try_get("", "created_at")?,
        })
    };
    tx.rows(MEMBERS, values).await?.iter().map(read).collect()
}

/// The partner's people by id: at most `first` after `after`, and how many there are in all. For all of them.
///
/// # Errors
/// What the database said.
pub async fn members(
    directory: &Directory,
    by: &PartnerOp,
    first: i64,
    after: Option<Uuid>,
) -> Result<(Vec<PartnerMemberRecord>, i64)> {
    let tx = by.begin_as_member(directory).await?;
    let found = members_in(&tx, by, first, after, None).await?;
    let total = count(&tx.rows(COUNT_MEMBERS, vec![by.partner.0.into()]).await?)?;
    tx.commit().await?;
    Ok((found, total))
}

/// One of them.
///
/// # Errors
/// What the database said.
pub async fn member(directory: &Directory, by: &PartnerOp, person: Uuid) -> Result<Option<PartnerMemberRecord>> {
    let tx = by.begin_as_member(directory).await?;
    let found = members_in(&tx, by, 1, None, Some(person)).await?.pop();
    tx.commit().await?;
    Ok(found)
}

/// Where an assignment of the partner is, and whose.
pub(super) struct Place {
    pub tenant: TenantId,
    pub account: Uuid,
    pub person: Uuid,
}

pub(super) async fn place(tx: &DirectoryTx, by: &PartnerOp, id: OperatorAssignmentId) -> Result<Place> {
    let rows = tx.rows(PLACE, vec![by.partner.0.into(), id.0.into()]).await?;
    let row = rows.first().ok_or_else(repo::not_found)?;
    Ok(Place {
        tenant: TenantId(row.try_get("", "tenant_id")?),
        account: row.try_get("", "account_id")?,
        person: row.try_get("", "person_id")?,
    })
}

/// A person's assignments that are not over.
pub(super) async fn open(tx: &DirectoryTx, by: &PartnerOp, person: Uuid) -> Result<Vec<OperatorAssignmentId>> {
    let rows = tx.rows(OPEN, vec![by.partner.0.into(), person.into()]).await?;
    let read = |r: &QueryResult| Ok(OperatorAssignmentId(r.try_get("", "id")?));
    rows.iter().map(read).collect()
}

/// Assignments in the partner's tenants, newest first, and how many there are in all: for administrators those of everybody, for
/// an operator his own.
///
/// # Errors
/// What the database said.
pub async fn assignments(
    directory: &Directory,
    by: &PartnerOp,
    first: i64,
    after: Option<Uuid>,
) -> Result<(Vec<AssignmentRecord>, i64)> {
    let tx = by.begin_as_member(directory).await?;
    let whose = whose(by);
    let values = vec![
        by.partner.0.into(),
        after.into(),
        None::<Uuid>.into(),
        whose.into(),
        first.into(),
    ];
    let found = tx
        .rows(ASSIGNMENTS, values)
        .await?
        .iter()
        .map(read)
        .collect::<Result<_>>()?;
    let total = count(
        &tx.rows(COUNT_ASSIGNMENTS, vec![by.partner.0.into(), whose.into()])
            .await?,
    )?;
    tx.commit().await?;
    Ok((found, total))
}

/// One of them.
///
/// # Errors
/// What the database said.
pub async fn assignment(directory: &Directory, by: &PartnerOp, id: Uuid) -> Result<Option<AssignmentRecord>> {
    let tx = by.begin_as_member(directory).await?;
    let values = vec![
        by.partner.0.into(),
        None::<Uuid>.into(),
        id.into(),
        whose(by).into(),
        1_i64.into(),
    ];
    let found = tx.rows(ASSIGNMENTS, values).await?.first().map(read).transpose()?;
    tx.commit().await?;
    Ok(found)
}

fn whose(by: &PartnerOp) -> Option<Uuid> {
    let administers = by.roles.iter().any(|r| r == "partner_admin");
    (!administers).then_some(by.person)
}

fn read(r: &QueryResult) -> Result<AssignmentRecord> {
    let status: String = r.try_get("", "status")?;
    Ok(AssignmentRecord {
        tenant: TenantId(r.try_get("", "tenant_id")?),
        id: r.try_get("", "id")?,
        person: r.try_get("", "person_id")?,
        display_name: r.try_get("", "display_name")?,
        status: AssignmentStatus::parse(&status),
        valid_until: r.try_get("", "valid_until")?,
        account: r.try_get("", "account_id")?,
        purpose: r.try_get("", "purpose")?,
        reason: r.try_get("", "reason")?,
        // Which of the tenant's people decided is the tenant's own.
        decider: None,
        decided_at: r.try_get("", "decided_at")?,
        version: r.try_get("", "version")?,
        created_at: r.try_get("", "created_at")?,
    })
}

fn count(rows: &[QueryResult]) -> Result<i64> {
    Ok(rows
        .first()
        .map(|r| r.try_get("", "n"))
        .transpose()?
        .unwrap_or_default())
}
