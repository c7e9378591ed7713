//! How a deployment is set up: `quartermaster.toml`, then the environment, which wins. Every value is described where it is
//! declared; `quartermaster config` prints them all, secrets masked.

mod database;
mod shown;

use chrono::TimeDelta;
use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use quartermaster_domain::sealing::Ring;
use serde::{Deserialize, Serialize};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

/// The file that is read when no other is named.
pub const FILE: &str = "quartermaster.toml";

/// What a mistake costs here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// A desk, a test, a demonstration: tokens for anybody, GraphiQL, introspection.
    Development,
    /// Real tenants: whatever weakens a control is refused at start.
    Production,
}

/// A deployment's values. In the environment each is `QUARTERMASTER_` and its name in capitals, except the database URLs,
/// which are called as everywhere: `DATABASE_APP_URL` and so on.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// `development` or `production`. Production is the default: weaker must be asked for.
    pub environment: Environment,
    /// Where to listen: address and port. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where the worker answers `/healthz` and `/metrics`: address and port. Without it the worker listens nowhere.
    pub worker_listen: Option<SocketAddr>,
    /// The database as the serving role, which row level security binds.
    pub database_app_url: String,
    /// The database as the role that owns the schema; only `migrate` and `doctor` need it.
    pub database_owner_url: String,
    /// The database as the role that reads events over all tenants: for subscriptions and the worker. Without it there
    /// are no subscriptions.
    pub database_relay_url: String,
    /// Let connections to a database on another machine be plain in production: only where the network itself encrypts. Better is
    /// `?sslmode=verify-full&sslrootcert=FILE` in each URL; `sslmode` means what it means to libpq.
    pub database_plain: bool,
    /// The most connections of the serving role.
    pub database_connections: usize,
    /// The most connections to the directory (partners, issuers, logins), also of the serving role.
    pub directory_connections: u32,
    /// What access tokens must name as their audience (`aud`, RFC 9068).
    pub audience: String,
    /// Trust the built-in issuer that makes tokens for anybody. Default: in development only; production refuses it.
    pub development_issuer: Option<bool>,
    /// Where the development issuer keeps its key.
    pub development_issuer_folder: PathBuf,
    /// Fetch keys also from issuers on this machine, and without TLS. Production refuses it.
    pub loopback_issuers: Option<bool>,
    /// Moves the clock, in seconds, for tests and demonstrations. Production refuses anything but 0.
    pub clock_offset_seconds: i64,
    /// The key that sensitive fields are encrypted with: 32 bytes in base64. Production needs it; losing it loses the fields. Behind it,
    /// separated by commas, may stand those of before, until `quartermaster data-key rotate` has made them needless.
    pub data_key: Option<String>,
    /// The same in a file, a key a line, instead of `data_key`: it is read anew when a key is needed, so that keys change without a restart.
    pub data_key_file: Option<PathBuf>,
    /// Serve the bundled GraphiQL. Default: in development.
    pub graphiql: Option<bool>,
    /// Answer introspection. Default: in development.
    pub introspection: Option<bool>,
    /// Origins of browsers that may call the API (CORS), such as `https://shop.example`. None by default.
    pub cors_origins: Vec<String>,
    /// The longest body of a GraphQL request, in bytes. An order of 10,000 lines needs about 2.5 MB.
    pub body_limit_bytes: usize,
    /// The longest file of a bulk import, in bytes, after it was unpacked.
    pub import_limit_bytes: u64,
    /// How long a request may take, in seconds; then `UNAVAILABLE`.
    pub request_timeout_seconds: u64,
    /// How long requests in flight may go on after the signal to stop, in seconds.
    pub shutdown_seconds: u64,
    /// Parsed documents kept (also for automatic persisted queries).
    pub documents_kept: usize,
    /// Subscriptions that one socket may have.
    pub subscriptions_per_socket: usize,
    /// Tenants that have figures of their own in `/metrics`, those that came first; the others are one. 0: no figures by tenant.
    pub tenants_in_metrics: usize,
    /// The OpenTelemetry collector that traces go to by OTLP over HTTP, such as `http://collector:4318`. None: no traces.
    pub otlp_endpoint: Option<String>,
    /// Log lines as JSON. Default: in production.
    pub log_json: Option<bool>,
    /// What is logged, in the syntax of `RUST_LOG`.
    pub log_filter: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            environment: Environment::Production,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            worker_listen: None,
            database_app_url: String::new(),
            database_owner_url: String::new(),
            database_relay_url: String::new(),
            database_plain: false,
            database_connections: 16,
            directory_connections: 4,
            audience: "quartermaster".to_owned(),
            development_issuer: None,
            development_issuer_folder: PathBuf::from(".quartermaster/issuer"),
            loopback_issuers: None,
            clock_offset_seconds: 0,
            data_key: None,
            data_key_file: None,
            graphiql: None,
            introspection: None,
            cors_origins: Vec::new(),
            body_limit_bytes: 4 * 1024 * 1024,
            import_limit_bytes: 256 * 1024 * 1024,
            request_timeout_seconds: 30,
            shutdown_seconds: 20,
            documents_kept: 1_000,
            subscriptions_per_socket: 50,
            tenants_in_metrics: 50,
            otlp_endpoint: None,
            log_json: None,
            log_filter: "info,tokio_postgres=warn,sqlx=warn,sea_orm_migration=warn".to_owned(),
        }
    }
}

/// Why a configuration does not serve.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file or variable cannot be read, or has the wrong type.
    #[error("{0}")]
    Unreadable(Box<figment::Error>),
    /// Values that do not go together, each in a sentence.
    #[error("{}", .0.join("\n"))]
    Refused(Vec<String>),
}

impl Config {
    /// The values of `file` (or of `quartermaster.toml`, if it is there) and of the environment.
    ///
    /// # Errors
    /// [`ConfigError`]
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let defaults = Serialized::defaults(Self::default());
        let known: Vec<String> = serde_json::to_value(Self::default())
            .ok()
            .and_then(|v| v.as_object().map(|o| o.keys().cloned().collect()))
            .unwrap_or_default();
        let toml = match file {
            Some(path) => Toml::file_exact(path),
            None => Toml::file(FILE),
        };
        Figment::from(defaults)
            .merge(toml)
            .merge(Env::raw().only(&["DATABASE_APP_URL", "DATABASE_OWNER_URL", "DATABASE_RELAY_URL"]))
            .merge(Env::prefixed("QUARTERMASTER_").filter(move |key| known.iter().any(|k| key == k.as_str())))
            .extract()
            .map_err(|e| ConfigError::Unreadable(Box::new(e)))
    }

    /// A development configuration for these databases, on a free port: for tests and `demo`.
    #[must_use]
    pub fn development(app_url: impl Into<String>, owner_url: impl Into<String>, relay_url: impl Into<String>) -> Self {
        Self {
            environment: Environment::Development,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            database_app_url: app_url.into(),
            database_owner_url: owner_url.into(),
            database_relay_url: relay_url.into(),
            ..Self::default()
        }
    }

    /// Refuses what would be unsafe, everything at once.
    ///
    /// # Errors
    /// [`ConfigError::Refused`]
    pub fn check(&self) -> Result<(), ConfigError> {
        let mut wrong = Vec::new();
        let mut must = |holds: bool, sentence: &str| {
            if !holds {
                wrong.push(sentence.to_owned());
            }
        };
        must(
            !self.database_app_url.is_empty(),
            "DATABASE_APP_URL is missing: the database, as the serving role (quartermaster_app).",
        );
        must(
            self.database_connections > 0,
            "database_connections must be at least 1.",
        );
        must(self.documents_kept > 0, "documents_kept must be at least 1.");
        let ring = self.data_key.as_deref().map(Ring::parse);
        if let Some(Err(e)) = ring {
            must(false, &format!("data_key: {e}."));
        }
        must(
            self.data_key.is_none() || self.data_key_file.is_none(),
            "data_key and data_key_file are both set: keep the keys in one place.",
        );
        must(
            self.otlp_endpoint.as_deref().is_none_or(is_http_address),
            "otlp_endpoint is not an address such as http://collector:4318.",
        );
        for origin in &self.cors_origins {
            must(
                is_origin(origin),
                &format!("cors_origins: “{origin}” is not an origin such as https://shop.example."),
            );
        }
        if self.environment == Environment::Production {
            must(
                !self.development_issuer(),
                "Production refuses development_issuer: it makes tokens for anybody.",
            );
            must(
                !self.loopback_issuers(),
                "Production refuses loopback_issuers: they would let whoever registers an issuer reach this machine.",
            );
            must(
                self.clock_offset_seconds == 0,
                "Production refuses clock_offset_seconds: time is evidence.",
            );
            must(
                self.data_key.is_some() || self.data_key_file.is_some(),
                "Production needs data_key (or data_key_file), 32 bytes in base64. Make one: openssl rand -base64 32",
            );
        }
        if let Err(ConfigError::Refused(wires)) = self.check_wires() {
            wrong.extend(wires);
        }
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(ConfigError::Refused(wrong))
        }
    }

    fn or_in_development(&self, asked: Option<bool>) -> bool {
        asked.unwrap_or(self.environment == Environment::Development)
    }

    /// Is the development issuer trusted?
    #[must_use]
    pub fn development_issuer(&self) -> bool {
        self.or_in_development(self.development_issuer)
    }

    /// May keys come from this machine?
    #[must_use]
    pub fn loopback_issuers(&self) -> bool {
        self.or_in_development(self.loopback_issuers)
    }

    /// Is GraphiQL served?
    #[must_use]
    pub fn graphiql(&self) -> bool {
        self.or_in_development(self.graphiql)
    }

    /// Is introspection answered?
    #[must_use]
    pub fn introspection(&self) -> bool {
        self.or_in_development(self.introspection)
    }

    /// Are log lines JSON?
    #[must_use]
    pub fn log_json(&self) -> bool {
        self.log_json.unwrap_or(self.environment == Environment::Production)
    }

    /// How far the clock is moved.
    #[must_use]
    pub fn clock_offset(&self) -> TimeDelta {
        TimeDelta::try_seconds(self.clock_offset_seconds).unwrap_or_default()
    }
}

fn is_origin(text: &str) -> bool {
    url::Url::parse(text)
        .is_ok_and(|u| matches!(u.scheme(), "http" | "https") && u.origin().ascii_serialization() == text)
}

fn is_http_address(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|u| matches!(u.scheme(), "http" | "https"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    const KEY: &str = "V/y1ZaAmmI3iBZUw/LWjVaeQ0l46n1zJbSGPMTsRsOY=";

    fn sound() -> Config {
        Config {
            database_app_url: "postgres://app:secret@db/qm?sslmode=require".to_owned(),
            data_key: Some(KEY.to_owned()),
            ..Config::default()
        }
    }

    #[test]
    fn a_production_configuration_refuses_each_thing_that_weakens_a_control() {
        assert!(sound().check().is_ok());
        type Weaken = fn(&mut Config);
        let weak: [(&str, Weaken); 8] = [
            ("development_issuer", |c| c.development_issuer = Some(true)),
            ("loopback_issuers", |c| c.loopback_issuers = Some(true)),
            ("clock_offset_seconds", |c| c.clock_offset_seconds = 1),
            ("data_key", |c| c.data_key = None),
            ("data_key", |c| c.data_key = Some(STANDARD.encode([7; 32]))),
            ("data_key_file", |c| c.data_key_file = Some("keys".into())),
            ("DATABASE_APP_URL", |c| c.database_app_url.clear()),
            ("sslmode=verify-full", |c| {
                c.database_relay_url = "postgres://relay@db/qm".to_owned()
            }),
        ];
        for (name, weaken) in weak {
            let mut config = sound();
            weaken(&mut config);
            let said = config.check().unwrap_err().to_string();
            assert!(said.contains(name), "{said}");
        }
        assert!(!sound().graphiql() && !sound().introspection() && !sound().development_issuer());
    }

    #[test]
    fn what_is_printed_holds_no_secret() {
        let mut config = sound();
        config.database_owner_url = "host=db user=owner password=secret dbname=qm sslmode=require".to_owned();
        config.database_relay_url = "postgres://db/qm?user=relay&password=secret".to_owned();
        let shown = config.masked();
        assert!(!shown.contains("secret"), "{shown}");
        assert!(!shown.contains(KEY), "{shown}");
        assert!(shown.contains("host=db"), "{shown}");
    }

    #[test]
    fn an_origin_is_a_scheme_and_a_host_and_nothing_more() {
        assert!(is_origin("https://shop.example"));
        for wrong in [
            "*",
            "null",
            "https://shop.example/",
            "shop.example",
            "ftp://shop.example",
        ] {
            assert!(!is_origin(wrong), "{wrong}");
        }
    }
}
