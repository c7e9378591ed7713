//! The ledger.

use super::StockStatus;
use crate::connection;
use crate::graphql::document_kind::DocumentKind;
use crate::graphql::money::{Money, Quantity, money, quantity};
use crate::graphql::node::{Node, load};
use crate::graphql::related::Related;
use crate::graphql::scalar::DateTime;
use async_graphql::{ComplexObject, Context, ID, Result, SimpleObject};
use quartermaster_domain::inventory::queries::MovementRecord;
use quartermaster_domain::shared::{ItemId, LocationId};

/// A movement of the stock ledger.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct StockMovement {
    /// The document's id with the sequence in the document: `led_…_3`.
    id: ID,
    /// The document's id.
    document_id: ID,
    /// Its kind.
    document_kind: DocumentKind,
    /// The document's line.
    document_line_number: Option<i32>,
    /// The item.
    item: Related<ItemId>,
    /// The item's id.
    item_id: ID,
    /// Where.
    location: Related<LocationId>,
    /// The location's id.
    location_id: ID,
    /// Empty for none.
    lot: String,
    /// In which state.
    stock_status: StockStatus,
    /// In base units; below zero is out.
    quantity: Quantity,
    /// What one base unit moved at.
    unit_cost: Money,
    /// Why, as `RECEIPT` or `DAMAGE`.
    reason: String,
    /// When.
    at: DateTime,
}

impl From<MovementRecord> for StockMovement {
    fn from(r: MovementRecord) -> Self {
        Self {
            id: ID(format!(
                "{}_{}",
                quartermaster_tenants::id::encode("led", r.document),
                r.sequence
            )),
            document_id: ID(quartermaster_tenants::id::encode(r.document_kind.prefix(), r.document)),
            document_kind: r.document_kind.into(),
            document_line_number: r.document_line,
            item_id: ID(ItemId(r.item).to_string()),
            item: Related(ItemId(r.item)),
            location_id: ID(LocationId(r.location).to_string()),
            location: Related(LocationId(r.location)),
            lot: r.lot,
            stock_status: r.status.into(),
            quantity: quantity(r.quantity, &r.unit),
            unit_cost: money(r.unit_cost, &r.currency),
            reason: r.reason.as_str().to_owned(),
            at: DateTime(r.at),
        }
    }
}

#[ComplexObject]
impl StockMovement {
    /// The document that moved it; null when you may not see it.
    async fn document(&self, ctx: &Context<'_>) -> Result<Option<Node>> {
        load(ctx, &self.document_id).await
    }
}

connection!(StockMovementConnection, StockMovementEdge, StockMovement);
