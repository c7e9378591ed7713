//! `quartermaster import-tenant`: one file becomes one tenant.

use super::export_tenant::{Secret, failure, master_keys, owner, say};
use super::{Failure, runtime};
use crate::config::Config;
use clap::Args;
use quartermaster_domain::archive::{import, verified};
use std::path::PathBuf;

/// Imports one tenant from a file that `quartermaster export-tenant` made, below a partner of this deployment.
///
/// All of the file is held against its signed list first. Then the tenant comes in one transaction, its audit chains and its
/// ledger are proven, and only then it is there: whatever stands against it, and whatever breaks it off, leaves nothing.
#[derive(Debug, Args)]
#[command(
    after_help = "The tenant is what it was when it was exported. A suspended one works again when its partner here resumes it
(tenantResume); the one that it came from is closed by its partner there (tenantClose).

Refused: a tenant that is here already, a host name or code that another has, logins at issuers that this deployment does
not trust, another version of the schema, a file that was changed. Exit codes: 65 refused, 66 no transfer key, 69 the database.

Runs as the owner of the schema (DATABASE_OWNER_URL), with the deployment's data key (QUARTERMASTER_DATA_KEY)."
)]
pub struct ImportTenant {
    /// The file
    file: PathBuf,
    /// The partner that the tenant comes to: its code or its id (ptn_…)
    #[arg(long, value_name = "PARTNER", required_unless_present = "check")]
    under: Option<String>,
    /// Only hold the file against its signed list; needs no database
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    secret: Secret,
}

impl ImportTenant {
    pub fn run(self, config: &Config) -> Result<(), Failure> {
        let transfer = self.secret.read()?;
        if self.check {
            say(
                "is whole in",
                &verified(&self.file, &transfer).map_err(failure)?,
                &self.file,
            );
            return Ok(());
        }
        let keys = master_keys(config)?;
        let under = self.under.unwrap_or_default();
        let done = import(owner(config)?, &self.file, &under, &keys, &transfer);
        say(
            "imported from",
            &runtime()?.block_on(done).map_err(failure)?,
            &self.file,
        );
        Ok(())
    }
}
