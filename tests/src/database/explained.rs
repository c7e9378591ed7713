//! The plans of all statements, over tables filled with whatever fits.

use super::fixture::{beside, url};
use super::statements::statements;
use quartermaster_tenants::tx::SESSION;
use serde_json::Value;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, NoTls};
use uuid::Uuid;

/// The plan of each statement, as the server would run it for this tenant.
pub async fn plans(target: &str, tenant: Uuid) -> Vec<(String, Value)> {
    let app = beside(&url("DATABASE_APP_URL"), target);
    let mut config: tokio_postgres::Config = app.parse().expect("URL");
    let (app, connection) = config.options(SESSION).connect(NoTls).await.expect("connect");
    tokio::spawn(connection);
    app.batch_execute(&format!("SET app.tenant_id = '{tenant}'"))
        .await
        .expect("tenant");
    let mut found = Vec::new();
    for (name, sql) in statements() {
        let params = app.prepare(&sql).await.expect(&name).params().len();
        let nothing = vec!["NULL"; params].join(", ");
        let call = if params == 0 { nothing } else { format!("({nothing})") };
        app.batch_execute(&format!("PREPARE one AS {sql}")).await.expect(&name);
        let explained = app
            .query_one(&format!("EXPLAIN (FORMAT JSON) EXECUTE one{call}"), &[])
            .await;
        app.batch_execute("DEALLOCATE one").await.expect(&name);
        let plan: Value = match explained {
            Ok(row) => row.get(0),
            // What only the owner or the relay runs.
            Err(e) if e.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) => continue,
            Err(e) => panic!("{name}: {e:?}"),
        };
        found.push((name, plan[0]["Plan"].clone()));
    }
    found
}

/// `n` rows of this tenant in every table that tenants have, whatever tables there are: no values that mean anything, but as many
/// different ones as keys need, and the words of states by turns.
pub async fn fill(superuser: &Client, tenant: Uuid, n: u32, analyzed: bool) {
    let sql = format!(
        "SELECT format('INSERT INTO qm.%I (%s) SELECT %s FROM generate_series(1, {n}) n', c.relname, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum), \
           string_agg(CASE WHEN a.attname = 'tenant_id' THEN '''{tenant}''::uuid' WHEN t.typname = '_uuid' THEN 'ARRAY[gen_random_uuid()]' WHEN t.typcategory = 'A' THEN '''{{}}''' \
             WHEN t.typname = 'uuid' THEN 'gen_random_uuid()' WHEN t.typname IN ('json', 'jsonb') THEN '''{{}}''' WHEN t.typname = 'bytea' THEN '''\\x00''' \
             WHEN t.typname IN ('timestamptz', 'date') THEN 'statement_timestamp()' WHEN t.typname = 'bool' THEN 'n % 2 = 0' \
             WHEN t.typcategory = 'N' THEN CASE WHEN u.attnum IS NULL THEN '1' ELSE 'n' END \
             WHEN u.attnum IS NOT NULL THEN '''F'' || n' \
             ELSE '(ARRAY[''ACTIVE'', ''APPROVED'', ''DRAFT'', ''IN_APPROVAL'', ''OPEN'', ''PENDING'', ''RELEASED'', ''ADMITTED''])[1 + n % 8]' END, ', ' ORDER BY a.attnum)) \
         FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace AND s.nspname = 'qm' JOIN pg_attribute k ON k.attrelid = c.oid AND k.attname = 'tenant_id' \
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped JOIN pg_type t ON t.oid = a.atttypid \
         LEFT JOIN LATERAL (SELECT DISTINCT x.attnum FROM pg_index i, unnest(i.indkey) x (attnum) WHERE i.indrelid = c.oid AND i.indisunique AND x.attnum = a.attnum) u ON true \
         WHERE c.relkind = 'r' GROUP BY c.relname"
    );
    let inserts = superuser.query(&sql, &[]).await.expect("tables");
    assert!(inserts.len() > 15, "{} tables of tenants", inserts.len());
    // Foreign keys are not looked at: the rows need not fit together.
    superuser
        .batch_execute("SET session_replication_role = replica")
        .await
        .expect("replica");
    for insert in inserts {
        let insert: String = insert.get(0);
        superuser.batch_execute(&insert).await.expect(&insert);
    }
    if analyzed {
        superuser.batch_execute("ANALYZE").await.expect("analyze");
    }
}
