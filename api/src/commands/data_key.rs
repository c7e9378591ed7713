use super::export_tenant::master_keys;
use super::{Failure, runtime};
use crate::config::Config;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use clap::{Args, Subcommand};
use quartermaster_domain::sealing::{self, Ring};
use quartermaster_tenants::Error;
use quartermaster_tenants::id::TenantId;

/// The keys of sensitive fields: which are in use, their rotation, the end of a tenant's. As the owner of the database.
#[derive(Debug, Args)]
pub struct DataKey {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Says which keys of the configuration something still needs
    Show,
    /// Wraps every tenant's key with the current (first) data key. May be killed and started again; servers go on meanwhile
    Rotate {
        /// Also replace tenants' own keys that were made before this day, and seal their fields anew
        #[arg(long, value_name = "YYYY-MM-DD")]
        replace_made_before: Option<NaiveDate>,
    },
    /// Destroys a tenant's keys: what they sealed is lost for good
    Destroy {
        /// The tenant, `ten_…`
        #[arg(long, value_name = "ID")]
        tenant: TenantId,
        /// Do it without asking
        #[arg(long)]
        yes: bool,
    },
}

impl DataKey {
    pub fn run(self, config: &Config) -> Result<(), Failure> {
        config.check_wires()?;
        let url = config.database_owner_url.as_str();
        if url.is_empty() {
            return Err(Failure::new(
                78,
                "DATABASE_OWNER_URL is missing: the database, as the role that owns the schema (quartermaster_owner).",
            ));
        }
        let ring = master_keys(config)?;
        runtime()?.block_on(async {
            match self.what {
                What::Show => show(url, &ring).await,
                What::Rotate { replace_made_before } => rotate(url, &ring, replace_made_before).await,
                What::Destroy { tenant, yes } => destroy(url, tenant, yes).await,
            }
        })
    }
}

fn failed(e: Error) -> Failure {
    match e {
        Error::Internal(sentence) => Failure::new(1, sentence),
        other => Failure::new(69, format!("The database does not answer as the owner: {other}")),
    }
}

async fn show(url: &str, ring: &Ring) -> Result<(), Failure> {
    for key in sealing::in_use(url).await.map_err(failed)? {
        let known = match ring.find(&key.key) {
            Some(known) if known.id() == ring.current().id() => "current",
            Some(_) => "previous",
            None => "MISSING",
        };
        println!(
            "{}  {known}  {} tenant keys, {} fields",
            key.key, key.tenant_keys, key.fields
        );
    }
    println!("{}  is current", ring.current().id());
    Ok(())
}

async fn rotate(url: &str, ring: &Ring, before: Option<NaiveDate>) -> Result<(), Failure> {
    let before = before.map(|day| DateTime::<Utc>::from_naive_utc_and_offset(day.and_time(NaiveTime::MIN), Utc));
    let done = sealing::rotate(url, ring, before).await.map_err(failed)?;
    println!(
        "{} tenant keys made, {} wrapped with {}, {} fields sealed anew.",
        done.made,
        done.wrapped,
        ring.current().id(),
        done.sealed
    );
    Ok(())
}

async fn destroy(url: &str, tenant: TenantId, yes: bool) -> Result<(), Failure> {
    if !yes {
        return Err(Failure::new(
            64,
            format!("What the keys of {tenant} sealed would be lost for good. Say --yes to do it."),
        ));
    }
    let destroyed = sealing::destroy(url, tenant).await.map_err(failed)?;
    println!("{destroyed} keys of {tenant} are destroyed.");
    Ok(())
}
