//! What can be asked about replenishment policies. Who does not see all locations of a policy does not see it.

use super::policy::{PolicyCommand, PolicyStatus, ReplenishmentPolicy};
use super::repo;
use crate::shared::{Listing, Order, Page, Window};
use chrono::{DateTime, Utc};
use quartermaster_tenants::act::{Asked, Subject};
use quartermaster_tenants::tx::Flight;
use quartermaster_tenants::{Op, Result, TenantTx, Tenants, params};
use rust_decimal::Decimal;
use std::collections::HashMap;
use tokio_postgres::Row;
use uuid::Uuid;

/// A policy, as it is read.
#[derive(Debug, Clone)]
pub struct PolicyRecord {
    /// The document.
    pub policy: ReplenishmentPolicy,
    /// When it was proposed.
    pub created_at: DateTime<Utc>,
    /// When it was last written.
    pub updated_at: DateTime<Utc>,
}

impl PolicyRecord {
    /// What a command on it would be about, and where it stands for it: for asking before doing.
    #[must_use]
    pub fn asked(&self) -> (Subject, Vec<(PolicyCommand, Asked)>) {
        let asked = |c: &PolicyCommand| {
            let standing = self.policy.standing(*c, None);
            let duty = c.duty();
            (*c, Asked { duty, standing })
        };
        (self.policy.subject(), PolicyCommand::ALL.iter().map(asked).collect())
    }
}

/// A line, as it is read; in base units.
#[derive(Debug, Clone)]
pub struct PolicyLineRecord {
    /// Counted from 1.
    pub number: i32,
    /// What.
    pub item: Uuid,
    /// Its base unit.
    pub unit: String,
    /// Where.
    pub location: Uuid,
    /// Below this it is reordered.
    pub reorder_point: Decimal,
    /// What is kept against surprises.
    pub safety_stock: Decimal,
}

/// Which policies are wanted; all conditions together.
#[derive(Debug, Clone, Default)]
pub struct PolicyFilter {
    /// One of these ids.
    pub ids: Option<Vec<Uuid>>,
    /// One of these states.
    pub statuses: Option<Vec<PolicyStatus>>,
    /// With a line at one of these locations.
    pub locations: Option<Vec<Uuid>>,
    /// With a line of one of these items.
    pub items: Option<Vec<Uuid>>,
}

/// Newest first, oldest first.
pub const ORDERS: [Order; 2] = [
    Order::descending("created-desc", "t.id", "uuid"),
    Order::ascending("created-asc", "t.id", "uuid"),
];

const LINES: &str = "SELECT l.id, l.line_number, l.item_id, i.base_unit, l.location_id, l.reorder_point, l.safety_stock FROM qm.replenishment_policy_line l \
    JOIN qm.item i ON i.tenant_id = l.tenant_id AND i.id = l.item_id JOIN qm.replenishment_policy p ON p.tenant_id = l.tenant_id AND p.id = l.id \
    WHERE l.tenant_id = $1 AND l.id = ANY($2) AND ($3::uuid[] IS NULL OR p.location_ids <@ $3) ORDER BY l.id, l.line_number";

fn listing(op: &Op, filter: &PolicyFilter) -> Listing {
    let mut list = Listing::new("t.*", "qm.replenishment_policy t", op.tenant.0);
    let statuses = filter.statuses.as_ref();
    list.filter_some("t.location_ids <@ ?", op.locations.as_param().map(<[Uuid]>::to_vec))
        .filter_some("t.id = ANY(?)", filter.ids.clone())
        .filter_some(
            "t.status = ANY(?)",
            statuses.map(|s| s.iter().map(|s| s.as_str()).collect::<Vec<_>>()),
        )
        .filter_some("t.location_ids && ?", filter.locations.clone())
        .filter_some(
            "t.id IN (SELECT l.id FROM qm.replenishment_policy_line l WHERE l.tenant_id = $1 AND l.item_id = ANY(?))",
            filter.items.clone(),
        );
    list
}

/// A page of policies.
///
/// # Errors
/// What the database said.
pub async fn policies(
    db: &Tenants,
    op: &Op,
    filter: &PolicyFilter,
    order: Order,
    window: &Window,
) -> Result<Page<PolicyRecord>> {
    listing(op, filter)
        .read(&mut TenantTx::read(db, op).await?, order, window, read)
        .await
}

/// How many there are.
///
/// # Errors
/// What the database said.
pub async fn count_policies(db: &Tenants, op: &Op, filter: &PolicyFilter) -> Result<i64> {
    listing(op, filter).total(&mut TenantTx::read(db, op).await?).await
}

/// The policies with these ids that the caller may see.
///
/// # Errors
/// What the database said.
pub async fn policies_by_ids(db: &Tenants, op: &Op, ids: &[Uuid]) -> Result<HashMap<Uuid, PolicyRecord>> {
    let filter = PolicyFilter {
        ids: Some(ids.to_vec()),
        ..PolicyFilter::default()
    };
    let window = Window::first(ids.len());
    let page = policies(db, op, &filter, ORDERS[0], &window).await?;
    Ok(page.rows.into_iter().map(|(r, _)| (r.policy.id.0, r)).collect())
}

/// The lines of several policies that the caller may see.
///
/// # Errors
/// What the database said.
pub async fn lines_of(db: &Tenants, op: &Op, ids: &[Uuid]) -> Result<HashMap<Uuid, Vec<PolicyLineRecord>>> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let scope = op.locations.as_param().map(<[Uuid]>::to_vec);
    let rows = flight.rows(LINES, params![op.tenant.0, ids.to_vec(), scope]);
    let landing = tx.fly(flight).await?;
    let mut out: HashMap<Uuid, Vec<PolicyLineRecord>> = HashMap::new();
    for r in landing.get(rows) {
        let line = PolicyLineRecord {
            number: r.try_get("line_number")?,
            item: r.try_get("item_id")?,
            unit: r.try_get("base_unit")?,
            location: r.try_get("location_id")?,
            reorder_point: r.try_get("reorder_point")?,
            safety_stock: r.try_get("safety_stock")?,
        };
        out.entry(r.try_get("id")?).or_default().push(line);
    }
    Ok(out)
}

fn read(row: &Row) -> Result<PolicyRecord> {
    Ok(PolicyRecord {
        policy: repo::read(row)?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}
