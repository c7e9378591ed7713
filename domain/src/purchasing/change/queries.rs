//! What can be asked about changes.

use super::change_order::ChangeOrder;
use super::repo::read;
use crate::shared::listing::page_of;
use crate::shared::{Listing, Order, Page, Window};
use chrono::{DateTime, Utc};
use quartermaster_tenants::tx::Flight;
use quartermaster_tenants::{Op, Result, TenantTx, Tenants};
use std::collections::HashMap;
use uuid::Uuid;

/// A change with its times.
#[derive(Debug, Clone)]
pub struct ChangeRecord {
    /// The change.
    pub change: ChangeOrder,
    /// When it was proposed.
    pub created_at: DateTime<Utc>,
    /// When it was last written.
    pub updated_at: DateTime<Utc>,
}

/// Newest first.
pub const NEWEST: Order = Order {
    tag: "created-desc",
    column: "t.id",
    cast: "uuid",
    descending: true,
};

fn listing(op: &Op, order: Option<Uuid>, ids: Option<Vec<Uuid>>) -> Listing {
    let from = "qm.change_order t JOIN qm.purchase_order o ON o.tenant_id = t.tenant_id AND o.id = t.order_id";
    let mut list = Listing::new("t.*", from, op.tenant.0);
    list.filter_some("o.location_id = ANY(?)", op.locations.as_param().map(<[Uuid]>::to_vec))
        .filter_some("t.order_id = ?", order)
        .filter_some("t.id = ANY(?)", ids);
    list
}

/// A page of the changes of an order, or of all.
///
/// # Errors
/// What the database said.
pub async fn changes(db: &Tenants, op: &Op, order: Option<Uuid>, window: &Window) -> Result<Page<ChangeRecord>> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let rows = listing(op, order, None).page(NEWEST, window, &mut flight);
    let landing = tx.fly(flight).await?;
    page_of(landing.get(rows), NEWEST, window, record)
}

/// How many there are.
///
/// # Errors
/// What the database said.
pub async fn count_changes(db: &Tenants, op: &Op, order: Option<Uuid>) -> Result<i64> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let count = listing(op, order, None).count(&mut flight);
    let landing = tx.fly(flight).await?;
    Ok(landing.one(count)?.try_get(0)?)
}

/// The changes with these ids that the caller may see.
///
/// # Errors
/// What the database said.
pub async fn changes_by_ids(db: &Tenants, op: &Op, ids: &[Uuid]) -> Result<HashMap<Uuid, ChangeRecord>> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let window = Window {
        limit: i64::try_from(ids.len()).unwrap_or(i64::MAX - 1),
        ..Window::default()
    };
    let rows = listing(op, None, Some(ids.to_vec())).page(NEWEST, &window, &mut flight);
    let landing = tx.fly(flight).await?;
    landing
        .get(rows)
        .iter()
        .map(|r| record(r).map(|c| (c.change.id.0, c)))
        .collect()
}

fn record(row: &tokio_postgres::Row) -> Result<ChangeRecord> {
    Ok(ChangeRecord {
        change: read(row)?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}
