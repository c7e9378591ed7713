//! What can be asked about settings and rules.

use super::change::Change;
use super::repo;
use super::rule::{RuleCommand, RuleKind, RuleStatus, standing};
use crate::act::{Asked, Subject};
use crate::error::{Error, Result};
use crate::id::WorkflowRuleId;
use crate::listing::{Listing, Order, Page, Window};
use crate::op::Op;
use crate::policy::DocumentKind;
use crate::settings::Settings;
use crate::tx::{Flight, TenantTx, Tenants, params};
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::collections::HashMap;
use tokio_postgres::Row;
use uuid::Uuid;

/// The settings in force.
#[derive(Debug, Clone)]
pub struct SettingsRecord {
    /// The settings.
    pub settings: Settings,
    /// Rises with each publication.
    pub version: i32,
    /// The rule that made them; none for those that the tenant began with.
    pub rule: Option<Uuid>,
    /// When.
    pub updated_at: DateTime<Utc>,
}

/// A rule, as it is read.
#[derive(Debug, Clone)]
pub struct RuleRecord {
    /// Its id.
    pub id: Uuid,
    /// What it is about.
    pub kind: RuleKind,
    /// Its state.
    pub status: RuleStatus,
    /// The whole settings, or the issuer.
    pub content: Value,
    /// What it changes.
    pub changes: Vec<Change>,
    /// The rule whose content it brings back.
    pub restored_from: Option<Uuid>,
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
    /// The version of the settings that it made.
    pub settings_version: Option<i32>,
    /// Rises at every write.
    pub version: i32,
    /// When it was proposed.
    pub created_at: DateTime<Utc>,
}

impl RuleRecord {
    /// What a command on it would be about, and where it stands for it: for asking before doing.
    #[must_use]
    pub fn asked(&self) -> (Subject, Vec<(RuleCommand, Asked)>) {
        let asked = RuleCommand::ALL.map(|command| {
            let standing = standing(self.status, command, None);
            let duty = command.duty();
            (command, Asked { duty, standing })
        });
        (Subject::new(DocumentKind::WorkflowRule, self.id), asked.to_vec())
    }
}

/// Which rules are wanted.
#[derive(Debug, Clone, Default)]
pub struct RuleFilter {
    /// One of these ids.
    pub ids: Option<Vec<Uuid>>,
    /// One of these states.
    pub statuses: Option<Vec<RuleStatus>>,
    /// One of these kinds.
    pub kinds: Option<Vec<RuleKind>>,
}

/// Newest first.
pub const NEWEST: Order = Order::descending("rule", "t.id", "uuid");

const CURRENT: &str =
    "SELECT settings, version, rule_id, updated_at FROM qm.tenant_setting WHERE tenant_id = $1 AND id = $1";
const BY_IDS: &str = "SELECT t.* FROM qm.workflow_rule t WHERE t.tenant_id = $1 AND t.id = ANY($2)";

/// The tenant's settings in force.
///
/// # Errors
/// What the database said.
pub async fn settings(db: &Tenants, op: &Op) -> Result<SettingsRecord> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let row = flight.rows(CURRENT, params![op.tenant.0]);
    let landing = tx.fly(flight).await?;
    let row = landing.one(row)?;
    Ok(SettingsRecord {
        settings: serde_json::from_value(row.try_get("settings")?).map_err(Error::internal)?,
        version: row.try_get("version")?,
        rule: row.try_get("rule_id")?,
        updated_at: row.try_get("updated_at")?,
    })
}

fn listing(op: &Op, filter: &RuleFilter) -> Listing {
    let mut list = Listing::new("t.*", "qm.workflow_rule t", op.tenant.0);
    list.filter_some("t.id = ANY(?)", filter.ids.clone());
    let words = |s: &Vec<RuleStatus>| s.iter().map(|s| s.as_str()).collect::<Vec<_>>();
    list.filter_some("t.status = ANY(?)", filter.statuses.as_ref().map(words));
    let words = |s: &Vec<RuleKind>| s.iter().map(|s| s.as_str()).collect::<Vec<_>>();
    list.filter_some("t.kind = ANY(?)", filter.kinds.as_ref().map(words));
    list
}

/// A page of rules: what waits, and the history.
///
/// # Errors
/// What the database said.
pub async fn rules(db: &Tenants, op: &Op, filter: &RuleFilter, window: &Window) -> Result<Page<RuleRecord>> {
    listing(op, filter)
        .read(&mut TenantTx::read(db, op).await?, NEWEST, window, read)
        .await
}

/// How many.
///
/// # Errors
/// What the database said.
pub async fn count_rules(db: &Tenants, op: &Op, filter: &RuleFilter) -> Result<i64> {
    listing(op, filter).total(&mut TenantTx::read(db, op).await?).await
}

/// Rules by their ids.
///
/// # Errors
/// What the database said.
pub async fn rules_by_ids(
    db: &Tenants,
    op: &Op,
    ids: &[WorkflowRuleId],
) -> Result<HashMap<WorkflowRuleId, RuleRecord>> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let ids: Vec<Uuid> = ids.iter().map(|i| i.0).collect();
    let rows = flight.rows(BY_IDS, params![op.tenant.0, ids]);
    let landing = tx.fly(flight).await?;
    let read = |row| read(row).map(|r| (WorkflowRuleId(r.id), r));
    landing.get(rows).iter().map(read).collect()
}

fn read(row: &Row) -> Result<RuleRecord> {
    Ok(RuleRecord {
        id: row.try_get("id")?,
        kind: repo::kind(row)?,
        status: repo::status(row)?,
        content: row.try_get("content")?,
        changes: repo::changes(row)?,
        restored_from: row.try_get("restored_from")?,
        note: row.try_get("note")?,
        reason: row.try_get("reason")?,
        editor: row.try_get("editor_account_id")?,
        decider: row.try_get("decider_account_id")?,
        decided_at: row.try_get("decided_at")?,
        settings_version: row.try_get("settings_version")?,
        version: row.try_get("version")?,
        created_at: row.try_get("created_at")?,
    })
}
