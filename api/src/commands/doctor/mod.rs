//! `quartermaster doctor`: what is wrong with a deployment, each thing by a stable code.

mod ailment;
mod around;
mod configuration;
mod findings;
mod owning;
mod serving;

use super::{Failure, runtime};
use crate::config::Config;
pub use ailment::{Ailment, Severity};
use clap::Args;
use findings::Findings;
use serde_json::{Value, json};

/// Checks a deployment and says of each thing that is wrong what to do. Changes nothing; exit code 1 when something fails.
#[derive(Debug, Args)]
pub struct Doctor {
    /// Print what is looked for, with the code of each, and look at nothing
    #[arg(long)]
    list: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Doctor {
    pub fn run(self, config: &Config) -> Result<(), Failure> {
        if self.list {
            self.listed();
            return Ok(());
        }
        let mut found = Findings::default();
        runtime()?.block_on(async {
            configuration::look(config, &mut found);
            serving::look(config, &mut found).await;
            owning::look(config, &mut found).await;
            around::look(config, &mut found).await;
        });
        if self.json {
            println!("{:#}", found.json());
        } else {
            print!("{}", found.text());
        }
        match found.failed() {
            0 => Ok(()),
            n => Err(Failure::new(1, format!("{n} of the checks failed."))),
        }
    }

    fn listed(&self) {
        if self.json {
            let all: Vec<Value> = Ailment::ALL.iter().map(|a| described(*a)).collect();
            println!("{:#}", json!(all));
            return;
        }
        for ailment in Ailment::ALL {
            println!(
                "{:22}  {}\n{:22}  {}",
                ailment.code(),
                ailment.sound(),
                "",
                ailment.cure()
            );
        }
    }
}

fn described(ailment: Ailment) -> Value {
    let severity = match ailment.severity() {
        Severity::Fail => "fail",
        Severity::Warn => "warn",
    };
    json!({ "code": ailment.code(), "severity": severity, "sound": ailment.sound(), "cure": ailment.cure() })
}
