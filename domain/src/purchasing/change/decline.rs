//! Refuse a change, or take one's own back: the order stays as it is.

use super::change_order::{ChangeCommand, ChangeOrder, ChangeStatus};
use super::repo;
use crate::shared::{ChangeOrderId, required_text};
use quartermaster_tenants::event::Event;
use quartermaster_tenants::policy::{DutyType, duty};
use quartermaster_tenants::{Error, Flight, Op, Outcome, Refusal, Result, TenantTx, Tenants, error::Code};
use serde_json::json;

/// InApproval → Rejected, with the reason.
///
/// # Errors
/// Refusals of authority, version, state, segregation of duties; a missing reason.
pub async fn reject(
    db: &Tenants,
    op: &Op,
    id: ChangeOrderId,
    reason: &str,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    decline::<duty::CoApprove>(
        db,
        op,
        id,
        reason,
        expected_version,
        (ChangeStatus::Rejected, "purchase-order-change-refused"),
    )
    .await
}

/// InApproval → Withdrawn, by whoever proposed it.
///
/// # Errors
/// Refusals of authority, version, state; a missing reason; somebody else's proposal.
pub async fn withdraw(
    db: &Tenants,
    op: &Op,
    id: ChangeOrderId,
    reason: &str,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    decline::<duty::CoCreate>(
        db,
        op,
        id,
        reason,
        expected_version,
        (ChangeStatus::Withdrawn, "purchase-order-change-withdrawn"),
    )
    .await
}

async fn decline<D: DutyType>(
    db: &Tenants,
    op: &Op,
    id: ChangeOrderId,
    reason: &str,
    expected: Option<i32>,
    (to, kind): (ChangeStatus, &'static str),
) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let (mut change, order) = repo::load_for_update(&mut tx, id).await?;
    let before = change.trail.version;
    let (mut facts, _) = tx.facts(change.subject(&order), &[D::DUTY], Flight::new()).await?;
    let command = if to == ChangeStatus::Withdrawn {
        ChangeCommand::Withdraw
    } else {
        ChangeCommand::Reject
    };
    let authorized = facts.authorize::<D>(&change.standing_for(command, expected))?;
    only_own(&change, op, to)?;
    change.status = to;
    change.decision_reason = Some(required_text(&["reason"], reason, 500)?);
    change.trail.touch();
    let data = json!({ "status": change.status.as_str(), "purchaseOrderId": order.id.to_string(), "reason": change.decision_reason });
    tx.record(
        Event::new(kind, "CHANGE_ORDER", id, data)
            .at_location(order.location)
            .of_act(authorized.act()),
        &mut change.trail,
    )?;
    let mut writes = Flight::new();
    repo::update(&tx, authorized, &change, before, &mut writes)?;
    tx.commit(writes, Outcome::done(id, change.trail.version)).await
}

fn only_own(change: &ChangeOrder, op: &Op, to: ChangeStatus) -> Result<(), Error> {
    if to == ChangeStatus::Withdrawn && !change.is_own(op.account) {
        return Err(Refusal::new(
            Code::Forbidden,
            &["id"],
            "Only whoever proposed a change can take it back.",
        )
        .into());
    }
    Ok(())
}
