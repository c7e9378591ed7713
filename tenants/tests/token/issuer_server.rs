//! An OpenID issuer on loopback whose keys, answers and mood a test sets, and a clock that a test turns.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use quartermaster_tenants::identity::token::{HttpConfig, KeySource, TrustedIssuer, Verifier, VerifierConfig};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::forge::{AUDIENCE, Signer, claims_with, key_set, trusted};

/// What the issuer answers at one address.
#[derive(Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn json(value: &Value) -> Self {
        Self {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            body: value.to_string(),
        }
    }

    pub fn status(status: StatusCode) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            body: String::new(),
        }
    }

    pub fn redirect(to: &str) -> Self {
        Self::status(StatusCode::TEMPORARY_REDIRECT).header(header::LOCATION, to)
    }

    pub fn header(mut self, name: header::HeaderName, value: &str) -> Self {
        self.headers.insert(name, value.parse().unwrap());
        self
    }
}

struct Mood {
    discovery: Mutex<Answer>,
    keys: Mutex<Answer>,
    asked: AtomicUsize,
    /// Requests wait here while it has no permits.
    door: Semaphore,
}

pub struct IssuerServer {
    pub url: String,
    mood: Arc<Mood>,
}

const OPEN: usize = 1 << 20;

impl IssuerServer {
    pub async fn start(signers: &[&Signer]) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let discovery = json!({"issuer": url, "jwks_uri": format!("{url}/keys")});
        let mood = Arc::new(Mood {
            discovery: Mutex::new(Answer::json(&discovery)),
            keys: Mutex::new(Answer::json(&key_set(signers))),
            asked: AtomicUsize::new(0),
            door: Semaphore::new(OPEN),
        });
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(discovery_document))
            .route("/keys", get(keys))
            .with_state(Arc::clone(&mood));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { url, mood }
    }

    pub fn answer_keys(&self, answer: Answer) {
        *self.mood.keys.lock().unwrap() = answer;
    }

    pub fn answer_discovery(&self, answer: Answer) {
        *self.mood.discovery.lock().unwrap() = answer;
    }

    pub fn publish(&self, signers: &[&Signer]) {
        self.answer_keys(Answer::json(&key_set(signers)));
    }

    /// How often keys were asked for.
    pub fn asked(&self) -> usize {
        self.mood.asked.load(Ordering::SeqCst)
    }

    /// Requests are taken but not answered until the door opens.
    pub async fn close_door(&self) {
        self.mood.door.acquire_many(OPEN as u32).await.unwrap().forget();
    }

    pub fn open_door(&self) {
        self.mood.door.add_permits(OPEN);
    }

    pub async fn wait_until_asked(&self, times: usize) {
        while self.asked() < times {
            tokio::task::yield_now().await;
        }
    }

    pub fn by_discovery(&self) -> TrustedIssuer {
        trusted(&self.url, KeySource::Discovery)
    }

    pub fn by_key_set(&self) -> TrustedIssuer {
        trusted(
            &self.url,
            KeySource::Jwks(format!("{}/keys", self.url).parse().unwrap()),
        )
    }

    /// An honest token of this issuer.
    pub fn token(&self, signer: &Signer) -> String {
        signer.token(&claims_with("iss", json!(self.url)))
    }
}

async fn discovery_document(State(mood): State<Arc<Mood>>) -> Response {
    let answer = mood.discovery.lock().unwrap().clone();
    (answer.status, answer.headers, answer.body).into_response()
}

async fn keys(State(mood): State<Arc<Mood>>) -> Response {
    mood.asked.fetch_add(1, Ordering::SeqCst);
    let _through = mood.door.acquire().await.unwrap();
    let answer = mood.keys.lock().unwrap().clone();
    (answer.status, answer.headers, answer.body).into_response()
}

/// Seconds since it was made, turned by hand.
#[derive(Clone, Default)]
pub struct Clock(Arc<AtomicU64>);

impl Clock {
    pub fn advance(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

/// For development, so that loopback is allowed, with more patience than any test needs.
pub fn http() -> HttpConfig {
    HttpConfig {
        timeout: Duration::from_secs(20),
        allow_loopback: true,
    }
}

pub fn verifier_with(http: HttpConfig, issuer: TrustedIssuer, clock: &Clock) -> Verifier {
    let mut config = VerifierConfig::new(AUDIENCE);
    config.http = http;
    let (begin, turned) = (Instant::now(), Arc::clone(&clock.0));
    Verifier::with_clock(
        config,
        Arc::new(issuer),
        Arc::new(move || begin + Duration::from_secs(turned.load(Ordering::SeqCst))),
    )
}

pub fn verifier(issuer: TrustedIssuer, clock: &Clock) -> Verifier {
    verifier_with(http(), issuer, clock)
}
