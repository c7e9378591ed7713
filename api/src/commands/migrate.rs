use super::{Failure, runtime};
use crate::config::Config;
use clap::Args;
use quartermaster_tenants::wire;

/// Brings the database of DATABASE_OWNER_URL to the newest schema. Safe to run from several machines at once, and again.
#[derive(Debug, Args)]
pub struct Migrate {
    /// Only say how far the database is; exit code 1 when steps are missing
    #[arg(long)]
    check: bool,
}

impl Migrate {
    pub fn run(self, config: &Config) -> Result<(), Failure> {
        let url = config.database_owner_url.as_str();
        if url.is_empty() {
            return Err(Failure::new(
                78,
                "DATABASE_OWNER_URL is missing: the database, as the role that owns the schema (quartermaster_owner).",
            ));
        }
        config.check_wires()?;
        let url = wire::for_sqlx(url).map_err(|e| Failure::new(78, format!("DATABASE_OWNER_URL: {e}.")))?;
        let url = url.as_str();
        runtime()?.block_on(async {
            if !self.check {
                quartermaster_migrations::migrate(url, None).await.map_err(|e| {
                    Failure::new(
                        69,
                        format!("The migration did not go through, and nothing of the step that failed stays: {e}"),
                    )
                })?;
            }
            let (known, applied) = quartermaster_migrations::state(url)
                .await
                .map_err(|e| Failure::new(69, format!("The database does not answer: {e}")))?;
            println!("{applied} of {known} steps are applied.");
            if applied < known {
                Err(Failure::new(
                    1,
                    "The database is older than this program: run `quartermaster migrate`.",
                ))
            } else {
                Ok(())
            }
        })
    }
}
