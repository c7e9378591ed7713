//! Stop ordering from a supplier at once, and go on: the supplier's standing is locked against orders released at the same moment.

use super::supplier::SupplierStatus;
use crate::shared::{SupplierId, required_text};
use quartermaster_tenants::act::{Standing, Subject};
use quartermaster_tenants::event::{Event, Trail};
use quartermaster_tenants::policy::{DocumentKind, Duty, duty};
use quartermaster_tenants::{Flight, Op, Outcome, Refusal, Result, TenantTx, Tenants, params};
use serde_json::json;

const STATUS: &str = "SELECT s.status FROM qm.supplier s WHERE s.tenant_id = $1 AND s.id = $2";
const LOCK: &str = "SELECT s.status, s.version, s.event_sequence, s.event_hash FROM qm.supplier s WHERE s.tenant_id = $1 AND s.id = $2 FOR UPDATE";
const UPDATE: &str = "UPDATE qm.supplier s SET status = $3, hold_reason = $4, version = $5, event_sequence = $6, event_hash = $7, updated_at = $8 WHERE s.tenant_id = $1 AND s.id = $2";

/// Active → OnHold, with the reason.
///
/// # Errors
/// Refusals of authority, version, state; a missing reason.
pub async fn hold(
    db: &Tenants,
    op: &Op,
    id: SupplierId,
    reason: &str,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    turn(db, op, id, Some(reason), expected_version).await
}

/// OnHold → Active.
///
/// # Errors
/// Refusals of authority, version, state.
pub async fn release(db: &Tenants, op: &Op, id: SupplierId, expected_version: Option<i32>) -> Result<Outcome> {
    turn(db, op, id, None, expected_version).await
}

/// The commands that this state allows to somebody.
fn allowed(status: SupplierStatus) -> Vec<String> {
    match status {
        SupplierStatus::Active => vec![
            "supplierHold".to_owned(),
            "supplierUpdate".to_owned(),
            "supplierClose".to_owned(),
        ],
        SupplierStatus::OnHold => vec![
            "supplierRelease".to_owned(),
            "supplierUpdate".to_owned(),
            "supplierClose".to_owned(),
        ],
        SupplierStatus::Draft => vec!["supplierCreate".to_owned()],
        SupplierStatus::PendingApproval => vec!["supplierChangeApprove".to_owned(), "supplierChangeReject".to_owned()],
        SupplierStatus::Closed => vec![],
    }
}

async fn turn(
    db: &Tenants,
    op: &Op,
    id: SupplierId,
    reason: Option<&str>,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut flight = Flight::new();
    let there = flight.rows(STATUS, params![op.tenant.0, id.0]);
    let landing = tx.fly(flight).await?;
    landing
        .optional(there)
        .ok_or_else(|| Refusal::not_found(&["id"], "supplier"))?;
    // The row is locked after the standing: releasing an order takes them in the same order.
    let mut reads = Flight::new();
    let locked = reads.rows(LOCK, params![op.tenant.0, id.0]);
    let mut subject = Subject::new(DocumentKind::SupplierChange, id).of_supplier(id.0);
    subject.supplier_standing = Some(true);
    let (mut facts, landing) = tx.facts(subject, &[Duty::SupBlock], reads).await?;
    let row = landing.one(locked)?;
    let word: &str = row.try_get("status")?;
    let status = SupplierStatus::parse(word)?;
    let mut trail = Trail::from_row(row)?;
    let (from, to, event) = match reason {
        Some(_) => (SupplierStatus::Active, SupplierStatus::OnHold, "supplier-held"),
        None => (SupplierStatus::OnHold, SupplierStatus::Active, "supplier-released"),
    };
    let authorized = facts.authorize::<duty::SupBlock>(&Standing {
        state: status.as_str().to_owned(),
        control: status.control(),
        permits: status == from,
        allowed: allowed(status),
        versions: expected_version.map(|e| (e, trail.version)),
        ..Standing::default()
    })?;
    let reason = reason.map(|r| required_text(&["reason"], r, 500)).transpose()?;
    let act = authorized.act();
    let mut writes = Flight::new();
    authorized.sign(&tx, id, trail.version, &mut writes)?;
    trail.touch();
    let data = json!({ "status": to.as_str(), "reason": reason });
    tx.record(Event::new(event, "SUPPLIER", id, data).of_act(act), &mut trail)?;
    writes.exec(
        UPDATE,
        params![
            op.tenant.0,
            id.0,
            to.as_str(),
            reason,
            trail.version,
            trail.sequence,
            trail.hash.clone(),
            tx.now()?
        ],
        1,
    );
    tx.commit(writes, Outcome::done(id, trail.version)).await
}
