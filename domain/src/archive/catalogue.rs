//! Which tables there are. The database lists them, so that whoever adds one need not remember this.

use super::error::Result;
use quartermaster_tenants::Error;
use std::collections::BTreeSet;
use tokio_postgres::Client;

/// A table, as the catalogue knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    pub name: String,
    /// Those that are written: what the database computes itself is computed again.
    pub columns: Vec<String>,
    /// The columns of the primary key.
    pub key: Vec<String>,
    /// The tables that its foreign keys refer to.
    needs: Vec<String>,
    pub has_tenant: bool,
}

const TABLES: &str = "SELECT c.relname::text AS name, array_agg(a.attname::text ORDER BY a.attnum) AS columns, bool_or(a.attname = 'tenant_id') AS has_tenant, \
    ARRAY(SELECT k.attname::text FROM pg_catalog.pg_index i CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY x (attnum, n) \
      JOIN pg_catalog.pg_attribute k ON k.attrelid = i.indrelid AND k.attnum = x.attnum WHERE i.indrelid = c.oid AND i.indisprimary ORDER BY x.n) AS key, \
    ARRAY(SELECT DISTINCT r.relname::text FROM pg_catalog.pg_constraint f JOIN pg_catalog.pg_class r ON r.oid = f.confrelid \
      WHERE f.conrelid = c.oid AND f.contype = 'f' AND f.confrelid <> c.oid ORDER BY 1) AS needs \
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' \
    WHERE n.nspname = 'qm' AND c.relkind IN ('r', 'p') AND NOT c.relispartition GROUP BY c.oid, c.relname ORDER BY c.relname";
const STEPS: &str = "SELECT version FROM quartermaster_migration ORDER BY version";

/// All tables of the schema; those with a tenant in an order in which their foreign keys hold.
pub(super) async fn tables(owner: &Client) -> Result<Vec<Table>> {
    let mut all = Vec::new();
    for row in owner.query(TABLES, &[]).await? {
        all.push(Table {
            name: row.try_get("name")?,
            columns: row.try_get("columns")?,
            key: row.try_get("key")?,
            needs: row.try_get("needs")?,
            has_tenant: row.try_get("has_tenant")?,
        });
    }
    ordered(all)
}

/// The steps that made this schema.
pub(super) async fn steps(owner: &Client) -> Result<Vec<String>> {
    let rows = owner.query(STEPS, &[]).await?;
    rows.iter().map(|r| Ok(r.try_get(0)?)).collect()
}

/// Those that need nothing first, then those that need these, and so on; by name where it makes no difference.
fn ordered(mut open: Vec<Table>) -> Result<Vec<Table>> {
    let (mut done, mut out) = (BTreeSet::new(), Vec::new());
    while !open.is_empty() {
        let (ready, waiting): (Vec<Table>, Vec<Table>) =
            open.into_iter().partition(|t| t.needs.iter().all(|n| done.contains(n)));
        if ready.is_empty() {
            let names: Vec<_> = waiting.into_iter().map(|t| t.name).collect();
            let circle = format!("foreign keys in a circle: {}", names.join(", "));
            return Err(Error::internal(circle).into());
        }
        done.extend(ready.iter().map(|t| t.name.clone()));
        out.extend(ready);
        open = waiting;
    }
    Ok(out)
}

/// A name for a statement.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Names for a statement.
pub(super) fn list(names: &[String]) -> String {
    names.iter().map(|n| quoted(n)).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str, needs: &[&str]) -> Table {
        Table {
            name: name.to_owned(),
            columns: Vec::new(),
            key: Vec::new(),
            needs: needs.iter().map(|n| (*n).to_owned()).collect(),
            has_tenant: true,
        }
    }

    #[test]
    fn a_table_comes_after_all_that_it_refers_to() {
        let given = vec![
            table("a_line", &["b_order", "c_item"]),
            table("b_order", &["c_item"]),
            table("c_item", &[]),
        ];
        let names: Vec<_> = ordered(given).unwrap().into_iter().map(|t| t.name).collect();
        assert_eq!(names, ["c_item", "b_order", "a_line"]);
        assert!(ordered(vec![table("a", &["b"]), table("b", &["a"])]).is_err());
    }
}
