//! Puts the books right: a system act of the approval, or of the rule that needed none.

use super::event;
use super::stock_count::{CountStatus, StockCount};
use crate::inventory::{Posting, Stock};
use quartermaster_tenants::settings::Settings;
use quartermaster_tenants::{Flight, Result, TenantTx};
use uuid::Uuid;

/// Approved → Posted, in the act that approved it.
pub(super) fn post(
    tx: &mut TenantTx<'_>,
    settings: &Settings,
    stock: &mut Stock,
    count: &mut StockCount,
    act: Uuid,
    writes: &mut Flight,
) -> Result<()> {
    count.status = CountStatus::Posted;
    tx.record(
        event("stock-count-posted", count).by_system().of_act(act),
        &mut count.trail,
    )?;
    let movements = count.movements();
    if movements.is_empty() {
        return Ok(());
    }
    let posting = Posting {
        document_kind: "STOCK_COUNT",
        document: count.id.0,
        act,
        field: &["id"],
        movements,
        allocations: vec![],
    };
    stock.post(tx, settings, &posting, writes).map(drop)
}
