//! Moves the stock of an approved adjustment: a system act of the approval, or of the rule that needed none.

use super::adjustment::{Adjustment, AdjustmentStatus};
use super::event;
use crate::inventory::{Posting, Stock};
use quartermaster_tenants::settings::Settings;
use quartermaster_tenants::{Flight, Result, TenantTx};
use uuid::Uuid;

/// Approved → Posted, in the act that approved it.
pub(super) fn post(
    tx: &mut TenantTx<'_>,
    settings: &Settings,
    stock: &mut Stock,
    adjustment: &mut Adjustment,
    act: Uuid,
    writes: &mut Flight,
) -> Result<()> {
    adjustment.status = AdjustmentStatus::Posted;
    let posted = event("stock-adjusted", adjustment).by_system().of_act(act);
    tx.record(posted, &mut adjustment.trail)?;
    let posting = Posting {
        document_kind: "ADJUSTMENT",
        document: adjustment.id.0,
        act,
        field: &["lines"],
        movements: adjustment.movements(),
        allocations: vec![],
    };
    let costs = stock.post(tx, settings, &posting, writes)?;
    for (line, cost) in adjustment.lines.iter_mut().zip(costs) {
        line.moved_cost = Some(cost);
    }
    Ok(())
}
