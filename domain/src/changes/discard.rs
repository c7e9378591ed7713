//! Discard a draft that its import could not finish: a system act, nothing of it is applied.

use super::change::{Change, ChangeStatus};
use super::{apply, change_data, repo};
use quartermaster_tenants::event::Event;
use quartermaster_tenants::{Flight, Result, TenantTx};
use serde_json::json;

/// Draft → Withdrawn, with the reason; records that it made are drafts again. The change is locked, the transaction's time known.
pub(crate) async fn discard(tx: &mut TenantTx<'_>, mut change: Change, why: &str, writes: &mut Flight) -> Result<()> {
    let mut reads = Flight::new();
    let at = apply::reads(tx.op(), &change, &mut reads);
    let landing = tx.fly(reads).await?;
    change.status = ChangeStatus::Withdrawn;
    change.reason = Some(why.chars().take(500).collect());
    change.trail.touch();
    let mut data = change_data(&change);
    data["reason"] = json!(change.reason);
    let event = Event::new(change.kind.event(change.status), change.kind.as_str(), change.id, data);
    tx.record(event.by_system(), &mut change.trail)?;
    repo::update(tx, &change, writes)?;
    apply::back_to_draft(tx, &change, &landing, &at, writes)
}
