//! Master keys change. Everything is done in small transactions, each complete in itself: whoever is killed goes on where he was.

use super::master::Ring;
use super::row::{Unwrapped, unknown};
use crate::shared::seal::{DataKey, Place};
use chrono::{DateTime, Utc};
use quartermaster_tenants::{Error, Result, wire};
use std::collections::HashMap;
use tokio_postgres::{Client, Row, Transaction};
use uuid::Uuid;

/// Rows of one transaction.
const AT_ONCE: i64 = 500;

const KEYLESS: &str = "SELECT DISTINCT f.tenant_id FROM (SELECT b.tenant_id FROM qm.supplier_bank b UNION ALL SELECT c.tenant_id FROM qm.supplier_bank_change c) f \
    WHERE NOT EXISTS (SELECT 1 FROM qm.tenant_key k WHERE k.tenant_id = f.tenant_id AND k.retired_at IS NULL) LIMIT $1";
const MAKE: &str = "INSERT INTO qm.tenant_key (tenant_id, id, wrapped, master_key_id, created_at) \
    SELECT u.tenant, u.id, u.wrapped, $4, $5 FROM unnest($1::uuid[], $2::uuid[], $3::bytea[]) u (tenant, id, wrapped) ON CONFLICT DO NOTHING";
const RETIRE: &str = "UPDATE qm.tenant_key k SET retired_at = $2 WHERE k.retired_at IS NULL AND k.created_at < $1";
const WRAPPED_OTHERWISE: &str = "SELECT k.tenant_id, k.id, k.wrapped, k.master_key_id FROM qm.tenant_key k \
    WHERE k.wrapped IS NOT NULL AND k.master_key_id <> $1 ORDER BY k.tenant_id, k.id LIMIT $2 FOR UPDATE";
const WRAP: &str = "UPDATE qm.tenant_key k SET wrapped = u.wrapped, master_key_id = $4 FROM (SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bytea[]) v (tenant, id, wrapped) LIMIT cardinality($1::uuid[])) u \
    WHERE k.tenant_id = u.tenant AND k.id = u.id";
const KEYS: &str = "SELECT k.tenant_id, k.id, k.wrapped, k.master_key_id, k.retired_at IS NULL AS live FROM qm.tenant_key k WHERE k.tenant_id = ANY($1) AND k.wrapped IS NOT NULL";
const BANKS: &str = "SELECT f.tenant_id, f.id, f.id AS document, f.sealed, f.key_id FROM qm.supplier_bank f \
    WHERE (f.tenant_id, f.id) > ($2, $3) AND NOT EXISTS (SELECT 1 FROM qm.tenant_key k WHERE k.tenant_id = f.tenant_id AND k.id::text = f.key_id AND (k.retired_at IS NULL OR k.wrapped IS NULL)) \
    ORDER BY f.tenant_id, f.id LIMIT $1 FOR UPDATE";
const CHANGES: &str = "SELECT f.tenant_id, f.id, f.supplier_id AS document, f.sealed, f.key_id FROM qm.supplier_bank_change f \
    WHERE (f.tenant_id, f.id) > ($2, $3) AND NOT EXISTS (SELECT 1 FROM qm.tenant_key k WHERE k.tenant_id = f.tenant_id AND k.id::text = f.key_id AND (k.retired_at IS NULL OR k.wrapped IS NULL)) \
    ORDER BY f.tenant_id, f.id LIMIT $1 FOR UPDATE";
const SEAL_BANKS: &str = "UPDATE qm.supplier_bank f SET sealed = u.sealed, key_id = u.key FROM (SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::text[]) v (tenant, id, sealed, key) LIMIT cardinality($1::uuid[])) u \
    WHERE f.tenant_id = u.tenant AND f.id = u.id";
const SEAL_CHANGES: &str = "UPDATE qm.supplier_bank_change f SET sealed = u.sealed, key_id = u.key FROM (SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::text[]) v (tenant, id, sealed, key) LIMIT cardinality($1::uuid[])) u \
    WHERE f.tenant_id = u.tenant AND f.id = u.id";

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rotated {
    /// Tenants' keys that were made.
    pub made: u64,
    /// Tenants' keys that were wrapped with the current master key.
    pub wrapped: u64,
    /// Fields that were sealed anew with their tenant's key.
    pub sealed: u64,
}

/// Wraps every tenant's key with the current master key, and seals with its tenant's key what is sealed otherwise. Tenants' keys
/// that were made before `retired` are replaced as well.
///
/// # Errors
/// What the database said; a master key that something needs and nobody has. What was done until then stays.
pub async fn rotate(owner_url: &str, ring: &Ring, retired: Option<DateTime<Utc>>) -> Result<Rotated> {
    let mut client = wire::connect(owner_url).await?;
    let mut done = Rotated::default();
    if let Some(before) = retired {
        let now = wire::time(&client).await?;
        client.execute(RETIRE, &[&before, &now]).await?;
    }
    while let made @ 1.. = make(&client, ring).await? {
        done.made += made;
    }
    while let wrapped @ 1.. = wrap(&mut client, ring).await? {
        done.wrapped += wrapped;
    }
    for (look, write) in [(BANKS, SEAL_BANKS), (CHANGES, SEAL_CHANGES)] {
        // From the front to the back: each row is looked at once, however many there are.
        let mut after = (Uuid::nil(), Uuid::nil());
        while let sealed @ 1.. = seal(&mut client, ring, (look, write), &mut after).await? {
            done.sealed += sealed;
        }
    }
    Ok(done)
}

/// Rows in columns, as statements take them.
#[derive(Default)]
struct Columns {
    tenants: Vec<Uuid>,
    ids: Vec<Uuid>,
    bytes: Vec<Vec<u8>>,
    keys: Vec<String>,
}

async fn make(client: &Client, ring: &Ring) -> Result<u64> {
    let mut new = Columns::default();
    for row in client.query(KEYLESS, &[&AT_ONCE]).await? {
        let tenant = row.try_get(0)?;
        let key = Unwrapped::fresh(tenant)?;
        new.tenants.push(tenant);
        new.ids.push(key.id());
        new.bytes.push(key.wrapped(ring)?);
    }
    let (master, now) = (ring.current().id(), wire::time(client).await?);
    Ok(client
        .execute(MAKE, &[&new.tenants, &new.ids, &new.bytes, &master, &now])
        .await?)
}

async fn wrap(client: &mut Client, ring: &Ring) -> Result<u64> {
    let tx = client.transaction().await?;
    let master = ring.current().id();
    let mut new = Columns::default();
    for row in tx.query(WRAPPED_OTHERWISE, &[&master, &AT_ONCE]).await? {
        let key = read(ring, &row)?;
        new.tenants.push(row.try_get(0)?);
        new.ids.push(key.id());
        new.bytes.push(key.wrapped(ring)?);
    }
    let wrapped = tx.execute(WRAP, &[&new.tenants, &new.ids, &new.bytes, &master]).await?;
    tx.commit().await?;
    Ok(wrapped)
}

async fn seal(client: &mut Client, ring: &Ring, (look, write): (&str, &str), after: &mut (Uuid, Uuid)) -> Result<u64> {
    let tx = client.transaction().await?;
    let rows = tx.query(look, &[&AT_ONCE, &after.0, &after.1]).await?;
    let tenants = rows.iter().map(|r| r.try_get(0)).collect::<Result<Vec<Uuid>, _>>()?;
    let keys = Keys::of(&tx, ring, &tenants).await?;
    let mut new = Columns::default();
    for row in rows {
        let (tenant, id): (Uuid, Uuid) = (row.try_get(0)?, row.try_get(1)?);
        let place = Place {
            tenant,
            document: row.try_get(2)?,
            field: "bank",
        };
        let text = keys.find(ring, row.try_get(4)?)?.open(place, row.try_get(3)?);
        let text = text.map_err(|e| Error::Internal(format!("bank details of {id} in tenant {tenant}: {e}")))?;
        let live = keys
            .live
            .get(&tenant)
            .ok_or_else(|| Error::internal("a tenant without a key"))?;
        *after = (tenant, id);
        new.tenants.push(tenant);
        new.ids.push(id);
        new.bytes.push(live.seal(place, &text).map_err(Error::internal)?);
        new.keys.push(live.id().to_owned());
    }
    let sealed = tx
        .execute(write, &[&new.tenants, &new.ids, &new.bytes, &new.keys])
        .await?;
    tx.commit().await?;
    Ok(sealed)
}

/// The keys of some tenants.
struct Keys {
    live: HashMap<Uuid, DataKey>,
    all: HashMap<String, DataKey>,
}

impl Keys {
    async fn of(tx: &Transaction<'_>, ring: &Ring, tenants: &[Uuid]) -> Result<Self> {
        let (mut live, mut all) = (HashMap::new(), HashMap::new());
        for row in tx.query(KEYS, &[&tenants]).await? {
            let key = read(ring, &row)?.key()?;
            if row.try_get(4)? {
                live.insert(row.try_get(0)?, key.clone());
            }
            all.insert(key.id().to_owned(), key);
        }
        Ok(Self { live, all })
    }

    /// A tenant's key; or a master key, for what was sealed before tenants had keys.
    fn find<'k>(&'k self, ring: &'k Ring, id: &str) -> Result<&'k DataKey> {
        self.all.get(id).or_else(|| ring.find(id)).ok_or_else(|| unknown(id))
    }
}

fn read(ring: &Ring, row: &Row) -> Result<Unwrapped> {
    Unwrapped::of(ring, row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?)
}
