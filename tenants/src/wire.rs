//! How a connection to the database is made, and how it is secured: what the URL says by `sslmode` and `sslrootcert`, as libpq
//! reads it.
//!
//! | `sslmode` | the connection is |
//! |---|---|
//! | `disable` | plain |
//! | `prefer` (or none said) | encrypted where the database offers it, else plain |
//! | `require` | encrypted; with `sslrootcert` as `verify-ca` |
//! | `verify-ca` | encrypted, with a database whose certificate an authority of `sslrootcert` signed |
//! | `verify-full` | the same, and the certificate is for the host of the URL |
//!
//! The pool, its cancellations and the relay connect through this; SeaORM reads the same URL itself ([`for_sqlx`]).

mod trust;

use crate::error::{Error, Result};
use crate::tx::{CONNECTED_WITHIN, SILENT};
use chrono::{DateTime, Utc};
use std::net::IpAddr;
use std::path::PathBuf;
use tokio_postgres::config::{Host, SslMode as Negotiated};
use tokio_postgres::{Client, Config};
use tokio_postgres_rustls::MakeRustlsConnect;

/// What secures connections.
pub type Tls = MakeRustlsConnect;

/// What a URL asks of TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SslMode {
    /// Plain.
    Disable,
    /// Encrypted where the database offers it.
    Prefer,
    /// Encrypted.
    Require,
    /// Encrypted, with a database that an authority vouches for.
    VerifyCa,
    /// Encrypted, with the database of this name.
    VerifyFull,
}

/// Why a URL leads to no connection. None of the sentences holds a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// Not a URL of PostgreSQL.
    #[error("the URL of the database cannot be read ({0})")]
    Url(String),
    /// A word that is no mode, or one that promises nothing.
    #[error("sslmode is disable, prefer, require, verify-ca or verify-full, not “{0}”")]
    Mode(String),
    /// Nothing to verify with.
    #[error(
        "sslmode=verify-ca and verify-full need sslrootcert=FILE, the certificate of the authority that signed the database's; \
         the system's own are in a file such as /etc/ssl/certs/ca-certificates.crt"
    )]
    NoRoot,
    /// The authority's certificate cannot be read.
    #[error("sslrootcert names “{0}”, which holds no certificate that can be read ({1})")]
    Root(String, String),
}

impl From<WireError> for Error {
    fn from(e: WireError) -> Self {
        Self::Unavailable(e.to_string())
    }
}

/// What a URL says, before any file of it is read.
#[derive(Clone)]
pub struct Asked {
    /// Where and as whom, without what only we understand.
    pub config: Config,
    /// How it is to be secured.
    pub mode: SslMode,
    root: Option<PathBuf>,
}

/// Reads a URL.
///
/// # Errors
/// [`WireError`]
pub fn asked(url: &str) -> Result<Asked, WireError> {
    let (rest, mode, root) = taken_apart(url);
    let mut config: Config = rest.parse().map_err(|e| WireError::Url(told(&e)))?;
    let root = root.map(PathBuf::from);
    let mode = match (mode.as_deref(), &root) {
        (None | Some("prefer"), _) => SslMode::Prefer,
        (Some("disable"), _) => SslMode::Disable,
        (Some("require"), None) => SslMode::Require,
        (Some("require" | "verify-ca"), Some(_)) => SslMode::VerifyCa,
        (Some("verify-full"), Some(_)) => SslMode::VerifyFull,
        (Some("verify-ca" | "verify-full"), None) => return Err(WireError::NoRoot),
        (Some(other), _) => return Err(WireError::Mode(other.to_owned())),
    };
    config.ssl_mode(match mode {
        SslMode::Disable => Negotiated::Disable,
        SslMode::Prefer => Negotiated::Prefer,
        SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => Negotiated::Require,
    });
    Ok(Asked { config, mode, root })
}

impl Asked {
    /// May a connection be plain, to another machine?
    #[must_use]
    pub fn is_plain_and_remote(&self) -> bool {
        self.mode < SslMode::Require && self.is_remote()
    }

    fn is_remote(&self) -> bool {
        let addresses = self.config.get_hostaddrs();
        let remote = |ip: &IpAddr| !ip.is_loopback();
        if !addresses.is_empty() {
            return addresses.iter().any(remote);
        }
        self.config.get_hosts().iter().any(|host| match host {
            Host::Tcp(name) => name != "localhost" && name.parse::<IpAddr>().as_ref().map_or(true, remote),
            #[cfg(unix)]
            Host::Unix(_) => false,
        })
    }

    /// What secures its connections.
    ///
    /// # Errors
    /// [`WireError::Root`]
    pub fn tls(&self) -> Result<Tls, WireError> {
        trust::tls(self.mode, self.root.as_deref())
    }
}

/// One connection outside of a pool. Its background task says so in the log when it breaks.
///
/// # Errors
/// [`Error::Unavailable`]
pub async fn connect(url: &str) -> Result<Client> {
    connect_as("quartermaster", url, "").await
}

/// The same under a name of its own, with options of its session. It is open within five seconds, its greeting included, or it is an error; one whose other
/// end is gone without a word breaks by itself.
///
/// # Errors
/// [`Error::Unavailable`]; where the database itself refused, its code comes first.
pub async fn connect_as(name: &str, url: &str, options: &str) -> Result<Client> {
    let mut asked = asked(url)?;
    asked
        .config
        .application_name(name)
        .keepalives_idle(SILENT)
        .tcp_user_timeout(SILENT);
    if !options.is_empty() {
        asked.config.options(options);
    }
    let unavailable = |e: tokio_postgres::Error| {
        Error::Unavailable(e.as_db_error().map_or_else(
            || told(&e),
            |said| format!("{}: {}", said.code().code(), said.message()),
        ))
    };
    let connecting = asked.config.connect(asked.tls()?);
    let (client, connection) = tokio::time::timeout(CONNECTED_WITHIN, connecting)
        .await
        .map_err(|_| Error::Unavailable("the database does not greet".to_owned()))?
        .map_err(unavailable)?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::warn!(error = told(&error), "a connection of its own ended");
        }
    });
    Ok(client)
}

/// The database's clock, for what happens outside of a tenant's transaction.
///
/// # Errors
/// What the database said.
pub async fn time(client: &Client) -> Result<DateTime<Utc>> {
    Ok(client.query_one("SELECT clock_timestamp()", &[]).await?.try_get(0)?)
}

/// The same URL for SeaORM's driver, which lets `require` be anybody even where an authority is named.
///
/// # Errors
/// [`WireError`]: what would not serve here does not serve there.
pub fn for_sqlx(url: &str) -> Result<String, WireError> {
    let asked = asked(url)?;
    asked.tls()?;
    Ok(match asked.mode {
        SslMode::VerifyCa => url.replace("sslmode=require", "sslmode=verify-ca"),
        _ => url.to_owned(),
    })
}

/// An error of the driver with what caused it, which its own text leaves out.
#[must_use]
pub fn told(error: &tokio_postgres::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(why) = cause {
        text = format!("{text}: {why}");
        cause = why.source();
    }
    text
}

/// A URL, or the `key=value` form of one, without `sslmode` and `sslrootcert`; and those.
fn taken_apart(text: &str) -> (String, Option<String>, Option<String>) {
    let (mut mode, mut root) = (None, None);
    let mut ours = |name: &str, value: String| {
        let place = match name {
            "sslmode" => &mut mode,
            "sslrootcert" => &mut root,
            _ => return false,
        };
        *place = Some(value);
        true
    };
    let rest = if text.contains("://") {
        let (place, query) = text.split_once('?').unwrap_or((text, ""));
        let kept: Vec<&str> = query
            .split('&')
            .filter(|pair| {
                // A plus is a plus in these URLs.
                let pair = pair.replace('+', "%2B");
                let mut read = url::form_urlencoded::parse(pair.as_bytes());
                read.next()
                    .is_some_and(|(name, value)| !ours(&name, value.into_owned()))
            })
            .collect();
        if kept.is_empty() {
            place.to_owned()
        } else {
            format!("{place}?{}", kept.join("&"))
        }
    } else {
        let kept = text.split_whitespace().filter(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            !ours(name, value.trim_matches('\'').to_owned())
        });
        kept.collect::<Vec<_>>().join(" ")
    };
    (rest, mode, root)
}

#[cfg(test)]
mod tests {
    use super::{SslMode, WireError, asked, for_sqlx};

    const DB: &str = "postgres://app:se%20cret@db.example:5433/qm";

    fn mode(tail: &str) -> Result<SslMode, WireError> {
        asked(&format!("{DB}{tail}")).map(|a| a.mode)
    }

    #[test]
    fn a_url_says_what_libpq_understands_by_it() {
        assert_eq!(mode(""), Ok(SslMode::Prefer));
        assert_eq!(mode("?sslmode=disable"), Ok(SslMode::Disable));
        assert_eq!(mode("?sslmode=require&connect_timeout=3"), Ok(SslMode::Require));
        assert_eq!(mode("?sslmode=require&sslrootcert=/ca.pem"), Ok(SslMode::VerifyCa));
        assert_eq!(
            mode("?sslmode=verify-full&sslrootcert=%2Fa+b.pem"),
            Ok(SslMode::VerifyFull)
        );
        assert_eq!(mode("?sslmode=verify-full"), Err(WireError::NoRoot));
        assert_eq!(mode("?sslmode=allow"), Err(WireError::Mode("allow".to_owned())));
        let words = asked("host=db.example user=app sslmode=verify-ca sslrootcert=/ca.pem").map(|a| a.mode);
        assert_eq!(words, Ok(SslMode::VerifyCa));
        let read = asked(&format!(
            "{DB}?sslmode=verify-full&sslrootcert=%2Fa+b.pem&connect_timeout=3"
        ))
        .unwrap();
        assert_eq!(read.root.as_deref().and_then(|p| p.to_str()), Some("/a+b.pem"));
        assert_eq!(
            (read.config.get_ports(), read.config.get_password()),
            (&[5433][..], Some(&b"se cret"[..]))
        );
        assert_eq!(read.config.get_connect_timeout().map(|t| t.as_secs()), Some(3));
    }

    #[test]
    fn a_plain_connection_is_remote_unless_it_stays_on_this_machine() {
        let plain = |url: &str| asked(url).unwrap().is_plain_and_remote();
        for here in [
            "postgres://app@localhost/qm",
            "postgres://app@127.0.0.1/qm",
            "postgres://app@[::1]/qm",
            "postgres:///qm?host=/run/postgresql",
            "postgres://app@db.example/qm?sslmode=require",
            "host=db.example hostaddr=127.0.0.1 user=app",
        ] {
            assert!(!plain(here), "{here}");
        }
        for away in [
            DB,
            "postgres://app@10.0.0.7/qm?sslmode=disable",
            "postgres://app@localhost,db.example/qm",
        ] {
            assert!(plain(away), "{away}");
        }
    }

    #[test]
    fn an_authority_that_cannot_be_read_is_named() {
        let why = |tail: &str| for_sqlx(&format!("{DB}{tail}")).unwrap_err().to_string();
        assert!(why("?sslmode=verify-full&sslrootcert=/no/where.pem").contains("/no/where.pem"));
        assert!(!why("?sslmode=verify-full&sslrootcert=/no/where.pem").contains("cret"));
        assert_eq!(for_sqlx(DB).as_deref(), Ok(DB));
    }
}
