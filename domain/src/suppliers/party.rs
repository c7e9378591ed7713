//! Who is a supplier, owns it or acts for it: a person who is related neither buys from it, nor approves, nor receives (XP-01 to XP-05).

use crate::shared::SupplierId;
use quartermaster_tenants::act::{Standing, Subject};
use quartermaster_tenants::event::{Event, Trail};
use quartermaster_tenants::policy::{DocumentKind, Duty, duty};
use quartermaster_tenants::{Flight, Op, Outcome, Refusal, Result, TenantTx, Tenants, params};
use serde_json::json;
use uuid::Uuid;

const LOCK: &str = "SELECT s.status, s.version, s.event_sequence, s.event_hash FROM qm.supplier s WHERE s.tenant_id = $1 AND s.id = $2 FOR UPDATE";
const MEMBER: &str =
    "SELECT a.person_id FROM qm.account a WHERE a.tenant_id = $1 AND a.id = $2 AND a.person_id IS NOT NULL";
const PARTY: &str = "SELECT p.since FROM qm.supplier_party p JOIN qm.account a ON a.tenant_id = p.tenant_id AND a.person_id = p.person_id \
    WHERE p.tenant_id = $1 AND p.supplier_id = $2 AND a.id = $3";
const ADD: &str = "INSERT INTO qm.supplier_party (tenant_id, supplier_id, person_id, since) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
const REMOVE: &str =
    "DELETE FROM qm.supplier_party p WHERE p.tenant_id = $1 AND p.supplier_id = $2 AND p.person_id = $3";
const UPDATE: &str = "UPDATE qm.supplier s SET version = $3, event_sequence = $4, event_hash = $5, updated_at = $6 WHERE s.tenant_id = $1 AND s.id = $2";

/// Records that a member's person is a related party of a supplier.
///
/// # Errors
/// Refusals of authority; an unknown supplier or member.
pub async fn party_add(db: &Tenants, op: &Op, id: SupplierId, member: Uuid) -> Result<Outcome> {
    turn(db, op, id, member, true).await
}

/// Records that it is so no more. Only somebody else than the person itself can: that would be its own way out.
///
/// # Errors
/// Refusals of authority; an unknown supplier or member, one who is no related party.
pub async fn party_remove(db: &Tenants, op: &Op, id: SupplierId, member: Uuid) -> Result<Outcome> {
    turn(db, op, id, member, false).await
}

async fn turn(db: &Tenants, op: &Op, id: SupplierId, member: Uuid, add: bool) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut flight = Flight::new();
    let supplier = flight.rows(LOCK, params![op.tenant.0, id.0]);
    let person = flight.rows(MEMBER, params![op.tenant.0, member]);
    let party = flight.rows(PARTY, params![op.tenant.0, id.0, member]);
    let landing = tx.fly(flight).await?;
    let row = landing
        .optional(supplier)
        .ok_or_else(|| Refusal::not_found(&["id"], "supplier"))?;
    let mut trail = Trail::from_row(row)?;
    let person: Option<Uuid> = landing.optional(person).map(|r| r.try_get(0)).transpose()?;
    let mut subject = Subject::new(DocumentKind::SupplierChange, id).of_supplier(id.0);
    subject.affects.extend(person);
    let (mut facts, _) = tx.facts(subject, &[Duty::SupPropose], Flight::new()).await?;
    let authorized = facts.authorize::<duty::SupPropose>(&Standing::new_document())?;
    let person = person.ok_or_else(|| Refusal::not_found(&["memberId"], "member"))?;
    if !add && op.hands().iter().any(|(p, _)| *p == person) {
        return Err(Refusal::invalid(&["memberId"], "You cannot end your own relation to a supplier.").into());
    }
    if !add && landing.optional(party).is_none() {
        return Err(Refusal::not_found(&["memberId"], "related party").into());
    }
    let act = authorized.act();
    let mut writes = Flight::new();
    authorized.sign(&tx, id, trail.version, &mut writes)?;
    trail.touch();
    let event = if add {
        "supplier-party-added"
    } else {
        "supplier-party-removed"
    };
    tx.record(
        Event::new(event, "SUPPLIER", id, json!({ "memberId": member })).of_act(act),
        &mut trail,
    )?;
    if add {
        writes.exec_any(ADD, params![op.tenant.0, id.0, person, tx.now()?]);
    } else {
        writes.exec(REMOVE, params![op.tenant.0, id.0, person], 1);
    }
    writes.exec(
        UPDATE,
        params![
            op.tenant.0,
            id.0,
            trail.version,
            trail.sequence,
            trail.hash.clone(),
            tx.now()?
        ],
        1,
    );
    tx.commit(writes, Outcome::done(id, trail.version)).await
}
