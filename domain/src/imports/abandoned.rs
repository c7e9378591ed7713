//! End what nobody reads any more: imports whose process was killed hold drafts, and drafts hold records.

use super::job::Job;
use super::{SILENCE, fail};
use quartermaster_tenants::{Flight, Op, Result, TenantTx, Tenants, params};
use uuid::Uuid;

const OTHERS: &str = "SELECT j.id, j.updated_at < $2 AS silent FROM qm.import_job j WHERE j.tenant_id = $1 AND j.state = 'READING' AND j.id <> $3 \
    AND (j.updated_at < $2 OR ($4 AND NOT j.dry_run AND j.account_id = $5 AND j.kind = $6 AND j.begins = $7)) ORDER BY j.id LIMIT 20";

/// Ends the tenant's imports that have not moved for [`SILENCE`], and at once those that this one takes the place of: the same
/// person sends the same file again, and two of them would refuse each other's lines. A dry run takes nobody's place.
pub(super) async fn end(db: &Tenants, op: &Op, job: &Job) -> Result<()> {
    let mut tx = TenantTx::read(db, op).await?;
    let since = tx.clock().await? - SILENCE;
    let mut flight = Flight::new();
    let others = flight.rows(
        OTHERS,
        params![
            op.tenant.0,
            since,
            job.id,
            !job.dry_run,
            job.account,
            job.kind.as_str(),
            job.begins.clone()
        ],
    );
    let landing = tx.fly(flight).await?;
    let found: Vec<(Uuid, bool)> = landing
        .get(others)
        .iter()
        .map(|r| Ok((r.try_get(0)?, r.try_get(1)?)))
        .collect::<Result<_>>()?;
    drop(tx);
    for (id, silent) in found {
        let (why, since) = if silent {
            ("The upload broke off: its server stopped.", Some(since))
        } else {
            ("The same file was sent again.", None)
        };
        fail::fail(db, op, id, why, since).await?;
    }
    Ok(())
}
