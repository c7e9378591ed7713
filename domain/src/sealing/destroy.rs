//! A tenant's keys are destroyed: what they sealed opens for nobody any more, neither here nor in a dump that is made from now on.

use quartermaster_tenants::id::TenantId;
use quartermaster_tenants::{Error, Result, wire};
use uuid::Uuid;

const ELSEWHERE: &str = "SELECT count(*) FROM (SELECT b.key_id FROM qm.supplier_bank b WHERE b.tenant_id = $1 \
    UNION ALL SELECT c.key_id FROM qm.supplier_bank_change c WHERE c.tenant_id = $1) f WHERE length(f.key_id) = 8";
const DESTROY: &str = "UPDATE qm.tenant_key k SET wrapped = NULL, retired_at = coalesce(k.retired_at, $2) \
    WHERE k.tenant_id = $1 AND k.wrapped IS NOT NULL";
const TELL: &str = "INSERT INTO qm.directory_event (id, partner_id, subject_tenant_id, type, at, request_id, data) \
    SELECT $2, t.partner_id, t.id, 'tenant-key-destroyed', $4, $2, json_build_object('keys', $3::bigint) FROM qm.tenant t WHERE t.id = $1";

/// Destroys the keys of a tenant, and says so in the directory's audit. Gives how many there were.
///
/// # Errors
/// What the database said; fields of the tenant that its keys did not seal: rotate first.
pub async fn destroy(owner_url: &str, tenant: TenantId) -> Result<u64> {
    let mut client = wire::connect(owner_url).await?;
    let now = wire::time(&client).await?;
    let tx = client.transaction().await?;
    let elsewhere: i64 = tx.query_one(ELSEWHERE, &[&tenant.0]).await?.try_get(0)?;
    if elsewhere > 0 {
        return Err(Error::Internal(format!(
            "{elsewhere} fields of this tenant are sealed with a master key: run `quartermaster data-key rotate` first"
        )));
    }
    let destroyed = tx.execute(DESTROY, &[&tenant.0, &now]).await?;
    let keys = i64::try_from(destroyed).unwrap_or(i64::MAX);
    tx.execute(TELL, &[&tenant.0, &Uuid::now_v7(), &keys, &now]).await?;
    tx.commit().await?;
    Ok(destroyed)
}
