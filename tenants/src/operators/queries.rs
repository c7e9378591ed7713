//! What a tenant asks about the operators of its partner: who is proposed, who is in, with which credentials.

use super::assignment::{AssignmentCommand, AssignmentStatus, subject};
use crate::act::{Asked, Subject};
use crate::error::Result;
use crate::id::TenantId;
use crate::listing::{Listing, Order, Page, Window};
use crate::op::Op;
use crate::policy::Duty;
use crate::tx::{TenantTx, Tenants};
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use tokio_postgres::Row;
use uuid::Uuid;

/// An operator assignment, as it is read.
#[derive(Debug, Clone)]
pub struct AssignmentRecord {
    /// Where.
    pub tenant: TenantId,
    /// Its id.
    pub id: Uuid,
    /// The operator.
    pub person: Uuid,
    /// What the operator is called.
    pub display_name: String,
    /// Where it stands.
    pub status: AssignmentStatus,
    /// It ends by itself.
    pub valid_until: DateTime<Utc>,
    /// The account, once it is admitted.
    pub account: Uuid,
    /// What for.
    pub purpose: String,
    /// Why it was refused or ended.
    pub reason: Option<String>,
    /// The member who decided last.
    pub decider: Option<Uuid>,
    /// When.
    pub decided_at: Option<DateTime<Utc>>,
    /// Rises at every write.
    pub version: i32,
    /// When it was proposed.
    pub created_at: DateTime<Utc>,
}

impl AssignmentRecord {
    /// What the tenant's people could do to it, and where it stands for that: for asking before doing. Admitting gives the operator
    /// something, ending does not.
    #[must_use]
    pub fn asked(&self) -> Vec<(Subject, Vec<(AssignmentCommand, Asked)>)> {
        let of = |commands: [AssignmentCommand; 2]| {
            let asked = commands.map(|command| {
                let (duty, standing) = (Duty::TenOperatorAdmit, self.status.standing(command, None));
                (command, Asked { duty, standing })
            });
            asked.to_vec()
        };
        vec![
            (
                subject(self.id).benefiting(self.person),
                of([AssignmentCommand::Admit, AssignmentCommand::Reject]),
            ),
            (
                subject(self.id),
                of([AssignmentCommand::Revoke, AssignmentCommand::CredentialRevoke]),
            ),
        ]
    }
}

/// A credential, as it is read: never its secret.
#[derive(Debug, Clone)]
pub struct CredentialRecord {
    /// Its id.
    pub id: Uuid,
    /// Its assignment.
    pub assignment: Uuid,
    /// The operator's account.
    pub account: Uuid,
    /// What for.
    pub purpose: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was first used.
    pub first_used_at: Option<DateTime<Utc>>,
    /// When it ends by itself.
    pub expires_at: DateTime<Utc>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

/// Which assignments are wanted; all conditions together.
#[derive(Debug, Clone, Default)]
pub struct AssignmentFilter {
    /// One of these ids.
    pub ids: Option<Vec<Uuid>>,
    /// One of these states.
    pub statuses: Option<Vec<AssignmentStatus>>,
}

/// Which credentials are wanted; all conditions together.
#[derive(Debug, Clone, Default)]
pub struct CredentialFilter {
    /// One of these ids.
    pub ids: Option<Vec<Uuid>>,
    /// Of one of these assignments.
    pub assignments: Option<Vec<Uuid>>,
}

/// The last made first.
pub const NEWEST: Order = Order::descending("operators", "t.id", "uuid");

const ASSIGNMENT: &str = "t.tenant_id, t.id, t.person_id, t.display_name, t.status, t.valid_until, t.account_id, t.purpose, t.reason, t.decider_account_id, t.decided_at, t.version, t.created_at";
const CREDENTIAL: &str =
    "t.id, t.assignment_id, t.account_id, t.purpose, t.created_at, t.first_used_at, t.expires_at, t.revoked_at";

fn listing(op: &Op, filter: &AssignmentFilter) -> Listing {
    let words = |all: &Vec<AssignmentStatus>| all.iter().map(|s| s.as_str()).collect::<Vec<_>>();
    let mut list = Listing::new(ASSIGNMENT, "qm.operator_assignment t", op.tenant.0);
    list.filter_some("t.id = ANY(?)", filter.ids.clone())
        .filter_some("t.status = ANY(?)", filter.statuses.as_ref().map(words));
    list
}

fn credential_listing(op: &Op, filter: &CredentialFilter) -> Listing {
    let mut list = Listing::new(CREDENTIAL, "qm.operator_session t", op.tenant.0);
    list.filter_some("t.id = ANY(?)", filter.ids.clone())
        .filter_some("t.assignment_id = ANY(?)", filter.assignments.clone());
    list
}

/// A page of assignments.
///
/// # Errors
/// What the database said.
pub async fn assignments(
    db: &Tenants,
    op: &Op,
    filter: &AssignmentFilter,
    window: &Window,
) -> Result<Page<AssignmentRecord>> {
    listing(op, filter)
        .read(&mut TenantTx::read(db, op).await?, NEWEST, window, read)
        .await
}

/// How many.
///
/// # Errors
/// What the database said.
pub async fn count_assignments(db: &Tenants, op: &Op, filter: &AssignmentFilter) -> Result<i64> {
    listing(op, filter).total(&mut TenantTx::read(db, op).await?).await
}

/// Assignments by id.
///
/// # Errors
/// What the database said.
pub async fn assignments_by_ids(db: &Tenants, op: &Op, ids: &[Uuid]) -> Result<HashMap<Uuid, AssignmentRecord>> {
    let filter = AssignmentFilter {
        ids: Some(ids.to_vec()),
        ..AssignmentFilter::default()
    };
    let page = assignments(db, op, &filter, &all_of(ids)).await?;
    Ok(page.rows.into_iter().map(|(r, _)| (r.id, r)).collect())
}

/// A page of credentials.
///
/// # Errors
/// What the database said.
pub async fn credentials(
    db: &Tenants,
    op: &Op,
    filter: &CredentialFilter,
    window: &Window,
) -> Result<Page<CredentialRecord>> {
    credential_listing(op, filter)
        .read(&mut TenantTx::read(db, op).await?, NEWEST, window, read_credential)
        .await
}

/// How many.
///
/// # Errors
/// What the database said.
pub async fn count_credentials(db: &Tenants, op: &Op, filter: &CredentialFilter) -> Result<i64> {
    credential_listing(op, filter)
        .total(&mut TenantTx::read(db, op).await?)
        .await
}

/// Credentials by id.
///
/// # Errors
/// What the database said.
pub async fn credentials_by_ids(db: &Tenants, op: &Op, ids: &[Uuid]) -> Result<HashMap<Uuid, CredentialRecord>> {
    let filter = CredentialFilter {
        ids: Some(ids.to_vec()),
        ..CredentialFilter::default()
    };
    let page = credentials(db, op, &filter, &all_of(ids)).await?;
    Ok(page.rows.into_iter().map(|(r, _)| (r.id, r)).collect())
}

fn all_of(ids: &[Uuid]) -> Window {
    Window::first(ids.len())
}

fn read(row: &Row) -> Result<AssignmentRecord> {
    Ok(AssignmentRecord {
        tenant: TenantId(row.try_get("tenant_id")?),
        id: row.try_get("id")?,
        person: row.try_get("person_id")?,
        display_name: row.try_get("display_name")?,
        status: AssignmentStatus::parse(row.try_get("status")?),
        valid_until: row.try_get("valid_until")?,
        account: row.try_get("account_id")?,
        purpose: row.try_get("purpose")?,
        reason: row.try_get("reason")?,
        decider: row.try_get("decider_account_id")?,
        decided_at: row.try_get("decided_at")?,
        version: row.try_get("version")?,
        created_at: row.try_get("created_at")?,
    })
}

fn read_credential(row: &Row) -> Result<CredentialRecord> {
    Ok(CredentialRecord {
        id: row.try_get("id")?,
        assignment: row.try_get("assignment_id")?,
        account: row.try_get("account_id")?,
        purpose: row.try_get("purpose")?,
        created_at: row.try_get("created_at")?,
        first_used_at: row.try_get("first_used_at")?,
        expires_at: row.try_get("expires_at")?,
        revoked_at: row.try_get("revoked_at")?,
    })
}
