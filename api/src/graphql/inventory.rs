//! Stock: positions, the ledger, past and future, the proof that they agree.

use super::error::coded;
use super::id::{Id, uuids};
use super::loaders::{Batch, LoadError, one};
use super::money::{Money, Quantity, money, quantity};
use super::page::{BY_PLACE, count, part, window};
use super::scalar::{Date, DateTime, Decimal, UnitCode};
use super::session;
use crate::connection;
use async_graphql::dataloader::Loader;
use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use quartermaster_domain::inventory;
use quartermaster_domain::inventory::queries::{
    self, LotRecord, MOVEMENT_ORDERS, MovementFilter, MovementRecord, POSITION_ORDERS, PositionFilter, PositionRecord,
};
use quartermaster_domain::inventory::references::EnteredLine;
use quartermaster_domain::shared::{ItemId, LocationId, PositionId, RegionId};
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

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
            unit: l.unit_code.map(|u| u.0),
            lot: l.lot.unwrap_or_default(),
            status: l.stock_status.into(),
        }
    }
}

/// What there is of one item at one location, all lots together.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct InventoryPosition {
    /// Opaque; begins with `pos_`.
    pub id: ID,
    /// The item.
    item_id: ID,
    /// Where.
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

impl From<PositionRecord> for InventoryPosition {
    fn from(r: PositionRecord) -> Self {
        let of = |q| quantity(q, &r.unit);
        Self {
            id: ID(PositionId(r.id).to_string()),
            item_id: ID(ItemId(r.item).to_string()),
            location_id: ID(LocationId(r.location).to_string()),
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

/// A movement of the stock ledger.
#[derive(SimpleObject, Clone)]
pub struct StockMovement {
    /// The document's id with the sequence in the document: `led_…_3`.
    id: ID,
    /// The document that moved it.
    document_id: ID,
    /// Its kind.
    document_kind: String,
    /// The document's line.
    document_line_number: Option<i32>,
    /// The item.
    item_id: ID,
    /// Where.
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
        let prefix = match r.document_kind.as_str() {
            "RECEIPT" => "rcp",
            "SUPPLIER_RETURN" => "rtv",
            "ADJUSTMENT" => "adj",
            "STOCK_COUNT" => "cnt",
            "TRANSFER" => "trf",
            _ => "doc",
        };
        Self {
            id: ID(format!(
                "{}_{}",
                quartermaster_tenants::id::encode("led", r.document),
                r.sequence
            )),
            document_id: ID(quartermaster_tenants::id::encode(prefix, r.document)),
            document_kind: r.document_kind,
            document_line_number: r.document_line,
            item_id: ID(ItemId(r.item).to_string()),
            location_id: ID(LocationId(r.location).to_string()),
            lot: r.lot,
            stock_status: r.status.into(),
            quantity: quantity(r.quantity, &r.unit),
            unit_cost: money(r.unit_cost, &r.currency),
            reason: r.reason.as_str().to_owned(),
            at: DateTime(r.at),
        }
    }
}

connection!(InventoryPositionConnection, InventoryPositionEdge, InventoryPosition);
connection!(StockLotConnection, StockLotEdge, StockLot);
connection!(StockMovementConnection, StockMovementEdge, StockMovement);

impl Loader<PositionId> for Batch {
    type Value = InventoryPosition;
    type Error = LoadError;
    async fn load(&self, keys: &[PositionId]) -> Result<HashMap<PositionId, InventoryPosition>, LoadError> {
        let ids: Vec<Uuid> = keys.iter().map(|k| k.0).collect();
        let found = queries::positions_by_ids(&self.session.db, &self.session.op, &ids).await?;
        Ok(found.into_iter().map(|(id, r)| (PositionId(id), r.into())).collect())
    }
}

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

/// What can be promised at a location on a date, in base units.
#[derive(SimpleObject)]
pub struct InventoryAvailability {
    /// Where.
    location_id: ID,
    /// May be used, allocated or not.
    on_hand: Decimal,
    /// Promised already.
    allocated: Decimal,
    /// Expected by the date, on released orders and transfers.
    inbound: Decimal,
    /// On hand and inbound less allocated.
    available: Decimal,
}

/// What there was at a location at a moment, in base units.
#[derive(SimpleObject)]
pub struct PastStock {
    /// Where.
    location_id: ID,
    /// In which state.
    stock_status: StockStatus,
    /// How much.
    quantity: Decimal,
    /// What it had cost by its movements, in the tenant's currency.
    value: Decimal,
}

/// What there is of an item in a region, in base units.
#[derive(SimpleObject)]
pub struct RegionStock {
    /// The region; null for locations without one.
    region_id: Option<ID>,
    /// The item.
    item_id: ID,
    /// May be used, allocated or not.
    on_hand: Decimal,
    /// Promised already.
    allocated: Decimal,
    /// Waits for a decision on its quality.
    quarantined: Decimal,
    /// On its way to locations of the region.
    in_transit: Decimal,
    /// All of it at average cost, in the tenant's currency.
    value: Decimal,
}

/// The proof that the ledger and the positions say the same.
#[derive(SimpleObject)]
pub struct StockIntegrity {
    /// They do.
    ok: bool,
    /// Positions compared.
    positions: i64,
    /// Movements added up.
    movements: i64,
    /// Positions that differ from the sum of their movements.
    differing: i64,
    /// All positions at average cost, in the tenant's currency.
    value: Decimal,
    /// All movements at their cost: differs from `value` by the rounding of averages, and by stock that was negative.
    movement_value: Decimal,
    /// The first 100 of the differing positions.
    differences: Vec<StockDifference>,
}

/// A position that differs from its movements.
#[derive(SimpleObject)]
pub struct StockDifference {
    /// The position.
    position_id: ID,
    /// The item.
    item_id: ID,
    /// Where.
    location_id: ID,
    /// What the position says.
    quantity: Decimal,
    /// What its movements add up to.
    ledger_quantity: Decimal,
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
    ) -> Result<InventoryPositionConnection> {
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
        let page = s.read(queries::positions(&s.db, &s.op, &filter, order, &window).await)?;
        let total = count(s, move |db, op| {
            let filter = filter.clone();
            async move { queries::count_positions(&db, &op, &filter).await }
        });
        Ok(InventoryPositionConnection::of(page, total))
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
        item_id: Id<ItemId>,
        location_ids: Option<Vec<Id<LocationId>>>,
        on: Date,
    ) -> Result<Vec<InventoryAvailability>> {
        let s = session(ctx)?;
        let found = queries::availability(&s.db, &s.op, item_id.uuid(), uuids(location_ids), on.0).await;
        let found = s.read(found)?.into_iter();
        Ok(found
            .map(|a| InventoryAvailability {
                location_id: ID(LocationId(a.location).to_string()),
                on_hand: Decimal(a.on_hand),
                allocated: Decimal(a.allocated),
                inbound: Decimal(a.inbound),
                available: Decimal(a.on_hand + a.inbound - a.allocated),
            })
            .collect())
    }

    /// What there was of an item at a moment, by location and state.
    async fn inventory_as_of(
        &self,
        ctx: &Context<'_>,
        item_id: Id<ItemId>,
        location_ids: Option<Vec<Id<LocationId>>>,
        at: DateTime,
    ) -> Result<Vec<PastStock>> {
        let s = session(ctx)?;
        let found = queries::as_of(&s.db, &s.op, item_id.uuid(), uuids(location_ids), at.0).await;
        let found = s.read(found)?.into_iter();
        Ok(found
            .map(|p| PastStock {
                location_id: ID(LocationId(p.location).to_string()),
                stock_status: p.status.into(),
                quantity: Decimal(p.quantity),
                value: Decimal(p.value),
            })
            .collect())
    }

    /// What there is of some items, by region.
    async fn inventory_by_region(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most 250.")] item_ids: Vec<Id<ItemId>>,
        region_ids: Option<Vec<Id<RegionId>>>,
    ) -> Result<Vec<RegionStock>> {
        let s = session(ctx)?;
        if item_ids.len() > 250 {
            return Err(coded("BAD_USER_INPUT", "At most 250 items."));
        }
        let items = item_ids.iter().map(Id::uuid).collect();
        let found = s.read(queries::by_region(&s.db, &s.op, items, uuids(region_ids)).await)?;
        let region = |r: queries::RegionStock| RegionStock {
            region_id: r.region.map(|id| ID(RegionId(id).to_string())),
            item_id: ID(ItemId(r.item).to_string()),
            on_hand: Decimal(r.on_hand),
            allocated: Decimal(r.allocated),
            quarantined: Decimal(r.quarantined),
            in_transit: Decimal(r.in_transit),
            value: Decimal(r.value),
        };
        Ok(found.into_iter().map(region).collect())
    }

    /// Adds up the ledger and compares it with the positions, inside your locations.
    async fn stock_integrity(&self, ctx: &Context<'_>) -> Result<StockIntegrity> {
        let s = session(ctx)?;
        let i = s.read(queries::integrity(&s.db, &s.op).await)?;
        let difference = |d: queries::Difference| StockDifference {
            position_id: ID(PositionId(d.position).to_string()),
            item_id: ID(ItemId(d.item).to_string()),
            location_id: ID(LocationId(d.location).to_string()),
            quantity: Decimal(d.quantity),
            ledger_quantity: Decimal(d.ledger),
        };
        Ok(StockIntegrity {
            ok: i.differing == 0,
            positions: i.positions,
            movements: i.movements,
            differing: i.differing,
            value: Decimal(i.value),
            movement_value: Decimal(i.movement_value),
            differences: i.differences.into_iter().map(difference).collect(),
        })
    }
}

/// The UUID of a document of any kind.
fn document(id: &ID) -> Result<Uuid> {
    let any = id.parse::<quartermaster_domain::shared::AnyId>();
    any.map(|a| a.id).map_err(|e| coded("BAD_USER_INPUT", e.to_string()))
}
