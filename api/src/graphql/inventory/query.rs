//! Queries.

use super::figures::{InventoryAvailability, PastStock, RegionStock, StockIntegrity};
use super::movement::StockMovementConnection;
use super::position::InventoryPositionConnection;
use crate::graphql::error::coded;
use crate::graphql::id::{Id, uuids};
use crate::graphql::page::{count, window};
use crate::graphql::plan::{Ahead, Planned};
use crate::graphql::scalar::{Date, DateTime};
use crate::graphql::session;
use async_graphql::{Context, Enum, ID, InputObject, Object, Result};
use quartermaster_domain::inventory::queries::{
    self, MOVEMENT_ORDERS, MovementFilter, POSITION_ORDERS, PositionFilter, Wanted,
};
use quartermaster_domain::shared::{ItemId, LocationId, PositionId, RegionId};
use std::any::TypeId;
use std::sync::Arc;
use uuid::Uuid;

/// Which stock is wanted; all conditions together.
#[derive(InputObject, Default)]
pub struct InventoryPositionFilter {
    /// Of one of these items.
    item_ids: Option<Vec<Id<ItemId>>>,
    /// At one of these locations.
    location_ids: Option<Vec<Id<LocationId>>>,
    /// In one of these regions.
    region_ids: Option<Vec<Id<RegionId>>>,
    /// There is some (`true`) or none (`false`) on hand.
    on_hand: Option<bool>,
}

/// The orders in which stock can be listed; ties are broken by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, Default)]
pub enum InventoryPositionOrder {
    /// By location.
    #[default]
    LocationAsc,
    /// By item.
    ItemAsc,
    /// Least on hand first.
    OnHandAsc,
    /// Last moved first.
    UpdatedAtDesc,
}

/// Which movements are wanted; all conditions together.
#[derive(InputObject, Default)]
pub struct StockMovementFilter {
    /// Of one of these items.
    item_ids: Option<Vec<Id<ItemId>>>,
    /// At one of these locations.
    location_ids: Option<Vec<Id<LocationId>>>,
    /// Of one of these lots in one state.
    position_ids: Option<Vec<Id<PositionId>>>,
    /// By one of these documents: ids of receipts, returns, adjustments, counts, transfers.
    document_ids: Option<Vec<ID>>,
    /// At or after.
    from: Option<DateTime>,
    /// At or before.
    to: Option<DateTime>,
}

/// The orders in which the ledger can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, Default)]
pub enum StockMovementOrder {
    /// Latest first.
    #[default]
    AtDesc,
    /// Earliest first.
    AtAsc,
}

/// Queries about stock.
#[derive(Default)]
pub struct InventoryQuery;

#[Object]
impl InventoryQuery {
    /// Stock by item and location. Ask for one item to see where it lies, for one location to see what lies there.
    #[allow(clippy::too_many_arguments)]
    async fn inventory_positions(
        &self,
        ctx: &Context<'_>,
        filter: Option<InventoryPositionFilter>,
        #[graphql(default)] order_by: InventoryPositionOrder,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Planned<InventoryPositionConnection>> {
        let s = session(ctx)?;
        let order = POSITION_ORDERS[order_by as usize];
        let window = window(first, after, last, before, order)?;
        let f = filter.unwrap_or_default();
        let filter = Arc::new(PositionFilter {
            items: uuids(f.item_ids),
            locations: uuids(f.location_ids),
            regions: uuids(f.region_ids),
            on_hand: f.on_hand,
        });
        let mut ahead = Ahead::of::<InventoryPositionConnection>(ctx);
        let wanted = ahead.as_ref().map(|a| {
            // Who shows more of its locations has them loaded.
            let briefly = a.selection().reads_briefly::<LocationId>();
            Wanted {
                briefly: a.selection().is_brief,
                locations: briefly && a.selection().reaches::<LocationId>(),
                last: briefly && a.ends_with(&[TypeId::of::<LocationId>()]),
            }
        });
        let found = queries::positions_at(&s.db, &s.op, &filter, order, &window, wanted.unwrap_or_default()).await;
        let (page, locations) = s.read(found)?;
        if let Some(ahead) = &mut ahead {
            ahead.bring::<LocationId>(locations.into_iter().map(|l| (LocationId(l.id), l.into())));
        }
        let total = count(s, move |db, op| {
            let filter = filter.clone();
            async move { queries::count_positions(&db, &op, &filter).await }
        });
        Ok(Planned::with(InventoryPositionConnection::of(page, total), ahead))
    }

    /// The stock ledger, latest first unless asked otherwise.
    #[allow(clippy::too_many_arguments)]
    async fn stock_movements(
        &self,
        ctx: &Context<'_>,
        filter: Option<StockMovementFilter>,
        #[graphql(default)] order_by: StockMovementOrder,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<StockMovementConnection> {
        let s = session(ctx)?;
        let order = MOVEMENT_ORDERS[order_by as usize];
        let window = window(first, after, last, before, order)?;
        let f = filter.unwrap_or_default();
        let documents = f
            .document_ids
            .map(|ids| ids.iter().map(document).collect::<Result<_>>());
        let filter = Arc::new(MovementFilter {
            items: uuids(f.item_ids),
            locations: uuids(f.location_ids),
            documents: documents.transpose()?,
            positions: uuids(f.position_ids),
            reasons: None,
            at: (f.from.map(|t| t.0), f.to.map(|t| t.0)),
        });
        let page = s.read(queries::movements(&s.db, &s.op, &filter, order, &window).await)?;
        let total = count(s, move |db, op| {
            let filter = filter.clone();
            async move { queries::count_movements(&db, &op, &filter).await }
        });
        Ok(StockMovementConnection::of(page, total))
    }

    /// What can be promised of an item on a date, by location.
    async fn inventory_availability(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which item.")] item_id: Id<ItemId>,
        #[graphql(desc = "Only at these locations.")] location_ids: Option<Vec<Id<LocationId>>>,
        #[graphql(desc = "The date by which it is to be there.")] on: Date,
    ) -> Result<Vec<InventoryAvailability>> {
        let s = session(ctx)?;
        let found = queries::availability(&s.db, &s.op, item_id.uuid(), uuids(location_ids), on.0).await;
        Ok(s.read(found)?.into_iter().map(Into::into).collect())
    }

    /// What there was of an item at a moment, by location and state.
    async fn inventory_as_of(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which item.")] item_id: Id<ItemId>,
        #[graphql(desc = "Only at these locations.")] location_ids: Option<Vec<Id<LocationId>>>,
        #[graphql(desc = "The moment.")] at: DateTime,
    ) -> Result<Vec<PastStock>> {
        let s = session(ctx)?;
        let found = queries::as_of(&s.db, &s.op, item_id.uuid(), uuids(location_ids), at.0).await;
        Ok(s.read(found)?.into_iter().map(Into::into).collect())
    }

    /// What there is of some items, by region.
    async fn inventory_by_region(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most 250.")] item_ids: Vec<Id<ItemId>>,
        #[graphql(desc = "Only in these regions.")] region_ids: Option<Vec<Id<RegionId>>>,
    ) -> Result<Vec<RegionStock>> {
        let s = session(ctx)?;
        if item_ids.len() > 250 {
            return Err(coded("BAD_USER_INPUT", "At most 250 items."));
        }
        let items = item_ids.iter().map(Id::uuid).collect();
        let found = s.read(queries::by_region(&s.db, &s.op, items, uuids(region_ids)).await)?;
        Ok(found.into_iter().map(Into::into).collect())
    }

    /// Adds up the ledger and the open reservations and compares them with the positions, inside your locations.
    async fn stock_integrity(&self, ctx: &Context<'_>) -> Result<StockIntegrity> {
        let s = session(ctx)?;
        Ok(s.read(queries::integrity(&s.db, &s.op).await)?.into())
    }
}

/// The UUID of a document of any kind.
fn document(id: &ID) -> Result<Uuid> {
    let any = id.parse::<quartermaster_domain::shared::AnyId>();
    any.map(|a| a.id).map_err(|e| coded("BAD_USER_INPUT", e.to_string()))
}
