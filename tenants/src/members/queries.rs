//! What can be asked about members and roles: names and roles are no secret inside a tenant.

use super::account::MemberStatus;
use super::assignment::{AssignmentCommand, AssignmentStatus};
use crate::act::{Asked, Subject};
use crate::error::Result;
use crate::listing::{Cursor, Listing, Order, Page, Window, page_of};
use crate::op::{AccountKind, Op};
use crate::policy::{DocumentKind, Level, RoleRef, StandardRole};
use crate::tx::{Flight, TenantTx, Tenants, params};
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use tokio_postgres::Row;
use uuid::Uuid;

/// A member, as it is read.
#[derive(Debug, Clone)]
pub struct MemberRecord {
    /// The account.
    pub id: Uuid,
    /// What people call it.
    pub display_name: String,
    /// For messages.
    pub email: Option<String>,
    /// What kind of account it is.
    pub kind: AccountKind,
    /// Where it stands.
    pub status: MemberStatus,
    /// The locations that it is limited to; none: the whole tenant.
    pub locations: Option<Vec<Uuid>>,
    /// It ends by itself.
    pub valid_until: Option<DateTime<Utc>>,
    /// Rises at every write, also of its roles.
    pub version: i32,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last written.
    pub updated_at: DateTime<Utc>,
}

/// A role assignment, as it is read.
#[derive(Debug, Clone)]
pub struct AssignmentRecord {
    /// Its id.
    pub id: Uuid,
    /// Who has the role.
    pub member: Uuid,
    /// The role.
    pub role: String,
    /// Where it stands.
    pub status: AssignmentStatus,
    /// From the tenant's creation.
    pub founding: bool,
    /// In force from.
    pub valid_from: Option<DateTime<Utc>>,
    /// In force until.
    pub valid_until: Option<DateTime<Utc>>,
    /// The pass through approval.
    pub round: i32,
    /// The person who gains or loses with it.
    pub beneficiary: Option<Uuid>,
    /// Rises at every write.
    pub version: i32,
    /// When it was proposed.
    pub created_at: DateTime<Utc>,
    /// When it was last written.
    pub updated_at: DateTime<Utc>,
}

impl AssignmentRecord {
    /// What a command on it would be about, and where it stands for it: for asking before doing.
    #[must_use]
    pub fn asked(&self) -> (Subject, Vec<(AssignmentCommand, Asked)>) {
        // Proposing the removal of one in force begins another round, and is all that can be done with it.
        let round = self.round + i32::from(self.status == AssignmentStatus::Approved);
        let subject = Subject::new(DocumentKind::RoleAssignment, self.id).in_round(round);
        let subject = match self.beneficiary {
            Some(person) => subject.benefiting(person),
            None => subject,
        };
        let asked = AssignmentCommand::ALL.map(|command| {
            let (duty, standing) = (command.duty(), self.status.standing(command, None));
            (command, Asked { duty, standing })
        });
        (subject, asked.to_vec())
    }
}

/// A role of the tenant's policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleRecord {
    /// Its name.
    pub name: String,
    /// What people read.
    pub title: String,
    /// The tenant's own.
    pub custom: bool,
    /// Duties, each with the highest amount level.
    pub duties: Vec<(&'static str, u8)>,
}

/// Which members are wanted; all conditions together.
#[derive(Debug, Clone, Default)]
pub struct MemberFilter {
    /// One of these ids.
    pub ids: Option<Vec<Uuid>>,
    /// One of these states.
    pub statuses: Option<Vec<MemberStatus>>,
    /// With one of these roles, approved.
    pub roles: Option<Vec<String>>,
}

/// Which role assignments are wanted; all conditions together.
#[derive(Debug, Clone, Default)]
pub struct AssignmentFilter {
    /// One of these ids.
    pub ids: Option<Vec<Uuid>>,
    /// Of one of these members.
    pub members: Option<Vec<Uuid>>,
    /// Of one of these roles.
    pub roles: Option<Vec<String>>,
    /// One of these states.
    pub statuses: Option<Vec<AssignmentStatus>>,
}

/// By the time they were made.
pub const OLDEST: Order = Order::ascending("created-asc", "t.id", "uuid");

/// The last made first.
pub const NEWEST: Order = Order::descending("created-desc", "t.id", "uuid");

const MEMBER: &str = "t.id, t.display_name, t.email, t.kind, t.status, t.all_locations, t.valid_until, t.version, t.created_at, t.updated_at, \
    ARRAY(SELECT l.location_id FROM qm.account_location l WHERE l.tenant_id = t.tenant_id AND l.id = t.id) AS locations";
const ASSIGNMENT: &str = "t.id, t.account_id, t.role, t.state, t.removal_requested, t.founding, t.valid_from, t.valid_until, t.round, t.version, t.created_at, t.updated_at, \
    (SELECT coalesce(a.person_id, a.sponsor_person_id) FROM qm.account a WHERE a.tenant_id = t.tenant_id AND a.id = t.account_id) AS beneficiary";
const COUNTS: &str = "SELECT r.account_id, count(*) FROM qm.role_assignment r WHERE r.tenant_id = $1 AND r.account_id = ANY($2) GROUP BY r.account_id";
const POLICY: &str = "SELECT p.roles FROM qm.policy_version p JOIN qm.tenant_setting s ON s.tenant_id = p.tenant_id AND s.policy_version = p.version WHERE p.tenant_id = $1 AND s.id = $1";

fn member_listing(op: &Op, filter: &MemberFilter) -> Listing {
    let mut listing = Listing::new(MEMBER, "qm.account t", op.tenant.0);
    listing
        .filter_some("t.id = ANY(?)", filter.ids.clone())
        .filter_some("t.status = ANY(?)", words(&filter.statuses, |s| s.as_str()))
        .filter_some(
            "EXISTS (SELECT 1 FROM qm.role_assignment r WHERE r.tenant_id = t.tenant_id AND r.account_id = t.id AND r.state = 'APPROVED' AND r.role = ANY(?))",
            filter.roles.clone(),
        );
    listing
}

fn assignment_listing(op: &Op, filter: &AssignmentFilter) -> Listing {
    let mut listing = Listing::new(ASSIGNMENT, "qm.role_assignment t", op.tenant.0);
    listing
        .filter_some("t.id = ANY(?)", filter.ids.clone())
        .filter_some("t.account_id = ANY(?)", filter.members.clone())
        .filter_some("t.role = ANY(?)", filter.roles.clone())
        .filter_some(
            "(CASE WHEN t.state = 'APPROVED' AND t.removal_requested THEN 'REMOVAL_PENDING' ELSE t.state END) = ANY(?)",
            words(&filter.statuses, |s| s.as_str()),
        );
    listing
}

fn words<T: Copy>(of: &Option<Vec<T>>, word: fn(T) -> &'static str) -> Option<Vec<&'static str>> {
    of.as_ref().map(|all| all.iter().map(|s| word(*s)).collect())
}

/// A page of members.
///
/// # Errors
/// What the database said.
pub async fn members(
    db: &Tenants,
    op: &Op,
    filter: &MemberFilter,
    order: Order,
    window: &Window,
) -> Result<Page<MemberRecord>> {
    member_listing(op, filter)
        .read(&mut TenantTx::read(db, op).await?, order, window, read_member)
        .await
}

/// How many members.
///
/// # Errors
/// What the database said.
pub async fn count_members(db: &Tenants, op: &Op, filter: &MemberFilter) -> Result<i64> {
    member_listing(op, filter)
        .total(&mut TenantTx::read(db, op).await?)
        .await
}

/// Members by id.
///
/// # Errors
/// What the database said.
pub async fn members_by_ids(db: &Tenants, op: &Op, ids: &[Uuid]) -> Result<HashMap<Uuid, MemberRecord>> {
    let filter = MemberFilter {
        ids: Some(ids.to_vec()),
        ..MemberFilter::default()
    };
    let page = members(db, op, &filter, OLDEST, &all_of(ids)).await?;
    Ok(page.rows.into_iter().map(|(r, _)| (r.id, r)).collect())
}

/// A page of role assignments.
///
/// # Errors
/// What the database said.
pub async fn assignments(
    db: &Tenants,
    op: &Op,
    filter: &AssignmentFilter,
    order: Order,
    window: &Window,
) -> Result<Page<AssignmentRecord>> {
    assignment_listing(op, filter)
        .read(&mut TenantTx::read(db, op).await?, order, window, read_assignment)
        .await
}

/// How many role assignments.
///
/// # Errors
/// What the database said.
pub async fn count_assignments(db: &Tenants, op: &Op, filter: &AssignmentFilter) -> Result<i64> {
    assignment_listing(op, filter)
        .total(&mut TenantTx::read(db, op).await?)
        .await
}

/// Role assignments of several members, of each the same window of [`OLDEST`]: one statement.
///
/// # Errors
/// What the database said.
pub async fn assignments_of(
    db: &Tenants,
    op: &Op,
    members: &[Uuid],
    window: &Window,
) -> Result<HashMap<Uuid, Page<AssignmentRecord>>> {
    let direction = if window.from_back { "DESC" } else { "ASC" };
    let sql = format!(
        "SELECT {ASSIGNMENT}, t.id AS cursor_id, t.id::text AS cursor_value FROM unnest($2::uuid[]) p (id) \
         CROSS JOIN LATERAL (SELECT x.* FROM qm.role_assignment x WHERE x.tenant_id = $1 AND x.account_id = p.id \
         AND ($3::uuid IS NULL OR x.id > $3) AND ($4::uuid IS NULL OR x.id < $4) ORDER BY x.id {direction} LIMIT $5) t ORDER BY t.account_id, t.id {direction}"
    );
    let place = |c: &Option<Cursor>| c.as_ref().map(|c| c.id);
    let (after, before) = (place(&window.after), place(&window.before));
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let values = params![op.tenant.0, members.to_vec(), after, before, window.limit + 1];
    let rows = flight.composed(sql, values);
    let landing = tx.fly(flight).await?;
    let owner = |r: &Row| r.try_get::<_, Uuid>("account_id").ok();
    landing
        .get(rows)
        .chunk_by(|a, b| owner(a) == owner(b))
        .map(|of_one| {
            let member = of_one.first().and_then(owner).unwrap_or_default();
            Ok((member, page_of(of_one, OLDEST, window, read_assignment)?))
        })
        .collect()
}

/// How many role assignments these members have.
///
/// # Errors
/// What the database said.
pub async fn assignment_counts(db: &Tenants, op: &Op, members: &[Uuid]) -> Result<HashMap<Uuid, i64>> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let rows = flight.rows(COUNTS, params![op.tenant.0, members.to_vec()]);
    let landing = tx.fly(flight).await?;
    let read = |r: &Row| Ok((r.try_get(0)?, r.try_get(1)?));
    landing.get(rows).iter().map(read).collect()
}

/// Role assignments by id.
///
/// # Errors
/// What the database said.
pub async fn assignments_by_ids(db: &Tenants, op: &Op, ids: &[Uuid]) -> Result<HashMap<Uuid, AssignmentRecord>> {
    let filter = AssignmentFilter {
        ids: Some(ids.to_vec()),
        ..AssignmentFilter::default()
    };
    let page = assignments(db, op, &filter, OLDEST, &all_of(ids)).await?;
    Ok(page.rows.into_iter().map(|(r, _)| (r.id, r)).collect())
}

/// The roles of the tenant's policy that are assigned inside a tenant, by name.
///
/// # Errors
/// What the database said.
pub async fn roles(db: &Tenants, op: &Op) -> Result<Vec<RoleRecord>> {
    let mut tx = TenantTx::read(db, op).await?;
    let policy = crate::act::policy_of(&mut tx).await?;
    let mut reads = Flight::new();
    let row = reads.rows(POLICY, params![op.tenant.0]);
    let landing = tx.fly(reads).await?;
    let custom: serde_json::Value = landing.one(row)?.try_get(0)?;
    let mut all: Vec<RoleRef> = policy
        .roles()
        .filter(|r| StandardRole::find(r.as_str()).is_none_or(|s| s.level == "tenant" || s.role == "msp_operator"))
        .collect();
    all.sort_unstable();
    let record = |role: RoleRef| {
        let standard = StandardRole::find(role.as_str());
        let title = match &standard {
            Some(s) => s.title.to_owned(),
            None => custom[role.as_str()]["title"]
                .as_str()
                .unwrap_or(role.as_str())
                .to_owned(),
        };
        let duties = policy.duties_of(&role);
        RoleRecord {
            duties: duties
                .iter()
                .map(|d| (d.code(), policy.max_level(&role, d).map_or(0, Level::get)))
                .collect(),
            name: role.as_str().to_owned(),
            title,
            custom: standard.is_none(),
        }
    };
    Ok(all.into_iter().map(record).collect())
}

fn all_of(ids: &[Uuid]) -> Window {
    Window::first(ids.len())
}

fn read_member(row: &Row) -> Result<MemberRecord> {
    let all: bool = row.try_get("all_locations")?;
    Ok(MemberRecord {
        id: row.try_get("id")?,
        display_name: row.try_get("display_name")?,
        email: row.try_get("email")?,
        kind: AccountKind::parse(row.try_get("kind")?),
        status: MemberStatus::parse(row.try_get("status")?),
        locations: if all { None } else { Some(row.try_get("locations")?) },
        valid_until: row.try_get("valid_until")?,
        version: row.try_get("version")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}

fn read_assignment(row: &Row) -> Result<AssignmentRecord> {
    Ok(AssignmentRecord {
        id: row.try_get("id")?,
        member: row.try_get("account_id")?,
        role: row.try_get("role")?,
        status: AssignmentStatus::parse(row.try_get("state")?, row.try_get("removal_requested")?),
        founding: row.try_get("founding")?,
        valid_from: row.try_get("valid_from")?,
        valid_until: row.try_get("valid_until")?,
        round: row.try_get("round")?,
        beneficiary: row.try_get("beneficiary")?,
        version: row.try_get("version")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}
