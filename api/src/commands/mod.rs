//! The command line: one file for each command.

mod config;
mod data_key;
mod demo;
mod doctor;
pub mod export;
mod export_tenant;
pub mod import;
mod import_tenant;
mod migrate;
mod partner;
mod platform;
pub mod replay;
pub mod schema;
mod serve;
mod token;
mod worker;

use crate::config::{Config, ConfigError};
use clap::{Parser, Subcommand};
use quartermaster_tenants::{Error, Refusal};
use std::path::PathBuf;
use std::process::ExitCode;

/// Procurement and inventory for many retailers, each for itself, over a GraphQL API.
#[derive(Debug, Parser)]
#[command(
    version,
    about,
    after_help = "Begin with `make demo`, or with a PostgreSQL of your own:
  export DATABASE_OWNER_URL=… DATABASE_APP_URL=… QUARTERMASTER_ENVIRONMENT=development
  quartermaster migrate && quartermaster doctor && quartermaster serve

Values come from quartermaster.toml and the environment; `quartermaster config` shows them."
)]
pub struct Cli {
    /// The configuration file [default: quartermaster.toml, if there is one]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Serve),
    Worker(worker::Worker),
    Doctor(doctor::Doctor),
    Migrate(migrate::Migrate),
    Partner(partner::Partner),
    Platform(platform::Platform),
    Schema(schema::Schema),
    DataKey(data_key::DataKey),
    Token(token::Token),
    Config(config::Show),
    Import(import::Import),
    Export(export::Export),
    ExportTenant(export_tenant::ExportTenant),
    ImportTenant(import_tenant::ImportTenant),
    Replay(replay::Replay),
    Demo(demo::Demo),
}

/// How a command ended badly: a sentence for people, and an exit code (sysexits.h).
#[derive(Debug)]
pub struct Failure {
    /// What to tell.
    pub sentence: String,
    /// For scripts.
    pub code: u8,
}

impl Failure {
    /// A failure.
    pub fn new(code: u8, sentence: impl Into<String>) -> Self {
        Self {
            sentence: sentence.into(),
            code,
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(e: ConfigError) -> Self {
        Self::new(78, e.to_string())
    }
}

impl From<Error> for Failure {
    fn from(e: Error) -> Self {
        match e {
            Error::Refused(refusals) => Self::new(65, Refusal::sentences(&refusals)),
            other => Self::new(74, other.to_string()),
        }
    }
}

impl Cli {
    /// Runs the command.
    #[must_use]
    pub fn run(self) -> ExitCode {
        let done = match Config::load(self.config.as_deref()) {
            Err(e) => Err(e.into()),
            Ok(config) => match self.command {
                Command::Serve(c) => c.run(config),
                Command::Worker(c) => c.run(&config),
                Command::Doctor(c) => c.run(&config),
                Command::Migrate(c) => c.run(&config),
                Command::Partner(c) => c.run(&config),
                Command::Platform(c) => c.run(&config),
                Command::Schema(c) => c.run(),
                Command::DataKey(c) => c.run(&config),
                Command::Token(c) => c.run(&config),
                Command::Config(c) => c.run(&config),
                Command::Import(c) => c.run(),
                Command::Export(c) => c.run(),
                Command::ExportTenant(c) => c.run(&config),
                Command::ImportTenant(c) => c.run(&config),
                Command::Replay(c) => c.run(config),
                Command::Demo(c) => c.run(config),
            },
        };
        match done {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => {
                eprintln!("quartermaster: {}", failure.sentence);
                ExitCode::from(failure.code)
            }
        }
    }
}

/// A runtime for a command.
///
/// # Errors
/// The system gives no threads.
pub fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| Failure::new(71, format!("No runtime: {e}")))
}
