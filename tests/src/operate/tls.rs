//! Connections to a database that takes none in plain text.

use super::cluster::{Authority, Cluster};
use crate::database::fixture::{member, shop, strict};
use quartermaster_api::config::Config;
use quartermaster_api::server;
use quartermaster_tenants::directory::Directory;
use quartermaster_tenants::feed::Feed;
use quartermaster_tenants::tx::{Flight, params};
use quartermaster_tenants::{TenantTx, Tenants, tx, wire};
use std::time::Duration;

const APP: &str = "DATABASE_APP_URL";
const OWNER: &str = "DATABASE_OWNER_URL";
const RELAY: &str = "DATABASE_RELAY_URL";
/// The superuser looks on from outside; everybody else comes encrypted.
const ENCRYPTED: &str = "host all postgres 127.0.0.1/32 scram-sha-256\nhostssl all all 127.0.0.1/32 scram-sha-256";

/// Migrated, over TLS.
async fn encrypted(authority: &Authority) -> Cluster {
    let cluster = Cluster::start();
    cluster.secure(&authority.certificate(), ENCRYPTED).await;
    let owner = wire::for_sqlx(&cluster.url_with(OWNER, &full(authority))).expect("a URL");
    quartermaster_migrations::migrate(&owner, None)
        .await
        .expect("migrated over TLS");
    cluster
}

fn full(authority: &Authority) -> String {
    format!("sslmode=verify-full&sslrootcert={}", authority.file())
}

/// How the pool fares with this URL; and the directory, which reads it by itself.
async fn tried(url: &str) -> [Result<(), String>; 2] {
    let pool = async { tx::problems(&Tenants::new(url, 1)?).await.map(drop) };
    let directory = async { Directory::new(url, 1).await?.find_issuer("nobody").await.map(drop) };
    [pool.await, directory.await].map(|tried| tried.map_err(|e: quartermaster_tenants::Error| e.to_string()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plain_connection_is_refused_and_an_encrypted_one_trusts_whom_its_url_says() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let cluster = encrypted(&authority).await;
    let (ours, theirs) = (authority.file(), stranger.file());
    for tail in [
        "sslmode=require".to_owned(),
        "sslmode=prefer".to_owned(),
        format!("sslmode=require&sslrootcert={ours}"),
        format!("sslmode=verify-ca&sslrootcert={ours}"),
        full(&authority),
    ] {
        let url = cluster.url_with(APP, &tail);
        for tried in tried(&url).await {
            tried.unwrap_or_else(|e| panic!("{tail}: {e}"));
        }
        let client = wire::connect(&url).await.expect("a connection");
        let how = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
        let encrypted: bool = client.query_one(how, &[]).await.expect("how").get(0);
        assert!(encrypted, "{tail}");
    }
    for (tail, why) in [
        ("sslmode=disable".to_owned(), "no encryption"),
        (format!("sslmode=require&sslrootcert={theirs}"), "certificate"),
        (format!("sslmode=verify-ca&sslrootcert={theirs}"), "certificate"),
        (full(&stranger), "certificate"),
    ] {
        for tried in tried(&cluster.url_with(APP, &tail)).await {
            let refused = tried.expect_err(&tail);
            assert!(refused.contains(why), "{tail}: {refused}");
        }
    }
    // The certificate is for localhost. By its address the database is somebody else, unless only the authority counts.
    let elsewhere = |tail: &str| cluster.url_with(APP, tail).replace("localhost", "127.0.0.1");
    for tried in tried(&elsewhere(&full(&authority))).await {
        assert!(tried.expect_err("another host").contains("certificate"));
    }
    for tried in tried(&elsewhere(&format!("sslmode=verify-ca&sslrootcert={ours}"))).await {
        tried.expect("the authority vouches for it");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_serves_and_hears_of_events_over_tls_and_a_statement_that_nobody_waits_for_is_cancelled_over_it() {
    let authority = Authority::new();
    let cluster = encrypted(&authority).await;
    let secured = |name: &str| cluster.url_with(name, &full(&authority));
    let config = Config {
        development_issuer: Some(false),
        ..Config::development(secured(APP), secured(OWNER), secured(RELAY))
    };
    let running = server::start(config).await.expect("started");
    let ready = reqwest::get(format!("http://{}/readyz", running.addr))
        .await
        .expect("an answer");
    assert_eq!(ready.status().as_u16(), 200);
    Feed::open(&secured(RELAY))
        .await
        .expect("a feed")
        .look()
        .await
        .expect("a look");
    let plain = cluster.url_with(RELAY, "sslmode=disable");
    assert!(
        Feed::open(&plain)
            .await
            .err()
            .expect("refused")
            .to_string()
            .contains("no encryption")
    );

    let owner = wire::connect(&secured(OWNER)).await.expect("owner");
    let shop = shop(&owner, &strict()).await;
    let buyer = member(&owner, shop.tenant, &["buyer"]).await;
    let superuser = cluster.superuser().await;
    let sleeping = async || {
        let look = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'quartermaster_app' AND state = 'active' AND query LIKE '%pg_sleep%'";
        superuser.query_one(look, &[]).await.expect("activity").get::<_, i64>(0)
    };
    let wait = async |wanted: i64| {
        for _ in 0..600 {
            if sleeping().await == wanted {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{} statements sleep instead of {wanted}", sleeping().await);
    };
    let db = running.db().clone();
    let request = tokio::spawn(async move {
        let mut tx = TenantTx::read(&db, &buyer).await.expect("a transaction");
        let mut flight = Flight::new();
        flight.rows("SELECT 1 FROM pg_sleep($1)", params![3_600_f64]);
        tx.fly(flight).await.map(drop)
    });
    wait(1).await;
    request.abort();
    wait(0).await;
    running.shutdown().await;
}
