//! What is wrong with a database, said so that a person can put it right: asked at start and by `doctor`.

use super::Tenants;
use crate::error::Result;
use chrono::{DateTime, Utc};
use tokio_postgres::Client;

/// Something that keeps the server from serving safely.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// A short stable word.
    pub code: &'static str,
    /// What is wrong and what to do about it.
    pub sentence: String,
}

const ROLE: &str = "SELECT current_user::text, rolsuper, rolbypassrls, current_setting('server_version_num')::int, \
    (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'qm' AND pg_has_role(current_user, c.relowner, 'USAGE')), \
    (SELECT count(*) FROM pg_namespace WHERE nspname = 'qm') \
    FROM pg_roles WHERE rolname = current_user";

/// Looks at the server's role and version. An empty answer means that the server may start.
///
/// # Errors
/// [`crate::Error::Unavailable`] when the database cannot be reached.
pub async fn problems(db: &Tenants) -> Result<Vec<Problem>> {
    look(&**db.connection().await?).await
}

/// The same, through this connection.
pub(super) async fn look(conn: &Client) -> Result<Vec<Problem>> {
    let row = conn.query_one(ROLE, &[]).await?;
    let role: String = row.try_get(0)?;
    let mut out = Vec::new();
    let mut add = |code, sentence: String| out.push(Problem { code, sentence });
    if row.try_get::<_, i32>(3)? < 150_000 {
        add(
            "postgres-too-old",
            "PostgreSQL 15 or later is needed: upgrade the server that DATABASE_APP_URL names.".to_owned(),
        );
    }
    if row.try_get(1)? {
        add(
            "role-superuser",
            format!(
                "The role “{role}” is a superuser and could bypass row level security. Serve as a role made by the migrations, such as quartermaster_app."
            ),
        );
    }
    if row.try_get(2)? {
        add(
            "role-bypasses-rls",
            format!("The role “{role}” has BYPASSRLS. Take it away: ALTER ROLE {role} NOBYPASSRLS."),
        );
    }
    if row.try_get::<_, i64>(4)? > 0 {
        add(
            "role-owns-tables",
            format!(
                "The role “{role}” owns tables (or is a member of the role that does), so row level security does not bind it. Serve as quartermaster_app."
            ),
        );
    }
    if row.try_get::<_, i64>(5)? == 0 {
        add(
            "not-migrated",
            "The database has no Quartermaster schema. Run `quartermaster migrate` first.".to_owned(),
        );
    }
    Ok(out)
}

/// How busy the connections are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// Connections in use.
    pub used: usize,
    /// The most there may be.
    pub most: usize,
    /// Operations that wait for one.
    pub waiting: usize,
}

impl Tenants {
    /// How busy the connections are.
    #[must_use]
    pub fn load(&self) -> Load {
        let status = self.pool.status();
        Load {
            used: status.size.saturating_sub(status.available),
            most: status.max_size,
            waiting: self.queue.waiting() + status.waiting,
        }
    }

    /// What the next user of a connection would find on it: is a transaction open, and which tenant is set. For the test that
    /// drops operations; a healthy connection answers `(false, "")`.
    ///
    /// # Errors
    /// [`crate::Error::Unavailable`] when no connection is free in time.
    pub async fn probe(&self) -> Result<(bool, String)> {
        let conn = self.connection().await?;
        let row = conn
            .query_one(
                "SELECT coalesce(current_setting('app.tenant_id', true), ''), (SELECT count(*) FROM qm.purchase_order)",
                &[],
            )
            .await?;
        let seen: i64 = row.try_get(1)?;
        // Outside a transaction each statement is one of its own, with a start of its own.
        let start = "SELECT transaction_timestamp()";
        let first: chrono::DateTime<chrono::Utc> = conn.query_one(start, &[]).await?.try_get(0)?;
        let second: chrono::DateTime<chrono::Utc> = conn.query_one(start, &[]).await?.try_get(0)?;
        Ok((seen > 0 || first == second, row.try_get(0)?))
    }
}

/// The database's clock.
///
/// # Errors
/// [`crate::Error::Unavailable`] when the database cannot be reached.
pub async fn database_time(db: &Tenants) -> Result<DateTime<Utc>> {
    let conn = db.connection().await?;
    Ok(conn.query_one("SELECT clock_timestamp()", &[]).await?.try_get(0)?)
}
