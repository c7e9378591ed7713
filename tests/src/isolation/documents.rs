//! One object of each type for the tenant that must stay unseen: written by the owner, so that a table is filled whatever its
//! verbs are.

use super::MARK;
use crate::database::fixture::Shop;
use crate::world::World;

/// Fills every tenant table that is still empty with one row of plausible values.
pub async fn fill(world: &World, shop: &Shop) {
    let tables = world
        .owner
        .query(
            "SELECT c.oid, c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'qm' WHERE c.relkind = 'r' \
             AND EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id') \
             AND EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'version') ORDER BY 2",
            &[],
        )
        .await
        .expect("tables");
    // Rows may need rows of other tables: go round until nothing more fits.
    for _ in 0..4 {
        for table in &tables {
            let name: String = table.get(1);
            let there: i64 = world
                .owner
                .query_one(
                    &format!("SELECT count(*) FROM qm.{name} WHERE tenant_id = $1"),
                    &[&shop.tenant.0],
                )
                .await
                .expect(&name)
                .get(0);
            if there > 0 {
                continue;
            }
            let columns = world
                .owner
                .query(
                    "SELECT a.attname::text, format_type(a.atttypid, NULL) FROM pg_attribute a WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped AND a.attnotnull",
                    &[&table.get::<_, u32>(0)],
                )
                .await
                .expect("columns");
            let mut names = Vec::new();
            let mut values = Vec::new();
            for column in &columns {
                let (column, kind): (String, String) = (column.get(0), column.get(1));
                values.push(value(shop, &column, &kind));
                names.push(column);
            }
            let _ = world
                .owner
                .batch_execute(&format!(
                    "INSERT INTO qm.{name} ({}) VALUES ({})",
                    names.join(", "),
                    values.join(", ")
                ))
                .await;
        }
    }
}

fn value(shop: &Shop, column: &str, kind: &str) -> String {
    match (column, kind) {
        ("tenant_id", _) => format!("'{}'", shop.tenant.0),
        ("supplier_id", _) => format!("'{}'", shop.supplier),
        ("item_id", _) => format!("'{}'", shop.items[0]),
        ("order_id" | "purchase_order_id", _) => format!(
            "(SELECT id FROM qm.purchase_order WHERE tenant_id = '{}' LIMIT 1)",
            shop.tenant.0
        ),
        ("receipt_id", _) => format!(
            "(SELECT id FROM qm.receipt WHERE tenant_id = '{}' LIMIT 1)",
            shop.tenant.0
        ),
        ("assignment_id", _) => format!(
            "(SELECT id FROM qm.operator_assignment WHERE tenant_id = '{}' LIMIT 1)",
            shop.tenant.0
        ),
        (c, "uuid") if c.contains("account") => format!(
            "(SELECT id FROM qm.account WHERE tenant_id = '{}' LIMIT 1)",
            shop.tenant.0
        ),
        (c, "uuid") if c.contains("location") => format!("'{}'", shop.location),
        (_, "uuid") => "gen_random_uuid()".to_owned(),
        (_, "text") => format!("'{MARK}'"),
        (_, "boolean") => "false".to_owned(),
        (_, "integer" | "bigint" | "smallint" | "numeric") => "1".to_owned(),
        (_, "date") => "DATE '2026-06-01'".to_owned(),
        (_, "timestamp with time zone") => "statement_timestamp()".to_owned(),
        (_, "bytea") => "''::bytea".to_owned(),
        (_, "json" | "jsonb") => "'{}'".to_owned(),
        (_, array) if array.ends_with("[]") => "'{}'".to_owned(),
        _ => "NULL".to_owned(),
    }
}
