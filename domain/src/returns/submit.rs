//! Ask for approval of a return. An amount that needs none is approved at once, by nobody (6.4).

use super::repo;
use super::status::{ReturnCommand, ReturnStatus};
use super::supplier_return::SupplierReturn;
use crate::shared::SupplierReturnId;
use quartermaster_tenants::act::{Authorized, Facts};
use quartermaster_tenants::event::Event;
use quartermaster_tenants::policy::{Duty, duty};
use quartermaster_tenants::{Flight, Op, Outcome, Result, TenantTx, Tenants};
use serde_json::json;

/// Draft → InApproval, or Approved when the amount is under the lowest limit.
///
/// # Errors
/// Refusals of authority, version, state, segregation of duties.
pub async fn submit(db: &Tenants, op: &Op, id: SupplierReturnId, expected_version: Option<i32>) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut goods = repo::load_for_update(&mut tx, id).await?;
    let before = goods.trail.version;
    let (mut facts, _) = tx.facts(goods.subject(), &[Duty::RtvCreate], Flight::new()).await?;
    goods.trail.touch();
    let submitted = decide(&mut tx, &mut facts, &mut goods, expected_version.map(|e| (e, before)))?;
    let mut writes = Flight::new();
    repo::update(&tx, submitted, &goods, before, &mut writes)?;
    tx.commit(writes, Outcome::done(id, goods.trail.version)).await
}

/// The act itself, also for a return that is created in the same transaction.
pub(super) fn decide(
    tx: &mut TenantTx<'_>,
    facts: &mut Facts,
    goods: &mut SupplierReturn,
    versions: Option<(i32, i32)>,
) -> Result<Authorized<duty::RtvCreate>> {
    let mut standing = goods.standing(ReturnCommand::Submit, None);
    standing.versions = versions;
    let authorized = facts.authorize::<duty::RtvCreate>(&standing)?;
    let level = facts.level_of(goods.exposure(&facts.settings)?);
    goods.submit(level);
    let mut data = goods.data();
    data["requiredLevel"] = json!(level.get());
    tx.record(
        Event::new("supplier-return-submitted", "SUPPLIER_RETURN", goods.id, data)
            .at_location(goods.location)
            .of_act(authorized.act()),
        &mut goods.trail,
    )?;
    if goods.status == ReturnStatus::Approved {
        let mut data = goods.data();
        data["reason"] = json!("NOT_REQUIRED");
        tx.record(
            Event::new("supplier-return-approved", "SUPPLIER_RETURN", goods.id, data)
                .at_location(goods.location)
                .by_system(),
            &mut goods.trail,
        )?;
    }
    Ok(authorized)
}
