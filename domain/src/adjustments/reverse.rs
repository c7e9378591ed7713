//! Take a posted adjustment back: opposite movements at the same cost, by another person than the one who posted it.

use super::adjustment::{AdjustmentCommand, AdjustmentStatus};
use super::{event, repo};
use crate::inventory::{Posting, ledger};
use crate::shared::{AdjustmentId, required_text};
use quartermaster_tenants::error::Code;
use quartermaster_tenants::policy::{Duty, duty};
use quartermaster_tenants::{Flight, Op, Outcome, Refusal, Result, TenantTx, Tenants};

/// Posted → Reversed.
///
/// # Errors
/// Refusals of authority (the level of the value), version, state, segregation of duties, of too little stock.
pub async fn reverse(
    db: &Tenants,
    op: &Op,
    id: AdjustmentId,
    reason: &str,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut adjustment = repo::load_for_update(&mut tx, id).await?;
    let before = adjustment.trail.version;
    let mut reads = Flight::new();
    let locked = ledger::lock(op, adjustment.places(), &mut reads);
    let (mut facts, landing) = tx.facts(adjustment.subject(), &[Duty::StkAdjustApprove], reads).await?;
    let reversed = facts
        .authorize::<duty::StkAdjustApprove>(&adjustment.standing(AdjustmentCommand::Reverse, expected_version))?;
    if adjustment.poster.is_some() && adjustment.poster == op.person {
        return Err(Refusal::new(
            Code::Forbidden,
            &["id"],
            "Whoever posted an adjustment does not take it back.",
        )
        .into());
    }
    adjustment.refusal = Some(required_text(&["reason"], reason, 2000)?);
    adjustment.status = AdjustmentStatus::Reversed;
    adjustment.trail.touch();
    tx.record(
        event("adjustment-reversed", &adjustment).of_act(reversed.act()),
        &mut adjustment.trail,
    )?;
    let mut stock = ledger::read_locked(&landing, &locked)?;
    let mut writes = Flight::new();
    let posting = Posting {
        document_kind: "ADJUSTMENT",
        document: id.0,
        act: reversed.act(),
        field: &["id"],
        movements: adjustment.opposite(),
        allocations: vec![],
    };
    stock.post(&mut tx, &facts.settings, &posting, &mut writes)?;
    repo::update(&tx, reversed, &adjustment, before, &mut writes)?;
    tx.commit(writes, Outcome::done(id, adjustment.trail.version)).await
}
