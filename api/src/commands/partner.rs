use super::{Failure, runtime};
use crate::config::Config;
use clap::Args;
use quartermaster_tenants::directory::bootstrap::{self, IssuerScope, NewIssuer, NewPartner};

/// Makes a partner, with the issuer at which its people log in and its first administrator. All else goes through the API.
///
/// The same again changes nothing; a partner that is there keeps the administrators that it has.
#[derive(Debug, Args)]
pub struct Partner {
    /// Short and unique
    code: String,
    /// What people read
    name: String,
    /// The OpenID issuer of its people, exactly as its tokens write it (iss)
    #[arg(long, value_name = "URL")]
    issuer: String,
    /// The first administrator's subject there (sub)
    #[arg(long, value_name = "SUBJECT")]
    admin: String,
    /// What the first administrator is called
    #[arg(long, value_name = "NAME")]
    admin_name: String,
    /// Where the issuer's keys are [default: where its discovery document says]
    #[arg(long, value_name = "URL")]
    jwks_url: Option<String>,
    /// The issuer is the platform's own: it may speak for everybody, and `quartermaster platform` names people of it
    #[arg(long)]
    platform_issuer: bool,
}

impl Partner {
    pub fn run(self, config: &Config) -> Result<(), Failure> {
        let scope = if self.platform_issuer {
            IssuerScope::Platform
        } else {
            IssuerScope::Partner
        };
        let new = NewPartner {
            code: self.code,
            name: self.name,
            issuer: NewIssuer {
                issuer: self.issuer,
                scope,
                algorithms: Vec::new(),
                jwks_url: self.jwks_url,
            },
            admin_subject: self.admin,
            admin_name: self.admin_name,
        };
        let made = runtime()?.block_on(bootstrap::partner(&config.database_owner_url, &new))?;
        println!(
            "{} is {made}. {} sets up its tenants (tenantCreate).",
            new.code, new.admin_name
        );
        Ok(())
    }
}
