//! Writes down what this version is, when it becomes a release.

use super::kept;
use crate::database::fixture::{client, url};
use crate::database::statements::statements;
use crate::duties::{Company, one_of_each};
use crate::house::root;
use crate::isolation::everybody;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::process::Command;

/// SHA-256 of a step's file.
pub fn digest_of(step: &str) -> String {
    let name = step.strip_prefix('m').unwrap_or(step);
    let text = std::fs::read(root().join(format!("migrations/src/sql/{name}.sql"))).unwrap_or_default();
    Sha256::digest(text).iter().map(|b| format!("{b:02x}")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "no test: `make release` calls it, alone, when a release is made"]
async fn what_this_version_is() {
    let company = Company::open().await;
    one_of_each(&company).await;
    everybody(&company.world, &company.shop).await;
    let owner = client(&url("DATABASE_OWNER_URL")).await;
    let sql = "SELECT version FROM quartermaster_migration ORDER BY applied_at, version";
    let applied = owner.query(sql, &[]).await.unwrap();
    assert!(!applied.is_empty());
    let steps = quartermaster_migrations::steps();
    assert_eq!(steps.len(), applied.len());
    let steps: String = steps.iter().map(|s| format!("{s} {}\n", digest_of(s))).collect();
    std::fs::write(kept("steps.txt"), steps).unwrap();

    let statements: BTreeMap<_, _> = statements().into_iter().collect();
    let statements = serde_json::to_string_pretty(&statements).unwrap();
    std::fs::write(kept("statements.json"), statements + "\n").unwrap();
    std::fs::copy(root().join("schema.graphql"), kept("schema.graphql")).unwrap();

    let dump = Command::new(format!("{}/pg_dump", url("POSTGRES_BIN")))
        .args([
            "--data-only",
            "--schema=qm",
            "--no-owner",
            "--column-inserts",
            "--rows-per-insert=1000",
        ])
        .arg(url("DATABASE_SUPERUSER_URL"))
        .output()
        .unwrap();
    assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
    let dump = String::from_utf8(dump.stdout).unwrap();
    // What psql alone understands, and what is not data.
    let other = |line: &&str| !(line.is_empty() || line.starts_with('\\') || line.starts_with("--"));
    let data: Vec<&str> = dump.lines().filter(other).collect();
    std::fs::write(kept("data.sql"), data.join("\n") + "\n").unwrap();
}
