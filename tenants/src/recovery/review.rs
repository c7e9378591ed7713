//! The partner reads what the platform decided.

use super::proposal::RecoveryCommand;
use super::repo;
use crate::act::NoHand;
use crate::directory::{Directory, PartnerOp, founding_op};
use crate::error::Result;
use crate::id::{AdministratorRecoveryId, TenantId};
use crate::input::optional_text;
use crate::operators::own_side::own_tenant;
use crate::policy::Duty;
use crate::tx::{Flight, Outcome, TenantTx, Tenants};
use serde_json::json;
use uuid::Uuid;

/// Approved by the platform → the same, reviewed by an administrator of the partner. Also by the one who proposed: a partner may
/// have one administrator only, and two people decided who are neither he nor the new administrator.
///
/// # Errors
/// Refusals of authority, version and state: what the tenant's own administrator approved needs no review.
pub async fn review(
    directory: &Directory,
    db: &Tenants,
    by: &PartnerOp,
    tenant: TenantId,
    id: AdministratorRecoveryId,
    note: Option<&str>,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    let note = optional_text(&["note"], note, 500)?;
    let directory_tx = by.begin(directory, db, Duty::PtnTenantCreate).await?;
    own_tenant(&directory_tx, by, tenant).await?;
    let op = founding_op(by, tenant);
    let mut tx = TenantTx::begin(db, &op).await?;
    let mut recovery = repo::lock(&mut tx, id).await?;
    let before = recovery.trail.version;
    let now = tx.clock().await?;
    recovery.standing(RecoveryCommand::Review, expected_version).check()?;

    recovery.review = Some((by.person, note, now));
    recovery.trail.touch();
    let mut writes = Flight::new();
    repo::record(
        &mut tx,
        "administrator-recovery-reviewed",
        &mut recovery,
        Uuid::now_v7(),
    )?;
    // Who reads gives nobody anything.
    repo::update(&tx, NoHand, &recovery, before, &mut writes)?;
    let data = json!({ "administratorRecoveryId": id.to_string() });
    directory_tx
        .record(by, "administrator-recovery-reviewed", Some(tenant), data)
        .await?;
    let done = Outcome::done(recovery.id, recovery.trail.version);
    let outcome = tx.commit(writes, done).await?;
    directory_tx.finish(by, outcome).await
}
