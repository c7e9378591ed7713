use super::Failure;
use crate::clock::Clock;
use crate::config::Config;
use chrono::TimeDelta;
use clap::Args;
use quartermaster_tenants::identity::token::{DevIssuer, DevIssuerConfig};

/// Makes an access token of the development issuer, for a desk or a demonstration. Production trusts none of these.
///
/// Use it as `Authorization: Bearer …`.
#[derive(Debug, Args)]
pub struct Token {
    /// Whom the token is for: the subject of a login
    subject: String,
    /// The tenant, as `ten_…`, for people with accounts in several
    #[arg(long, value_name = "TENANT")]
    tenant: Option<String>,
    /// For how many hours, at most 24
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(i64).range(1..=24))]
    hours: i64,
}

impl Token {
    pub fn run(self, config: &Config) -> Result<(), Failure> {
        if !config.development_issuer() {
            return Err(Failure::new(
                78,
                "This configuration does not trust the development issuer: a token of it would be worth nothing. Set QUARTERMASTER_ENVIRONMENT=development.",
            ));
        }
        let fail = |e: quartermaster_tenants::identity::token::DevIssuerError| Failure::new(74, e.to_string());
        let issuer = DevIssuer::open(
            &config.development_issuer_folder,
            DevIssuerConfig::new(config.audience.clone()),
        )
        .map_err(fail)?;
        let now = Clock::ahead_by(config.clock_offset()).now();
        let token = issuer
            .mint(
                &self.subject,
                self.tenant.as_deref(),
                "quartermaster-cli",
                TimeDelta::hours(self.hours),
                now,
            )
            .map_err(fail)?;
        println!("{token}");
        Ok(())
    }
}
