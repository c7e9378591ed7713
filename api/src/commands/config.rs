use super::Failure;
use crate::config::Config;
use clap::Args;

/// Shows the configuration that the other commands use, secrets masked, and says whether it would serve.
#[derive(Debug, Args)]
pub struct Show {}

impl Show {
    pub fn run(self, config: &Config) -> Result<(), Failure> {
        print!("{}", config.masked());
        config.check().map_err(Failure::from)
    }
}
