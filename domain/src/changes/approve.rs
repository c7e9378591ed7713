//! Approve a change: it is applied in the same transaction.

use super::apply;
use super::change::{Change, ChangeCommand, ChangeKind, ChangeStatus};
use super::{change_data, repo};
use quartermaster_tenants::act::Facts;
use quartermaster_tenants::event::Event;
use quartermaster_tenants::policy::{DutyType, duty};
use quartermaster_tenants::{Flight, Op, Outcome, Result, TenantTx, Tenants};
use uuid::Uuid;

/// Pending → Approved; its records are as it says from now on.
///
/// # Errors
/// Refusals of authority, version, state, segregation of duties; of what has changed since it was proposed.
pub async fn approve(
    db: &Tenants,
    op: &Op,
    kind: ChangeKind,
    id: Uuid,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let (mut change, suppliers) = repo::load_for_update(&mut tx, kind, id).await?;
    let mut reads = Flight::new();
    let at = apply::reads(op, &change, &mut reads);
    let subject = change.subject().of_suppliers(suppliers);
    let (mut facts, landing) = tx.facts(subject, &[kind.duty(ChangeCommand::Approve)], reads).await?;
    let mut writes = Flight::new();
    let act = sign(
        &mut facts,
        &tx,
        &change,
        ChangeCommand::Approve,
        expected_version,
        &mut writes,
    )?;
    change.decide(ChangeStatus::Approved, op.account, None);
    change.trail.touch();
    let event = Event::new(kind.event(change.status), kind.as_str(), id, change_data(&change));
    tx.record(event.of_act(act), &mut change.trail)?;
    repo::update(&tx, &change, &mut writes)?;
    apply::writes(&mut tx, &change, &landing, &at, &mut writes)?;
    let outcome = Outcome::done(id, change.trail.version);
    tx.commit(writes, outcome).await
}

/// Authorizes a command on a stored change and signs it.
pub(super) fn sign(
    facts: &mut Facts,
    tx: &TenantTx<'_>,
    change: &Change,
    command: ChangeCommand,
    expected_version: Option<i32>,
    writes: &mut Flight,
) -> Result<Uuid> {
    fn with<D: DutyType>(
        facts: &mut Facts,
        tx: &TenantTx<'_>,
        change: &Change,
        command: ChangeCommand,
        expected: Option<i32>,
        writes: &mut Flight,
    ) -> Result<Uuid> {
        let authorized = facts.authorize::<D>(&change.standing(command, expected))?;
        let act = authorized.act();
        authorized.sign(tx, change.id, change.trail.version, writes)?;
        Ok(act)
    }
    use ChangeCommand as C;
    let sign = match (change.kind, command) {
        (ChangeKind::Supplier, C::Approve | C::Reject) => with::<duty::SupApprove>,
        (ChangeKind::Supplier, C::Add | C::Withdraw) => with::<duty::SupPropose>,
        (ChangeKind::Item, C::Approve | C::Reject) => with::<duty::ItemApprove>,
        (ChangeKind::Item, C::Add | C::Withdraw) => with::<duty::ItemPropose>,
        (ChangeKind::Price, C::Approve | C::Reject) => with::<duty::PriceApprove>,
        (ChangeKind::Price, C::Add | C::Withdraw) => with::<duty::PricePropose>,
    };
    sign(facts, tx, change, command, expected_version, writes)
}
