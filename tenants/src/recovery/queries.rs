//! What can be asked about recoveries: by the tenant, by its partner, and by the platform, each about one at a time above it.

use super::proposal::Recovery;
use super::repo;
use crate::directory::{Directory, PartnerOp, PlatformOp, founding_op};
use crate::error::Result;
use crate::id::{AdministratorRecoveryId, TenantId};
use crate::listing::{Listing, Order, Page, Window};
use crate::op::Op;
use crate::operators::own_side::own_tenant;
use crate::tx::{Flight, TenantTx, Tenants, params};
use std::collections::HashMap;
use uuid::Uuid;

/// The last made first.
pub const NEWEST: Order = Order::descending("recoveries", "t.id", "uuid");

const BY_IDS: &str = "SELECT t.* FROM qm.administrator_recovery t WHERE t.tenant_id = $1 AND t.id = ANY($2)";

fn listing(op: &Op) -> Listing {
    Listing::new("t.*", "qm.administrator_recovery t", op.tenant.0)
}

/// A page of the tenant's.
///
/// # Errors
/// What the database said.
pub async fn recoveries(db: &Tenants, op: &Op, window: &Window) -> Result<Page<Recovery>> {
    let mut tx = TenantTx::read(db, op).await?;
    listing(op).read(&mut tx, NEWEST, window, repo::recovery).await
}

/// How many.
///
/// # Errors
/// What the database said.
pub async fn count_recoveries(db: &Tenants, op: &Op) -> Result<i64> {
    listing(op).total(&mut TenantTx::read(db, op).await?).await
}

/// Those with these ids.
///
/// # Errors
/// What the database said.
pub async fn recoveries_by_ids(db: &Tenants, op: &Op, ids: &[Uuid]) -> Result<HashMap<Uuid, Recovery>> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let rows = flight.rows(BY_IDS, params![op.tenant.0, ids.to_vec()]);
    let landing = tx.fly(flight).await?;
    let read = |row| repo::recovery(row).map(|r| (r.id, r));
    landing.get(rows).iter().map(read).collect()
}

/// One of a tenant of the partner; `None` where there is none, or the tenant is another's.
///
/// # Errors
/// What the database said.
pub async fn of_partner(
    directory: &Directory,
    db: &Tenants,
    by: &PartnerOp,
    tenant: TenantId,
    id: AdministratorRecoveryId,
) -> Result<Option<Recovery>> {
    let directory_tx = by.begin_as_member(directory).await?;
    let own = own_tenant(&directory_tx, by, tenant).await;
    directory_tx.commit().await?;
    match own {
        Ok(()) => one(db, &founding_op(by, tenant), id).await,
        Err(crate::Error::Refused(_)) => Ok(None),
        Err(other) => Err(other),
    }
}

/// One, for a person of the platform who is to decide it.
///
/// # Errors
/// What the database said.
pub async fn of_platform(
    db: &Tenants,
    by: &PlatformOp,
    tenant: TenantId,
    id: AdministratorRecoveryId,
) -> Result<Option<Recovery>> {
    one(db, &by.inside(tenant), id).await
}

async fn one(db: &Tenants, op: &Op, id: AdministratorRecoveryId) -> Result<Option<Recovery>> {
    Ok(recoveries_by_ids(db, op, &[id.0]).await?.remove(&id.0))
}
