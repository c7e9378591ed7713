//! The SQL of policies' writes: one statement for each table, whatever the number of lines.

use super::policy::{PolicyLine, PolicyStatus, ReplenishmentPolicy};
use crate::shared::ReplenishmentPolicyId;
use quartermaster_tenants::act::Authorized;
use quartermaster_tenants::event::Trail;
use quartermaster_tenants::policy::DutyType;
use quartermaster_tenants::tx::{Flight, TenantTx};
use quartermaster_tenants::{Refusal, Result, params};
use tokio_postgres::Row;
use uuid::Uuid;

const LOCK: &str = "SELECT p.* FROM qm.replenishment_policy p WHERE p.tenant_id = $1 AND p.id = $2 AND ($3::uuid[] IS NULL OR p.location_ids <@ $3) FOR UPDATE";

const INSERT: &str = "INSERT INTO qm.replenishment_policy AS p (tenant_id, id, status, note, location_ids, line_count, proposer_account_id, \
    version, event_sequence, event_hash, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)";

const INSERT_LINES: &str = "INSERT INTO qm.replenishment_policy_line AS l (tenant_id, id, line_number, item_id, location_id, reorder_point, safety_stock) \
    SELECT p.tenant_id, p.id, u.n::int, u.item, u.location, u.reorder_point, u.safety_stock \
    FROM qm.replenishment_policy p, unnest($3::uuid[], $4::uuid[], $5::numeric[], $6::numeric[]) WITH ORDINALITY u (item, location, reorder_point, safety_stock, n) \
    WHERE p.tenant_id = $1 AND p.id = $2";

const UPDATE: &str = "UPDATE qm.replenishment_policy p SET status = $3, decider_account_id = $4, reason = $5, version = $6, event_sequence = $7, event_hash = $8, updated_at = $9 \
    WHERE p.tenant_id = $1 AND p.id = $2";

/// Locks a policy, in the transaction's first flight.
///
/// # Errors
/// `NOT_FOUND` for an id that is nobody's, another tenant's, or about a location outside the caller's scope.
pub(super) async fn load_for_update(tx: &mut TenantTx<'_>, id: ReplenishmentPolicyId) -> Result<ReplenishmentPolicy> {
    let op = tx.op();
    let scope = op.locations.as_param().map(<[Uuid]>::to_vec);
    let mut flight = Flight::new();
    let header = flight.rows(LOCK, params![op.tenant.0, id.0, scope]);
    let landing = tx.fly(flight).await?;
    let header = landing
        .optional(header)
        .ok_or_else(|| Refusal::not_found(&["id"], "replenishment policy"))?;
    read(header)
}

pub(super) fn read(row: &Row) -> Result<ReplenishmentPolicy> {
    Ok(ReplenishmentPolicy {
        id: row.try_get::<_, Uuid>("id")?.into(),
        status: PolicyStatus::parse(row.try_get("status")?)?,
        note: row.try_get("note")?,
        locations: row.try_get("location_ids")?,
        line_count: row.try_get("line_count")?,
        proposer: row.try_get("proposer_account_id")?,
        decider: row.try_get("decider_account_id")?,
        reason: row.try_get("reason")?,
        trail: Trail::from_row(row)?,
    })
}

/// Writes a new policy with its lines.
///
/// # Errors
/// An authorization for something else.
pub(super) fn insert<D: DutyType>(
    tx: &TenantTx<'_>,
    authorized: Authorized<D>,
    p: &ReplenishmentPolicy,
    lines: &[PolicyLine],
    writes: &mut Flight,
) -> Result<()> {
    authorized.sign(tx, p.id, p.trail.version, writes)?;
    let tenant = tx.op().tenant.0;
    writes.exec(
        INSERT,
        params![
            tenant,
            p.id.0,
            p.status.as_str(),
            p.note.clone(),
            p.locations.clone(),
            p.line_count,
            p.proposer,
            p.trail.version,
            p.trail.sequence,
            p.trail.hash.clone(),
            tx.now()?,
        ],
        1,
    );
    macro_rules! column {
        ($f:expr) => {
            lines.iter().map($f).collect::<Vec<_>>()
        };
    }
    writes.exec(
        INSERT_LINES,
        params![
            tenant,
            p.id.0,
            column!(|l| l.item),
            column!(|l| l.location),
            column!(|l| l.reorder_point),
            column!(|l| l.safety_stock),
        ],
        lines.len() as u64,
    );
    Ok(())
}

/// Writes a policy as it is now. Its lines never change.
///
/// # Errors
/// An authorization for something else.
pub(super) fn update<D: DutyType>(
    tx: &TenantTx<'_>,
    authorized: Authorized<D>,
    p: &ReplenishmentPolicy,
    version_before: i32,
    writes: &mut Flight,
) -> Result<()> {
    authorized.sign(tx, p.id, version_before, writes)?;
    writes.exec(
        UPDATE,
        params![
            tx.op().tenant.0,
            p.id.0,
            p.status.as_str(),
            p.decider,
            p.reason.clone(),
            p.trail.version,
            p.trail.sequence,
            p.trail.hash.clone(),
            tx.now()?,
        ],
        1,
    );
    Ok(())
}
