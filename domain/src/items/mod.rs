//! Items: what is ordered, received and kept, in which packs, under which GTINs.
//!
//! | document | states | verbs |
//! |---|---|---|
//! | item | Draft, PendingApproval, Active, Inactive | [`create`], [`update`], [`activate`], [`deactivate`] |
//! | ITEM_CHANGE | see [`crate::changes`] | `changes::{approve, reject, withdraw}` |
//! | category | – | [`category_create`], [`category_update`] |
//!
//! Whoever created or changed an item does not approve it (VND-09). GTINs are kept as 14 digits and belong to one item.

mod category;
mod item;
pub mod queries;

use crate::changes::{self, Action};
use crate::shared::ItemId;
use quartermaster_tenants::{Op, Outcome, Result, Tenants};

pub use category::{NewCategory, category_create, category_update};
pub use item::{Item, ItemGtin, ItemStatus, Pack, PackLevel};

/// Proposes a new item: it exists, waiting for approval.
///
/// # Errors
/// Refusals of the input, of authority; `DUPLICATE` for a SKU or GTIN in use.
pub async fn create(db: &Tenants, op: &Op, item: Item) -> Result<Outcome> {
    changes::propose(db, op, item, "sku").await
}

/// Proposes another content of an item. What it was stays in force until somebody else approves.
///
/// # Errors
/// Refusals of the input, of authority, version, state.
pub async fn update(
    db: &Tenants,
    op: &Op,
    id: ItemId,
    expected_version: Option<i32>,
    change: impl FnOnce(Item) -> Item + Send,
) -> Result<Outcome> {
    // What stock is counted in cannot change under it, and the SKU is what people know it by.
    let keep = |before: Item| Item {
        sku: before.sku.clone(),
        base_unit: before.base_unit.clone(),
        ..change(before)
    };
    changes::edit(db, op, id.0, expected_version, Action::Update, keep).await
}

/// Proposes that an item may be ordered no more.
///
/// # Errors
/// Refusals of authority, version, state.
pub async fn deactivate(db: &Tenants, op: &Op, id: ItemId, expected_version: Option<i32>) -> Result<Outcome> {
    changes::remove::<Item>(db, op, id.0, expected_version, Action::Deactivate).await
}

/// Proposes that an item may be ordered again.
///
/// # Errors
/// Refusals of authority, version, state.
pub async fn activate(db: &Tenants, op: &Op, id: ItemId, expected_version: Option<i32>) -> Result<Outcome> {
    changes::remove::<Item>(db, op, id.0, expected_version, Action::Activate).await
}
