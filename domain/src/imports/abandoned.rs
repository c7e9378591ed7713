//! End what nobody reads any more: imports whose process was killed hold drafts, and drafts hold records.

use super::{SILENCE, fail};
use quartermaster_tenants::{Flight, Op, Result, TenantTx, Tenants, params};
use uuid::Uuid;

const SILENT: &str = "SELECT j.id FROM qm.import_job j WHERE j.tenant_id = $1 AND j.state = 'READING' AND j.updated_at < $2 AND j.id <> $3 ORDER BY j.id LIMIT 20";

/// Ends the tenant's imports that have not moved for [`SILENCE`].
pub(super) async fn end(db: &Tenants, op: &Op, but: Uuid) -> Result<()> {
    let mut tx = TenantTx::read(db, op).await?;
    let since = tx.clock().await? - SILENCE;
    let mut flight = Flight::new();
    let silent = flight.rows(SILENT, params![op.tenant.0, since, but]);
    let landing = tx.fly(flight).await?;
    let ids: Vec<Uuid> = landing
        .get(silent)
        .iter()
        .map(|r| Ok(r.try_get(0)?))
        .collect::<Result<_>>()?;
    drop(tx);
    for id in ids {
        fail::fail(db, op, id, "The upload broke off: its server stopped.", Some(since)).await?;
    }
    Ok(())
}
