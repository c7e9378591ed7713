//! What docs/operations.md tells people to type, typed: on roles and databases of the test's own.

use crate::database::fixture::{client, url};
use crate::docs::page::Page;
use crate::docs::shell::{bash, program, said};
use quartermaster_tenants::id::TenantId;
use uuid::Uuid;

/// The password in a database URL of this run.
fn password(name: &str) -> String {
    let url = url(name);
    let (login, _) = url.split_once('@').unwrap();
    login.rsplit_once(':').unwrap().1.to_owned()
}

fn partner(code: &str) -> String {
    format!(
        "INSERT INTO qm.partner (id, code, name, created_at) VALUES (gen_random_uuid(), '{code}', '{code}', statement_timestamp());\n"
    )
}

fn a_tenant(id: Uuid) -> String {
    format!(
        "INSERT INTO qm.tenant (id, partner_id, code, name, kind, status, currency, locale, time_zone, country, version, created_at, updated_at, request_digest) \
         SELECT '{id}', p.id, 'ONE', 'One', 'RETAILER', 'SUSPENDED', 'USD', 'en', 'UTC', 'US', 1, statement_timestamp(), statement_timestamp(), '' FROM qm.partner p;\n"
    )
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
    let blocks = page
        .blocks
        .into_iter()
        .filter(|b| b.language == "sh" && b.words.is_empty());
    let blocks: Vec<String> = blocks.map(|b| b.text).collect();
    assert_eq!(blocks.len(), 6);
    // A database of this test's own; the roles are the whole cluster's, and keep their passwords.
    let name = format!("run_{}", Uuid::now_v7().simple());
    let restored = format!("{name}_restored");
    // Before the fifth there is a tenant to move, and a partner that it comes to.
    let (tenant, one, other) = (
        TenantId(Uuid::now_v7()),
        folder.path().join("one.sql"),
        folder.path().join("other.sql"),
    );
    std::fs::write(&one, format!("{}{}", partner("HERE"), a_tenant(tenant.0))).unwrap();
    std::fs::write(&other, partner("THERE")).unwrap();
    let prepare = "psql -q -v ON_ERROR_STOP=1 -f \"$ONE\" \"$DATABASE_OWNER_URL\"\npsql -q -v ON_ERROR_STOP=1 -f \"$OTHER\" \"$OTHER_OWNER_URL\"\n";
    let (first, rest) = blocks.split_at(4);
    let script = format!(
        "{}OTHER_OWNER_URL=\"postgres://quartermaster_owner:$OWNER_PASSWORD@$DATABASE_HOST/{name}\"\n{prepare}{}",
        first.concat().replace("/quartermaster\"", &format!("/{name}\"")),
        rest.concat()
    );
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
        .env("ONE", &one)
        .env("OTHER", &other)
        .env("TENANT", tenant.to_string())
        .env("ARCHIVE", folder.path().join("tenant.tar.gz"))
        .env("PARTNER", "THERE")
        .env("OTHER_DATA_KEY", "dGhlIG90aGVyIGRlcGxveW1lbnQncyBkYXRhIGtleS4=")
        .output()
        .unwrap();
    let said = said(&output);
    assert!(
        said.contains("  ok  role-superuser") && !said.contains("FAIL"),
        "{said}"
    );
    let (saved, found) = (tables(&superuser, &name).await, tables(&superuser, &restored).await);
    assert_eq!(saved, found, "what was restored is not what was saved");
    assert!(saved.0 > 30 && saved.1 > 20 && saved.2 > 20, "{saved:?}");
    let (server_url, _) = superuser.rsplit_once('/').unwrap();
    let moved = client(&format!("{server_url}/{name}")).await;
    let moved = moved
        .query_one(
            "SELECT t.status, p.code FROM qm.tenant t JOIN qm.partner p ON p.id = t.partner_id",
            &[],
        )
        .await
        .unwrap();
    assert_eq!((moved.get(0), moved.get(1)), ("SUSPENDED", "THERE"));
    let server = client(&superuser).await;
    for database in [&name, &restored] {
        let sql = format!("DROP DATABASE {database} WITH (FORCE)");
        server.batch_execute(&sql).await.unwrap();
    }
}
