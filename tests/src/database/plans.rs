//! How statements are executed: one that names what it wants looks that up, whatever the statistics of the day say and whoever
//! was first on a connection; it never reads all that a tenant has of a table.

use super::explained::{fill, plans};
use super::fixture::{beside, client, scratch, url};
use super::statements::statements;
use super::young::NOT_AT_ONCE;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use tokio_postgres::Client;
use uuid::Uuid;

/// Statements that are asked for all of something, or for as much as makes no difference.
pub const OF_ALL: &[(&str, &str)] = &[
    (
        "domain/changes/apply.rs GTIN_TAKEN",
        "all lines of a change, thousands of them",
    ),
    (
        "domain/changes/apply.rs DELETE_CONTACTS",
        "of all records of a change: it looks up as many at once as a small tenant has",
    ),
    (
        "domain/changes/apply.rs DELETE_GTINS",
        "of all records of a change: it looks up as many at once as a small tenant has",
    ),
    (
        "domain/changes/apply.rs DELETE_PACKS",
        "of all records of a change: it looks up as many at once as a small tenant has",
    ),
    (
        "domain/changes/apply.rs DELETE_SITES",
        "of all records of a change: it looks up as many at once as a small tenant has",
    ),
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
    fill(&superuser, small, 40, true).await;
    look("small", small).await;
    fill(&superuser, large, 2_000, true).await;
    look("large", large).await;
    look("small beside a large one", small).await;
    look("new beside a large one", Uuid::now_v7()).await;

    let allowed: BTreeSet<&str> = OF_ALL.iter().map(|(name, _)| *name).collect();
    found.retain(|name, _| !allowed.contains(name.as_str()));
    assert!(found.is_empty(), "{found:#?}");
    let known: BTreeSet<String> = statements().into_iter().map(|(name, _)| name).collect();
    let gone: Vec<_> = NOT_AT_ONCE
        .iter()
        .map(|(name, _)| name)
        .chain(&allowed)
        .filter(|name| !known.contains(**name))
        .collect();
    assert!(gone.is_empty(), "no such statements any more: {gone:?}");
}

/// The statements whose plan reads a tenant's whole table, as the server would run them for this tenant, and how.
async fn tenant_wide(superuser: &Client, target: &str, tenant: Uuid) -> Vec<(String, Vec<String>)> {
    let columns = columns(superuser).await;
    let mut found = Vec::new();
    for (name, plan) in plans(target, tenant).await {
        let mut reads = Vec::new();
        walk(&plan, &columns, &mut reads);
        if !reads.is_empty() {
            found.push((name, reads));
        }
    }
    found
}

/// The columns of each index of a tenant's table besides the tenant, in their order; and the tables, as if they were indexes without any.
async fn columns(superuser: &Client) -> BTreeMap<String, Vec<String>> {
    let rows = superuser
        .query(
            "SELECT i.relname::text, array_agg(a.attname::text ORDER BY a.attnum) FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid \
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

/// Finds the scans that only the tenant narrows down: an index whose next column is not asked for is read from end to end.
fn walk(node: &Value, columns: &BTreeMap<String, Vec<String>>, reads: &mut Vec<String>) {
    let word = |key: &str| node[key].as_str().unwrap_or_default();
    let read = [word("Index Name"), word("Relation Name")]
        .into_iter()
        .find(|name| !name.is_empty());
    let scan = word("Node Type").ends_with("Scan") && word("Node Type") != "Bitmap Heap Scan";
    if scan && let Some(of) = read.and_then(|name| columns.get(name)) {
        let condition = word("Index Cond");
        let narrowed = |c: &String| condition.contains(&format!("({c} ")) || condition.contains(&format!("({c})"));
        if !of.first().is_some_and(narrowed) {
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
