//! Refuse a change, or take it back: nothing of it is applied; records that it made go back to draft.

use super::approve::sign;
use super::change::{ChangeCommand, ChangeKind, ChangeStatus};
use super::{apply, change_data, repo};
use crate::shared::{required_text, text};
use quartermaster_tenants::event::Event;
use quartermaster_tenants::{Flight, Op, Outcome, Refusal, Result, TenantTx, Tenants};
use serde_json::json;
use uuid::Uuid;

/// Pending → Rejected, with the reason.
///
/// # Errors
/// Refusals of authority, version, state, segregation of duties; a missing reason.
pub async fn reject(
    db: &Tenants,
    op: &Op,
    kind: ChangeKind,
    id: Uuid,
    reason: &str,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    let reason = required_text(&["reason"], reason, 500);
    end(
        db,
        op,
        kind,
        id,
        (ChangeCommand::Reject, ChangeStatus::Rejected),
        reason,
        expected_version,
    )
    .await
}

/// Pending (or an unfinished import) → Withdrawn.
///
/// # Errors
/// Refusals of authority, version, state.
pub async fn withdraw(
    db: &Tenants,
    op: &Op,
    kind: ChangeKind,
    id: Uuid,
    reason: Option<&str>,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    let reason = text(&["reason"], reason.unwrap_or_default(), 500);
    end(
        db,
        op,
        kind,
        id,
        (ChangeCommand::Withdraw, ChangeStatus::Withdrawn),
        reason,
        expected_version,
    )
    .await
}

async fn end(
    db: &Tenants,
    op: &Op,
    kind: ChangeKind,
    id: Uuid,
    (command, status): (ChangeCommand, ChangeStatus),
    reason: Result<String, Refusal>,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let (mut change, suppliers) = repo::load_for_update(&mut tx, kind, id).await?;
    let mut reads = Flight::new();
    let at = apply::reads(op, &change, &mut reads);
    let subject = change.subject().of_suppliers(suppliers);
    let (mut facts, landing) = tx.facts(subject, &[kind.duty(command)], reads).await?;
    let mut writes = Flight::new();
    let act = sign(&mut facts, &tx, &change, command, expected_version, &mut writes)?;
    let reason = reason?;
    change.decide(status, op.account, Some(reason.clone()).filter(|r| !r.is_empty()));
    change.trail.touch();
    let mut data = change_data(&change);
    data["reason"] = json!(change.reason);
    tx.record(
        Event::new(kind.event(status), kind.as_str(), id, data).of_act(act),
        &mut change.trail,
    )?;
    repo::update(&tx, &change, &mut writes)?;
    apply::back_to_draft(&mut tx, &change, &landing, &at, &mut writes)?;
    let outcome = Outcome::done(id, change.trail.version);
    tx.commit(writes, outcome).await
}
