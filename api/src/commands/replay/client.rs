//! Calls the public GraphQL API as the people of the plan would: a token for each, an idempotency key on each mutation.

use crate::clock::Clock;
use chrono::TimeDelta;
use quartermaster_demo::plan::IdempotencyKey;
use quartermaster_tenants::identity::token::DevIssuer;
use reqwest::StatusCode;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use serde_json::{Value, json};
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

/// A call that did not do what it was to do.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CallError {
    /// The business refused: the first of its `userErrors`.
    #[error("{code}{}{}: {message}", if .field.is_empty() { "" } else { " at " }, .field.join("."))]
    Refused {
        /// Stable.
        code: String,
        /// For people.
        message: String,
        /// Path into the input.
        field: Vec<String>,
    },
    /// The API answered with an error.
    #[error("{code}: {message}")]
    Fault {
        /// Stable; empty where the answer has none.
        code: String,
        /// For people.
        message: String,
    },
    /// Nothing answered.
    #[error("the API does not answer: {0}")]
    Silent(String),
}

/// A client of one server. Connections are kept and shared.
pub struct Client {
    http: reqwest::Client,
    endpoint: String,
    issuer: Arc<DevIssuer>,
    clock: Clock,
    tokens: Mutex<HashMap<String, (Instant, String)>>,
    calls: AtomicU64,
    repeats: AtomicU64,
}

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
            endpoint: format!("{}/graphql", base.trim_end_matches('/')),
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

    /// Asks a query; answers its `data`.
    ///
    /// # Errors
    /// [`CallError`]
    pub async fn ask(&self, caller: Caller<'_>, document: &str, variables: Value) -> Result<Value, CallError> {
        self.call(caller, None, document, &variables).await
    }

    /// Calls a mutation with one field; answers that field's payload, which has no `userErrors`.
    ///
    /// # Errors
    /// [`CallError`]
    pub async fn act(
        &self,
        caller: Caller<'_>,
        key: IdempotencyKey,
        document: &str,
        variables: Value,
    ) -> Result<Value, CallError> {
        let mut data = self.call(caller, Some(key), document, &variables).await?;
        let payload = data
            .as_object_mut()
            .and_then(|fields| fields.values_mut().next())
            .map(Value::take)
            .unwrap_or_default();
        match payload["userErrors"].get(0) {
            None => Ok(payload),
            Some(refusal) => Err(CallError::Refused {
                code: text(&refusal["code"]),
                message: text(&refusal["message"]),
                field: refusal["field"]
                    .as_array()
                    .map(|path| path.iter().map(text).collect())
                    .unwrap_or_default(),
            }),
        }
    }

    async fn call(
        &self,
        caller: Caller<'_>,
        key: Option<IdempotencyKey>,
        document: &str,
        variables: &Value,
    ) -> Result<Value, CallError> {
        let body = json!({ "query": document, "variables": variables }).to_string();
        let mut pause = FIRST_PAUSE;
        let mut attempt = 1;
        loop {
            self.calls.fetch_add(1, Ordering::Relaxed);
            let failed = match self.once(caller, key, body.clone()).await {
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

    /// One attempt; the flag of an error says whether another one may do better.
    async fn once(
        &self,
        caller: Caller<'_>,
        key: Option<IdempotencyKey>,
        body: String,
    ) -> Result<Value, (CallError, bool)> {
        let token = self.token(caller).map_err(|e| (e, false))?;
        let mut request = self
            .http
            .post(&self.endpoint)
            .bearer_auth(token)
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, "application/graphql-response+json, application/json");
        if let Some(key) = key {
            request = request.header("Idempotency-Key", format!("\"{key}\""));
        }
        let silent = |e: reqwest::Error| (CallError::Silent(e.to_string()), true);
        let response = request.body(body).send().await.map_err(silent)?;
        let status = response.status();
        let bytes = response.bytes().await.map_err(silent)?;
        let again = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
        let mut answer: Value = serde_json::from_slice(&bytes)
            .map_err(|_| (CallError::Silent(format!("HTTP {status}, and no JSON")), again))?;
        match answer["errors"].get(0) {
            None => Ok(answer["data"].take()),
            Some(error) => {
                let code = text(&error["extensions"]["code"]);
                let again = again || code == "UNAVAILABLE";
                let message = text(&error["message"]);
                Err((CallError::Fault { code, message }, again))
            }
        }
    }
}

/// A string of an answer; empty if it is none.
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
