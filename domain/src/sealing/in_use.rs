//! Which master keys are still needed.

use quartermaster_tenants::{Result, wire};

const IN_USE: &str = "SELECT m.key, sum(m.tenant_keys)::bigint, sum(m.fields)::bigint FROM ( \
    SELECT k.master_key_id AS key, count(*) AS tenant_keys, 0 AS fields FROM qm.tenant_key k WHERE k.wrapped IS NOT NULL GROUP BY 1 \
    UNION ALL SELECT f.key_id, 0, count(*) FROM (SELECT b.key_id FROM qm.supplier_bank b UNION ALL SELECT c.key_id FROM qm.supplier_bank_change c) f \
    WHERE length(f.key_id) = 8 GROUP BY 1) m GROUP BY m.key ORDER BY m.key";

/// What a master key is needed for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InUse {
    /// Its id: the beginning of its digest.
    pub key: String,
    /// Tenants' keys that it wraps.
    pub tenant_keys: i64,
    /// Fields that it sealed itself, before tenants had keys.
    pub fields: i64,
}

/// The master keys that something in the database needs, over all tenants: as the owner.
///
/// # Errors
/// What the database said.
pub async fn in_use(owner_url: &str) -> Result<Vec<InUse>> {
    let rows = wire::connect(owner_url).await?.query(IN_USE, &[]).await?;
    rows.iter()
        .map(|row| {
            Ok(InUse {
                key: row.try_get(0)?,
                tenant_keys: row.try_get(1)?,
                fields: row.try_get(2)?,
            })
        })
        .collect()
}
