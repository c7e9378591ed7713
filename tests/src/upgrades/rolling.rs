//! While servers are replaced one by one, those of the release go on over the new schema: what they read is there, what they write
//! is valid.

use super::{read, steps};
use crate::database::fixture::{client, database, scratch};
use std::collections::{BTreeMap, BTreeSet};
use tokio_postgres::Client;

#[tokio::test]
async fn every_statement_of_the_release_fits_this_schema() {
    let (_, owner) = database().await;
    let statements: BTreeMap<String, String> = serde_json::from_str(&read("statements.json")).unwrap();
    assert!(statements.len() > 300, "{} statements", statements.len());
    for (name, sql) in statements {
        if let Err(e) = owner.prepare(&sql).await {
            panic!("{name} of the release: {e:?}\n{sql}");
        }
    }
}

/// What statements rest on: each of these facts must go on to hold.
const HOLDS: [&str; 5] = [
    "SELECT format('column %s.%s is a %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod)) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid \
     WHERE c.relnamespace = 'qm'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped",
    "SELECT format('%s(%s) gives %s', p.proname, pg_get_function_arguments(p.oid), pg_get_function_result(p.oid)) FROM pg_proc p WHERE p.pronamespace = 'qm'::regnamespace",
    "SELECT format('%s may %s %s', r.role, v.verb, c.relname) FROM pg_class c, unnest(ARRAY['quartermaster_app', 'quartermaster_relay']) r (role), unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) v (verb) \
     WHERE c.relnamespace = 'qm'::regnamespace AND c.relkind IN ('r', 'p') AND (has_table_privilege(r.role, c.oid, v.verb) \
     OR v.verb <> 'DELETE' AND has_any_column_privilege(r.role, c.oid, v.verb))",
    "SELECT format('%s may call %s', r.role, p.proname) FROM pg_proc p, unnest(ARRAY['quartermaster_app', 'quartermaster_relay']) r (role) \
     WHERE p.pronamespace = 'qm'::regnamespace AND has_function_privilege(r.role, p.oid, 'EXECUTE')",
    // ON CONFLICT names the columns of one.
    "SELECT format('unique in %s', substring(pg_get_indexdef(i.indexrelid) FROM ' ON .*')) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid \
     WHERE c.relnamespace = 'qm'::regnamespace AND i.indisunique",
];

/// What rows must satisfy: none of these may be new, for a table that the release writes.
const ASKS: [&str; 3] = [
    "SELECT c.relname::text, format('a value for %s.%s', c.relname, a.attname) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid \
     WHERE c.relnamespace = 'qm'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND a.attnotnull AND NOT a.atthasdef",
    "SELECT c.relname::text, format('%s: %s', c.relname, pg_get_constraintdef(k.oid)) FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid \
     WHERE c.relnamespace = 'qm'::regnamespace AND k.contype IN ('c', 'f', 'x')",
    "SELECT c.relname::text, format('unique in %s', substring(pg_get_indexdef(i.indexrelid) FROM ' ON .*')) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid \
     WHERE c.relnamespace = 'qm'::regnamespace AND i.indisunique",
];

#[tokio::test]
async fn what_the_release_reads_is_there_and_what_it_writes_is_valid() {
    let (old, new) = (scratch().await, scratch().await);
    let before = u32::try_from(steps().len()).unwrap();
    quartermaster_migrations::migrate(&old, Some(before)).await.unwrap();
    quartermaster_migrations::migrate(&new, None).await.unwrap();
    let (old, new) = (client(&old).await, client(&new).await);
    for question in HOLDS {
        let (before, now) = (facts(&old, question).await, facts(&new, question).await);
        assert!(before.len() > 5, "{question}");
        let gone: Vec<_> = before.difference(&now).collect();
        assert!(gone.is_empty(), "a server of the release counts on: {gone:#?}");
    }
    let tables: BTreeSet<String> = facts(
        &old,
        "SELECT relname::text FROM pg_class WHERE relnamespace = 'qm'::regnamespace AND relkind IN ('r', 'p')",
    )
    .await;
    // What the release does not write is null, and no check refuses that.
    let (columns, checks) = (facts(&old, COLUMNS).await, checks(&new).await);
    let of_what_is_new = |fact: &(String, String)| {
        let checked = checks.get(fact);
        checked.is_some_and(|all| all.iter().all(|column| !columns.contains(column)))
    };
    for question in ASKS {
        let (before, now) = (asked(&old, question).await, asked(&new, question).await);
        let more: Vec<_> = now
            .difference(&before)
            .filter(|fact| tables.contains(&fact.0) && !of_what_is_new(fact))
            .collect();
        assert!(more.is_empty(), "a server of the release does not give: {more:#?}");
    }
}

async fn facts(of: &Client, question: &str) -> BTreeSet<String> {
    let rows = of.query(question, &[]).await.expect(question);
    rows.iter().map(|r| r.get(0)).collect()
}

const COLUMNS: &str = "SELECT format('%s.%s', c.relname, a.attname) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid \
     WHERE c.relnamespace = 'qm'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped";
const CHECKS: &str = "SELECT c.relname::text, format('%s: %s', c.relname, pg_get_constraintdef(k.oid)), \
     ARRAY(SELECT format('%s.%s', c.relname, a.attname) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY(k.conkey)) \
     FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid WHERE c.relnamespace = 'qm'::regnamespace AND k.contype = 'c'";

/// The columns of each check, by how [`ASKS`] names it.
async fn checks(of: &Client) -> BTreeMap<(String, String), Vec<String>> {
    let rows = of.query(CHECKS, &[]).await.expect("checks");
    rows.iter().map(|r| ((r.get(0), r.get(1)), r.get(2))).collect()
}

async fn asked(of: &Client, question: &str) -> BTreeSet<(String, String)> {
    let rows = of.query(question, &[]).await.expect(question);
    rows.iter().map(|r| (r.get(0), r.get(1))).collect()
}
