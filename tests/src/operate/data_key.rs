//! Sensitive fields at rest: keys that change, a dump that somebody finds, a tenant that must be forgotten.

use super::process::command;
use crate::database::fixture::{self, Shop, client, member, scratch, url};
use crate::world::World;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use quartermaster_domain::sealing::{self, Ring};
use quartermaster_domain::shared::seal::Place;
use quartermaster_domain::suppliers::bank::{self, BankDetails};
use quartermaster_tenants::id::encode;
use quartermaster_tenants::settings::Settings;
use quartermaster_tenants::{Op, Tenants};
use serde_json::json;
use std::process::{Command, Output, Stdio};
use std::time::Duration;
use tokio_postgres::Client;
use uuid::Uuid;

const IBAN: &str = "DE89370400440532013000";
const OLD: &str = "V/y1ZaAmmI3iBZUw/LWjVaeQ0l46n1zJbSGPMTsRsOY=";
const NEW: &str = "q8XcG1M8cGnqEdgPMBvIzCWh0yl7eTtPVbQe5bcq0dI=";

fn ring(text: &str) -> Ring {
    Ring::parse(text).expect("keys")
}

/// A database of this test's own: keys are the whole deployment's.
struct Vault {
    owner_url: String,
    owner: Client,
    db: Tenants,
}

/// A tenant with bank details, and somebody who may propose them.
struct Tenant {
    shop: Shop,
    op: Op,
}

impl Vault {
    async fn new() -> Self {
        let owner_url = scratch().await;
        quartermaster_migrations::migrate(&owner_url, None)
            .await
            .expect("migrate");
        let app = beside("DATABASE_APP_URL", &owner_url);
        Self {
            owner: client(&owner_url).await,
            db: Tenants::new(&app, 4).expect("pool"),
            owner_url,
        }
    }

    async fn tenant(&self) -> Tenant {
        let shop = fixture::shop(&self.owner, &Settings::default()).await;
        let op = member(&self.owner, shop.tenant, &["supplier_steward"]).await;
        Tenant { shop, op }
    }

    async fn propose(&self, tenant: &Tenant, keys: &str) {
        let details = BankDetails {
            account_holder: "Acme Ltd".to_owned(),
            country: "DE".to_owned(),
            account: IBAN.to_owned(),
            bank: None,
        };
        bank::propose(&self.db, &tenant.op, &ring(keys), tenant.shop.supplier.into(), &details)
            .await
            .expect("proposed");
    }

    /// As it was before tenants had keys: sealed with the deployment's own.
    async fn legacy(&self, tenant: &Tenant, master: &str, rows: usize) {
        let master = ring(master);
        let place = place(tenant);
        let sql = "INSERT INTO qm.supplier_bank_change (tenant_id, id, supplier_id, status, sealed, key_id, mask, country, proposer_account_id, round, version, event_sequence, event_hash, created_at, updated_at) \
            SELECT $1, u.id, $2, 'REJECTED', u.sealed, $5, 'DE', 'DE', $6, 1, 1, 0, '', statement_timestamp(), statement_timestamp() FROM unnest($3::uuid[], $4::bytea[]) u (id, sealed)";
        let ids: Vec<Uuid> = (0..rows).map(|_| Uuid::now_v7()).collect();
        let seal = |_: &Uuid| master.current().seal(place, IBAN).expect("sealed");
        let sealed: Vec<Vec<u8>> = ids.iter().map(seal).collect();
        let (of, supplier) = (tenant.shop.tenant.0, tenant.shop.supplier);
        let id = master.current().id();
        self.owner
            .execute(sql, &[&of, &supplier, &ids, &sealed, &id, &tenant.op.account])
            .await
            .expect("legacy rows");
    }

    /// Every field of a tenant, opened with these keys.
    async fn open(&self, tenant: &Tenant, keys: &str) -> Result<usize, String> {
        let sql = "SELECT key_id, sealed FROM qm.supplier_bank_change WHERE tenant_id = $1";
        let rows = self.owner.query(sql, &[&tenant.shop.tenant.0]).await.expect("fields");
        for row in &rows {
            let text = sealing::opened(&self.db, &tenant.op, &ring(keys), row.get(0), place(tenant), row.get(1)).await;
            assert!(text.map_err(|e| e.to_string())?.contains(IBAN));
        }
        Ok(rows.len())
    }

    fn data_key(&self, arguments: &str, keys: &str) -> Command {
        let mut command = command(&format!("data-key {arguments}"));
        command
            .env("DATABASE_OWNER_URL", &self.owner_url)
            .env("QUARTERMASTER_DATA_KEY", keys);
        command
    }

    fn run(&self, arguments: &str, keys: &str) -> Output {
        self.data_key(arguments, keys).output().expect("the command")
    }

    /// What `pg_dump` writes.
    fn dump(&self) -> String {
        let output = Command::new(format!("{}/pg_dump", url("POSTGRES_BIN")))
            .arg(&self.owner_url)
            .output()
            .expect("pg_dump");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    }
}

fn beside(name: &str, owner_url: &str) -> String {
    let role = url(name);
    let (base, _) = role.rsplit_once('/').expect("a URL with a database");
    format!("{base}/{}", owner_url.rsplit_once('/').expect("a URL").1)
}

fn place(tenant: &Tenant) -> Place<'static> {
    Place {
        tenant: tenant.shop.tenant.0,
        document: tenant.shop.supplier,
        field: "bank",
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + String::from_utf8_lossy(&output.stderr).as_ref()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_data_key_changes_under_what_it_sealed_and_the_old_one_can_be_thrown_away() {
    let vault = Vault::new().await;
    let (first, second, third) = (vault.tenant().await, vault.tenant().await, vault.tenant().await);
    vault.propose(&first, OLD).await;
    vault.legacy(&second, OLD, 700).await;
    let both = format!("{NEW},{OLD}");
    // Who comes now is wrapped with the new one; the others still open.
    vault.propose(&third, &both).await;
    assert_eq!(vault.open(&third, NEW).await, Ok(1));
    assert_eq!(vault.open(&first, &both).await, Ok(1));
    assert!(vault.open(&first, NEW).await.unwrap_err().contains("is not among"));

    let shown = said(&vault.run("show", &both));
    let old = ring(OLD).current().id().to_owned();
    assert!(
        shown.contains(&format!("{old}  previous  1 tenant keys, 700 fields")),
        "{shown}"
    );
    // What was done before it failed stays.
    let forgotten = vault.run("rotate", NEW);
    assert!(
        !forgotten.status.success() && said(&forgotten).contains(&old),
        "{}",
        said(&forgotten)
    );
    let rotated = vault.run("rotate", &both);
    assert!(rotated.status.success(), "{}", said(&rotated));
    assert!(
        said(&rotated).contains("0 tenant keys made, 1 wrapped"),
        "{}",
        said(&rotated)
    );
    assert!(said(&rotated).contains("700 fields sealed anew"), "{}", said(&rotated));
    for (tenant, fields) in [(&first, 1), (&second, 700), (&third, 1)] {
        assert_eq!(vault.open(tenant, NEW).await, Ok(fields));
    }
    let shown = said(&vault.run("show", NEW));
    assert!(
        shown.contains("current  3 tenant keys, 0 fields") && !shown.contains(&old),
        "{shown}"
    );

    // Tenants' own keys change too.
    let replaced = said(&vault.run("rotate --replace-made-before 2999-01-01", NEW));
    assert!(
        replaced.contains("3 tenant keys made") && replaced.contains("702 fields sealed anew"),
        "{replaced}"
    );
    for tenant in [&first, &second, &third] {
        assert!(vault.open(tenant, NEW).await.is_ok());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotation_that_is_killed_goes_on_where_it_was() {
    let vault = Vault::new().await;
    let tenant = vault.tenant().await;
    vault.legacy(&tenant, OLD, 6_000).await;
    let both = format!("{NEW},{OLD}");
    let left = async || {
        let sql = "SELECT count(*) FROM qm.supplier_bank_change WHERE length(key_id) = 8";
        vault.owner.query_one(sql, &[]).await.expect("count").get::<_, i64>(0)
    };
    let mut killed = vault
        .data_key("rotate", &both)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the command");
    while left().await == 6_000 {
        assert!(
            killed.try_wait().expect("its state").is_none(),
            "it ended without doing anything"
        );
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    killed.kill().expect("killed");
    killed.wait().expect("its end");
    assert_eq!(vault.open(&tenant, &both).await, Ok(6_000));
    let rest = vault.run("rotate", &both);
    assert!(rest.status.success(), "{}", said(&rest));
    assert_eq!(left().await, 0);
    assert_eq!(vault.open(&tenant, NEW).await, Ok(6_000));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dump_shows_no_bank_data_and_a_destroyed_key_makes_it_unreadable_to_all() {
    let vault = Vault::new().await;
    let (gone, stays) = (vault.tenant().await, vault.tenant().await);
    vault.propose(&gone, OLD).await;
    vault.propose(&stays, OLD).await;
    vault.legacy(&gone, OLD, 1).await;
    let dump = vault.dump();
    assert!(dump.contains(&gone.shop.supplier.to_string()), "the dump is empty");
    let digits = &IBAN[4..];
    for form in [
        digits.to_owned(),
        "Acme Ltd".to_owned(),
        digits.bytes().map(|b| format!("{b:02x}")).collect(),
        STANDARD.encode(digits),
        OLD.to_owned(),
        STANDARD
            .decode(OLD)
            .expect("a key")
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect(),
    ] {
        assert!(!dump.contains(&form), "a dump shows {form}");
    }

    let tenant = gone.shop.tenant.to_string();
    let early = vault.run(&format!("destroy --tenant {tenant} --yes"), OLD);
    assert!(
        !early.status.success() && said(&early).contains("data-key rotate"),
        "{}",
        said(&early)
    );
    assert!(vault.run("rotate", OLD).status.success());
    let unsure = vault.run(&format!("destroy --tenant {tenant}"), OLD);
    assert!(!unsure.status.success(), "destroyed without being asked for certain");
    assert_eq!(vault.open(&gone, OLD).await, Ok(2));
    let destroyed = vault.run(&format!("destroy --tenant {tenant} --yes"), OLD);
    assert!(destroyed.status.success(), "{}", said(&destroyed));
    assert!(vault.open(&gone, OLD).await.unwrap_err().contains("destroyed"));
    assert_eq!(vault.open(&stays, OLD).await, Ok(1));
    // Nothing that opens the fields is left, also not under the deployment's key.
    let left: i64 = vault
        .owner
        .query_one(
            "SELECT count(*) FROM qm.tenant_key WHERE tenant_id = $1 AND wrapped IS NOT NULL",
            &[&gone.shop.tenant.0],
        )
        .await
        .expect("keys")
        .get(0);
    assert_eq!(left, 0);
    // A rotation passes by what is lost.
    assert!(vault.run("rotate", &format!("{NEW},{OLD}")).status.success());
    assert_eq!(vault.open(&stays, NEW).await, Ok(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_takes_a_new_data_key_from_its_file_without_a_restart() {
    let world = World::start().await;
    let file = tempfile::NamedTempFile::new().expect("file");
    std::fs::write(file.path(), OLD).expect("a key");
    let path = file.path().to_owned();
    let server = world
        .another_server_with(|config| quartermaster_api::config::Config {
            data_key_file: Some(path),
            ..config
        })
        .await;
    let wrapped_with = async || {
        let shop = world.shop(&Settings::default()).await;
        let steward = world.member(&shop, &["supplier_steward"]).await.through(&server);
        let input = json!({ "supplierId": encode("sup", shop.supplier), "accountHolder": "Acme", "countryCode": "DE", "account": IBAN });
        steward.does("supplierBankChangePropose", "", input).await;
        let sql = "SELECT master_key_id FROM qm.tenant_key WHERE tenant_id = $1";
        let row = world.owner.query_one(sql, &[&shop.tenant.0]).await.expect("a key");
        row.get::<_, String>(0)
    };
    assert_eq!(wrapped_with().await, ring(OLD).current().id());
    std::fs::write(file.path(), format!("{NEW}\n{OLD}\n")).expect("keys");
    assert_eq!(wrapped_with().await, ring(NEW).current().id());
    server.shutdown().await;
}
