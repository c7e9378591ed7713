//! Stock: positions, the ledger, past and future, the proof that they agree.

mod figures;
mod movement;
mod position;
mod query;

use super::id::Id;
use super::scalar::{Decimal, UnitCode};
use async_graphql::{Enum, InputObject};
use quartermaster_domain::inventory;
use quartermaster_domain::inventory::references::EnteredLine;
use quartermaster_domain::shared::ItemId;

pub use position::InventoryPosition;
pub use query::InventoryQuery;

/// The state that stock is in at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, Default)]
#[graphql(remote = "inventory::StockStatus")]
pub enum StockStatus {
    /// May be used.
    #[default]
    Available,
    /// Waits for a decision on its quality.
    Quarantine,
    /// On its way to this location.
    InTransit,
}

/// An item, how much of it, and of which kind.
#[derive(InputObject)]
pub struct StockLineInput {
    /// The item.
    item_id: Id<ItemId>,
    /// How much.
    quantity: Decimal,
    /// The item's base unit when not given, or the unit of one of its packs.
    unit_code: Option<UnitCode>,
    /// For items that are kept by lot.
    lot: Option<String>,
    /// In which state.
    #[graphql(default)]
    stock_status: StockStatus,
}

impl From<StockLineInput> for EnteredLine {
    fn from(l: StockLineInput) -> Self {
        Self {
            item: l.item_id.uuid(),
            quantity: l.quantity.0,
            unit: l.unit_code.map(String::from),
            lot: l.lot.unwrap_or_default(),
            status: l.stock_status.into(),
        }
    }
}
