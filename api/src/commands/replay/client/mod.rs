//! Calls the public API as the people of the plan would: a token for each, an idempotency key on everything that changes.
//!
//! | what | file |
//! |---|---|
//! | connections, tokens, patience | here |
//! | queries, mutations, mutations of many elements | `graphql.rs` |
//! | connections, page by page | `pages.rs` |
//! | files up and down | `files.rs` |
//! | why a call did not do what it was to do | `error.rs` |

mod error;
mod files;
mod graphql;
mod pages;

pub use error::CallError;
pub use files::{Import, OnInvalidGtin, Upload};
pub use graphql::text;
pub use pages::{next, nodes};

use crate::clock::Clock;
use bytes::Bytes;
use chrono::TimeDelta;
use quartermaster_tenants::identity::token::DevIssuer;
use reqwest::{Method, RequestBuilder, StatusCode};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often a call is made before its failure is believed: with the pauses between, about half a minute.
const ATTEMPTS: u32 = 10;
/// The pause after the first failure; each further one is twice as long, up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// Tokens live longer than they are used.
const TOKEN_LIVES: i64 = 12;
const TOKEN_USED: Duration = Duration::from_secs(8 * 3_600);

/// Who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller<'a> {
    /// Subject of the person's login.
    pub subject: &'a str,
    /// The tenant (`ten_…`) or partner (`ptn_…`) that the person works for.
    pub side: &'a str,
}

/// A client of one server. Connections are kept and shared.
pub struct Client {
    http: reqwest::Client,
    base: String,
    issuer: Arc<DevIssuer>,
    clock: Clock,
    tokens: Mutex<HashMap<String, (Instant, String)>>,
    calls: AtomicU64,
    repeats: AtomicU64,
}

/// One attempt's failure; the flag says whether another attempt may do better.
type Failed = (CallError, bool);

impl Client {
    /// A client of the server at `base`, such as `http://127.0.0.1:8080`.
    ///
    /// # Errors
    /// The machine gives no TLS configuration.
    pub fn new(base: &str, issuer: Arc<DevIssuer>, clock: Clock) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(60))
            .pool_max_idle_per_host(64)
            .tcp_nodelay(true)
            .no_proxy()
            .build()?;
        Ok(Self {
            http,
            base: base.trim_end_matches('/').to_owned(),
            issuer,
            clock,
            tokens: Mutex::default(),
            calls: AtomicU64::new(0),
            repeats: AtomicU64::new(0),
        })
    }

    /// Calls made, and how many of them repeated a failed one.
    #[must_use]
    pub fn calls(&self) -> (u64, u64) {
        (self.calls.load(Ordering::Relaxed), self.repeats.load(Ordering::Relaxed))
    }

    /// Access token of a person.
    ///
    /// # Errors
    /// It cannot be signed.
    pub fn token(&self, caller: Caller<'_>) -> Result<String, CallError> {
        let name = format!("{}\n{}", caller.subject, caller.side);
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((made, token)) = tokens.get(&name)
            && made.elapsed() < TOKEN_USED
        {
            return Ok(token.clone());
        }
        let side = (!caller.side.is_empty()).then_some(caller.side);
        let token = self
            .issuer
            .mint(
                caller.subject,
                side,
                "quartermaster-replay",
                TimeDelta::hours(TOKEN_LIVES),
                self.clock.now(),
            )
            .map_err(|e| CallError::Silent(format!("no token can be made: {e}")))?;
        tokens.insert(name, (Instant::now(), token.clone()));
        Ok(token)
    }

    /// Makes a call again until it answers, or there is no hope.
    async fn patiently<T, F>(&self, once: impl Fn() -> F) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, Failed>>,
    {
        let mut pause = FIRST_PAUSE;
        let mut attempt = 1;
        loop {
            self.count_call();
            let failed = match once().await {
                Err((error, true)) if attempt < ATTEMPTS => error,
                done => return done.map_err(|(error, _)| error),
            };
            tracing::debug!(%failed, attempt, "repeating a call");
            self.repeats.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
            attempt += 1;
        }
    }

    fn count_call(&self) {
        self.calls.fetch_add(1, Ordering::Relaxed);
    }

    /// A request of this person.
    fn request(&self, method: Method, path: &str, caller: Caller<'_>) -> Result<RequestBuilder, Failed> {
        let token = self.token(caller).map_err(|e| (e, false))?;
        let request = self.http.request(method, format!("{}{path}", self.base));
        Ok(request.bearer_auth(token))
    }
}

/// What a request is answered with, once all of it is here.
async fn answer(request: RequestBuilder) -> Result<(StatusCode, Bytes), Failed> {
    let silent = |e: reqwest::Error| (CallError::Silent(e.to_string()), true);
    let response = request.send().await.map_err(silent)?;
    let status = response.status();
    Ok((status, response.bytes().await.map_err(silent)?))
}

/// Whether the server asks to come again.
fn passing(status: StatusCode) -> bool {
    status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS
}
