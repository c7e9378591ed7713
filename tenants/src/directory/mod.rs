//! What is above tenants: partners, their tenants and networks, issuers, logins, persons, branding.
//!
//! | question or verb | file |
//! |---|---|
//! | whose login is this, which tenants and partners has a person, what may an issuer say | `lookups.rs`, `issuers.rs` |
//! | a partner begins: with its first administrator and its issuer, by the platform's operator | `bootstrap.rs` |
//! | may this person of the partner do that | `authority.rs` |
//! | has his idempotency key an answer already | `idempotency.rs` |
//! | a tenant begins with its founders, ready to work; is suspended, resumed, closed | `tenant_create.rs`, `provision.rs`, `tenant_status.rs` |
//! | how much a tenant may ask for in a minute | `quotas.rs` |
//! | franchise networks; lists of a partner, in pages | `networks.rs`, `queries.rs`, `listing.rs` |
//! | what a tenant sees and changes of itself: branding, host names, language | `own.rs` |
//!
//! [`Directory`] holds the pool, [`DirectoryTx`] is the one door: its first statement sets the partner, and row level security
//! does the rest. Before there is a partner or tenant, only the look-ups of the schema answer, each to an exact key.

mod authority;
pub mod bootstrap;
pub mod entities;
mod idempotency;
mod issuers;
mod listing;
mod lookups;
mod networks;
mod own;
mod provision;
mod queries;
mod quotas;
mod tenant_create;
mod tenant_status;

pub use authority::{PartnerOp, PlatformOp};
pub use issuers::Issuers;
pub use lookups::{Branding, FoundIssuer, FoundPartner, FoundTenant, KnownTenant};
pub use networks::network_create;
pub use own::{OwnTenant, TenantChange, own, update};
pub(crate) use provision::founding_op;
pub use queries::{TenantFilter, TenantOrder, TenantRecord, count_tenants, networks, partner, tenant, tenants};
pub use quotas::quota_set;
pub use tenant_create::{FirstLocation, Founder, FounderRole, NewTenant, TenantKind, tenant_create};
pub use tenant_status::{close, resume, suspend};

use crate::error::{Error, Result, is_away, is_broken};
use crate::id::{PartnerId, TenantId};
use crate::wire;
use chrono::{DateTime, TimeDelta, Utc};
use lookups::Known;
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, EntityTrait,
    QueryResult, RuntimeErr, SqlErr, SqlxError, Statement, TransactionTrait, Value,
};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// The pool for the directory, as the application's role.
#[derive(Clone)]
pub struct Directory {
    orm: DatabaseConnection,
    known: Arc<Known>,
}

impl Directory {
    /// A pool of `connections`. Connects lazily; waits at most five seconds for a free connection.
    ///
    /// # Errors
    /// A URL that cannot be read.
    pub async fn new(app_url: &str, connections: u32) -> Result<Self> {
        Ok(Self {
            orm: connect(app_url, connections, true).await?,
            known: Arc::default(),
        })
    }

    /// Rows of one of the schema's look-ups.
    async fn ask(&self, sql: &'static str, values: Vec<Value>) -> Result<Vec<QueryResult>> {
        Ok(self.orm.query_all_raw(statement(sql, values)).await?)
    }
}

/// A transaction in the directory, of one partner.
pub struct DirectoryTx {
    orm: DatabaseTransaction,
    now: DateTime<Utc>,
}

const SET_PARTNER: &str = "SELECT qm.set_partner($1), clock_timestamp() AS at";

impl DirectoryTx {
    /// Begins one that sees and writes what is this partner's, and nothing else.
    ///
    /// # Errors
    /// What the database said.
    pub async fn begin(directory: &Directory, partner: PartnerId, clock_offset: TimeDelta) -> Result<Self> {
        let orm = directory.orm.begin().await?;
        let row = orm
            .query_one_raw(statement(SET_PARTNER, vec![partner.0.into()]))
            .await?
            .ok_or_else(|| Error::internal("no time"))?;
        let now: DateTime<Utc> = row.try_get("", "at")?;
        Ok(Self {
            orm,
            now: now + clock_offset,
        })
    }

    /// The transaction's one time.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Where entities are asked for and written.
    pub(super) fn orm(&self) -> &DatabaseTransaction {
        &self.orm
    }

    /// Rows of a statement that SeaORM has no words for.
    pub(crate) async fn rows(&self, sql: &'static str, values: Vec<Value>) -> Result<Vec<QueryResult>> {
        Ok(self.orm.query_all_raw(statement(sql, values)).await?)
    }

    /// Rows of a list, whose text was composed from constant parts.
    async fn composed(&self, sql: &str, values: Vec<Value>) -> Result<Vec<QueryResult>> {
        Ok(self.orm.query_all_raw(statement(sql, values)).await?)
    }

    /// Records what a partner did: the directory's own audit.
    ///
    /// # Errors
    /// What the database said.
    #[expect(clippy::disallowed_methods, reason = "inside DirectoryTx, which is of one partner")]
    pub(crate) async fn record(
        &self,
        op: &PartnerOp,
        kind: &str,
        tenant: Option<TenantId>,
        data: serde_json::Value,
    ) -> Result<()> {
        let row = entities::directory_event::ActiveModel {
            id: Set(Uuid::now_v7()),
            partner_id: Set(Some(op.partner.0)),
            subject_tenant_id: Set(tenant.map(|t| t.0)),
            r#type: Set(kind.to_owned()),
            at: Set(self.now),
            person_id: Set(Some(op.person)),
            request_id: Set(op.request_id),
            data: Set(data),
        };
        entities::directory_event::Entity::insert(row)
            .exec_without_returning(&self.orm)
            .await?;
        Ok(())
    }

    /// Ends it.
    ///
    /// # Errors
    /// What the database said; nothing is changed then.
    pub async fn commit(self) -> Result<()> {
        Ok(self.orm.commit().await?)
    }
}

fn statement(sql: &str, values: Vec<Value>) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
}

async fn connect(url: &str, connections: u32, lazy: bool) -> Result<DatabaseConnection> {
    let mut options = ConnectOptions::new(wire::for_sqlx(url)?);
    options
        .max_connections(connections)
        .connect_lazy(lazy)
        .acquire_timeout(Duration::from_secs(5))
        .sqlx_logging(false);
    Ok(Database::connect(options).await?)
}

impl From<DbErr> for Error {
    fn from(e: DbErr) -> Self {
        match (e.sql_err(), e) {
            (Some(SqlErr::UniqueConstraintViolation(what)), _) => Self::Contended(what),
            (_, e @ (DbErr::Conn(_) | DbErr::ConnectionAcquire(_))) => Self::Unavailable(e.to_string()),
            (_, DbErr::Exec(RuntimeErr::SqlxError(e)) | DbErr::Query(RuntimeErr::SqlxError(e))) if is_gone(&e) => {
                Self::Unavailable(e.to_string())
            }
            (_, e) => Self::Internal(format!("directory: {e}")),
        }
    }
}

fn is_gone(error: &SqlxError) -> bool {
    match error {
        SqlxError::Database(said) => said.code().is_some_and(|code| is_away(&code)),
        SqlxError::PoolTimedOut | SqlxError::PoolClosed | SqlxError::WorkerCrashed => true,
        other => is_broken(other),
    }
}
