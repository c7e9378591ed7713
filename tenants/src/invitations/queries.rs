//! What can be asked about invitations: all but their tokens, which nobody knows.

use super::invitation::{InvitationCommand, InvitationStatus};
use crate::act::{Asked, Subject};
use crate::error::Result;
use crate::listing::{Listing, Order, Page, Window};
use crate::op::Op;
use crate::policy::{DocumentKind, Duty};
use crate::tx::{TenantTx, Tenants};
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use tokio_postgres::Row;
use uuid::Uuid;

/// An invitation, as it is read.
#[derive(Debug, Clone)]
pub struct InvitationRecord {
    /// Its id.
    pub id: Uuid,
    /// The member that waits, or waited, for its person.
    pub member: Uuid,
    /// Where it stands now.
    pub status: InvitationStatus,
    /// Until when it can be accepted.
    pub expires_at: DateTime<Utc>,
    /// Rises at every write.
    pub version: i32,
    /// When it was issued.
    pub created_at: DateTime<Utc>,
    /// When it was last written.
    pub updated_at: DateTime<Utc>,
}

impl InvitationRecord {
    /// What each command would be about: the member that waits, whom nobody is yet.
    #[must_use]
    pub fn asked(&self) -> (Subject, Vec<(InvitationCommand, Asked)>) {
        let revoke = Asked {
            duty: Duty::UsrManage,
            standing: self.status.revocation(None),
        };
        let member = Subject::new(DocumentKind::UserAccount, self.member);
        (member, vec![(InvitationCommand::Revoke, revoke)])
    }
}

/// Which invitations are wanted; all conditions together.
#[derive(Debug, Clone, Default)]
pub struct InvitationFilter {
    /// One of these ids.
    pub ids: Option<Vec<Uuid>>,
    /// One of these states.
    pub statuses: Option<Vec<InvitationStatus>>,
    /// Of one of these members.
    pub members: Option<Vec<Uuid>>,
}

const COLUMNS: &str = "t.id, t.account_id, t.expires_at, t.version, t.created_at, t.updated_at, (CASE WHEN t.status <> 'PENDING' THEN t.status \
    WHEN NOT EXISTS (SELECT 1 FROM qm.account a WHERE a.tenant_id = t.tenant_id AND a.id = t.account_id AND a.status = 'INVITED') THEN 'REVOKED' \
    WHEN t.expires_at <= clock_timestamp() THEN 'EXPIRED' ELSE 'PENDING' END) AS status_now";

fn listing(op: &Op, filter: &InvitationFilter) -> Listing {
    let words = |s: &Vec<InvitationStatus>| s.iter().map(|s| s.as_str()).collect::<Vec<_>>();
    let mut list = Listing::new(COLUMNS, "qm.invitation t", op.tenant.0);
    list.filter_some("t.id = ANY(?)", filter.ids.clone())
        .filter_some(
            "(CASE WHEN t.status <> 'PENDING' THEN t.status \
            WHEN NOT EXISTS (SELECT 1 FROM qm.account a WHERE a.tenant_id = t.tenant_id AND a.id = t.account_id AND a.status = 'INVITED') THEN 'REVOKED' \
            WHEN t.expires_at <= clock_timestamp() THEN 'EXPIRED' ELSE 'PENDING' END) = ANY(?)",
            filter.statuses.as_ref().map(words),
        )
        .filter_some("t.account_id = ANY(?)", filter.members.clone());
    list
}

/// A page of invitations.
///
/// # Errors
/// What the database said.
pub async fn invitations(
    db: &Tenants,
    op: &Op,
    filter: &InvitationFilter,
    order: Order,
    window: &Window,
) -> Result<Page<InvitationRecord>> {
    listing(op, filter)
        .read(&mut TenantTx::read(db, op).await?, order, window, read)
        .await
}

/// How many invitations.
///
/// # Errors
/// What the database said.
pub async fn count_invitations(db: &Tenants, op: &Op, filter: &InvitationFilter) -> Result<i64> {
    listing(op, filter).total(&mut TenantTx::read(db, op).await?).await
}

/// Invitations by id.
///
/// # Errors
/// What the database said.
pub async fn invitations_by_ids(db: &Tenants, op: &Op, ids: &[Uuid]) -> Result<HashMap<Uuid, InvitationRecord>> {
    let filter = InvitationFilter {
        ids: Some(ids.to_vec()),
        ..InvitationFilter::default()
    };
    let all = Window::first(ids.len());
    let page = invitations(db, op, &filter, crate::members::queries::OLDEST, &all).await?;
    Ok(page.rows.into_iter().map(|(r, _)| (r.id, r)).collect())
}

fn read(row: &Row) -> Result<InvitationRecord> {
    Ok(InvitationRecord {
        id: row.try_get("id")?,
        member: row.try_get("account_id")?,
        status: InvitationStatus::parse(row.try_get("status_now")?),
        expires_at: row.try_get("expires_at")?,
        version: row.try_get("version")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}
