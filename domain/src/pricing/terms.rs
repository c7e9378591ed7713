//! On which terms a supplier delivers an item: they are the supplier item's, however many prices it has.

use super::price::Price;
use quartermaster_tenants::Result;
use rust_decimal::Decimal;
use std::collections::HashMap;
use tokio_postgres::Row;
use uuid::Uuid;

/// Terms; what is not given is not agreed, or not spoken of.
#[derive(Debug, Clone, Default)]
pub(crate) struct Terms {
    pub supplier_sku: Option<String>,
    pub minimum_order_quantity: Option<Decimal>,
    pub order_multiple: Option<Decimal>,
    pub lead_time_days: Option<i32>,
    pub preference: Option<i16>,
}

impl Terms {
    /// Reads a row of `qm.supplier_item`.
    pub(crate) fn read(row: &Row) -> Result<Self> {
        let positive = |d: Decimal| Some(d.normalize()).filter(|d| !d.is_zero());
        Ok(Self {
            supplier_sku: row.try_get("supplier_sku")?,
            minimum_order_quantity: positive(row.try_get("minimum_quantity")?),
            order_multiple: positive(row.try_get("order_multiple")?),
            lead_time_days: row.try_get("lead_time_days")?,
            preference: row.try_get("preference")?,
        })
    }
}

/// What a price of a list leaves out is as other prices of the list say it, the last of them; else as it stands.
pub(super) fn fill(prices: &mut [Price], mut standing: HashMap<Uuid, Terms>) {
    for p in prices.iter() {
        let terms = standing.entry(p.item_id).or_default();
        say(&mut terms.supplier_sku, &p.supplier_sku);
        say(&mut terms.minimum_order_quantity, &p.minimum_order_quantity);
        say(&mut terms.order_multiple, &p.order_multiple);
        say(&mut terms.lead_time_days, &p.lead_time_days);
        say(&mut terms.preference, &p.preference);
    }
    for p in prices {
        let Some(terms) = standing.get(&p.item_id) else {
            continue;
        };
        leave(&mut p.supplier_sku, &terms.supplier_sku);
        leave(&mut p.minimum_order_quantity, &terms.minimum_order_quantity);
        leave(&mut p.order_multiple, &terms.order_multiple);
        leave(&mut p.lead_time_days, &terms.lead_time_days);
        leave(&mut p.preference, &terms.preference);
    }
}

fn say<T: Clone>(term: &mut Option<T>, said: &Option<T>) {
    if said.is_some() {
        term.clone_from(said);
    }
}

fn leave<T: Clone>(left: &mut Option<T>, stands: &Option<T>) {
    if left.is_none() {
        left.clone_from(stands);
    }
}
