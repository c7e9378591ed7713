//! What can be asked about API keys: all but their secrets, which nobody knows.

use super::key::{KeyCommand, KeyStatus, MachineKind, standing, subject};
use crate::act::{Asked, Subject};
use crate::error::Result;
use crate::id::ApiKeyId;
use crate::listing::{Listing, Order, Page, Window};
use crate::op::Op;
use crate::tx::{TenantTx, Tenants};
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use tokio_postgres::Row;
use uuid::Uuid;

/// A key, as it is read.
#[derive(Debug, Clone)]
pub struct KeyRecord {
    /// Its id.
    pub id: Uuid,
    /// What the machine is called.
    pub name: String,
    /// Where it stands now.
    pub status: KeyStatus,
    /// What kind of machine has it.
    pub kind: MachineKind,
    /// The machine's role.
    pub role: String,
    /// The duties that it is narrowed to.
    pub duties: Option<Vec<String>>,
    /// The account of the person who answers for it.
    pub owner: Uuid,
    /// That person.
    pub owner_person: Uuid,
    /// The machine's account; there is none before the first approval.
    pub machine: Uuid,
    /// The locations that the machine is limited to.
    pub locations: Option<Vec<Uuid>>,
    /// It ends by itself.
    pub valid_until: Option<DateTime<Utc>>,
    /// The key in whose place it was proposed.
    pub replaces: Option<Uuid>,
    /// For how many hours after its approval that one goes on.
    pub overlap_hours: Option<i32>,
    /// It was replaced, and stops then.
    pub ends_at: Option<DateTime<Utc>>,
    /// To the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// Why it was refused or stopped.
    pub reason: Option<String>,
    /// Who proposed it.
    pub proposer: Uuid,
    /// Who approved or refused it.
    pub decider: Option<Uuid>,
    /// When.
    pub decided_at: Option<DateTime<Utc>>,
    /// Rises at every write.
    pub version: i32,
    /// When it was proposed.
    pub created_at: DateTime<Utc>,
    /// When it was last written.
    pub updated_at: DateTime<Utc>,
}

impl KeyRecord {
    /// What a command on it would be about, and where it stands for it: for asking before doing.
    #[must_use]
    pub fn asked(&self) -> (Subject, Vec<(KeyCommand, Asked)>) {
        let asked = KeyCommand::ALL.map(|command| {
            let standing = standing(self.status, self.ends_at.is_some(), command, None);
            let duty = command.duty();
            (command, Asked { duty, standing })
        });
        (subject(ApiKeyId(self.id), Some(self.owner_person)), asked.to_vec())
    }
}

/// Which keys are wanted; all conditions together.
#[derive(Debug, Clone, Default)]
pub struct KeyFilter {
    /// One of these ids.
    pub ids: Option<Vec<Uuid>>,
    /// One of these states.
    pub statuses: Option<Vec<KeyStatus>>,
    /// One of these people answers for it.
    pub owners: Option<Vec<Uuid>>,
    /// Of one of these machines.
    pub machines: Option<Vec<Uuid>>,
}

const COLUMNS: &str = "t.*, (CASE WHEN t.status = 'ACTIVE' AND least(t.expires_at, t.ends_at) <= clock_timestamp() THEN 'ENDED' ELSE t.status END) AS status_now";

fn listing(op: &Op, filter: &KeyFilter) -> Listing {
    let words = |s: &Vec<KeyStatus>| s.iter().map(|s| s.as_str()).collect::<Vec<_>>();
    let mut list = Listing::new(COLUMNS, "qm.api_key t", op.tenant.0);
    list.filter_some("t.id = ANY(?)", filter.ids.clone())
        .filter_some(
            "(CASE WHEN t.status = 'ACTIVE' AND least(t.expires_at, t.ends_at) <= clock_timestamp() THEN 'ENDED' ELSE t.status END) = ANY(?)",
            filter.statuses.as_ref().map(words),
        )
        .filter_some("t.owner_account_id = ANY(?)", filter.owners.clone())
        .filter_some("t.account_id = ANY(?)", filter.machines.clone());
    list
}

/// A page of keys.
///
/// # Errors
/// What the database said.
pub async fn keys(db: &Tenants, op: &Op, filter: &KeyFilter, order: Order, window: &Window) -> Result<Page<KeyRecord>> {
    listing(op, filter)
        .read(&mut TenantTx::read(db, op).await?, order, window, read)
        .await
}

/// How many keys.
///
/// # Errors
/// What the database said.
pub async fn count_keys(db: &Tenants, op: &Op, filter: &KeyFilter) -> Result<i64> {
    listing(op, filter).total(&mut TenantTx::read(db, op).await?).await
}

/// Keys by id.
///
/// # Errors
/// What the database said.
pub async fn keys_by_ids(db: &Tenants, op: &Op, ids: &[Uuid]) -> Result<HashMap<Uuid, KeyRecord>> {
    let filter = KeyFilter {
        ids: Some(ids.to_vec()),
        ..KeyFilter::default()
    };
    let all = Window::first(ids.len());
    let page = keys(db, op, &filter, crate::members::queries::OLDEST, &all).await?;
    Ok(page.rows.into_iter().map(|(r, _)| (r.id, r)).collect())
}

fn read(row: &Row) -> Result<KeyRecord> {
    Ok(KeyRecord {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        status: KeyStatus::parse(row.try_get("status_now")?),
        kind: MachineKind::parse(row.try_get("kind")?),
        role: row.try_get("role")?,
        duties: row.try_get("scope")?,
        owner: row.try_get("owner_account_id")?,
        owner_person: row.try_get("owner_person_id")?,
        machine: row.try_get("account_id")?,
        locations: row.try_get("location_ids")?,
        valid_until: row.try_get("expires_at")?,
        replaces: row.try_get("replaces_id")?,
        overlap_hours: row.try_get("overlap_hours")?,
        ends_at: row.try_get("ends_at")?,
        last_used_at: row.try_get("last_used_at")?,
        reason: row.try_get("reason")?,
        proposer: row.try_get("proposer_account_id")?,
        decider: row.try_get("decider_account_id")?,
        decided_at: row.try_get("decided_at")?,
        version: row.try_get("version")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}
