//! What a partner sees of its own side: its people, and their assignments in all its tenants. Nothing else of any tenant.

use super::assignment::AssignmentStatus;
use super::queries::{AssignmentRecord, NEWEST};
use super::repo;
use crate::directory::{Directory, DirectoryTx, PartnerOp};
use crate::error::{Code, Refusal, Result};
use crate::id::{OperatorAssignmentId, PartnerMemberId, TenantId};
use crate::listing::{Listing, Order, Page, Window};
use chrono::{DateTime, Utc};
use sea_orm::{QueryResult, Value};
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
const MEMBER: &str = "SELECT m.person_id, m.display_name, array_to_string(m.roles, ',') AS roles, m.status, m.created_at FROM qm.partner_member m WHERE m.partner_id = $1 AND m.person_id = $2";
const MEMBER_COLUMNS: &str =
    "t.person_id, t.display_name, array_to_string(t.roles, ',') AS roles, t.status, t.created_at";
const MEMBERS: &str = "(SELECT m.*, m.person_id AS id FROM qm.partner_member m) t";
const PLACE: &str =
    "SELECT o.tenant_id, o.account_id, o.person_id FROM qm.operator_assignment o WHERE o.partner_id = $1 AND o.id = $2";
const ASSIGNMENT_COLUMNS: &str = "t.tenant_id, t.id, t.person_id, t.display_name, t.status, t.valid_until, t.account_id, t.purpose, t.reason, t.decided_at, t.version, t.created_at";
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
    let found = member_in(tx, by, member.0).await?;
    let found = found.ok_or_else(|| Refusal::not_found(&["operatorId"], "person of the partner"))?;
    if !found.active {
        return Err(Refusal::new(Code::Inactive, &["operatorId"], "This person is not active.").into());
    }
    Ok(found.display_name)
}

/// Is or was this one of the partner's people?
pub(super) async fn is_member(tx: &DirectoryTx, by: &PartnerOp, member: PartnerMemberId) -> Result<bool> {
    Ok(member_in(tx, by, member.0).await?.is_some())
}

async fn member_in(tx: &DirectoryTx, by: &PartnerOp, person: Uuid) -> Result<Option<PartnerMemberRecord>> {
    let rows = tx.rows(MEMBER, vec![by.partner.0.into(), person.into()]).await?;
    rows.first().map(read_member).transpose()
}

fn read_member(r: &QueryResult) -> Result<PartnerMemberRecord> {
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
}

/// Which of the partner's people are wanted; all conditions together.
#[derive(Debug, Clone, Default)]
pub struct PartnerMemberFilter {
    /// One of these persons.
    pub persons: Option<Vec<Uuid>>,
    /// Those who may act (`true`), those who left (`false`).
    pub active: Option<Vec<bool>>,
    /// With one of these roles at the partner.
    pub roles: Option<Vec<String>>,
}

/// By the time since when they have been there.
pub const MEMBERS_OLDEST: Order = Order::ascending("partner-members-asc", "t.created_at", "timestamptz");

/// Whoever came last first.
pub const MEMBERS_NEWEST: Order = Order::descending("partner-members-desc", "t.created_at", "timestamptz");

fn member_listing(by: &PartnerOp, filter: &PartnerMemberFilter) -> Result<Listing<Value>> {
    let mut list = Listing::of_partner(MEMBER_COLUMNS, MEMBERS, by.partner);
    let word = |active: &bool| if *active { "ACTIVE" } else { "INACTIVE" };
    let statuses = filter.active.as_ref().map(|a| a.iter().map(word).collect::<Vec<_>>());
    list.filter_words(
        "t.id::text IN (SELECT jsonb_array_elements_text(?))",
        filter.persons.as_ref(),
    )?
    .filter_words("t.status IN (SELECT jsonb_array_elements_text(?))", statuses)?
    .filter_words(
        "t.roles && ARRAY(SELECT jsonb_array_elements_text(?))",
        filter.roles.as_ref(),
    )?;
    Ok(list)
}

/// A page of the partner's people, for all of them.
///
/// # Errors
/// What the database said.
pub async fn members(
    directory: &Directory,
    by: &PartnerOp,
    filter: &PartnerMemberFilter,
    order: Order,
    window: &Window,
) -> Result<Page<PartnerMemberRecord>> {
    let tx = by.begin_as_member(directory).await?;
    let page = member_listing(by, filter)?
        .read(&tx, order, window, read_member)
        .await?;
    tx.commit().await?;
    Ok(page)
}

/// How many.
///
/// # Errors
/// What the database said.
pub async fn count_members(directory: &Directory, by: &PartnerOp, filter: &PartnerMemberFilter) -> Result<i64> {
    let tx = by.begin_as_member(directory).await?;
    let length = member_listing(by, filter)?.length(&tx).await?;
    tx.commit().await?;
    Ok(length)
}

/// One of them.
///
/// # Errors
/// What the database said.
pub async fn member(directory: &Directory, by: &PartnerOp, person: Uuid) -> Result<Option<PartnerMemberRecord>> {
    let tx = by.begin_as_member(directory).await?;
    let found = member_in(&tx, by, person).await?;
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

/// Which assignments in the partner's tenants are wanted; all conditions together.
#[derive(Debug, Clone, Default)]
pub struct OwnAssignmentFilter {
    /// One of these ids.
    pub ids: Option<Vec<Uuid>>,
    /// One of these states.
    pub statuses: Option<Vec<AssignmentStatus>>,
    /// In one of these tenants.
    pub tenants: Option<Vec<Uuid>>,
    /// Of one of these people.
    pub persons: Option<Vec<Uuid>>,
}

/// For administrators those of everybody, for an operator his own.
fn assignment_listing(by: &PartnerOp, filter: &OwnAssignmentFilter) -> Result<Listing<Value>> {
    let words = |all: &Vec<AssignmentStatus>| all.iter().map(|s| s.as_str()).collect::<Vec<_>>();
    let mut list = Listing::of_partner(ASSIGNMENT_COLUMNS, "qm.operator_assignment t", by.partner);
    list.filter_words(
        "t.person_id::text IN (SELECT jsonb_array_elements_text(?))",
        whose(by).map(|p| [p]),
    )?
    .filter_words(
        "t.id::text IN (SELECT jsonb_array_elements_text(?))",
        filter.ids.as_ref(),
    )?
    .filter_words(
        "t.status IN (SELECT jsonb_array_elements_text(?))",
        filter.statuses.as_ref().map(words),
    )?
    .filter_words(
        "t.tenant_id::text IN (SELECT jsonb_array_elements_text(?))",
        filter.tenants.as_ref(),
    )?
    .filter_words(
        "t.person_id::text IN (SELECT jsonb_array_elements_text(?))",
        filter.persons.as_ref(),
    )?;
    Ok(list)
}

/// A page of the assignments in the partner's tenants: for administrators those of everybody, for an operator his own.
///
/// # Errors
/// What the database said.
pub async fn assignments(
    directory: &Directory,
    by: &PartnerOp,
    filter: &OwnAssignmentFilter,
    order: Order,
    window: &Window,
) -> Result<Page<AssignmentRecord>> {
    let tx = by.begin_as_member(directory).await?;
    let page = assignment_listing(by, filter)?.read(&tx, order, window, read).await?;
    tx.commit().await?;
    Ok(page)
}

/// How many.
///
/// # Errors
/// What the database said.
pub async fn count_assignments(directory: &Directory, by: &PartnerOp, filter: &OwnAssignmentFilter) -> Result<i64> {
    let tx = by.begin_as_member(directory).await?;
    let length = assignment_listing(by, filter)?.length(&tx).await?;
    tx.commit().await?;
    Ok(length)
}

/// One of them.
///
/// # Errors
/// What the database said.
pub async fn assignment(directory: &Directory, by: &PartnerOp, id: Uuid) -> Result<Option<AssignmentRecord>> {
    let filter = OwnAssignmentFilter {
        ids: Some(vec![id]),
        ..OwnAssignmentFilter::default()
    };
    let window = Window {
        limit: 1,
        ..Window::default()
    };
    let mut page = assignments(directory, by, &filter, NEWEST, &window).await?;
    Ok(page.rows.pop().map(|(record, _)| record))
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
