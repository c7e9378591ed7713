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
    /// The most requests that work at the same time; others wait, or are told to come again. Default: `database_connections`. Fewer work
    /// while more would only be in each other's way.
    pub requests_at_once: Option<usize>,
    /// The most requests that wait to work; further ones are answered 503 at once. Fewer wait while more come than can be done.
    pub requests_waiting: usize,
    /// How long a request waits to work, in seconds.
    pub request_wait_seconds: u64,
    /// How long the database may say nothing, in seconds, until requests are refused without waiting for it.
    pub database_silence_seconds: u64,
    /// How long requests are served after the signal to stop, in seconds, while `/readyz` sends new ones elsewhere: until every
    /// proxy has noticed. Default: 5; none in development.
    pub drain_seconds: Option<u64>,
    /// How long requests in flight may go on after that, in seconds.
    pub shutdown_seconds: u64,
    /// The most connections of one server; further ones wait until one ends. Sockets are counted apart.
    pub connections_most: u32,
    /// How long a connection may be idle, and the head of a request take, in seconds. Longer than a proxy in front keeps idle
    /// connections (nginx: 60), or it sends requests into closed ones.
    pub idle_seconds: u64,
    /// How long the body of a GraphQL request may take, in seconds.
    pub body_seconds: u64,
    /// How long a client may take nothing of its answer, in seconds; then its connection ends.
    pub write_seconds: u64,
    /// What a tenant may ask for in a minute, over all servers, in points: one for a request and one for each hundred fields that it
    /// could read; a sixth of it at once. 0: without limit. Default: 120,000 in production, without limit in development. A partner may agree on another
    /// number with a tenant (`tenantQuotaSet`).
    pub tenant_points_per_minute: Option<u32>,
    /// What one person, API key or operator may ask for of it. 0: without limit. Default: 60,000 in production, without limit in
    /// development.
    pub account_points_per_minute: Option<u32>,
    /// Parsed documents kept (also for automatic persisted queries).
    pub documents_kept: usize,
    /// Sockets that one account may have open at one server.
    pub sockets_per_account: usize,
    /// How long a socket may be open without a subscription, in seconds.
    pub socket_idle_seconds: u64,
    /// Manifests of registered documents: files of Apollo's format, or JSON objects of texts by their ids, as Relay's compiler and
    /// GraphQL-codegen write them.
    pub registered_documents: Vec<PathBuf>,
    /// Run registered documents and no others.
    pub registered_documents_only: bool,
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
            requests_at_once: None,
            requests_waiting: 128,
            request_wait_seconds: 5,
            database_silence_seconds: 5,
            drain_seconds: None,
            shutdown_seconds: 20,
            connections_most: 10_000,
            idle_seconds: 75,
            body_seconds: 30,
            write_seconds: 30,
            tenant_points_per_minute: None,
            account_points_per_minute: None,
            documents_kept: 1_000,
            sockets_per_account: 200,
            socket_idle_seconds: 300,
            registered_documents: Vec::new(),
            registered_documents_only: false,
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
        must(
            self.connections_most > 0 && self.idle_seconds > 0 && self.body_seconds > 0 && self.write_seconds > 0,
            "connections_most, idle_seconds, body_seconds and write_seconds must be at least 1.",
        );
        must(
            self.requests_at_once.is_none_or(|n| n > 0) && self.database_silence_seconds > 0,
            "requests_at_once and database_silence_seconds must be at least 1.",
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
        must(
            !self.registered_documents_only || !self.registered_documents.is_empty(),
            "registered_documents_only without registered_documents would refuse every request: name a manifest.",
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

    /// How long requests are served after the signal to stop.
    #[must_use]
    pub fn drain_seconds(&self) -> u64 {
        let by_default = if self.environment == Environment::Development {
            0
        } else {
            5
        };
        self.drain_seconds.unwrap_or(by_default)
    }

    fn points(&self, asked: Option<u32>, in_production: u32) -> Option<u32> {
        let development = self.environment == Environment::Development;
        let points = asked.unwrap_or(if development { 0 } else { in_production });
        (points > 0).then_some(points)
    }

    /// What a tenant may ask for in a minute.
    #[must_use]
    pub fn tenant_points_per_minute(&self) -> Option<u32> {
        self.points(self.tenant_points_per_minute, 120_000)
    }

    /// What a person, API key or operator may ask for of it.
    #[must_use]
    pub fn account_points_per_minute(&self) -> Option<u32> {
        self.points(self.account_points_per_minute, 60_000)
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
mod tests;
