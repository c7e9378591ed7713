//! What can be asked about changes.

use super::change_order::{ChangeCommand, ChangeOrder};
use super::repo::read;
use crate::purchasing::sight::{received_blind, sees_ordered};
use crate::shared::{Listing, Order, Page, Window};
use chrono::{DateTime, Utc};
use quartermaster_tenants::act::{Asked, Subject};
use quartermaster_tenants::policy::DocumentKind;
use quartermaster_tenants::tx::Flight;
use quartermaster_tenants::{Op, Result, TenantTx, Tenants};
use std::collections::HashMap;
use uuid::Uuid;

/// A change with its times.
#[derive(Debug, Clone)]
pub struct ChangeRecord {
    /// The change.
    pub change: ChangeOrder,
    /// The order's supplier.
    pub supplier: Uuid,
    /// The order's location.
    pub location: Uuid,
    /// When it was proposed.
    pub created_at: DateTime<Utc>,
    /// When it was last written.
    pub updated_at: DateTime<Utc>,
}

impl ChangeRecord {
    /// What a command on it would be about, and where it stands for it: for asking before doing.
    #[must_use]
    pub fn asked(&self) -> (Subject, Vec<(ChangeCommand, Asked)>) {
        let subject = Subject::new(DocumentKind::ChangeOrder, self.change.id)
            .in_round(self.change.round)
            .of_supplier(self.supplier)
            .at(self.location);
        let asked = |command: ChangeCommand| {
            let (standing, duty) = (self.change.standing_for(command, None), command.duty());
            (command, Asked { duty, standing })
        };
        (subject, ChangeCommand::ALL.into_iter().map(asked).collect())
    }
}

/// Newest first.
pub const NEWEST: Order = Order::descending("created-desc", "t.id", "uuid");

fn listing(op: &Op, order: Option<Uuid>, ids: Option<Vec<Uuid>>) -> Listing {
    let from = "qm.change_order t JOIN qm.purchase_order o ON o.tenant_id = t.tenant_id AND o.id = t.order_id";
    let mut list = Listing::new("t.*, o.supplier_id, o.location_id", from, op.tenant.0);
    list.filter_some("o.location_id = ANY(?)", op.locations.as_param().map(<[Uuid]>::to_vec))
        .filter_some("t.order_id = ?", order)
        .filter_some("t.id = ANY(?)", ids)
        .filter_some(
            &format!("(? OR NOT {})", received_blind("o")),
            (!sees_ordered(op)).then_some(false),
        );
    list
}

/// A page of the changes of an order, or of all.
///
/// # Errors
/// What the database said.
pub async fn changes(db: &Tenants, op: &Op, order: Option<Uuid>, window: &Window) -> Result<Page<ChangeRecord>> {
    listing(op, order, None)
        .read(&mut TenantTx::read(db, op).await?, NEWEST, window, record)
        .await
}

/// How many there are.
///
/// # Errors
/// What the database said.
pub async fn count_changes(db: &Tenants, op: &Op, order: Option<Uuid>) -> Result<i64> {
    listing(op, order, None).total(&mut TenantTx::read(db, op).await?).await
}

/// The changes with these ids that the caller may see.
///
/// # Errors
/// What the database said.
pub async fn changes_by_ids(db: &Tenants, op: &Op, ids: &[Uuid]) -> Result<HashMap<Uuid, ChangeRecord>> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let window = Window::first(ids.len());
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
        supplier: row.try_get("supplier_id")?,
        location: row.try_get("location_id")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}
