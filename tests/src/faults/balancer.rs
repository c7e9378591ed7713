//! A load balancer as small as it can be: in turns to every server that says at `/readyz` that it is ready, and never a second time.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, Response, StatusCode, Uri, header};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[derive(Clone)]
pub struct Balancer {
    pub base: String,
    state: Arc<Mutex<Servers>>,
    http: reqwest::Client,
}

#[derive(Default)]
struct Servers {
    /// Where, and whether it is ready.
    all: Vec<(String, bool)>,
    turn: usize,
}

impl Balancer {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let http = reqwest::Client::builder().no_proxy().retry(reqwest::retry::never());
        let balancer = Self {
            base: format!("http://{}", listener.local_addr().expect("an address")),
            state: Arc::default(),
            http: http.build().expect("a client"),
        };
        let routes = Router::new().fallback(pass).with_state(balancer.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        tokio::spawn(balancer.clone().look());
        balancer
    }

    pub fn add(&self, server: &str) {
        self.servers(|servers| servers.all.push((server.to_owned(), false)));
    }

    pub fn remove(&self, server: &str) {
        self.servers(|servers| servers.all.retain(|(base, _)| base != server));
    }

    /// Until it sends requests there.
    pub async fn until_ready(&self, server: &str) {
        while !self.servers(|servers| servers.all.iter().any(|(base, ready)| base == server && *ready)) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn servers<T>(&self, work: impl FnOnce(&mut Servers) -> T) -> T {
        work(&mut self.state.lock().expect("the servers"))
    }

    /// Asks all servers again and again.
    async fn look(self) {
        loop {
            let all = self.servers(|servers| servers.all.clone());
            for (base, _) in all {
                let answer = self.http.get(format!("{base}/readyz")).send().await;
                let ready = answer.is_ok_and(|a| a.status().is_success());
                self.servers(|servers| {
                    for known in servers.all.iter_mut().filter(|known| known.0 == base) {
                        known.1 = ready;
                    }
                });
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn next(&self) -> Option<String> {
        self.servers(|servers| {
            servers.turn += 1;
            let ready: Vec<_> = servers.all.iter().filter(|(_, ready)| *ready).collect();
            let (base, _) = ready.get(servers.turn % ready.len().max(1))?;
            Some(base.clone())
        })
    }
}

async fn pass(
    State(balancer): State<Balancer>,
    method: Method,
    uri: Uri,
    mut headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let Some(base) = balancer.next() else {
        return failed("no server is ready");
    };
    headers.remove(header::HOST);
    let request = balancer.http.request(method, format!("{base}{uri}"));
    let answer = async {
        let answer = request.headers(headers).body(body).send().await?;
        let (status, media) = (answer.status(), answer.headers().get(header::CONTENT_TYPE).cloned());
        Ok::<_, reqwest::Error>((status, media, answer.bytes().await?))
    };
    match answer.await {
        Ok((status, media, body)) => {
            let mut response = Response::new(Body::from(body));
            *response.status_mut() = status;
            response
                .headers_mut()
                .extend(media.map(|media| (header::CONTENT_TYPE, media)));
            response
        }
        Err(error) => failed(&format!("{error:?}")),
    }
}

fn failed(why: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(serde_json::json!({ "balancer": why }).to_string()));
    *response.status_mut() = StatusCode::BAD_GATEWAY;
    response
}
