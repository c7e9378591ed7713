//! Starts and stops a server.

use crate::auth::Door;
use crate::config::{Config, ConfigError};
use crate::database::Database;
use crate::graphql::{proven, schema_with};
use crate::http::admission::Admission;
use crate::http::charge::Tariff;
use crate::http::document::Documents;
use crate::http::places::Places;
use crate::http::rate::{self, Limits};
use crate::http::registered::Registered;
use crate::http::{App, Parts, SOCKETS, listen, router};
use crate::lifecycle::{Counts, Lifecycle};
use crate::live::Live;
use quartermaster_tenants::act::Tailoring;
use quartermaster_tenants::directory::Directory;
use quartermaster_tenants::identity::token::{DevIssuer, DevIssuerError};
use quartermaster_tenants::policy::Policy;
use quartermaster_tenants::tx::{Pulse, problems};
use quartermaster_tenants::{Error, Tenants};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// What is still to be written at the end is written within this time, or lost: the database may say nothing.
const LAST_WORD: Duration = Duration::from_secs(2);

/// Why a server did not start, each a sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Values that do not serve.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// No database.
    #[error("The database does not answer ({0}). Is PostgreSQL running where DATABASE_APP_URL points?")]
    Database(Error),
    /// A database that it would be unsafe to serve from.
    #[error("{}", .0.join("\n"))]
    Unsafe(Vec<String>),
    /// The development issuer's key.
    #[error(transparent)]
    Issuer(#[from] DevIssuerError),
    /// The port is taken, or not ours to take.
    #[error(
        "Cannot listen on {0} ({1}). Stop what listens there, or choose another port: QUARTERMASTER_LISTEN=127.0.0.1:8081"
    )]
    Listen(SocketAddr, std::io::Error),
}

impl StartError {
    /// The exit code of `serve`: 78 configuration, 69 unavailable, 77 not permitted (sysexits.h).
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Config(_) => 78,
            Self::Database(_) | Self::Listen(..) => 69,
            Self::Unsafe(_) => 77,
            Self::Issuer(_) => 74,
        }
    }
}

/// A server that runs.
pub struct Running {
    /// Where it listens.
    pub addr: SocketAddr,
    app: App,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Running {
    /// The development issuer, where it is trusted.
    #[must_use]
    pub fn development_issuer(&self) -> Option<&Arc<DevIssuer>> {
        self.app.door.development_issuer()
    }

    /// The door to tenant data, for tests that look behind the API.
    #[must_use]
    pub fn db(&self) -> &Tenants {
        &self.app.db
    }

    /// The directory, for tests and demonstrations that begin above tenants.
    #[must_use]
    pub fn directory(&self) -> &Directory {
        self.app.door.directory()
    }

    /// Says that requests are to go elsewhere, and serves those that come until every proxy has noticed.
    pub async fn drain(&self) {
        self.app.draining.cancel();
        tokio::time::sleep(Duration::from_secs(self.app.config.drain_seconds())).await;
    }

    /// Takes no more connections, lets requests in flight end for the configured time, then stops.
    pub async fn shutdown(self) {
        self.app.draining.cancel();
        self.app.stopping.cancel();
        let patience = Duration::from_secs(self.app.config.shutdown_seconds);
        let abort = self.serving.abort_handle();
        let ended = async {
            let _ = self.serving.await;
            let _ = self.app.sockets.acquire_many(SOCKETS).await;
        };
        if tokio::time::timeout(patience, ended).await.is_err() {
            tracing::warn!("requests were still running at the end of the patience");
            abort.abort();
        }
        if tokio::time::timeout(LAST_WORD, self.app.deprecated.write(&self.app.db))
            .await
            .is_err()
        {
            tracing::warn!("the last uses of what is deprecated were not written");
        }
    }

    /// Waits until the server ends by itself: never, but for a fault of the socket.
    pub async fn ended(&mut self) {
        let _ = (&mut self.serving).await;
    }
}

/// Starts a server: checks the configuration and the database, then listens.
///
/// # Errors
/// [`StartError`]
pub async fn start(config: Config) -> Result<Running, StartError> {
    config.check()?;
    let schema = schema_with(config.master_keys()?);
    let proven = proven::schema_with(config.master_keys()?);
    let registered = Registered::read(&config, &schema).await?;
    let db = Tenants::new(&config.database_app_url, config.database_connections).map_err(StartError::Database)?;
    let found = problems(&db).await.map_err(StartError::Database)?;
    if !found.is_empty() {
        return Err(StartError::Unsafe(found.into_iter().map(|p| p.sentence).collect()));
    }
    let rows = Tailoring::default().rows().map_err(StartError::Database)?;
    Policy::compile(&rows)
        .await
        .map_err(|e| StartError::Unsafe(vec![format!("The policy does not compile: {e}")]))?;
    let directory = Directory::new(&config.database_app_url, config.directory_connections)
        .await
        .map_err(StartError::Database)?;
    let door = Door::new(&config, db.clone(), directory)?;
    let listen = config.listen;
    let listener = tokio::net::TcpListener::bind(listen)
        .await
        .map_err(|e| StartError::Listen(listen, e))?;
    let addr = listener.local_addr().map_err(|e| StartError::Listen(listen, e))?;
    let stopping = CancellationToken::new();
    let live = (!config.database_relay_url.is_empty())
        .then(|| Live::start(config.database_relay_url.clone(), stopping.clone()));
    let silence = Duration::from_secs(config.database_silence_seconds);
    let pulse = Pulse::of(&config.database_app_url, silence);
    let database = Database::watch(pulse, db.clone(), door.clock(), stopping.clone());
    crate::http::metrics::start();
    crate::http::tenant_figures::keep(config.tenants_in_metrics);
    let sdl = schema.sdl();
    let (lifecycle, deprecated) = (Lifecycle::of(&sdl), Counts::default());
    lifecycle.begin_figures();
    deprecated.keep_writing(db.clone(), stopping.clone());
    let app = App(Arc::new(Parts {
        tariff: Tariff::of(&sdl),
        limits: Limits::new(&config),
        lifecycle,
        deprecated,
        documents: Documents::new(config.documents_kept),
        registered,
        schema,
        proven,
        live,
        database,
        admission: Admission::new(&config),
        draining: CancellationToken::new(),
        places: Places::new(config.sockets_per_account),
        sockets: Arc::new(Semaphore::new(SOCKETS as usize)),
        db,
        door,
        stopping: stopping.clone(),
        config,
    }));
    tokio::spawn(rate::listen(app.clone()));
    let routes = router(app.clone());
    let bounds = app.config.clone();
    let serving = tokio::spawn(async move { listen::serve(listener, routes, &bounds, stopping).await });
    Ok(Running { addr, app, serving })
}
