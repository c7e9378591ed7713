//! What a look at a deployment asks the database, beside what the server asks at its start (`tx/health.rs`). Reads only.

use crate::error::Result;
use crate::wire::connect;
use tokio_postgres::Row;

/// Tables of which each row is evidence: written once.
const EVIDENCE: [&str; 5] = ["authz_hand", "authz_link", "stock_movement", "event", "policy_version"];

const SERVER: &str = "SELECT current_setting('fsync')::boolean AND current_setting('full_page_writes')::boolean, current_setting('synchronous_commit') <> 'off', \
    current_setting('autovacuum')::boolean, current_setting('max_connections')::bigint - current_setting('superuser_reserved_connections')::bigint, \
    current_setting('server_encoding')";
const UNSECURED: &str = "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'qm' \
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped \
    WHERE c.relkind IN ('r', 'p') AND NOT (c.relrowsecurity AND EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'tenant')) ORDER BY 1";
const UNREADABLE: &str = "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'qm' \
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped \
    WHERE c.relkind IN ('r', 'p') AND NOT has_table_privilege('quartermaster_app', c.oid, 'SELECT') ORDER BY 1";
const WRITABLE: &str = "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'qm' \
    WHERE c.relname = ANY($1) AND has_table_privilege('quartermaster_app', c.oid, 'UPDATE, DELETE, TRUNCATE') ORDER BY 1";
const ISSUERS: &str =
    "SELECT i.issuer, i.jwks_url FROM qm.issuer i WHERE i.status = 'ACTIVE' ORDER BY i.issuer LIMIT 100";
const KEYS_LEFT: &str =
    "SELECT EXISTS (SELECT 1 FROM qm.idempotency i WHERE i.at < clock_timestamp() - interval '26 hours')";
const SEES_MORE: &str = "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'qm' \
    WHERE c.relkind IN ('r', 'p') AND c.relname <> 'event' AND has_table_privilege(current_user, c.oid, 'SELECT') ORDER BY 1";

/// How a database is set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// It survives a crash of the machine.
    pub syncs: bool,
    /// A commit is on the disk before it is answered.
    pub commits_durably: bool,
    /// It cleans up after itself.
    pub vacuums: bool,
    /// Connections for everybody who is no superuser.
    pub connections: u64,
    /// How it keeps text.
    pub encoding: String,
}

/// What of the schema is not as the migrations left it: names of tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalogue {
    /// Without row level security, or without the tenant's policy.
    pub unsecured: Vec<String>,
    /// Not for the serving role to read.
    pub unreadable: Vec<String>,
    /// Evidence that the serving role could change.
    pub writable: Vec<String>,
}

/// How the database is set up, for whoever connects.
///
/// # Errors
/// No connection.
pub async fn server(url: &str) -> Result<Server> {
    let row = connect(url).await?.query_one(SERVER, &[]).await?;
    Ok(Server {
        syncs: row.try_get(0)?,
        commits_durably: row.try_get(1)?,
        vacuums: row.try_get(2)?,
        connections: u64::try_from(row.try_get::<_, i64>(3)?).unwrap_or_default(),
        encoding: row.try_get(4)?,
    })
}

/// What of the schema is not as it should be. A database without one has nothing wrong with it.
///
/// # Errors
/// No connection.
pub async fn catalogue(owner_url: &str) -> Result<Catalogue> {
    let client = connect(owner_url).await?;
    Ok(Catalogue {
        unsecured: names(&client.query(UNSECURED, &[]).await?)?,
        unreadable: names(&client.query(UNREADABLE, &[]).await?)?,
        writable: names(&client.query(WRITABLE, &[&&EVIDENCE[..]]).await?)?,
    })
}

/// The issuers that the directory trusts, with where their keys are, if that is said.
///
/// # Errors
/// No connection.
pub async fn issuers(owner_url: &str) -> Result<Vec<(String, Option<String>)>> {
    let rows = connect(owner_url).await?.query(ISSUERS, &[]).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

/// Are there idempotency keys that a worker would have forgotten?
///
/// # Errors
/// No connection.
pub async fn keys_left(owner_url: &str) -> Result<bool> {
    Ok(connect(owner_url).await?.query_one(KEYS_LEFT, &[]).await?.try_get(0)?)
}

/// What this role may read besides events.
///
/// # Errors
/// No connection.
pub async fn sees_more(relay_url: &str) -> Result<Vec<String>> {
    names(&connect(relay_url).await?.query(SEES_MORE, &[]).await?)
}

fn names(rows: &[Row]) -> Result<Vec<String>> {
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}
