//! Promise the stock of a transfer at the sender, and pick it.

use super::status::TransferCommand;
use super::{event, repo};
use crate::inventory::{Posting, ledger};
use crate::shared::TransferId;
use quartermaster_tenants::policy::{Duty, duty};
use quartermaster_tenants::{Flight, Op, Outcome, Result, TenantTx, Tenants};

/// Approved → Picking: all or nothing of it is promised.
///
/// # Errors
/// Refusals of authority, version, state, segregation of duties; `INSUFFICIENT_STOCK` where less is free than is wanted, unless
/// the tenant flags that.
pub async fn pick(db: &Tenants, op: &Op, id: TransferId, expected_version: Option<i32>) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut transfer = repo::load_for_update(&mut tx, id, repo::Side::From).await?;
    let before = transfer.trail.version;
    let mut reads = Flight::new();
    let locked = ledger::lock(op, transfer.picking_places(), &mut reads);
    let (mut facts, landing) = tx
        .facts(transfer.subject(transfer.from), &[Duty::TrfShip], reads)
        .await?;
    let picked = facts.authorize::<duty::TrfShip>(&transfer.standing(TransferCommand::Pick, expected_version))?;
    let mut stock = ledger::read_locked(&landing, &locked)?;
    let allocations = transfer.pick();
    transfer.trail.touch();
    let started = event("transfer-picking-started", &transfer, transfer.from).of_act(picked.act());
    tx.record(started, &mut transfer.trail)?;
    let mut writes = Flight::new();
    let posting = Posting {
        document_kind: "TRANSFER",
        document: id.0,
        act: picked.act(),
        field: &["id"],
        movements: vec![],
        allocations,
    };
    stock.post(&mut tx, &facts.settings, &posting, &mut writes)?;
    repo::update(&tx, picked, &transfer, before, &mut writes)?;
    tx.commit(writes, Outcome::done(id, transfer.trail.version)).await
}
