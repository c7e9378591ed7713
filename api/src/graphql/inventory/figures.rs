//! Sums over stock: what can be promised, what there was, what lies in a region, and the proof.

use super::StockStatus;
use crate::graphql::related::{MaybeRelated, Related};
use crate::graphql::scalar::Decimal;
use async_graphql::{ID, SimpleObject};
use quartermaster_domain::inventory::queries;
use quartermaster_domain::shared::{ItemId, LocationId, PositionId, RegionId};

/// What can be promised at a location on a date, in base units.
#[derive(SimpleObject)]
pub struct InventoryAvailability {
    /// Where.
    location: Related<LocationId>,
    /// The location's id.
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
    location: Related<LocationId>,
    /// The location's id.
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
    region: MaybeRelated<RegionId>,
    /// The region's id.
    region_id: Option<ID>,
    /// The item.
    item: Related<ItemId>,
    /// The item's id.
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

/// The proof that the positions say what the ledger and the open reservations do.
#[derive(SimpleObject)]
pub struct StockIntegrity {
    /// They do.
    ok: bool,
    /// Positions compared.
    positions: i64,
    /// Movements added up.
    movements: i64,
    /// Positions that differ from the sum of their movements or of their open reservations.
    differing: i64,
    /// All positions at average cost, in the tenant's currency.
    value: Decimal,
    /// All movements at their cost: differs from `value` by the rounding of averages, and by stock that was negative.
    movement_value: Decimal,
    /// The first 100 of the differing positions.
    differences: Vec<StockDifference>,
}

/// A position that differs from its movements or its reservations.
#[derive(SimpleObject)]
pub struct StockDifference {
    /// The position.
    position_id: ID,
    /// The item.
    item: Related<ItemId>,
    /// The item's id.
    item_id: ID,
    /// Where.
    location: Related<LocationId>,
    /// The location's id.
    location_id: ID,
    /// What the position says.
    quantity: Decimal,
    /// What its movements add up to.
    ledger_quantity: Decimal,
    /// What the position says that is promised of it.
    allocated: Decimal,
    /// What is reserved by the transfers that are being picked.
    reserved_quantity: Decimal,
}

impl From<queries::Availability> for InventoryAvailability {
    fn from(a: queries::Availability) -> Self {
        Self {
            location: Related(LocationId(a.location)),
            location_id: ID(LocationId(a.location).to_string()),
            on_hand: Decimal(a.on_hand),
            allocated: Decimal(a.allocated),
            inbound: Decimal(a.inbound),
            available: Decimal(a.on_hand + a.inbound - a.allocated),
        }
    }
}

impl From<queries::PastStock> for PastStock {
    fn from(p: queries::PastStock) -> Self {
        Self {
            location: Related(LocationId(p.location)),
            location_id: ID(LocationId(p.location).to_string()),
            stock_status: p.status.into(),
            quantity: Decimal(p.quantity),
            value: Decimal(p.value),
        }
    }
}

impl From<queries::RegionStock> for RegionStock {
    fn from(r: queries::RegionStock) -> Self {
        Self {
            region: MaybeRelated(r.region.map(RegionId)),
            region_id: r.region.map(|id| ID(RegionId(id).to_string())),
            item: Related(ItemId(r.item)),
            item_id: ID(ItemId(r.item).to_string()),
            on_hand: Decimal(r.on_hand),
            allocated: Decimal(r.allocated),
            quarantined: Decimal(r.quarantined),
            in_transit: Decimal(r.in_transit),
            value: Decimal(r.value),
        }
    }
}

impl From<queries::Difference> for StockDifference {
    fn from(d: queries::Difference) -> Self {
        Self {
            position_id: ID(PositionId(d.position).to_string()),
            item: Related(ItemId(d.item)),
            item_id: ID(ItemId(d.item).to_string()),
            location: Related(LocationId(d.location)),
            location_id: ID(LocationId(d.location).to_string()),
            quantity: Decimal(d.quantity),
            ledger_quantity: Decimal(d.ledger),
            allocated: Decimal(d.allocated),
            reserved_quantity: Decimal(d.reserved),
        }
    }
}

impl From<queries::Integrity> for StockIntegrity {
    fn from(i: queries::Integrity) -> Self {
        Self {
            ok: i.differing == 0,
            positions: i.positions,
            movements: i.movements,
            differing: i.differing,
            value: Decimal(i.value),
            movement_value: Decimal(i.movement_value),
            differences: i.differences.into_iter().map(Into::into).collect(),
        }
    }
}
