//! What can be asked about discrepancies: one statement, whatever the number of rows.

use super::discrepancy::{Discrepancy, DiscrepancyCommand};
use super::kind::{DiscrepancyStatus, Kind};
use super::repo::read;
use crate::shared::{Listing, Order, Page, Window};
use chrono::{DateTime, NaiveDate, Utc};
use quartermaster_tenants::act::{Asked, Standing, Subject};
use quartermaster_tenants::policy::{DocumentKind, required_level};
use quartermaster_tenants::settings::Settings;
use quartermaster_tenants::{Error, Op, Result, TenantTx, Tenants};
use std::collections::HashMap;
use tokio_postgres::Row;
use uuid::Uuid;

/// A discrepancy, as it is read.
#[derive(Debug, Clone)]
pub struct DiscrepancyRecord {
    /// Itself.
    pub discrepancy: Discrepancy,
    /// Its number.
    pub number: String,
    /// The tenant's currency, which its amount is in.
    pub currency: String,
    /// The level that its amount asks for, now.
    pub level: quartermaster_tenants::policy::Level,
    /// When it was found.
    pub created_at: DateTime<Utc>,
    /// When it was last written.
    pub updated_at: DateTime<Utc>,
}

impl DiscrepancyRecord {
    /// What a command on it would be about, and where it stands for it: for asking before doing.
    #[must_use]
    pub fn asked(&self) -> (Subject, Vec<(DiscrepancyCommand, Asked)>) {
        let d = &self.discrepancy;
        let subject = Subject::new(DocumentKind::Discrepancy, d.id)
            .of_supplier(d.supplier)
            .at(d.location);
        let asked = |command: DiscrepancyCommand| {
            let standing = Standing {
                control: d.status.control(),
                permits: d.status.allows(command),
                level: self.level,
                ..Standing::default()
            };
            let duty = command.duty();
            (command, Asked { duty, standing })
        };
        (subject, DiscrepancyCommand::ALL.into_iter().map(asked).collect())
    }
}

/// Which discrepancies are wanted; all conditions together.
#[derive(Debug, Clone, Default)]
pub struct DiscrepancyFilter {
    /// One of these ids.
    pub ids: Option<Vec<Uuid>>,
    /// One of these states.
    pub statuses: Option<Vec<DiscrepancyStatus>>,
    /// One of these kinds.
    pub kinds: Option<Vec<Kind>>,
    /// With one of these suppliers.
    pub suppliers: Option<Vec<Uuid>>,
    /// At one of these locations.
    pub locations: Option<Vec<Uuid>>,
    /// On one of these receipts.
    pub receipts: Option<Vec<Uuid>>,
    /// About one of these orders.
    pub orders: Option<Vec<Uuid>>,
    /// To be settled by one of these members.
    pub owners: Option<Vec<Uuid>>,
    /// Due on or before.
    pub due_until: Option<NaiveDate>,
    /// Changed at or after: for synchronization.
    pub updated_since: Option<DateTime<Utc>>,
}

/// The orders in which the list can be asked for.
pub const ORDERS: [Order; 4] = [
    Order::descending("created-desc", "t.id", "uuid"),
    Order::ascending("created-asc", "t.id", "uuid"),
    Order::ascending("due-asc", "t.due_on", "date"),
    Order::ascending("updated-asc", "t.updated_at", "timestamptz"),
];

fn listing(op: &Op, f: &DiscrepancyFilter) -> Listing {
    let from = "qm.discrepancy t JOIN qm.tenant_setting s ON s.tenant_id = t.tenant_id AND s.id = t.tenant_id";
    let mut list = Listing::new("t.*, s.settings", from, op.tenant.0);
    let statuses = |s: &Vec<DiscrepancyStatus>| s.iter().map(|s| s.as_str()).collect::<Vec<_>>();
    let kinds = |s: &Vec<Kind>| s.iter().map(|s| s.as_str()).collect::<Vec<_>>();
    list.filter_some("t.location_id = ANY(?)", op.locations.as_param().map(<[Uuid]>::to_vec))
        .filter_some("t.id = ANY(?)", f.ids.clone())
        .filter_some("t.status = ANY(?)", f.statuses.as_ref().map(statuses))
        .filter_some("t.kind = ANY(?)", f.kinds.as_ref().map(kinds))
        .filter_some("t.supplier_id = ANY(?)", f.suppliers.clone())
        .filter_some("t.location_id = ANY(?)", f.locations.clone())
        .filter_some("t.receipt_id = ANY(?)", f.receipts.clone())
        .filter_some("t.order_id = ANY(?)", f.orders.clone())
        .filter_some("t.owner_account_id = ANY(?)", f.owners.clone())
        .filter_some("t.due_on <= ?", f.due_until)
        .filter_some("t.updated_at >= ?", f.updated_since);
    list
}

/// A page of discrepancies.
///
/// # Errors
/// What the database said.
pub async fn discrepancies(
    db: &Tenants,
    op: &Op,
    filter: &DiscrepancyFilter,
    order: Order,
    window: &Window,
) -> Result<Page<DiscrepancyRecord>> {
    listing(op, filter)
        .read(&mut TenantTx::read(db, op).await?, order, window, record)
        .await
}

/// How many there are.
///
/// # Errors
/// What the database said.
pub async fn count_discrepancies(db: &Tenants, op: &Op, filter: &DiscrepancyFilter) -> Result<i64> {
    listing(op, filter).total(&mut TenantTx::read(db, op).await?).await
}

/// The discrepancies with these ids that the caller may see.
///
/// # Errors
/// What the database said.
pub async fn discrepancies_by_ids(db: &Tenants, op: &Op, ids: &[Uuid]) -> Result<HashMap<Uuid, DiscrepancyRecord>> {
    by(
        db,
        op,
        DiscrepancyFilter {
            ids: Some(ids.to_vec()),
            ..DiscrepancyFilter::default()
        },
    )
    .await
    .map(|all| all.into_iter().map(|d| (d.discrepancy.id.0, d)).collect())
}

/// All discrepancies of these receipts, by receipt.
///
/// # Errors
/// What the database said.
pub async fn discrepancies_of(
    db: &Tenants,
    op: &Op,
    receipts: &[Uuid],
) -> Result<HashMap<Uuid, Vec<DiscrepancyRecord>>> {
    let filter = DiscrepancyFilter {
        receipts: Some(receipts.to_vec()),
        ..DiscrepancyFilter::default()
    };
    let mut out: HashMap<Uuid, Vec<DiscrepancyRecord>> = HashMap::new();
    for record in by(db, op, filter).await? {
        out.entry(record.discrepancy.receipt.0).or_default().push(record);
    }
    Ok(out)
}

async fn by(db: &Tenants, op: &Op, filter: DiscrepancyFilter) -> Result<Vec<DiscrepancyRecord>> {
    let page = discrepancies(db, op, &filter, ORDERS[1], &Window::whole()).await?;
    Ok(page.rows.into_iter().map(|(r, _)| r).collect())
}

fn record(row: &Row) -> Result<DiscrepancyRecord> {
    let settings: Settings = serde_json::from_value(row.try_get("settings")?).map_err(Error::internal)?;
    let discrepancy = read(row)?;
    Ok(DiscrepancyRecord {
        number: row.try_get("number")?,
        level: required_level(discrepancy.amount, &settings.approval_limits),
        currency: settings.currency,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
        discrepancy,
    })
}
