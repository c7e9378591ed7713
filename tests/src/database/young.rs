//! A database that is new: nothing is known of its tables, and every plan is one for empty ones.

use super::explained::{fill, plans};
use super::fixture::{beside, client, scratch, url};
use super::plans::OF_ALL;
use quartermaster_tenants::tx::{Flight, TenantTx, Tenants};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Statements that are given a better index once a table has statistics, besides those of `OF_ALL`.
pub const NOT_AT_ONCE: &[(&str, &str)] = &[
    (
        "tenants/account.rs OF_ID",
        "the roles of a tenant's people: few, as long as nobody has counted them",
    ),
    (
        "tenants/account.rs OF_PERSON",
        "the roles of a tenant's people: few, as long as nobody has counted them",
    ),
    ("tenants/checkup.rs UNREADABLE", "the catalogue, at the console"),
    ("tenants/checkup.rs UNSECURED", "the catalogue, at the console"),
    (
        "tenants/act/history.rs BASIS",
        "the roles of a tenant's people: few, as long as nobody has counted them",
    ),
    (
        "tenants/act/history.rs HELD",
        "the roles of a tenant's people: few, as long as nobody has counted them",
    ),
    (
        "tenants/keys/authenticate.rs ROLES",
        "the roles of a tenant's people: few, as long as nobody has counted them",
    ),
    (
        "domain/discrepancies/repo.rs LOCK_OPEN",
        "open discrepancies: few, as long as nobody has counted them",
    ),
    (
        "domain/inventory/queries/thresholds.rs THRESHOLDS",
        "a page: it looks up as many at once as a small tenant has",
    ),
    (
        "domain/imports/queries.rs COUNTS_TOLD",
        "a page: it looks up as many at once as a small tenant has",
    ),
    (
        "domain/locations/queries.rs BY_IDS",
        "a page: it looks up as many at once as a small tenant has",
    ),
    (
        "domain/receiving/line_queries.rs LINE_COUNTS",
        "a page: it looks up as many at once as a small tenant has",
    ),
    (
        "domain/items/queries.rs BY_IDS",
        "a page: it looks up as many at once as a small tenant has",
    ),
    (
        "domain/items/queries.rs DETAILS",
        "a page: it looks up as many at once as a small tenant has",
    ),
    (
        "domain/adjustments/queries.rs LINES",
        "a page: it looks up as many at once as a small tenant has",
    ),
    (
        "domain/suppliers/queries.rs BY_IDS",
        "a page: it looks up as many at once as a small tenant has",
    ),
    (
        "domain/suppliers/queries.rs DETAILS",
        "a page: it looks up as many at once as a small tenant has",
    ),
    (
        "domain/purchasing/line_queries.rs LINE_COUNTS",
        "a page: it looks up as many at once as a small tenant has",
    ),
];

/// In a database that is new, every plan is one for empty tables, whose indexes cost all the same. What a connection does not keep
/// it plans anew, by the size of the tables; that suffices, and nobody waits for the first ANALYZE.
#[tokio::test]
async fn a_plan_for_empty_tables_is_soon_made_anew_and_needs_no_statistics_to_be_a_good_one() {
    let target = scratch().await;
    quartermaster_migrations::migrate(&target, None).await.expect("migrate");
    let superuser = client(&beside(&url("DATABASE_SUPERUSER_URL"), &target)).await;
    let tables = "SELECT format('ALTER TABLE qm.%I SET (autovacuum_enabled = false)', relname) FROM pg_class WHERE relnamespace = 'qm'::regnamespace AND relkind = 'r'";
    for alter in superuser.query(tables, &[]).await.expect("tables") {
        superuser.batch_execute(alter.get(0)).await.expect("never analysed");
    }
    let shop = super::fixture::shop(&superuser, &super::fixture::strict()).await;
    let op = super::fixture::member(&superuser, shop.tenant, &["buyer"]).await;
    let db = Tenants::new(&beside(&url("DATABASE_APP_URL"), &target), 1).expect("pool");

    let ask = async |sql: &str| {
        let mut tx = TenantTx::read(&db, &op).await.expect("a connection");
        let mut flight = Flight::new();
        let rows = flight.composed(sql.to_owned(), vec![]);
        let landing = tx.fly(flight).await.expect(sql);
        let lines = landing.get(rows).iter().map(|r| r.get::<_, String>(0));
        lines.collect::<Vec<_>>().join("\n")
    };
    let (lock, plan) = (
        "PREPARE one AS SELECT o.id FROM qm.purchase_order o WHERE o.tenant_id = $1 AND o.id = $2 FOR UPDATE",
        "EXPLAIN EXECUTE one(NULL, NULL)",
    );
    ask(lock).await;
    let good = |plan: &str| {
        let mut lines = plan.lines();
        lines.any(|line| line.contains("Index Cond") && line.contains("(id = "))
    };
    let blind = ask(plan).await;
    assert!(
        !good(&blind),
        "an empty table is planned as any other now; this test proves nothing:\n{blind}"
    );
    let other = Uuid::now_v7();
    fill(&superuser, other, 5_000, false).await;
    let mut uses = 0;
    while !good(&ask(plan).await) {
        uses += 1;
        assert!(uses < 100, "the plan for the empty table is kept");
    }

    let before = plans(&target, other).await;
    superuser.batch_execute("ANALYZE").await.expect("analyze");
    let after: BTreeMap<String, Value> = plans(&target, other).await.into_iter().collect();
    let mut worse = BTreeMap::new();
    for (name, plan) in before {
        let (mut blind, mut seeing) = (Vec::new(), Vec::new());
        conditions(&plan, &mut blind);
        conditions(&after[&name], &mut seeing);
        for (table, columns, index) in &blind {
            let same = seeing.iter().filter(|(t, ..)| t == table);
            let best = same.max_by_key(|(_, columns, _)| columns.len());
            if let Some((_, best, better)) = best.filter(|(_, best, _)| columns.len() < best.len()) {
                let found = format!("{index} by {columns:?}, later {better} by {best:?}");
                worse.insert(name.clone(), found);
            }
        }
    }
    let allowed: BTreeSet<&str> = OF_ALL.iter().chain(NOT_AT_ONCE).map(|(name, _)| *name).collect();
    worse.retain(|name, _| !allowed.contains(name.as_str()));
    assert!(worse.is_empty(), "{worse:#?}");
}

/// The index scans of a plan: table, the columns that the index is asked for, the index.
fn conditions(node: &Value, found: &mut Vec<(String, BTreeSet<String>, String)>) {
    let word = |key: &str| node[key].as_str().unwrap_or_default();
    let index = word("Index Name");
    if !index.is_empty() {
        let asked = word("Index Cond").split(" AND ").filter_map(|part| {
            let column = part.trim_start_matches('(').split([' ', ')']).next();
            column.map(str::to_owned)
        });
        found.push((word("Alias").to_owned(), asked.collect(), index.to_owned()));
    }
    for child in node["Plans"].as_array().into_iter().flatten() {
        conditions(child, found);
    }
}
