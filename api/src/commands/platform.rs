use super::{Failure, runtime};
use crate::config::Config;
use clap::Args;
use quartermaster_tenants::directory::bootstrap;

/// Takes a person in among the platform's people, or out again, by the login at an issuer of the platform.
///
/// Two of them together can give an administrator to a tenant that has none left, on the proposal of its partner
/// (administratorRecoveryApprove), with tokens whose claim "tenant" says "platform". They see and do nothing else.
#[derive(Debug, Args)]
pub struct Platform {
    /// The issuer, exactly as its tokens write it
    issuer: String,
    /// The subject of the login
    subject: String,
    /// Take the person out again
    #[arg(long)]
    remove: bool,
}

impl Platform {
    pub fn run(self, config: &Config) -> Result<(), Failure> {
        let url = &config.database_owner_url;
        runtime()?.block_on(bootstrap::platform_person(
            url,
            &self.issuer,
            &self.subject,
            !self.remove,
        ))?;
        let now = if self.remove { "no longer belongs" } else { "belongs" };
        println!("{} of {} {now} to the platform.", self.subject, self.issuer);
        Ok(())
    }
}
