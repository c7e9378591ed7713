//! What can be asked about the policy in force and its drafts.

use super::draft::{PolicyCommand, PolicyStatus};
use super::repo;
use crate::act::{Asked, Subject, Tailoring};
use crate::error::{Error, Result};
use crate::id::SodPolicyId;
use crate::listing::{Listing, Order, Page, Window};
use crate::op::Op;
use crate::policy::{DocumentKind, Duty};
use crate::tx::{Flight, TenantTx, Tenants, params};
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use tokio_postgres::Row;
use uuid::Uuid;

/// The policy in force.
#[derive(Debug, Clone)]
pub struct PolicyRecord {
    /// 1 is what the tenant began with.
    pub version: i32,
    /// SHA-256 over its rows, models and engine.
    pub digest: Vec<u8>,
    /// What the tenant made of the standard policy.
    pub tailoring: Tailoring,
    /// Since when it is in force.
    pub published_at: DateTime<Utc>,
}

/// A draft, as it is read.
#[derive(Debug, Clone)]
pub struct DraftRecord {
    /// Its id.
    pub id: Uuid,
    /// Its state.
    pub status: PolicyStatus,
    /// The whole tailoring.
    pub tailoring: Tailoring,
    /// The policy version that it was made from.
    pub base_version: i32,
    /// The version that it became.
    pub policy_version: Option<i32>,
    /// Why it was proposed.
    pub note: Option<String>,
    /// Why it was refused.
    pub reason: Option<String>,
    /// Who proposed it.
    pub editor: Uuid,
    /// Who decided.
    pub decider: Option<Uuid>,
    /// When.
    pub decided_at: Option<DateTime<Utc>>,
    /// Rises at every write.
    pub version: i32,
    /// When it was proposed.
    pub created_at: DateTime<Utc>,
}

impl DraftRecord {
    /// What a command on it would be about, and where it stands for it: for asking before doing.
    #[must_use]
    pub fn asked(&self) -> (Subject, Vec<(PolicyCommand, Asked)>) {
        let asked = PolicyCommand::ALL.map(|command| {
            let (duty, standing) = (Duty::PolPublish, self.status.standing(None));
            (command, Asked { duty, standing })
        });
        (Subject::new(DocumentKind::SodPolicy, self.id), asked.to_vec())
    }
}

/// Newest first.
pub const NEWEST: Order = Order::descending("policy", "t.id", "uuid");

const CURRENT: &str = "SELECT v.version, v.digest, v.rules_off, v.roles, v.published_at FROM qm.tenant_setting s JOIN qm.policy_version v ON v.tenant_id = s.tenant_id AND v.version = s.policy_version \
    WHERE s.tenant_id = $1 AND s.id = $1";
const BY_IDS: &str = "SELECT t.* FROM qm.sod_policy t WHERE t.tenant_id = $1 AND t.id = ANY($2)";

/// The policy in force.
///
/// # Errors
/// What the database said.
pub async fn current(db: &Tenants, op: &Op) -> Result<PolicyRecord> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let row = flight.rows(CURRENT, params![op.tenant.0]);
    let landing = tx.fly(flight).await?;
    let row = landing.optional(row).ok_or(Error::Inactive)?;
    Ok(PolicyRecord {
        version: row.try_get("version")?,
        digest: row.try_get("digest")?,
        tailoring: repo::tailoring(row)?,
        published_at: row.try_get("published_at")?,
    })
}

fn listing(op: &Op, statuses: Option<&[PolicyStatus]>) -> Listing {
    let mut list = Listing::new("t.*", "qm.sod_policy t", op.tenant.0);
    let words = |s: &[PolicyStatus]| s.iter().map(|s| s.as_str()).collect::<Vec<_>>();
    list.filter_some("t.status = ANY(?)", statuses.map(words));
    list
}

/// A page of drafts.
///
/// # Errors
/// What the database said.
pub async fn drafts(
    db: &Tenants,
    op: &Op,
    statuses: Option<&[PolicyStatus]>,
    window: &Window,
) -> Result<Page<DraftRecord>> {
    listing(op, statuses)
        .read(&mut TenantTx::read(db, op).await?, NEWEST, window, read)
        .await
}

/// How many.
///
/// # Errors
/// What the database said.
pub async fn count_drafts(db: &Tenants, op: &Op, statuses: Option<&[PolicyStatus]>) -> Result<i64> {
    listing(op, statuses).total(&mut TenantTx::read(db, op).await?).await
}

/// Drafts by their ids.
///
/// # Errors
/// What the database said.
pub async fn drafts_by_ids(db: &Tenants, op: &Op, ids: &[SodPolicyId]) -> Result<HashMap<SodPolicyId, DraftRecord>> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let ids: Vec<Uuid> = ids.iter().map(|i| i.0).collect();
    let rows = flight.rows(BY_IDS, params![op.tenant.0, ids]);
    let landing = tx.fly(flight).await?;
    let read = |row| read(row).map(|r| (SodPolicyId(r.id), r));
    landing.get(rows).iter().map(read).collect()
}

fn read(row: &Row) -> Result<DraftRecord> {
    Ok(DraftRecord {
        id: row.try_get("id")?,
        status: repo::status(row)?,
        tailoring: repo::tailoring(row)?,
        base_version: row.try_get("base_version")?,
        policy_version: row.try_get("policy_version")?,
        note: row.try_get("note")?,
        reason: row.try_get("reason")?,
        editor: row.try_get("editor_account_id")?,
        decider: row.try_get("decider_account_id")?,
        decided_at: row.try_get("decided_at")?,
        version: row.try_get("version")?,
        created_at: row.try_get("created_at")?,
    })
}
