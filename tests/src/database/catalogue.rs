//! The catalogue, walked: whoever adds a table is tested for it.

use super::fixture::{client, database, url};

/// Tables whose rows are evidence: nobody who serves may change or delete them.
const EVIDENCE: [&str; 5] = ["authz_hand", "authz_link", "stock_movement", "event", "policy_version"];

#[tokio::test]
async fn every_tenant_table_has_tenant_key_policy_and_row_level_security() {
    let (_, owner) = database().await;
    let rows = owner
        .query(
            "SELECT c.relname::text, c.relrowsecurity, \
             (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'tenant'), \
             (SELECT array_agg(a.attname::text ORDER BY k.n) FROM pg_index i, unnest(i.indkey) WITH ORDINALITY k (att, n) JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.att \
              WHERE i.indrelid = c.oid AND i.indisprimary) \
             FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'qm' \
             WHERE c.relkind IN ('r', 'p') AND EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id')",
            &[],
        )
        .await
        .expect("catalogue");
    assert!(rows.len() > 15, "{} tenant tables", rows.len());
    for row in rows {
        let table: String = row.get(0);
        assert!(row.get::<_, bool>(1), "{table} has no row level security");
        assert_eq!(row.get::<_, i64>(2), 1, "{table} lacks the tenant policy");
        let key: Vec<String> = row.get(3);
        assert_eq!(
            key.first().map(String::as_str),
            Some("tenant_id"),
            "{table}'s primary key does not begin with tenant_id"
        );
    }
}

#[tokio::test]
async fn directory_tables_have_row_level_security_too() {
    let (_, owner) = database().await;
    let rows = owner
        .query(
            "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'qm' \
             WHERE c.relkind IN ('r', 'p') AND NOT c.relrowsecurity",
            &[],
        )
        .await
        .expect("catalogue");
    let open: Vec<String> = rows.iter().map(|r| r.get(0)).collect();
    assert!(open.is_empty(), "without row level security: {open:?}");
}

#[tokio::test]
async fn the_schema_can_be_distributed_by_tenant() {
    let (_, owner) = database().await;
    for (rule, sql) in RULES {
        let rows = owner.query(*sql, &[]).await.expect(rule);
        let found: Vec<String> = rows.iter().map(|r| r.get(0)).collect();
        assert!(found.is_empty(), "{rule}: {found:?}");
    }
}

/// The rules of ARCHITECTURE.md, "The database", as questions to the catalogue: each answer must be empty.
const RULES: &[(&str, &str)] = &[
    (
        "a unique index of a tenant table contains tenant_id",
        "SELECT i.indexrelid::regclass::text FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attname = 'tenant_id' \
         JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'qm' \
         WHERE i.indisunique AND NOT (a.attnum = ANY(i.indkey::int2[]))",
    ),
    (
        "foreign keys stay inside their class and carry tenant_id on both sides",
        "SELECT k.conname::text FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace AND n.nspname = 'qm' \
         LEFT JOIN pg_attribute f ON f.attrelid = k.conrelid AND f.attname = 'tenant_id' LEFT JOIN pg_attribute g ON g.attrelid = k.confrelid AND g.attname = 'tenant_id' \
         WHERE k.contype = 'f' AND ((f.attnum IS NULL) <> (g.attnum IS NULL) OR (f.attnum IS NOT NULL AND NOT (f.attnum = ANY(k.conkey) AND g.attnum = ANY(k.confkey))))",
    ),
    (
        "no foreign key cascades or sets null",
        "SELECT k.conname::text FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace AND n.nspname = 'qm' \
         WHERE k.contype = 'f' AND (k.confdeltype IN ('n', 'd') OR k.confupdtype IN ('n', 'd', 'c'))",
    ),
    (
        "no triggers",
        "SELECT t.tgname::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'qm' WHERE NOT t.tgisinternal",
    ),
    (
        "no policy has a sub-select",
        "SELECT p.polname || ' on ' || p.polrelid::regclass::text FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'qm' \
         WHERE coalesce(p.polqual::text, '') || coalesce(p.polwithcheck::text, '') ~ 'SUBLINK'",
    ),
    (
        "row level security is never forced",
        "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'qm' WHERE c.relforcerowsecurity",
    ),
    (
        "no sequences",
        "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'qm' WHERE c.relkind = 'S'",
    ),
    (
        "names are at most 50 bytes",
        "SELECT k.conname::text FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace AND n.nspname = 'qm' WHERE length(k.conname) > 50",
    ),
    (
        "no function calls set_config where there is Citus",
        "SELECT p.proname::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace AND n.nspname = 'qm' \
         WHERE p.prosrc ~* 'set_config\\s*\\(' AND p.prosrc !~ 'IF current_setting\\(''citus\\.shard_count'', true\\) IS NULL THEN\\s+PERFORM pg_catalog\\.set_config\\('",
    ),
];

#[tokio::test]
async fn the_tenant_is_set_for_one_transaction_with_citus_and_without() {
    let app = client(&url("DATABASE_APP_URL")).await;
    let tenant = uuid::Uuid::now_v7();
    for engine in ["SELECT 1", "SET citus.shard_count = 32"] {
        app.batch_execute(engine).await.expect(engine);
        app.batch_execute("BEGIN").await.expect("begin");
        app.query_one("SELECT qm.set_tenant($1)", &[&tenant])
            .await
            .expect("set");
        let now = "SELECT coalesce(current_setting('app.tenant_id', true), '')";
        let set: String = app.query_one(now, &[]).await.expect("asked").get(0);
        assert_eq!(set, tenant.to_string(), "{engine}");
        app.batch_execute("COMMIT").await.expect("commit");
        let left: String = app.query_one(now, &[]).await.expect("asked").get(0);
        assert_eq!(left, "", "{engine}");
    }
}

#[tokio::test]
async fn the_app_role_owns_nothing_and_cannot_change_evidence() {
    let (_, owner) = database().await;
    let owned: i64 = owner
        .query_one("SELECT count(*) FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname IN ('quartermaster_app', 'quartermaster_relay')", &[])
        .await
        .expect("owned")
        .get(0);
    assert_eq!(owned, 0);
    let app = client(&url("DATABASE_APP_URL")).await;
    for table in EVIDENCE {
        for right in ["UPDATE", "DELETE", "TRUNCATE"] {
            for role in ["quartermaster_app", "quartermaster_relay"] {
                let sql = "SELECT has_table_privilege($1, 'qm.' || $2, $3)";
                let may: bool = owner
                    .query_one(sql, &[&role, &table, &right])
                    .await
                    .expect("privilege")
                    .get(0);
                assert!(!may, "{role} may {right} {table}");
            }
        }
    }
    let seen = app
        .query("SELECT 1 FROM qm.account", &[])
        .await
        .expect("reading without a tenant");
    assert!(seen.is_empty(), "without a tenant nothing is seen");
}

#[tokio::test]
async fn the_relay_reads_the_outbox_and_nothing_else() {
    let (_, owner) = database().await;
    let rows = owner
        .query(
            "SELECT c.relname::text, p.privilege_type::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'qm' \
             CROSS JOIN LATERAL aclexplode(c.relacl) p JOIN pg_roles r ON r.oid = p.grantee WHERE r.rolname = 'quartermaster_relay' ORDER BY 1, 2",
            &[],
        )
        .await
        .expect("grants");
    let grants: Vec<(String, String)> = rows.iter().map(|r| (r.get(0), r.get(1))).collect();
    assert_eq!(grants, [("event".to_owned(), "SELECT".to_owned())]);
}
