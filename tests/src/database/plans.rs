//! How statements are executed: one that names what it wants looks that up, whatever the statistics of the day say and whoever
//! was first on a connection; it never reads all that a tenant has of a table.

use super::fixture::{client, scratch, url};
use super::statements::statements;
use quartermaster_tenants::tx::SESSION;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, NoTls};
use uuid::Uuid;

/// Statements that are asked for all of something, or for as much as makes no difference.
const OF_ALL: &[(&str, &str)] = &[
    (
        "domain/changes/apply.rs GTIN_TAKEN",
        "all lines of a change, thousands of them",
    ),
    ("domain/changes/apply.rs ITEMS_TO_DRAFT", "all lines of a change"),
    ("domain/changes/apply.rs SUPPLIERS_TO_DRAFT", "all lines of a change"),
    ("domain/counts/repo.rs SNAPSHOT_NAMED", "all that a count is of"),
    ("domain/imports/items.rs CATEGORIES", "a thousand lines of a file"),
    ("domain/imports/locations.rs REGIONS", "a thousand lines of a file"),
    ("domain/imports/prices.rs ITEMS", "a thousand lines of a file"),
    ("domain/imports/prices.rs STANDING", "a thousand lines of a file"),
    ("domain/imports/prices.rs SUPPLIERS", "a thousand lines of a file"),
    (
        "domain/items/category.rs ALL",
        "the tree of categories, which is locked as a whole",
    ),
    ("domain/items/item.rs CATEGORIES", "all items that somebody proposes"),
    ("domain/items/item.rs GTINS", "all items that somebody proposes"),
    ("domain/locations/write.rs BY_CODE", "all locations of a file"),
    (
        "domain/locations/write.rs OPEN_ORDERS",
        "a location that is closed for good, once",
    ),
    ("domain/pricing/price.rs SUPPLIERS", "all prices that somebody proposes"),
    ("domain/pricing/price.rs UNITS", "all prices that somebody proposes"),
    (
        "domain/exports/items.rs PAGE",
        "a page of items with their categories, of which a small tenant has few",
    ),
    (
        "domain/exports/prices.rs PAGE",
        "a page of prices, from the last one on by their key",
    ),
    (
        "domain/imports/abandoned.rs OTHERS",
        "the files that are being read: few",
    ),
    (
        "domain/sealing/destroy.rs ELSEWHERE",
        "the owner's, before all that a tenant sealed is lost",
    ),
    ("domain/sealing/in_use.rs IN_USE", "the owner's, over all tenants"),
    (
        "domain/sealing/rotate.rs BANKS",
        "the owner's, over all tenants, a page at a time",
    ),
    (
        "domain/sealing/rotate.rs CHANGES",
        "the owner's, over all tenants, a page at a time",
    ),
    ("domain/sealing/rotate.rs KEYLESS", "the owner's, over all tenants"),
    (
        "domain/sealing/rotate.rs KEYS",
        "the owner's: the keys of some tenants, few for each",
    ),
    (
        "domain/sealing/rotate.rs SEAL_BANKS",
        "the owner's, over all tenants, a page at a time",
    ),
    (
        "domain/sealing/rotate.rs SEAL_CHANGES",
        "the owner's, over all tenants, a page at a time",
    ),
    ("domain/sealing/tenant_key.rs LIVE", "the one key that seals now"),
    ("tenants/checkup.rs KEYS_LEFT", "the owner's, over all tenants"),
    (
        "domain/pricing/propose.rs BASE_UNITS",
        "all prices that somebody proposes",
    ),
    (
        "domain/returns/repo.rs CAME",
        "the receipts of a supplier that a return may be of",
    ),
    (
        "domain/returns/repo.rs LOCK_RECEIPTS",
        "the receipts that a return is of",
    ),
    (
        "tenants/act/eligible.rs CANDIDATES",
        "everybody with one of these roles",
    ),
    ("tenants/audit.rs CHAIN", "the whole audit, a page at a time"),
    ("tenants/feed.rs NEWEST", "the relay's, over all tenants"),
    ("tenants/feed.rs THESE", "the relay's, over all tenants"),
    ("tenants/members/conflicts.rs HELD", "whoever changes roles: seldom"),
    (
        "tenants/members/conflicts.rs HELD_OF_MANY",
        "whoever changes roles: seldom",
    ),
    (
        "tenants/members/conflicts.rs OWN_KIND",
        "the policies that a tenant ever had: few",
    ),
    ("tenants/members/given.rs END_ROLES", "the roles of one person: seldom"),
    ("tenants/members/preview.rs KINDS", "whoever changes roles: seldom"),
    (
        "tenants/members/preview.rs OWN_ROLES",
        "the policies that a tenant ever had: few",
    ),
    (
        "tenants/members/queries.rs POLICY",
        "the policies that a tenant ever had: few",
    ),
    (
        "tenants/members/repo.rs KNOWN_LOCATIONS",
        "the locations of a member: seldom",
    ),
    (
        "tenants/operators/preview.rs ACCOUNTS",
        "the accounts of operators, in a tenant with few people",
    ),
    (
        "tenants/operators/repo.rs REVOKE_CREDENTIALS",
        "an operator who goes: seldom",
    ),
    (
        "tenants/recovery/administrators.rs ROLES",
        "everybody who may grant roles",
    ),
    (
        "tenants/recovery/preview.rs ACCOUNTS",
        "the accounts of candidates, in a tenant with few people",
    ),
    (
        "tenants/sod_policy/publish.rs PEOPLE",
        "everybody, when a policy is published",
    ),
    (
        "tenants/sod_policy/queries.rs CURRENT",
        "the policies that a tenant ever had: few",
    ),
];

#[tokio::test]
async fn no_statement_reads_all_that_a_tenant_has_unless_it_is_asked_to() {
    let target = scratch().await;
    quartermaster_migrations::migrate(&target, None).await.expect("migrate");
    let superuser = client(&beside(&url("DATABASE_SUPERUSER_URL"), &target)).await;
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut look = async |state: &str, tenant: Uuid| {
        for (name, reads) in tenant_wide(&superuser, &target, tenant).await {
            // A page is made for as much as a small tenant has.
            if state != "small" || !name.contains("queries") {
                let reads = reads.into_iter().map(|read| format!("{state}: {read}"));
                found.entry(name).or_default().extend(reads);
            }
        }
    };
    let (small, large) = (Uuid::now_v7(), Uuid::now_v7());
    fill(&superuser, small, 40).await;
    look("small", small).await;
    fill(&superuser, large, 2_000).await;
    look("large", large).await;
    look("small beside a large one", small).await;
    look("new beside a large one", Uuid::now_v7()).await;

    let allowed: BTreeSet<&str> = OF_ALL.iter().map(|(name, _)| *name).collect();
    found.retain(|name, _| !allowed.contains(name.as_str()));
    assert!(found.is_empty(), "{found:#?}");
    let known: BTreeSet<String> = statements().into_iter().map(|(name, _)| name).collect();
    let gone: Vec<_> = allowed.iter().filter(|name| !known.contains(**name)).collect();
    assert!(gone.is_empty(), "no such statements any more: {gone:?}");
}

/// The URL of another role, for the database of `target`.
fn beside(role: &str, target: &str) -> String {
    let cut = |url: &str| url.rfind('/').expect("a URL with a database");
    format!("{}{}", &role[..cut(role)], &target[cut(target)..])
}

/// The statements whose plan reads a tenant's whole table, as the server would run them for this tenant, and how.
async fn tenant_wide(superuser: &Client, target: &str, tenant: Uuid) -> Vec<(String, Vec<String>)> {
    let app = beside(&url("DATABASE_APP_URL"), target);
    let mut config: tokio_postgres::Config = app.parse().expect("URL");
    let (app, connection) = config.options(SESSION).connect(NoTls).await.expect("connect");
    tokio::spawn(connection);
    app.batch_execute(&format!("SET app.tenant_id = '{tenant}'"))
        .await
        .expect("tenant");
    let columns = columns(superuser).await;
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
        let mut reads = Vec::new();
        walk(&plan[0]["Plan"], &columns, &mut reads);
        if !reads.is_empty() {
            found.push((name, reads));
        }
    }
    found
}

/// The columns of each index of a tenant's table besides the tenant; and the tables, as if they were indexes without any.
async fn columns(superuser: &Client) -> BTreeMap<String, Vec<String>> {
    let rows = superuser
        .query(
            "SELECT i.relname::text, array_agg(a.attname::text) FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid \
             JOIN pg_namespace n ON n.oid = i.relnamespace AND n.nspname = 'qm' JOIN pg_attribute a ON a.attrelid = i.oid \
             WHERE EXISTS (SELECT 1 FROM pg_attribute t WHERE t.attrelid = i.oid AND t.attname = 'tenant_id') GROUP BY 1 \
             UNION ALL SELECT c.relname::text, '{}' FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'qm' \
             JOIN pg_attribute t ON t.attrelid = c.oid AND t.attname = 'tenant_id' WHERE c.relkind = 'r'",
            &[],
        )
        .await
        .expect("indexes");
    let others = |all: Vec<String>| all.into_iter().filter(|c| c != "tenant_id").collect();
    rows.iter().map(|r| (r.get(0), others(r.get(1)))).collect()
}

/// Finds the scans that only the tenant narrows down.
fn walk(node: &Value, columns: &BTreeMap<String, Vec<String>>, reads: &mut Vec<String>) {
    let word = |key: &str| node[key].as_str().unwrap_or_default();
    let read = [word("Index Name"), word("Relation Name")]
        .into_iter()
        .find(|name| !name.is_empty());
    let scan = word("Node Type").ends_with("Scan") && word("Node Type") != "Bitmap Heap Scan";
    if scan && let Some(of) = read.and_then(|name| columns.get(name)) {
        let condition = word("Index Cond");
        let narrowed = |c: &String| condition.contains(&format!("({c} ")) || condition.contains(&format!("({c})"));
        if !of.iter().any(narrowed) {
            reads.push(format!(
                "{} of {} by {condition}",
                word("Node Type"),
                read.unwrap_or_default()
            ));
        }
    }
    for child in node["Plans"].as_array().into_iter().flatten() {
        walk(child, columns, reads);
    }
}

/// `n` rows of this tenant in every table that tenants have, whatever tables there are: no values that mean anything, but as many
/// different ones as keys need, and the words of states by turns.
async fn fill(superuser: &Client, tenant: Uuid, n: u32) {
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
    superuser.batch_execute("ANALYZE").await.expect("analyze");
}
