//! What can be asked about stock. Every statement leaves out what the caller must not see while it is counted
//! ([`super::sight`]), and locations outside his scope.

mod availability;
mod integrity;
mod movements;
mod places;
mod positions;
mod thresholds;

pub use availability::{Availability, PastStock, RegionStock, as_of, availability, by_region};
pub use integrity::{Difference, Integrity, differing, integrity};
pub use movements::{MOVEMENT_ORDERS, MovementFilter, MovementRecord, count_movements, movements};
pub use places::{POSITION_ORDERS, PositionFilter};
pub use positions::{
    LotRecord, PositionRecord, Wanted, count_positions, inbound_of, lots_of, positions, positions_at, positions_by_ids,
    positions_moved,
};
pub use thresholds::{ThresholdRecord, thresholds_of};

use super::sight::{NOT_COUNTED_BLIND, sees_counted};
use crate::purchasing::sight::{received_blind, sees_ordered};
use crate::shared::Listing;
use quartermaster_tenants::Op;
use uuid::Uuid;

/// Location scope and sight, for a list of rows with `location_id` and `item_id`.
fn guard(op: &Op, list: &mut Listing) {
    list.filter_some("t.location_id = ANY(?)", op.locations.as_param().map(<[Uuid]>::to_vec));
    if !sees_counted(op) {
        list.filter(NOT_COUNTED_BLIND, false);
    }
}

/// The same for a statement of its own, whose second parameter is the scope and whose third is the sight.
fn guarded(sql: &str) -> String {
    let sight = NOT_COUNTED_BLIND.replace('?', "$3");
    sql.replace(
        "{guard}",
        &format!("t.tenant_id = $1 AND ($2::uuid[] IS NULL OR t.location_id = ANY($2)) AND {sight}"),
    )
}

/// A statement over open orders `o`, without those that the caller receives blind.
fn without_blind(sql: &str, op: &Op) -> String {
    let seen = if sees_ordered(op) {
        String::new()
    } else {
        format!(" AND NOT {}", received_blind("o"))
    };
    sql.replace("{blind}", &seen)
}

/// The first three parameters of a guarded statement.
macro_rules! guard_params {
    ($op:expr $(, $p:expr)* $(,)?) => {
        quartermaster_tenants::params![
            $op.tenant.0,
            $op.locations.as_param().map(<[uuid::Uuid]>::to_vec),
            $crate::inventory::sight::sees_counted($op)
            $(, $p)*
        ]
    };
}
use guard_params;
