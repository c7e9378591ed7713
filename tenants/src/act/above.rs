//! Acts of people above a tenant – its partner's, the platform's – on documents inside it.
//!
//! They have no account there, so [`super::Facts`] cannot be read for them and no `Authorized` is theirs: whether they may is
//! decided above, in the directory, and their hand is written here. Rules inside the tenant then meet it like any other.

use super::Subject;
use super::lock::TAKE_LOCKS;
use crate::error::{Code, Error, Refusal, Result};
use crate::policy::Duty;
use crate::tx::{Flight, TenantTx, params};
use uuid::Uuid;

const STATUS: &str = "SELECT s.status FROM qm.tenant_setting s WHERE s.tenant_id = $1 AND s.id = $1";
const HAND: &str = "INSERT INTO qm.authz_hand AS h (tenant_id, document_id, sequence, act_id, duty, round, person_id, via, policy_version, at) \
    SELECT s.tenant_id, $2, 1 + (SELECT coalesce(max(x.sequence), 0) FROM qm.authz_hand x WHERE x.tenant_id = $1 AND x.document_id = $2), $3, $4, $5, $6, 'actor', s.policy_version, $7 \
    FROM qm.tenant_setting s WHERE s.tenant_id = $1 AND s.id = $1 RETURNING h.sequence";

/// Takes the locks of an act on `subject`, as [`TenantTx::facts`] does, and reads the transaction's time after them.
pub(crate) async fn lock(tx: &mut TenantTx<'_>, subject: &Subject) -> Result<()> {
    let op = tx.op();
    let persons: Vec<Uuid> = op.hands().into_iter().map(|(person, _)| person).collect();
    let (keys, modes) = subject.locks(op.tenant, &persons).arrays();
    let mut flight = Flight::new();
    flight.rows(TAKE_LOCKS, params![keys, modes]);
    tx.fly(flight).await?;
    tx.clock().await?;
    Ok(())
}

/// Nothing begins in a tenant where nobody works.
pub(crate) async fn tenant_is_active(tx: &mut TenantTx<'_>, field: &str) -> Result<()> {
    let mut flight = Flight::new();
    let status = flight.rows(STATUS, params![tx.op().tenant.0]);
    let landing = tx.fly(flight).await?;
    let status: String = landing.optional(status).ok_or(Error::Inactive)?.try_get(0)?;
    if status == "ACTIVE" {
        return Ok(());
    }
    let message = format!("The tenant is {}.", status.to_lowercase());
    Err(Refusal::new(Code::Inactive, &[field], message).into())
}

/// The hand of the person above on a document of the tenant.
pub(crate) fn sign(
    tx: &TenantTx<'_>,
    duty: Duty,
    document: Uuid,
    round: i32,
    act: Uuid,
    writes: &mut Flight,
) -> Result<()> {
    let op = tx.op();
    let row = params![op.tenant.0, document, act, duty.code(), round, op.person, tx.now()?];
    writes.exec(HAND, row, 1);
    Ok(())
}
