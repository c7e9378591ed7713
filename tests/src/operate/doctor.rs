//! Each line of the list that `doctor` prints, broken for real: it must be found, by its code.

use super::cluster::{Authority, Cluster};
use super::process::command;
use crate::database::fixture::{scratch, url};
use futures::StreamExt;
use quartermaster_domain::sealing::Ring;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use tokio_postgres::Client;
use uuid::Uuid;

const KEY: &str = "V/y1ZaAmmI3iBZUw/LWjVaeQ0l46n1zJbSGPMTsRsOY=";
const OTHER: &str = "q8XcG1M8cGnqEdgPMBvIzCWh0yl7eTtPVbQe5bcq0dI=";
/// What no test here can break.
const NOT_BROKEN: [(&str, &str); 1] = [("postgres-too-old", "there is no PostgreSQL 14 to break it with")];

type Env = BTreeMap<&'static str, String>;

/// What doctor finds in this environment: its codes; and whether it was content.
async fn doctor(env: &Env) -> (BTreeSet<String>, bool, Value) {
    let mut command = command("doctor --json");
    command.envs(env);
    let output = tokio::task::spawn_blocking(move || command.output().expect("doctor"))
        .await
        .expect("doctor");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let json = text.find('{').zip(text.rfind('}'));
    let (from, to) = json.unwrap_or_else(|| panic!("{text}\n{}", String::from_utf8_lossy(&output.stderr)));
    let told: Value = serde_json::from_str(&text[from..=to]).expect("JSON");
    let checks = told["checks"].as_array().expect("checks");
    let there = checks
        .iter()
        .filter(|c| !c["found"].as_array().expect("found").is_empty());
    let codes = there.map(|c| c["code"].as_str().expect("a code").to_owned()).collect();
    (codes, output.status.success(), told)
}

/// The list that it prints itself: codes with their severities.
fn list() -> BTreeMap<String, String> {
    let output = command("doctor --list --json").output().expect("doctor");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let (from, to) = text.find('[').zip(text.rfind(']')).expect("a list");
    let all: Vec<Value> = serde_json::from_str(&text[from..=to]).expect("JSON");
    let word = |v: &Value, key: &str| v[key].as_str().expect(key).to_owned();
    for ailment in &all {
        assert!(
            word(ailment, "sound").len() > 10 && word(ailment, "cure").len() > 10,
            "{ailment}"
        );
    }
    all.iter().map(|v| (word(v, "code"), word(v, "severity"))).collect()
}

/// A cluster as a deployment's should be, a database in it, and what a server there is told.
struct Ward {
    cluster: Cluster,
    /// Its folder is where the URLs find its certificate.
    _authority: Authority,
    superuser: Client,
    env: Env,
}

/// Everybody may come either way.
const OPEN: &str = "host all all 127.0.0.1/32 scram-sha-256";

impl Ward {
    async fn new() -> Self {
        let (cluster, authority) = (Cluster::start(), Authority::new());
        cluster.secure(&authority.certificate(), OPEN).await;
        let superuser = cluster.superuser().await;
        quartermaster_migrations::migrate(&cluster.url("DATABASE_OWNER_URL"), None)
            .await
            .expect("migrate");
        // Something that needs the data key.
        let (tenant, master) = (
            Uuid::now_v7(),
            Ring::parse(KEY).expect("a key").current().id().to_owned(),
        );
        let sql = format!(
            "INSERT INTO qm.tenant_key (tenant_id, id, wrapped, master_key_id, created_at) VALUES ('{tenant}', '{tenant}', '\\x00', '{master}', statement_timestamp())"
        );
        superuser.batch_execute(&sql).await.expect("a tenant's key");
        let mut env = Env::from([
            ("QUARTERMASTER_ENVIRONMENT", "production".to_owned()),
            ("QUARTERMASTER_DATA_KEY", KEY.to_owned()),
            ("QUARTERMASTER_LISTEN", "127.0.0.1:0".to_owned()),
        ]);
        let tail = format!("sslmode=verify-full&sslrootcert={}", authority.file());
        for name in ["DATABASE_APP_URL", "DATABASE_OWNER_URL", "DATABASE_RELAY_URL"] {
            env.insert(name, cluster.url_with(name, &tail));
        }
        Self {
            cluster,
            _authority: authority,
            superuser,
            env,
        }
    }

    fn with(&self, changes: &[(&'static str, &str)]) -> Env {
        let mut env = self.env.clone();
        env.extend(changes.iter().map(|(name, value)| (*name, (*value).to_owned())));
        env
    }

    fn wrong_password(&self, name: &str) -> String {
        let url = &self.env[name];
        let (login, place) = url.split_once('@').expect("a URL");
        format!("{}:wrong@{place}", login.rsplit_once(':').expect("a password").0)
    }
}

/// Broken by what the environment says; each run stands alone, so several run at once.
async fn broken_by_words(ward: &Ward) -> Vec<(&'static str, Env)> {
    let stranger = Box::leak(Box::new(Authority::new()));
    let dev = ("QUARTERMASTER_ENVIRONMENT", "development");
    let app = |tail: &str| ward.cluster.url_with("DATABASE_APP_URL", tail);
    let one = |code, name, value: &str| (code, ward.with(&[(name, value)]));
    let taken = Box::leak(Box::new(std::net::TcpListener::bind("127.0.0.1:0").expect("a port")));
    let superuser = ward.cluster.url("DATABASE_SUPERUSER_URL");
    let free = Uuid::now_v7().simple().to_string();
    for sql in [
        format!("CREATE ROLE free_{free} LOGIN BYPASSRLS PASSWORD 'free'"),
        format!("GRANT CONNECT ON DATABASE quartermaster TO free_{free}"),
        format!("GRANT USAGE ON SCHEMA qm TO free_{free}"),
        format!("CREATE DATABASE empty_{free}"),
        format!("CREATE DATABASE ascii_{free} ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"),
    ] {
        ward.superuser.batch_execute(&sql).await.expect(&sql);
    }
    let login = app("sslmode=prefer");
    let (_, place) = login.split_once('@').expect("a URL");
    let free_url = format!("postgres://free_{free}:free@{place}");
    let shared = scratch().await;
    quartermaster_migrations::migrate(&shared, None).await.expect("migrate");
    let (app_url, database) = (url("DATABASE_APP_URL"), shared.rsplit_once('/').expect("a database").1);
    let shared_app = format!("{}/{database}", app_url.rsplit_once('/').expect("a URL").0);
    let other = |name: &str| app("sslmode=require").replace("/quartermaster?", &format!("/{name}_{free}?"));
    let no_folder = Box::leak(Box::new(tempfile::NamedTempFile::new().expect("a file")));
    let folder = no_folder.path().to_str().expect("a path");
    let port = taken.local_addr().expect("an address").to_string();
    vec![
        one("configuration", "QUARTERMASTER_DOCUMENTS_KEPT", "0"),
        one("development-issuer", "QUARTERMASTER_DEVELOPMENT_ISSUER", "true"),
        one("loopback-issuers", "QUARTERMASTER_LOOPBACK_ISSUERS", "true"),
        one("clock-moved", "QUARTERMASTER_CLOCK_OFFSET_SECONDS", "60"),
        one(
            "cors-origin",
            "QUARTERMASTER_CORS_ORIGINS",
            "[\"https://shop.example/path\"]",
        ),
        one(
            "registered-documents",
            "QUARTERMASTER_REGISTERED_DOCUMENTS",
            "[\"/no/such/manifest.json\"]",
        ),
        one("collector-address", "QUARTERMASTER_OTLP_ENDPOINT", "collector:4318"),
        one("introspection-open", "QUARTERMASTER_INTROSPECTION", "true"),
        (
            "data-key-missing",
            ward.env
                .iter()
                .filter(|(k, _)| **k != "QUARTERMASTER_DATA_KEY")
                .map(|(k, v)| (*k, v.clone()))
                .collect(),
        ),
        one(
            "data-key-unusable",
            "QUARTERMASTER_DATA_KEY",
            "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=",
        ),
        one("data-key-unknown", "QUARTERMASTER_DATA_KEY", OTHER),
        one("data-key-previous", "QUARTERMASTER_DATA_KEY", &format!("{OTHER},{KEY}")),
        one("database-url", "DATABASE_APP_URL", &app("sslmode=allow")),
        one(
            "database-plain",
            "DATABASE_RELAY_URL",
            "postgres://relay:x@db.invalid/qm",
        ),
        one("database-unverified", "DATABASE_APP_URL", &app("sslmode=require")),
        one(
            "database-authority",
            "DATABASE_APP_URL",
            &app("sslmode=verify-full&sslrootcert=/no/where.pem"),
        ),
        one(
            "database-tls",
            "DATABASE_APP_URL",
            &app(&format!("sslmode=verify-full&sslrootcert={}", stranger.file())),
        ),
        one(
            "database-unreachable",
            "DATABASE_APP_URL",
            &ward.wrong_password("DATABASE_APP_URL"),
        ),
        one("role-superuser", "DATABASE_APP_URL", &superuser),
        one("role-bypasses-rls", "DATABASE_APP_URL", &free_url),
        one("role-owns-tables", "DATABASE_APP_URL", &ward.env["DATABASE_OWNER_URL"]),
        one("not-migrated", "DATABASE_APP_URL", &other("empty")),
        one("encoding", "DATABASE_APP_URL", &other("ascii")),
        one("fsync-off", "DATABASE_APP_URL", &shared_app),
        one("commit-not-durable", "DATABASE_APP_URL", &shared_app),
        one("pool-too-large", "QUARTERMASTER_DATABASE_CONNECTIONS", "5000"),
        one(
            "owner-unreachable",
            "DATABASE_OWNER_URL",
            &ward.wrong_password("DATABASE_OWNER_URL"),
        ),
        one(
            "relay-unreachable",
            "DATABASE_RELAY_URL",
            &ward.wrong_password("DATABASE_RELAY_URL"),
        ),
        (
            "issuer-key",
            ward.with(&[dev, ("QUARTERMASTER_DEVELOPMENT_ISSUER_FOLDER", folder)]),
        ),
        one("port-taken", "QUARTERMASTER_LISTEN", &port),
    ]
}

/// Broken in the database, one after the other, and mended: code, what breaks it, what mends it.
const BROKEN_IN_THE_DATABASE: &[(&str, &str, &str)] = &[
    (
        "schema-behind",
        "DELETE FROM quartermaster_migration WHERE version = 'm0038_deprecated_uses'",
        "INSERT INTO quartermaster_migration (version, applied_at) VALUES ('m0038_deprecated_uses', 0)",
    ),
    (
        "schema-ahead",
        "INSERT INTO quartermaster_migration (version, applied_at) VALUES ('m9999_tomorrow', 0)",
        "DELETE FROM quartermaster_migration WHERE version = 'm9999_tomorrow'",
    ),
    (
        "row-security-missing",
        "ALTER TABLE qm.item DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE qm.item ENABLE ROW LEVEL SECURITY",
    ),
    (
        "rights-missing",
        "REVOKE SELECT ON qm.item FROM quartermaster_app",
        "GRANT SELECT ON qm.item TO quartermaster_app",
    ),
    (
        "evidence-writable",
        "GRANT UPDATE ON qm.event TO quartermaster_app",
        "REVOKE UPDATE ON qm.event FROM quartermaster_app",
    ),
    (
        "relay-unsafe",
        "GRANT SELECT ON qm.supplier TO quartermaster_relay",
        "REVOKE SELECT ON qm.supplier FROM quartermaster_relay",
    ),
    (
        "issuer-unreachable",
        "INSERT INTO qm.issuer (id, issuer, algorithms, status, created_at) VALUES (gen_random_uuid(), 'https://login.invalid', '{ES256}', 'ACTIVE', statement_timestamp())",
        "DELETE FROM qm.issuer",
    ),
    (
        "worker-idle",
        "INSERT INTO qm.idempotency (tenant_id, account_id, key, fingerprint, outcome, at) VALUES (gen_random_uuid(), gen_random_uuid(), 'k', '', '{}', statement_timestamp() - interval '2 days')",
        "DELETE FROM qm.idempotency",
    ),
    (
        "autovacuum-off",
        "ALTER SYSTEM SET autovacuum = off",
        "ALTER SYSTEM RESET autovacuum",
    ),
    // A database whose clock tells another time: the serving role finds this function before PostgreSQL's own.
    (
        "clock-differs",
        "CREATE SCHEMA late; GRANT USAGE ON SCHEMA late TO quartermaster_app; \
         CREATE FUNCTION late.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS $$SELECT pg_catalog.clock_timestamp() - interval '1 hour'$$; \
         ALTER ROLE quartermaster_app IN DATABASE quartermaster SET search_path = late, pg_catalog",
        "ALTER ROLE quartermaster_app IN DATABASE quartermaster RESET search_path; DROP SCHEMA late CASCADE",
    ),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn doctor_finds_each_thing_of_its_own_list_when_it_is_broken_and_nothing_when_all_is_well() {
    let list = list();
    let ward = Ward::new().await;
    let (found, content, told) = doctor(&ward.env).await;
    assert!(found.is_empty() && content, "{found:?}\n{told:#}");
    let looked = told["checks"].as_array().expect("checks");
    assert!(looked.iter().all(|c| c["looked"] == true), "{told:#}");

    let mut broken = BTreeSet::new();
    let mut judge = |code: &'static str, (found, content, told): (BTreeSet<String>, bool, Value)| {
        assert!(found.contains(code), "{code} was not found, but {found:?}\n{told:#}");
        let serious = found.iter().any(|code| list[code] == "fail");
        assert_eq!(content, !serious, "the exit code after {found:?}");
        assert!(list.contains_key(code), "{code} is not on the list");
        broken.insert(code);
    };
    let words = broken_by_words(&ward).await;
    let runs = futures::stream::iter(words).map(|(code, env)| async move { (code, doctor(&env).await) });
    for (code, seen) in runs.buffered(2).collect::<Vec<_>>().await {
        judge(code, seen);
    }
    for (code, breaks, mends) in BROKEN_IN_THE_DATABASE {
        for (sql, is_broken) in [(breaks, true), (mends, false)] {
            ward.superuser.simple_query(sql).await.expect(code);
            ward.superuser
                .simple_query("SELECT pg_reload_conf()")
                .await
                .expect("reload");
            if is_broken {
                let seen = eventually(&ward, code).await;
                judge(code, seen);
            }
        }
    }
    let exempt = NOT_BROKEN.iter().map(|(code, _)| *code);
    let covered: BTreeSet<&str> = broken.into_iter().chain(exempt).collect();
    let listed: BTreeSet<&str> = list.keys().map(String::as_str).collect();
    assert_eq!(
        covered, listed,
        "on the list and not broken by this test, or the other way round"
    );
}

/// The server reads its settings anew a moment after it is told to.
async fn eventually(ward: &Ward, code: &str) -> (BTreeSet<String>, bool, Value) {
    for _ in 0..20 {
        let seen = doctor(&ward.env).await;
        if seen.0.contains(code) {
            return seen;
        }
    }
    doctor(&ward.env).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn doctor_tells_people_what_is_wrong_and_what_to_do_and_never_a_password() {
    let mut command = command("doctor");
    command
        .env("DATABASE_APP_URL", "postgres://app:hunter2@127.0.0.1:1/qm")
        .env(
            "DATABASE_OWNER_URL",
            "postgres://owner:hunter2@127.0.0.1:1/qm?sslmode=verify-full",
        )
        .env("DATABASE_RELAY_URL", "")
        .env("QUARTERMASTER_DATA_KEY", "hunter2");
    let output = command.output().expect("doctor");
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + String::from_utf8_lossy(&output.stderr).as_ref();
    assert!(!output.status.success() && !text.contains("hunter2"), "{text}");
    for line in [
        "FAIL  database-unreachable",
        "FAIL  data-key-unusable",
        "FAIL  relay-unreachable",
        "  --  schema-behind",
        "→ Make one: openssl rand",
    ] {
        assert!(text.contains(line), "no “{line}” in\n{text}");
    }
}
