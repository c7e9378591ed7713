//! Where a supplier's money goes: entered by one, verified by another over a second route, never shown again.

pub use super::bank_row::{BankChangeCommand, BankChangeStatus, BankDetails};
use crate::sealing::{self, Ring};
use crate::shared::{SupplierBankChangeId, SupplierId, required_text};
use quartermaster_tenants::act::{Standing, Subject};
use quartermaster_tenants::event::{Event, Trail};
use quartermaster_tenants::policy::{DocumentKind, Duty, duty};
use quartermaster_tenants::tx::Flight;
use quartermaster_tenants::{Op, Outcome, Refusal, Result, TenantTx, Tenants, error::Code, params};
use serde_json::{Value, json};
use uuid::Uuid;

const SUPPLIER: &str = "SELECT s.status, (SELECT count(*) FROM qm.supplier_bank_change b WHERE b.tenant_id = $1 AND b.supplier_id = s.id AND b.status = 'PENDING') AS pending \
    FROM qm.supplier s WHERE s.tenant_id = $1 AND s.id = $2 FOR UPDATE OF s";
const INSERT: &str = "INSERT INTO qm.supplier_bank_change (tenant_id, id, supplier_id, status, sealed, key_id, mask, country, proposer_account_id, round, version, event_sequence, event_hash, created_at, updated_at) \
    VALUES ($1, $2, $3, 'PENDING', $4, $5, $6, $7, $8, 1, $9, $10, $11, $12, $12)";
const LOCK: &str = "SELECT b.supplier_id, b.status, b.mask, b.country, b.version, b.event_sequence, b.event_hash FROM qm.supplier_bank_change b WHERE b.tenant_id = $1 AND b.id = $2 FOR UPDATE";
const UPDATE: &str = "UPDATE qm.supplier_bank_change b SET status = $3, decider_account_id = $4, verified_by = $5, reason = $6, version = $7, event_sequence = $8, event_hash = $9, updated_at = $10 \
    WHERE b.tenant_id = $1 AND b.id = $2";
const ACTIVATE: &str = "INSERT INTO qm.supplier_bank AS k (tenant_id, id, change_id, sealed, key_id, mask, country, updated_at) \
    SELECT b.tenant_id, b.supplier_id, b.id, b.sealed, b.key_id, b.mask, b.country, $3 FROM qm.supplier_bank_change b WHERE b.tenant_id = $1 AND b.id = $2 \
    ON CONFLICT (tenant_id, id) DO UPDATE SET change_id = excluded.change_id, sealed = excluded.sealed, key_id = excluded.key_id, mask = excluded.mask, country = excluded.country, updated_at = excluded.updated_at";

fn data(status: BankChangeStatus, supplier: Uuid) -> Value {
    json!({ "status": status.as_str(), "supplierId": supplier })
}

/// Proposes bank details. They are sealed with the tenant's key before they leave this process.
///
/// # Errors
/// Refusals of the input, of authority, of segregation of duties; another change that waits.
pub async fn propose(db: &Tenants, op: &Op, ring: &Ring, supplier: SupplierId, bank: &BankDetails) -> Result<Outcome> {
    let key = sealing::sealing(db, op, ring).await?;
    let mut tx = TenantTx::begin(db, op).await?;
    let id = SupplierBankChangeId::fresh();
    let mut flight = Flight::new();
    let row = flight.rows(SUPPLIER, params![op.tenant.0, supplier.0]);
    let landing = tx.fly(flight).await?;
    let row = landing
        .optional(row)
        .ok_or_else(|| Refusal::not_found(&["supplierId"], "supplier"))?;
    let subject = Subject::new(DocumentKind::SupplierBankChange, id).of_supplier(supplier.0);
    let (mut facts, _) = tx.facts(subject, &[Duty::SupBankPropose], Flight::new()).await?;
    let authorized = facts.authorize::<duty::SupBankPropose>(&Standing::new_document())?;
    if row.try_get::<_, &str>("status")? == "CLOSED" {
        return Err(Refusal::new(Code::Inactive, &["supplierId"], "This supplier is closed.").into());
    }
    if row.try_get::<_, i64>("pending")? > 0 {
        return Err(Refusal::new(
            Code::InvalidState,
            &["supplierId"],
            "Another change of the bank details waits.",
        )
        .into());
    }
    let bank = bank.checked()?;
    let sealed = bank.sealed(&key, op.tenant.0, supplier.0)?;
    let act = authorized.act();
    let mut trail = Trail::new();
    let mut writes = Flight::new();
    authorized.sign(&tx, id, 0, &mut writes)?;
    trail.touch();
    let event = Event::new(
        "supplier-sensitive-change-requested",
        "SUPPLIER_BANK_CHANGE",
        id,
        data(BankChangeStatus::Pending, supplier.0),
    );
    tx.record(event.of_act(act), &mut trail)?;
    writes.exec(
        INSERT,
        params![
            op.tenant.0,
            id.0,
            supplier.0,
            sealed,
            key.id().to_owned(),
            bank.mask(),
            bank.country.clone(),
            op.account,
            trail.version,
            trail.sequence,
            trail.hash.clone(),
            tx.now()?
        ],
        1,
    );
    tx.commit(writes, Outcome::done(id, trail.version)).await
}

/// Pending → Approved, and in force: somebody else has checked the details over a second route, which is recorded.
///
/// # Errors
/// Refusals of authority, version, state, segregation of duties; a missing route.
pub async fn verify(
    db: &Tenants,
    op: &Op,
    id: SupplierBankChangeId,
    verified_by: &str,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    decide(db, op, id, BankChangeStatus::Approved, verified_by, expected_version).await
}

/// Pending → Rejected, with the reason. What was in force stays.
///
/// # Errors
/// Refusals of authority, version, state, segregation of duties; a missing reason.
pub async fn reject(
    db: &Tenants,
    op: &Op,
    id: SupplierBankChangeId,
    reason: &str,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    decide(db, op, id, BankChangeStatus::Rejected, reason, expected_version).await
}

async fn decide(
    db: &Tenants,
    op: &Op,
    id: SupplierBankChangeId,
    to: BankChangeStatus,
    said: &str,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut flight = Flight::new();
    let row = flight.rows(LOCK, params![op.tenant.0, id.0]);
    let landing = tx.fly(flight).await?;
    let row = landing
        .optional(row)
        .ok_or_else(|| Refusal::not_found(&["id"], "change"))?;
    let supplier: Uuid = row.try_get("supplier_id")?;
    let word: &str = row.try_get("status")?;
    let status = BankChangeStatus::parse(word)?;
    let mut trail = Trail::from_row(row)?;
    let subject = Subject::new(DocumentKind::SupplierBankChange, id).of_supplier(supplier);
    let (mut facts, _) = tx.facts(subject, &[Duty::SupBankVerify], Flight::new()).await?;
    let versions = expected_version.map(|e| (e, trail.version));
    let authorized = facts.authorize::<duty::SupBankVerify>(&status.standing(versions))?;
    let is_approval = to == BankChangeStatus::Approved;
    let said = required_text(&[if is_approval { "verifiedBy" } else { "reason" }], said, 500)?;
    let act = authorized.act();
    let mut writes = Flight::new();
    authorized.sign(&tx, id, trail.version, &mut writes)?;
    trail.touch();
    let event = if is_approval {
        "supplier-sensitive-change-applied"
    } else {
        "supplier-sensitive-change-refused"
    };
    tx.record(
        Event::new(event, "SUPPLIER_BANK_CHANGE", id, data(to, supplier)).of_act(act),
        &mut trail,
    )?;
    let now = tx.now()?;
    let (route, reason) = if is_approval {
        (Some(said), None)
    } else {
        (None, Some(said))
    };
    writes.exec(
        UPDATE,
        params![
            op.tenant.0,
            id.0,
            to.as_str(),
            op.account,
            route,
            reason,
            trail.version,
            trail.sequence,
            trail.hash.clone(),
            now
        ],
        1,
    );
    if is_approval {
        writes.exec(ACTIVATE, params![op.tenant.0, id.0, now], 1);
    }
    tx.commit(writes, Outcome::done(id, trail.version)).await
}
