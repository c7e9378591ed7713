//! What docs/operations.md tells people to type, typed: on roles and databases of the test's own.

use crate::database::fixture::{client, url};
use crate::docs::page::Page;
use crate::docs::shell::{bash, program, said};
use uuid::Uuid;

/// The password in a database URL of this run.
fn password(name: &str) -> String {
    let url = url(name);
    let (login, _) = url.split_once('@').unwrap();
    login.rsplit_once(':').unwrap().1.to_owned()
}

/// The tables of a database: how many there are, with row level security, readable for the app role.
async fn tables(superuser: &str, database: &str) -> (i64, i64, i64) {
    let (server, _) = superuser.rsplit_once('/').unwrap();
    let look = "SELECT count(*), count(*) FILTER (WHERE c.relrowsecurity), count(*) FILTER (WHERE has_table_privilege('quartermaster_app', c.oid, 'SELECT')) \
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'qm' AND c.relkind = 'r'";
    let row = client(&format!("{server}/{database}"))
        .await
        .query_one(look, &[])
        .await
        .unwrap();
    (row.get(0), row.get(1), row.get(2))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_command_of_the_runbook_does_what_it_says() {
    let Ok(superuser) = std::env::var("DATABASE_SUPERUSER_URL") else {
        eprintln!("skipped: without DATABASE_SUPERUSER_URL there is nobody to make roles and databases");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    program(folder.path());
    let page = Page::read("docs/operations.md");
    let blocks: Vec<_> = page
        .blocks
        .into_iter()
        .filter(|b| b.language == "sh")
        .map(|b| b.text)
        .collect();
    assert_eq!(blocks.len(), 4);
    // A database of this test's own; the roles are the whole cluster's, and keep their passwords.
    let name = format!("run_{}", Uuid::now_v7().simple());
    let restored = format!("{name}_restored");
    let script = blocks.concat().replace("/quartermaster\"", &format!("/{name}\""));
    let (_, host) = superuser.split_once('@').unwrap();
    let output = bash(&[folder.path().to_str().unwrap(), &url("POSTGRES_BIN")], &script)
        .env("SUPERUSER_URL", &superuser)
        .env("DATABASE_HOST", host.split_once('/').unwrap().0)
        .env("DATABASE_NAME", &name)
        .env("RESTORED", &restored)
        .env("BACKUP", folder.path().join("backup"))
        .env("OWNER_PASSWORD", password("DATABASE_OWNER_URL"))
        .env("APP_PASSWORD", password("DATABASE_APP_URL"))
        .env("RELAY_PASSWORD", password("DATABASE_RELAY_URL"))
        .env("QUARTERMASTER_LISTEN", "127.0.0.1:0")
        .output()
        .unwrap();
    let said = said(&output);
    assert!(said.contains("  ok  serving role") && !said.contains("FAIL"), "{said}");
    let (saved, found) = (tables(&superuser, &name).await, tables(&superuser, &restored).await);
    assert_eq!(saved, found, "what was restored is not what was saved");
    assert!(saved.0 > 30 && saved.1 > 20 && saved.2 > 20, "{saved:?}");
    let server = client(&superuser).await;
    for database in [&name, &restored] {
        let sql = format!("DROP DATABASE {database} WITH (FORCE)");
        server.batch_execute(&sql).await.unwrap();
    }
}
