//! What the database looks like: forward only, first expand, later contract.
//!
//! A step is one SQL file under `sql/`, applied once, in order, in its own transaction, under an advisory lock, so that
//! any number of processes may start to migrate at once. A released file is never edited: a change is a new step.
//! *Expand* (new tables, nullable columns, new indexes) ships before the code that needs it; *contract* (dropping what no
//! released code reads) ships one release after the code that stopped reading it. `tests/src/database/` migrates an older
//! database that holds data.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{
    ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement, TransactionTrait,
};

/// A step of the schema: a name that stays, and the SQL that makes it.
struct Step {
    name: &'static str,
    sql: &'static str,
}

const STEPS: &[Step] = &[
    Step {
        name: "m0001_foundation",
        sql: include_str!("sql/0001_foundation.sql"),
    },
    Step {
        name: "m0002_purchasing",
        sql: include_str!("sql/0002_purchasing.sql"),
    },
    Step {
        name: "m0003_people",
        sql: include_str!("sql/0003_people.sql"),
    },
    Step {
        name: "m0004_master_data",
        sql: include_str!("sql/0004_master_data.sql"),
    },
    Step {
        name: "m0005_stock",
        sql: include_str!("sql/0005_stock.sql"),
    },
    Step {
        name: "m0006_receiving",
        sql: include_str!("sql/0006_receiving.sql"),
    },
    Step {
        name: "m0008_change_orders",
        sql: include_str!("sql/0008_change_orders.sql"),
    },
    Step {
        name: "m0014_forget_keys",
        sql: include_str!("sql/0014_forget_keys.sql"),
    },
    Step {
        name: "m0015_stock_documents",
        sql: include_str!("sql/0015_stock_documents.sql"),
    },
    Step {
        name: "m0007_controls",
        sql: include_str!("sql/0007_controls.sql"),
    },
    Step {
        name: "m0016_machine_keys",
        sql: include_str!("sql/0016_machine_keys.sql"),
    },
    Step {
        name: "m0017_operators",
        sql: include_str!("sql/0017_operators.sql"),
    },
    Step {
        name: "m0020_explanations",
        sql: include_str!("sql/0020_explanations.sql"),
    },
    Step {
        name: "m0018_imports",
        sql: include_str!("sql/0018_imports.sql"),
    },
    Step {
        name: "m0023_hands_on_stock",
        sql: include_str!("sql/0023_hands_on_stock.sql"),
    },
    Step {
        name: "m0019_replenishment",
        sql: include_str!("sql/0019_replenishment.sql"),
    },
    Step {
        name: "m0021_reservations",
        sql: include_str!("sql/0021_reservations.sql"),
    },
    Step {
        name: "m0022_partner_keys",
        sql: include_str!("sql/0022_partner_keys.sql"),
    },
    Step {
        name: "m0024_lookups_of_acts",
        sql: include_str!("sql/0024_lookups_of_acts.sql"),
    },
    Step {
        name: "m0026_files_and_places",
        sql: include_str!("sql/0026_files_and_places.sql"),
    },
    Step {
        name: "m0029_quotas",
        sql: include_str!("sql/0029_quotas.sql"),
    },
    Step {
        name: "m0037_tenant_keys",
        sql: include_str!("sql/0037_tenant_keys.sql"),
    },
    Step {
        name: "m0038_deprecated_uses",
        sql: include_str!("sql/0038_deprecated_uses.sql"),
    },
    Step {
        name: "m0040_looking_items_up",
        sql: include_str!("sql/0040_looking_items_up.sql"),
    },
    Step {
        name: "m0041_tenant_by_engine",
        sql: include_str!("sql/0041_tenant_by_engine.sql"),
    },
    Step {
        name: "m0043_room_for_movements",
        sql: include_str!("sql/0043_room_for_movements.sql"),
    },
];

/// Runs after the steps, every time: row level security, policy and grants for each table that has a tenant.
const SECURE: &str = include_str!("sql/secure_tenant_tables.sql");

/// Any 64-bit number will do, as long as every version of Quartermaster uses the same.
const LOCK: i64 = 7_305_521_886_114_733;

impl MigrationName for Step {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(self.sql).await.map(drop)
    }
}

/// The list of steps, for SeaORM's migrator.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        STEPS
            .iter()
            .map(|s| {
                Box::new(Step {
                    name: s.name,
                    sql: s.sql,
                }) as Box<dyn MigrationTrait>
            })
            .collect()
    }

    fn migration_table_name() -> DynIden {
        Alias::new("quartermaster_migration").into_iden()
    }
}

/// Brings the database that `owner_url` names to the newest step, or to the first `limit` steps (tests of upgrades).
///
/// # Errors
/// What the database said: no connection, a role without the right to create, a step that failed (nothing of it stays).
pub async fn migrate(owner_url: &str, limit: Option<u32>) -> Result<(), DbErr> {
    let lock = connect(owner_url).await?;
    let held = lock.begin().await?;
    held.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({LOCK})"))
        .await?;
    let db = connect(owner_url).await?;
    let pending = Migrator::get_pending_migrations(&db).await?.len();
    let applied = STEPS.len() - pending;
    let steps = limit.map_or(pending, |l| (l as usize).saturating_sub(applied));
    if steps > 0 {
        Migrator::up(&db, Some(steps as u32)).await?;
    }
    db.execute_unprepared(SECURE).await?;
    held.rollback().await
}

/// The names of all steps, in the order in which they are applied.
#[must_use]
pub fn steps() -> Vec<&'static str> {
    STEPS.iter().map(|s| s.name).collect()
}

/// How many steps this binary knows, and how many of them the database has.
///
/// # Errors
/// No connection.
pub async fn state(owner_url: &str) -> Result<(usize, usize), DbErr> {
    let db = connect(owner_url).await?;
    let pending = Migrator::get_pending_migrations(&db).await?.len();
    Ok((STEPS.len(), STEPS.len() - pending))
}

/// Steps by their names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Steps {
    /// That this binary knows and the database does not have.
    pub missing: Vec<String>,
    /// That the database has and this binary does not know: a newer one was there.
    pub unknown: Vec<String>,
}

/// Where the database and this binary differ.
///
/// # Errors
/// No connection.
pub async fn applied(owner_url: &str) -> Result<Steps, DbErr> {
    let db = connect(owner_url).await?;
    let has_any = "SELECT to_regclass('quartermaster_migration') IS NOT NULL";
    let row = db
        .query_one_raw(Statement::from_string(DbBackend::Postgres, has_any))
        .await?;
    let mut applied = Vec::new();
    if row.is_some_and(|r| r.try_get_by_index(0).unwrap_or(false)) {
        let all = "SELECT version FROM quartermaster_migration ORDER BY version";
        for row in db
            .query_all_raw(Statement::from_string(DbBackend::Postgres, all))
            .await?
        {
            applied.push(row.try_get_by_index::<String>(0)?);
        }
    }
    let known: Vec<String> = STEPS.iter().map(|s| s.name.to_owned()).collect();
    let without = |all: &[String], some: &[String]| all.iter().filter(|s| !some.contains(s)).cloned().collect();
    Ok(Steps {
        missing: without(&known, &applied),
        unknown: without(&applied, &known),
    })
}

async fn connect(url: &str) -> Result<DatabaseConnection, DbErr> {
    let mut options = sea_orm_migration::sea_orm::ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await
}
