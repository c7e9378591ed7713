//! Another deployment, with a database, a data key and a partner of its own; the commands that move a tenant there.

use crate::database::fixture::{beside, client, scratch, url};
use crate::operate::process::command;
use crate::world::World;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use quartermaster_api::config::Config;
use quartermaster_api::server::Running;
use quartermaster_domain::archive::{ArchiveError, Exporting, Manifest, Refused, TransferKey, export, import};
use quartermaster_domain::shared::seal::DataKey;
use quartermaster_tenants::directory::bootstrap::{self, IssuerScope, NewIssuer, NewPartner};
use quartermaster_tenants::id::{PartnerId, TenantId};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tokio_postgres::Client;
use uuid::Uuid;

/// The code of the partner there.
pub const PARTNER: &str = "NORTH";
/// The data key there; here it is development's.
const DATA_KEY: [u8; 32] = *b"the data key that is only there!";

pub struct Elsewhere {
    pub owner_url: String,
    pub owner: Client,
    pub partner: PartnerId,
}

impl Elsewhere {
    /// Where people log in at the same issuer as here.
    pub async fn of(world: &World) -> Self {
        Self::trusting(world.issuer()).await
    }

    /// Where the platform trusts this issuer.
    pub async fn trusting(issuer: &str) -> Self {
        let owner_url = scratch().await;
        quartermaster_migrations::migrate(&owner_url, None)
            .await
            .expect("migrate");
        let new = NewPartner {
            code: PARTNER.to_owned(),
            name: "The north".to_owned(),
            issuer: NewIssuer {
                issuer: issuer.to_owned(),
                scope: IssuerScope::Platform,
                algorithms: vec![],
                jwks_url: None,
            },
            admin_subject: "admin of the north".to_owned(),
            admin_name: "Nora".to_owned(),
        };
        let partner = bootstrap::partner(&owner_url, &new).await.expect("partner");
        Self {
            owner: client(&owner_url).await,
            owner_url,
            partner,
        }
    }

    /// A server there, which takes the same tokens.
    pub async fn server(&self, world: &World) -> Running {
        let of = |role: &str| beside(&url(role), &self.owner_url);
        let there = |config: Config| Config {
            database_app_url: of("DATABASE_APP_URL"),
            database_owner_url: self.owner_url.clone(),
            database_relay_url: of("DATABASE_RELAY_URL"),
            data_key: Some(STANDARD.encode(DATA_KEY)),
            ..config
        };
        world.another_server_with(there).await
    }

    /// A command that is given there.
    pub fn given(&self, mut command: Command) -> Command {
        command
            .env("DATABASE_OWNER_URL", &self.owner_url)
            .env("QUARTERMASTER_DATA_KEY", STANDARD.encode(DATA_KEY));
        command
    }

    /// The command that imports a file there.
    pub fn importing(&self, file: &Path) -> Command {
        let mut command = command(&format!("import-tenant {} --under {PARTNER}", file.display()));
        command.env("QUARTERMASTER_TRANSFER_KEY", STANDARD.encode([5; 32]));
        self.given(command)
    }

    /// Imports a file there.
    pub async fn import(&self, file: &Path) -> Result<Manifest, Refused> {
        import(&self.owner_url, file, PARTNER, &data_key(DATA_KEY), &transfer())
            .await
            .map_err(refused)
    }
}

/// What a refusal says; anything else fails the test.
pub fn refused(e: ArchiveError) -> Refused {
    match e {
        ArchiveError::Refused(refused) => refused,
        other => panic!("{other:?}"),
    }
}

/// The key of both.
pub fn transfer() -> TransferKey {
    TransferKey::read(&STANDARD.encode([5; 32])).expect("a key")
}

pub fn data_key(bytes: [u8; 32]) -> DataKey {
    DataKey::new(&hex(&Sha256::digest(bytes)[..4]), &bytes).expect("a key")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// The data key of development.
pub fn own_key() -> DataKey {
    data_key(Config::default().data_key())
}

/// Exports a tenant of here into a file of this folder, while people work on.
pub async fn exported(tenant: TenantId, folder: &Path) -> PathBuf {
    try_export(&url("DATABASE_OWNER_URL"), tenant, folder, true)
        .await
        .expect("an export")
}

pub async fn try_export(
    owner_url: &str,
    tenant: TenantId,
    folder: &Path,
    while_active: bool,
) -> Result<PathBuf, Refused> {
    let file = folder.join(format!("{}.tar.gz", Uuid::now_v7()));
    let (key, transfer) = (own_key(), transfer());
    let asked = Exporting {
        tenant,
        file: &file,
        while_active,
        key: &key,
        transfer: &transfer,
    };
    export(owner_url, &asked).await.map(|_| file).map_err(refused)
}

/// The command that exports a tenant of here.
pub fn exporting(tenant: TenantId, file: &Path, key_file: &Path) -> Command {
    std::fs::write(key_file, STANDARD.encode([5; 32])).expect("a key");
    command(&format!(
        "export-tenant {tenant} {} --while-active --transfer-key-file {}",
        file.display(),
        key_file.display()
    ))
}

/// What a command said, which must have gone well.
pub fn well(output: &Output) -> String {
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success(), "{said}");
    said
}

/// How many rows each table has of a tenant, and a digest over all that is in them.
pub async fn all_of(owner: &Client, tenant: TenantId) -> Vec<(String, i64, String)> {
    let tables = owner
        .query(
            "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'qm' \
             JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' WHERE c.relkind = 'r' ORDER BY 1",
            &[],
        )
        .await
        .expect("tables");
    assert!(tables.len() > 30, "{} tables of tenants", tables.len());
    let mut out = Vec::new();
    for table in tables {
        let table: String = table.get(0);
        let sql = format!(
            "SELECT count(*), coalesce(md5(string_agg(t::text, chr(10) ORDER BY t::text COLLATE \"C\")), '') FROM qm.{table} t WHERE tenant_id = $1"
        );
        let row = owner.query_one(&sql, &[&tenant.0]).await.expect(&table);
        out.push((table, row.get(0), row.get(1)));
    }
    out
}

/// Is nothing of the tenant here?
pub async fn nothing_of(owner: &Client, tenant: TenantId) -> bool {
    let directory = "SELECT (SELECT count(*) FROM qm.tenant WHERE id = $1) + (SELECT count(*) FROM qm.person_tenant WHERE member_tenant_id = $1)";
    let above: i64 = owner
        .query_one(directory, &[&tenant.0])
        .await
        .expect("directory")
        .get(0);
    above == 0 && all_of(owner, tenant).await.iter().all(|(_, rows, _)| *rows == 0)
}
