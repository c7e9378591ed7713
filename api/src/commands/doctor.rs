use super::{Failure, runtime};
use crate::auth::Door;
use crate::clock::Clock;
use crate::config::Config;
use crate::http::health::clock_is_off;
use crate::http::registered::Registered;
use clap::Args;
use quartermaster_tenants::act::Tailoring;
use quartermaster_tenants::directory::Directory;
use quartermaster_tenants::policy::Policy;
use quartermaster_tenants::{Tenants, feed, tx};

/// Checks a deployment and says of each thing that is wrong what to do. Changes nothing.
#[derive(Debug, Args)]
pub struct Doctor {}

/// What a check found: nothing, or sentences.
type Found = Vec<String>;

impl Doctor {
    pub fn run(self, config: &Config) -> Result<(), Failure> {
        let ill = runtime()?.block_on(async {
            let mut ill = 0;
            let mut say = |what: &str, found: Found| {
                println!("{}  {what}", if found.is_empty() { "  ok" } else { "FAIL" });
                for sentence in &found {
                    println!("      {sentence}");
                }
                ill += usize::from(!found.is_empty());
            };
            say(
                "configuration: complete, and nothing that this environment refuses",
                configuration(config),
            );
            say(
                "registered documents: there, true to their hashes, and of this schema",
                registered(config).await,
            );
            let db = Tenants::new(&config.database_app_url, 1);
            match db {
                Err(e) => say("serving role: can connect", vec![e.to_string()]),
                Ok(db) => {
                    say(
                        "serving role: PostgreSQL 15 or later, bound by row level security, schema there",
                        serving(&db).await,
                    );
                    say("clock: within two seconds of the database's", clock(config, &db).await);
                    say(
                        "credentials: the key of the development issuer, where it is trusted",
                        issuer(config, db).await,
                    );
                }
            }
            say("schema: every step is applied", schema(config).await);
            say(
                "relay role: reads events over all tenants, for subscriptions and the worker",
                relay(config).await,
            );
            say("policy: compiles", policy().await);
            say("port: free, or this server's", port(config).await);
            ill
        });
        match ill {
            0 => Ok(()),
            n => Err(Failure::new(1, format!("{n} of the checks failed."))),
        }
    }
}

fn configuration(config: &Config) -> Found {
    match config.check() {
        Ok(()) => Found::new(),
        Err(e) => e.to_string().lines().map(str::to_owned).collect(),
    }
}

async fn registered(config: &Config) -> Found {
    match Registered::read(config, &crate::graphql::schema()).await {
        Ok(_) => Found::new(),
        Err(e) => e.to_string().lines().map(str::to_owned).collect(),
    }
}

async fn serving(db: &Tenants) -> Found {
    match tx::problems(db).await {
        Ok(found) => found.into_iter().map(|p| p.sentence).collect(),
        Err(e) => vec![format!(
            "The database does not answer ({e}). Is PostgreSQL running where DATABASE_APP_URL points?"
        )],
    }
}

async fn clock(config: &Config, db: &Tenants) -> Found {
    match tx::database_time(db).await {
        Ok(at) if clock_is_off(Clock::ahead_by(config.clock_offset()), at) => {
            vec![format!(
                "The database says {}. Let both machines follow the same time (NTP).",
                at.to_rfc3339()
            )]
        }
        Ok(_) => Found::new(),
        Err(e) => vec![format!("The database does not say its time: {e}")],
    }
}

async fn issuer(config: &Config, db: Tenants) -> Found {
    let directory = match Directory::new(&config.database_app_url, 1).await {
        Ok(directory) => directory,
        Err(e) => return vec![e.to_string()],
    };
    Door::new(config, db, directory)
        .err()
        .map(|e| vec![e.to_string()])
        .unwrap_or_default()
}

async fn schema(config: &Config) -> Found {
    if config.database_owner_url.is_empty() {
        return vec!["DATABASE_OWNER_URL is missing, so this cannot be seen.".to_owned()];
    }
    match quartermaster_migrations::state(&config.database_owner_url).await {
        Ok((known, applied)) if applied < known => vec![format!(
            "{applied} of {known} steps are applied. Run `quartermaster migrate`."
        )],
        Ok(_) => Found::new(),
        Err(e) => vec![format!("The database does not answer as the owner: {e}")],
    }
}

async fn relay(config: &Config) -> Found {
    if config.database_relay_url.is_empty() {
        return vec!["DATABASE_RELAY_URL is missing: there are no subscriptions and no worker.".to_owned()];
    }
    match feed::reachable(&config.database_relay_url).await {
        Ok(()) => Found::new(),
        Err(e) => vec![format!("Events cannot be read as the relay's role: {e}")],
    }
}

async fn policy() -> Found {
    let rows = match Tailoring::default().rows() {
        Ok(rows) => rows,
        Err(e) => return vec![e.to_string()],
    };
    Policy::compile(&rows)
        .await
        .err()
        .map(|e| vec![e.to_string()])
        .unwrap_or_default()
}

async fn port(config: &Config) -> Found {
    match tokio::net::TcpListener::bind(config.listen).await {
        Ok(_) => Found::new(),
        Err(_) if ours(config).await => Found::new(),
        Err(e) => vec![format!(
            "{} cannot be listened on ({e}). Stop what listens there, or set QUARTERMASTER_LISTEN.",
            config.listen
        )],
    }
}

async fn ours(config: &Config) -> bool {
    match reqwest::get(format!("http://{}/healthz", config.listen)).await {
        Ok(answer) => answer.text().await.is_ok_and(|t| t == "alive\n"),
        Err(_) => false,
    }
}
