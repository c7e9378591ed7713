//! Let a machine in by its key.

use crate::account::{nobody, read};
use crate::authenticate::Denied;
use crate::error::{Error, Result};
use crate::id::TenantId;
use crate::identity::api_key::{ApiKey, SecretHash};
use crate::op::Op;
use crate::tx::{Flight, Outcome, TenantTx, Tenants, params};
use chrono::{DateTime, TimeDelta, Utc};
use tokio_postgres::Row;
use uuid::Uuid;

/// A machine that was let in.
#[derive(Debug)]
pub struct Machine {
    /// Who acts.
    pub op: Op,
    /// When its key ends, if it does so by itself.
    pub until: Option<DateTime<Utc>>,
}

/// The key with its machine's account and the account of the person who answers for it. Without such a person there is no row:
/// a key without an owner lets nobody in.
const KEY: &str = "SELECT clock_timestamp() AS at, s.status AS tenant_status, (s.settings->>'registeredDocumentsOnly')::boolean AS registered_only, a.id, a.person_id, a.sponsor_person_id, a.kind, a.status, a.display_name, a.all_locations, a.valid_until, \
    ARRAY(SELECT l.location_id FROM qm.account_location l WHERE l.tenant_id = a.tenant_id AND l.id = a.id) AS locations, \
    k.status AS key_status, k.secret_hash, k.expires_at, k.ends_at, k.scope, k.last_used_at, o.status AS owner_status, o.valid_until AS owner_until \
    FROM qm.api_key k JOIN qm.tenant_setting s ON s.tenant_id = k.tenant_id AND s.id = k.tenant_id JOIN qm.account a ON a.tenant_id = k.tenant_id AND a.id = k.account_id \
    JOIN qm.account o ON o.tenant_id = a.tenant_id AND o.person_id = a.sponsor_person_id WHERE k.tenant_id = $1 AND k.id = $2";
const ROLES: &str = "SELECT r.role, r.valid_from, r.valid_until FROM qm.api_key k JOIN qm.role_assignment r ON r.tenant_id = k.tenant_id AND r.account_id = k.account_id \
    WHERE k.tenant_id = $1 AND k.id = $2 AND r.state = 'APPROVED'";
const USED: &str = "UPDATE qm.api_key k SET last_used_at = $3 WHERE k.tenant_id = $1 AND k.id = $2 AND (k.last_used_at IS NULL OR k.last_used_at <= $4)";

/// The machine of a key. `None` for every key that opens nothing – unknown, of another tenant, with a wrong secret, not approved,
/// revoked, ended: to whoever does not hold an active key's secret they all look the same, and take the same round trip. Only its
/// holder learns that the account, the person who answers for it or the tenant stand in the way.
///
/// # Errors
/// [`Denied`], to the holder of an active key.
pub async fn authenticate(
    db: &Tenants,
    key: &ApiKey,
    clock_offset: TimeDelta,
    request_id: Uuid,
) -> Result<Option<Machine>, Denied> {
    let nobody = nobody(TenantId(key.tenant()), clock_offset, request_id);
    let mut tx = TenantTx::read(db, &nobody).await?;
    let mut reads = Flight::new();
    let found = reads.rows(KEY, params![key.tenant(), key.id()]);
    let roles = reads.rows(ROLES, params![key.tenant(), key.id()]);
    let landing = tx.fly(reads).await?;
    let row = landing.optional(found);
    let Some(Opened { row, until }) = opened(key, row, clock_offset)? else {
        return Ok(None);
    };
    let mut op = read(&nobody, row, landing.get(roles), ["valid_from", "valid_until"])?;
    op.key_scope = column(row, "scope")?;
    let now = tx.set_now(column(row, "at")?);
    let owner_until: Option<DateTime<Utc>> = column(row, "owner_until")?;
    if column::<&str>(row, "owner_status")? != "ACTIVE" || owner_until.is_some_and(|u| u <= now) {
        return Err(Denied::OwnerInactive);
    }
    let last: Option<DateTime<Utc>> = column(row, "last_used_at")?;
    if last.is_none_or(|l| l <= now - minute())
        && let Err(error) = used(tx, key.id()).await
    {
        tracing::warn!(%error, "when a key was last used is not kept");
    }
    Ok(Some(Machine { op, until }))
}

/// The row of an active key, with the moment at which it ends.
struct Opened<'r> {
    row: &'r Row,
    until: Option<DateTime<Utc>>,
}

/// The key, if it is active and the secret is its own.
fn opened<'r>(key: &ApiKey, row: Option<&'r Row>, clock_offset: TimeDelta) -> Result<Option<Opened<'r>>> {
    let stored: Option<Vec<u8>> = row.map(|r| r.try_get("secret_hash")).transpose()?;
    let hash = stored.as_deref().and_then(SecretHash::from_bytes);
    let matches = hash.unwrap_or_else(SecretHash::of_nobody).matches(key);
    let Some(row) = row.filter(|_| matches) else {
        return Ok(None);
    };
    let now = row.try_get::<_, DateTime<Utc>>("at")? + clock_offset;
    let ends: [Option<DateTime<Utc>>; 2] = [row.try_get("expires_at")?, row.try_get("ends_at")?];
    let until = ends.into_iter().flatten().min();
    let active = row.try_get::<_, &str>("key_status")? == "ACTIVE" && until.is_none_or(|u| now < u);
    Ok(active.then_some(Opened { row, until }))
}

/// Notes that the key was used, to the minute: one small write in place of one for each request. No act and no event.
async fn used(tx: TenantTx<'_>, key: Uuid) -> Result<Outcome> {
    let now = tx.now()?;
    let mut writes = Flight::new();
    writes.exec_any(USED, params![tx.op().tenant.0, key, now, now - minute()]);
    tx.commit(writes, Outcome::default()).await
}

fn minute() -> TimeDelta {
    TimeDelta::minutes(1)
}

fn column<'r, T: tokio_postgres::types::FromSql<'r>>(row: &'r Row, name: &str) -> Result<T> {
    row.try_get(name).map_err(Error::from)
}
