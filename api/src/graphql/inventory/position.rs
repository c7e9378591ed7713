//! Stock by item and location, and by lot.

use super::StockStatus;
use crate::graphql::loaders::{Batch, LoadError, one};
use crate::graphql::money::{Money, Quantity, money, quantity};
use crate::graphql::page::{BY_PLACE, part, window};
use crate::graphql::related::Related;
use crate::graphql::scalar::DateTime;
use crate::{connection, loads, plan, plan_connection};
use async_graphql::dataloader::Loader;
use async_graphql::{ComplexObject, Context, ID, Result, SimpleObject};
use quartermaster_domain::inventory::queries::{self, LotRecord, PositionRecord, ThresholdRecord};
use quartermaster_domain::shared::{ItemId, LocationId, PositionId};
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// What there is of one item at one location, all lots together.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct InventoryPosition {
    /// Opaque; begins with `pos_`.
    pub id: ID,
    /// The item.
    item: Related<ItemId>,
    /// The item's id.
    item_id: ID,
    /// Where.
    location: Related<LocationId>,
    /// The location's id.
    location_id: ID,
    /// May be used, allocated or not.
    on_hand: Quantity,
    /// Promised to somebody.
    allocated: Quantity,
    /// On hand less allocated.
    available: Quantity,
    /// Waits for a decision on its quality.
    quarantined: Quantity,
    /// On its way to this location.
    in_transit: Quantity,
    /// What one base unit on hand cost on average.
    average_cost: Money,
    /// What is on hand, at average cost.
    value: Money,
    /// When stock last moved.
    updated_at: DateTime,
    #[graphql(skip)]
    record: Arc<PositionRecord>,
}

plan!(InventoryPosition {
    id,
    item,
    item_id,
    location,
    location_id,
    on_hand,
    allocated,
    available,
    quarantined,
    in_transit,
    average_cost,
    value,
    updated_at
} briefly 6);
plan_connection!(InventoryPositionConnection, InventoryPositionEdge);

impl From<PositionRecord> for InventoryPosition {
    fn from(r: PositionRecord) -> Self {
        let of = |q| quantity(q, &r.unit);
        Self {
            id: ID(PositionId(r.id).into()),
            item_id: ID(ItemId(r.item).into()),
            item: Related(ItemId(r.item)),
            location_id: ID(LocationId(r.location).into()),
            location: Related(LocationId(r.location)),
            on_hand: of(r.on_hand),
            allocated: of(r.allocated),
            available: of(r.on_hand - r.allocated),
            quarantined: of(r.quarantined),
            in_transit: of(r.in_transit),
            average_cost: money(r.average_cost, &r.currency),
            value: money((r.on_hand * r.average_cost).round_dp(4), &r.currency),
            updated_at: DateTime(r.updated_at),
            record: Arc::new(r),
        }
    }
}

#[ComplexObject]
impl InventoryPosition {
    /// What is still to come: on released orders, and in transit to this location.
    async fn inbound(&self, ctx: &Context<'_>) -> Result<Quantity> {
        let r = &self.record;
        let ordered = one(ctx, InboundKey(r.item, r.location)).await?.unwrap_or_default();
        Ok(quantity(ordered + r.in_transit, &r.unit))
    }

    /// Below this it is reordered; null when no policy was approved.
    async fn reorder_point(&self, ctx: &Context<'_>) -> Result<Option<Quantity>> {
        let r = &self.record;
        let threshold = one(ctx, ThresholdKey(r.item, r.location)).await?;
        Ok(threshold.map(|t| quantity(t.reorder_point, &r.unit)))
    }

    /// What is kept against surprises, part of the reorder point; null when no policy was approved.
    async fn safety_stock(&self, ctx: &Context<'_>) -> Result<Option<Quantity>> {
        let r = &self.record;
        let threshold = one(ctx, ThresholdKey(r.item, r.location)).await?;
        Ok(threshold.map(|t| quantity(t.safety_stock, &r.unit)))
    }

    /// The same by lot and state.
    async fn lots(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<StockLotConnection> {
        let w = window(first, after, last, before, BY_PLACE)?;
        let r = &self.record;
        let lots = one(ctx, LotsKey(r.item, r.location)).await?.unwrap_or_default();
        let lots = lots
            .into_iter()
            .map(|l| StockLot {
                id: ID(PositionId(l.id).to_string()),
                lot: l.lot,
                stock_status: l.status.into(),
                quantity: quantity(l.quantity, &r.unit),
                allocated: quantity(l.allocated, &r.unit),
                average_cost: money(l.average_cost, &r.currency),
            })
            .collect();
        let (page, total) = part(lots, r.id, &w);
        Ok(StockLotConnection::of(page, total))
    }
}

/// Stock of one lot in one state.
#[derive(SimpleObject, Clone)]
pub struct StockLot {
    /// Names it in filters of the ledger; begins with `pos_`.
    id: ID,
    /// Empty for none.
    lot: String,
    /// In which state.
    stock_status: StockStatus,
    /// How much.
    quantity: Quantity,
    /// Promised to somebody.
    allocated: Quantity,
    /// What one base unit cost on average.
    average_cost: Money,
}

connection!(InventoryPositionConnection, InventoryPositionEdge, InventoryPosition);
connection!(StockLotConnection, StockLotEdge, StockLot);

loads!(PositionId => InventoryPosition, queries::positions_by_ids);

/// Asks what is inbound of an item at a location.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct InboundKey(Uuid, Uuid);

impl Loader<InboundKey> for Batch {
    type Value = rust_decimal::Decimal;
    type Error = LoadError;
    async fn load(&self, keys: &[InboundKey]) -> Result<HashMap<InboundKey, rust_decimal::Decimal>, LoadError> {
        let places: Vec<_> = keys.iter().map(|k| (k.0, k.1)).collect();
        let found = queries::inbound_of(&self.session.db, &self.session.op, &places).await?;
        Ok(found.into_iter().map(|((i, l), q)| (InboundKey(i, l), q)).collect())
    }
}

/// Asks from when on an item is to be reordered at a location.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ThresholdKey(Uuid, Uuid);

impl Loader<ThresholdKey> for Batch {
    type Value = ThresholdRecord;
    type Error = LoadError;
    async fn load(&self, keys: &[ThresholdKey]) -> Result<HashMap<ThresholdKey, ThresholdRecord>, LoadError> {
        let places: Vec<_> = keys.iter().map(|k| (k.0, k.1)).collect();
        let found = queries::thresholds_of(&self.session.db, &self.session.op, &places).await?;
        Ok(found.into_iter().map(|((i, l), t)| (ThresholdKey(i, l), t)).collect())
    }
}

/// Asks for the lots of an item at a location.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LotsKey(Uuid, Uuid);

impl Loader<LotsKey> for Batch {
    type Value = Vec<LotRecord>;
    type Error = LoadError;
    async fn load(&self, keys: &[LotsKey]) -> Result<HashMap<LotsKey, Vec<LotRecord>>, LoadError> {
        let places: Vec<_> = keys.iter().map(|k| (k.0, k.1)).collect();
        let found = queries::lots_of(&self.session.db, &self.session.op, &places).await?;
        Ok(found.into_iter().map(|((i, l), lots)| (LotsKey(i, l), lots)).collect())
    }
}
