//! The list of stock by item and location, and the two ways to read it: added up as a whole, or place by place.
//!
//! A place is an item at a location; its positions are its lots in their states, and its id is that of the oldest of them. Where
//! item or location is asked for, the positions are few and are added up at once. All stock of a tenant is walked along an index
//! instead, and only the places of the page are added up: a page costs the same however much there is. The sums themselves
//! (least on hand, last moved) are no order that an index could keep without a write at each movement: they are added up.

use super::guard;
use crate::shared::{Listing, Order};
use quartermaster_tenants::Op;
use uuid::Uuid;

// The currency is the tenant's: it is read once for the list, and so is the unit where the list is of one item.
macro_rules! columns {
    ($item:literal) => {
        concat!(
            "t.id, t.item_id, t.location_id, t.on_hand, t.allocated, t.quarantined, t.in_transit, t.average_cost, t.updated_at, (SELECT i.base_unit FROM qm.item i WHERE i.tenant_id = $1 AND i.id = ",
            $item,
            ") AS base_unit, (SELECT s.settings->>'currency' FROM qm.tenant_setting s WHERE s.tenant_id = $1 AND s.id = $1) AS currency"
        )
    };
}
const COLUMNS: &str = columns!("t.item_id");
const COLUMNS_OF_ONE_ITEM: &str = columns!("$2");
// What is not asked for is not added up.
const BRIEFLY_OF_ONE_ITEM: &str = "t.id, t.item_id, t.location_id, t.on_hand, 0::numeric AS allocated, 0::numeric AS quarantined, 0::numeric AS in_transit, 0::numeric AS average_cost, \
    'epoch'::timestamptz AS updated_at, (SELECT i.base_unit FROM qm.item i WHERE i.tenant_id = $1 AND i.id = $2) AS base_unit, '' AS currency";

/// What the positions `p` of a place come to.
macro_rules! sums {
    () => {
        "coalesce(sum(p.quantity) FILTER (WHERE p.stock_status = 'AVAILABLE'), 0) AS on_hand, coalesce(sum(p.allocated) FILTER (WHERE p.stock_status = 'AVAILABLE'), 0) AS allocated, \
         coalesce(sum(p.quantity) FILTER (WHERE p.stock_status = 'QUARANTINE'), 0) AS quarantined, coalesce(sum(p.quantity) FILTER (WHERE p.stock_status = 'IN_TRANSIT'), 0) AS in_transit, \
         coalesce(round(sum(p.quantity * p.average_cost) FILTER (WHERE p.stock_status = 'AVAILABLE') / nullif(sum(p.quantity) FILTER (WHERE p.stock_status = 'AVAILABLE'), 0), 6), \
         max(p.average_cost), 0) AS average_cost, max(p.updated_at) AS updated_at, min(p.id::text COLLATE \"C\")::uuid"
    };
}

const ADDED_UP: &str = concat!(
    "(SELECT p.tenant_id, p.item_id, p.location_id, ",
    sums!(),
    " AS id FROM qm.stock_position p GROUP BY p.tenant_id, p.item_id, p.location_id) t"
);

const WALKED: &str = concat!(
    "(SELECT f.tenant_id, f.item_id, f.location_id, f.id, s.* FROM qm.stock_position f CROSS JOIN LATERAL (SELECT ",
    sums!(),
    " AS oldest FROM qm.stock_position p WHERE p.tenant_id = f.tenant_id AND p.item_id = f.item_id AND p.location_id = f.location_id) s WHERE s.oldest = f.id) t"
);

/// Which stock is wanted; all conditions together.
#[derive(Debug, Clone, Default)]
pub struct PositionFilter {
    /// Of one of these items.
    pub items: Option<Vec<Uuid>>,
    /// At one of these locations.
    pub locations: Option<Vec<Uuid>>,
    /// In one of these regions.
    pub regions: Option<Vec<Uuid>>,
    /// There is some (`true`) or none (`false`) on hand.
    pub on_hand: Option<bool>,
}

/// By location, by item, by quantity on hand (least first), last moved first.
pub const POSITION_ORDERS: [Order; 4] = [
    Order::ascending("location", "t.location_id", "uuid"),
    Order::ascending("item", "t.item_id", "uuid"),
    Order::ascending("on-hand", "t.on_hand", "numeric"),
    Order::descending("moved", "t.updated_at", "timestamptz"),
];

/// The list, to be read in an order, or counted; briefly: what is on hand is all that is read of the stock of one item.
pub(super) fn listing(op: &Op, filter: &PositionFilter, order: Option<Order>, briefly: bool) -> Listing {
    let all = filter.items.is_none() && filter.locations.is_none() && op.locations.as_param().is_none();
    let by_place = order.is_some_and(|o| matches!(o.column, "t.location_id" | "t.item_id"));
    let from = if all && by_place { WALKED } else { ADDED_UP };
    let mut list = match filter.items.as_deref() {
        Some([item]) => {
            let columns = if briefly {
                BRIEFLY_OF_ONE_ITEM
            } else {
                COLUMNS_OF_ONE_ITEM
            };
            let mut list = Listing::new(columns, from, op.tenant.0);
            list.filter("t.item_id = ?", *item);
            list
        }
        items => {
            let mut list = Listing::new(COLUMNS, from, op.tenant.0);
            list.filter_some("t.item_id = ANY(?)", items.map(<[Uuid]>::to_vec));
            list
        }
    };
    guard(op, &mut list);
    list.filter_some("t.location_id = ANY(?)", filter.locations.clone())
        .filter_some(
            "t.location_id IN (SELECT l.id FROM qm.location l WHERE l.tenant_id = $1 AND l.region_id = ANY(?))",
            filter.regions.clone(),
        )
        .filter_some("(t.on_hand > 0) = ?", filter.on_hand);
    list
}
