//! The threshold of an item at a location: below its reorder point somebody is told, once for each crossing.

use quartermaster_tenants::event::{Event, Trail};
use quartermaster_tenants::id::encode;
use quartermaster_tenants::{Result, TenantTx};
use rust_decimal::Decimal;
use serde_json::json;
use uuid::Uuid;

/// A threshold that nobody else writes now. Quantities are in base units.
#[derive(Debug, Clone)]
pub struct Threshold {
    /// Its id.
    pub id: Uuid,
    /// What.
    pub item: Uuid,
    /// Where.
    pub location: Uuid,
    /// Below this somebody is told.
    pub reorder_point: Decimal,
    /// Somebody was told, and it has not been reached again since.
    pub is_below: bool,
    /// What may be used and is promised to nobody.
    pub available: Decimal,
    /// Version and end of its chain of events.
    pub trail: Trail,
}

impl Threshold {
    /// Compares what is available with the reorder point: says that it fell below, is silent when it is reached again. Gives
    /// whether anything changed.
    ///
    /// # Errors
    /// A defect: the transaction's time is not known yet.
    pub fn cross(&mut self, tx: &mut TenantTx<'_>, act: Uuid) -> Result<bool> {
        let below = self.available < self.reorder_point;
        if below == self.is_below {
            return Ok(false);
        }
        self.is_below = below;
        self.trail.touch();
        if below {
            let data = json!({
                "itemId": encode("itm", self.item), "locationId": encode("loc", self.location),
                "available": self.available, "reorderPoint": self.reorder_point,
            });
            let event = Event::new("inventory-below-threshold", "STOCK_THRESHOLD", self.id, data);
            tx.record(
                event.by_system().at_location(self.location).of_act(act),
                &mut self.trail,
            )?;
        }
        Ok(true)
    }
}
