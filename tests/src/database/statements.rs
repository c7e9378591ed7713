//! Every SQL constant of the product, prepared against the migrated database: what does not fit the schema fails here.

use super::fixture::database;
use std::path::{Path, PathBuf};

#[tokio::test]
async fn every_sql_constant_fits_the_schema() {
    let (_, owner) = database().await;
    for (name, sql) in statements() {
        if let Err(e) = owner.prepare(&sql).await {
            panic!("{name}: {e:?}\n{sql}");
        }
    }
}

/// All of them, each with its name: `domain/purchasing/repo.rs INSERT`.
pub fn statements() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = Vec::new();
    for krate in ["tenants", "domain"] {
        let folder = root.join(krate).join("src");
        for file in sources(&folder) {
            let text = std::fs::read_to_string(&file).expect("source");
            let place = file.strip_prefix(&folder).expect("a file of the folder").display();
            found.extend(
                constants(&text)
                    .into_iter()
                    .map(|(name, sql)| (format!("{krate}/{place} {name}"), sql)),
            );
        }
    }
    let seen = found.len();
    assert!(seen > 25, "only {seen} statements were found: has their form changed?");
    found
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(folder).expect("folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            out.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
    out
}

/// `const NAME: &str = "SELECT …";`, the line continuations of Rust taken out. Constants put together by macros are run by the
/// tests of their verbs.
fn constants(text: &str) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for part in text.split("const ").skip(1) {
        let Some((name, rest)) = part.split_once(": &str =") else {
            continue;
        };
        let Some(literal) = rest.trim_start().strip_prefix('"') else {
            continue;
        };
        let Some((body, _)) = literal.split_once("\";") else {
            continue;
        };
        let mut sql = String::new();
        let mut lines = body.split("\\\n");
        sql.push_str(lines.next().unwrap_or_default());
        for line in lines {
            sql.push_str(line.trim_start());
        }
        let sql = sql.replace("\\\"", "\"");
        // One with a place left open is put together by its verb, and run by the tests of that.
        if !sql.contains('{')
            && ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"]
                .iter()
                .any(|k| sql.starts_with(k))
        {
            out.push((name.to_owned(), sql));
        }
    }
    out
}
