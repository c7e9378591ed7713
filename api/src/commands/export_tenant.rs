//! `quartermaster export-tenant`: one tenant becomes one file.

use super::{Failure, runtime};
use crate::config::Config;
use clap::Args;
use quartermaster_domain::archive::{ArchiveError, Exporting, Manifest, TransferKey, export};
use quartermaster_domain::sealing::Ring;
use quartermaster_tenants::id::TenantId;
use std::path::{Path, PathBuf};

/// Exports one tenant, with all that it has, into one file: to move it to another deployment, or to keep a copy.
///
/// The file is a gzipped tar of CSV files, one for each table, and their list with digests (manifest.json), signed with the
/// transfer key. It shows one moment. Nothing is changed, but that the partner's history says that the tenant was exported.
#[derive(Debug, Args)]
#[command(
    after_help = "The transfer key is 32 random bytes in base64, known to both deployments: in a file (--transfer-key-file) or in
QUARTERMASTER_TRANSFER_KEY. Bank details travel sealed with it, the list is signed with it. Make one: openssl rand -base64 32

The rest of the file is readable: names, prices, hashes of API keys. Keep it as you keep a dump of the database.

Runs as the owner of the schema (DATABASE_OWNER_URL), with the deployment's data key (QUARTERMASTER_DATA_KEY)."
)]
pub struct ExportTenant {
    /// The tenant (ten_…)
    tenant: TenantId,
    /// The file to make, such as acme.tar.gz; one that is there is not overwritten
    file: PathBuf,
    /// A copy of this moment, while people work on; without it, only a suspended or closed tenant is exported
    #[arg(long)]
    while_active: bool,
    #[command(flatten)]
    secret: Secret,
}

/// Where the transfer key is: never on the command line itself, which others on the machine can read.
#[derive(Debug, Args)]
pub(super) struct Secret {
    /// The file with the transfer key [default: the environment's QUARTERMASTER_TRANSFER_KEY]
    #[arg(long, value_name = "FILE")]
    transfer_key_file: Option<PathBuf>,
}

impl Secret {
    pub(super) fn read(&self) -> Result<TransferKey, Failure> {
        let missing = |e: String| Failure::new(66, format!("The transfer key cannot be read: {e}."));
        let text = match &self.transfer_key_file {
            Some(file) => std::fs::read_to_string(file).map_err(|e| missing(e.to_string()))?,
            None => std::env::var("QUARTERMASTER_TRANSFER_KEY").map_err(|_| {
                missing("neither --transfer-key-file nor QUARTERMASTER_TRANSFER_KEY is given".to_owned())
            })?,
        };
        TransferKey::read(&text).map_err(failure)
    }
}

impl ExportTenant {
    pub fn run(self, config: &Config) -> Result<(), Failure> {
        let transfer = self.secret.read()?;
        let keys = master_keys(config)?;
        let asked = Exporting {
            tenant: self.tenant,
            file: &self.file,
            while_active: self.while_active,
            keys: &keys,
            transfer: &transfer,
        };
        let done = runtime()?.block_on(export(owner(config)?, &asked));
        say("exported to", &done.map_err(failure)?, &self.file);
        Ok(())
    }
}

/// The keys that the deployment's fields are sealed with.
pub(super) fn master_keys(config: &Config) -> Result<Ring, Failure> {
    let ring = config.master_keys()?.ring();
    ring.map_err(|e| Failure::new(78, e.to_string()))
}

/// The database as the role that sees all tenants.
pub(super) fn owner(config: &Config) -> Result<&str, Failure> {
    match config.database_owner_url.as_str() {
        "" => Err(Failure::new(
            78,
            "DATABASE_OWNER_URL is missing: the database, as the role that owns the schema (quartermaster_owner).",
        )),
        url => Ok(url),
    }
}

/// What there is to compare on both sides.
pub(super) fn say(what: &str, of: &Manifest, file: &Path) {
    let rows: u64 = of.sections.iter().map(|s| s.rows).sum();
    let name = &of.tenant.name;
    println!("{} ({name}) {what} {}", TenantId(of.tenant.id), file.display());
    println!(
        "{rows} rows of {} tables, as of {}, {}",
        of.sections.len(),
        of.taken_at.to_rfc3339(),
        of.status.to_lowercase()
    );
    println!(
        "{} events of {} documents, their chains end in {}",
        of.evidence.events, of.evidence.documents, of.evidence.heads
    );
}

/// How it ended badly: refused (65), the file (74), the database (69).
pub(super) fn failure(e: ArchiveError) -> Failure {
    match e {
        ArchiveError::Refused(refused) => Failure::new(65, refused.to_string()),
        ArchiveError::File(e) => Failure::new(74, format!("The file cannot be read or written: {e}.")),
        ArchiveError::Database(e) => {
            Failure::new(69, format!("The database did not do it, and nothing of it stays: {e}."))
        }
    }
}
