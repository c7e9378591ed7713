//! The key that a tenant seals with.

use super::master::Ring;
use super::row::{Unwrapped, unknown};
use crate::shared::seal::{DataKey, Place};
use quartermaster_tenants::tx::Flight;
use quartermaster_tenants::{Error, Op, Outcome, Result, TenantTx, Tenants, params};
use uuid::Uuid;

const LIVE: &str =
    "SELECT k.id, k.wrapped, k.master_key_id FROM qm.tenant_key k WHERE k.tenant_id = $1 AND k.retired_at IS NULL";
const BY_ID: &str = "SELECT k.id, k.wrapped, k.master_key_id FROM qm.tenant_key k WHERE k.tenant_id = $1 AND k.id = $2";
const INSERT: &str = "INSERT INTO qm.tenant_key (tenant_id, id, wrapped, master_key_id, created_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";

/// The key that new fields of the tenant are sealed with.
///
/// # Errors
/// What the database said; a master key that the deployment does not have.
pub async fn sealing(db: &Tenants, op: &Op, ring: &Ring) -> Result<DataKey> {
    if let Some(key) = live(db, op, ring).await? {
        return Ok(key);
    }
    // Of several that make the first one at the same time, one stays.
    let op = &Op {
        idempotency: None,
        ..op.clone()
    };
    let mut tx = TenantTx::begin(db, op).await?;
    let fresh = Unwrapped::fresh(op.tenant.0)?;
    let now = tx.clock().await?;
    let mut writes = Flight::new();
    writes.exec_any(
        INSERT,
        params![
            op.tenant.0,
            fresh.id(),
            fresh.wrapped(ring)?,
            ring.current().id().to_owned(),
            now
        ],
    );
    tx.commit(writes, Outcome::default()).await?;
    live(db, op, ring)
        .await?
        .ok_or_else(|| Error::internal("a tenant's key that was just made is not there"))
}

async fn live(db: &Tenants, op: &Op, ring: &Ring) -> Result<Option<DataKey>> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let row = flight.rows(LIVE, params![op.tenant.0]);
    let landing = tx.fly(flight).await?;
    let Some(row) = landing.optional(row) else {
        return Ok(None);
    };
    let (id, wrapped, master): (Uuid, &[u8], &str) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    Unwrapped::of(ring, op.tenant.0, id, wrapped, master)?.key().map(Some)
}

/// What a field of the tenant holds: for what hands it on, such as a payment.
///
/// # Errors
/// What the database said; a key that is not there, or was destroyed; a field of another place.
pub async fn opened(db: &Tenants, op: &Op, ring: &Ring, key: &str, place: Place<'_>, sealed: &[u8]) -> Result<String> {
    let Ok(id) = key.parse::<Uuid>() else {
        // Sealed before tenants had keys.
        let master = ring.find(key).ok_or_else(|| unknown(key))?;
        return master.open(place, sealed).map_err(Error::internal);
    };
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let row = flight.rows(BY_ID, params![op.tenant.0, id]);
    let landing = tx.fly(flight).await?;
    let row = landing.one(row)?;
    let wrapped: Option<&[u8]> = row.try_get(1)?;
    let wrapped = wrapped.ok_or_else(|| Error::internal("the tenant's key was destroyed"))?;
    let key = Unwrapped::of(ring, op.tenant.0, id, wrapped, row.try_get(2)?)?.key()?;
    key.open(place, sealed).map_err(Error::internal)
}
