//! Subscriptions: the `graphql-transport-ws` protocol (npm graphql-ws, PROTOCOL.md) on `/graphql`. A socket ends with the
//! token that opened it, and at once when its account may no more.

use super::App;
use super::answer::Fault;
use super::fits::fits;
use super::media::Media;
use super::metrics::Sender;
use super::request::Parameters;
use super::watching::{LOOK, SLOW, Watcher};
use crate::auth::Denied;
use crate::lifecycle;
use async_graphql::Response as Executed;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::http::{HeaderName, header};
use axum::response::Response;
use futures::StreamExt;
use futures::stream::BoxStream;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::{Instant, interval, sleep_until, timeout};
use tokio_stream::StreamMap;
use uuid::Uuid;

/// The subprotocol.
const PROTOCOL: &str = "graphql-transport-ws";
/// From opening to `connection_init`.
const INIT_WITHIN: Duration = Duration::from_secs(10);
/// A client that is silent this long, pongs included, is gone.
const SILENCE: Duration = Duration::from_secs(65);
/// The longest id of a subscription, in bytes.
const LONGEST_ID: usize = 256;

/// Why a socket is closed: the protocol's codes.
struct Close(u16, &'static str);

const GOING_AWAY: Close = Close(1001, "Going away");
const BAD_MESSAGE: Close = Close(4400, "Invalid message");
const UNAUTHORIZED: Close = Close(4401, "Unauthorized");
const FORBIDDEN: Close = Close(4403, "Forbidden");
const WRONG_PROTOCOL: Close = Close(4406, "Subprotocol not acceptable");
const NO_INIT: Close = Close(4408, "Connection initialisation timeout");
const IDLE: Close = Close(4408, "Nothing was subscribed to");
const TOO_MANY: Close = Close(4429, "Too many sockets of this account");
const SAME_ID: Close = Close(4409, "Subscriber already exists");
const TWICE: Close = Close(4429, "Too many initialisation requests");
const INTERNAL: Close = Close(4500, "Internal server error");

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Client {
    ConnectionInit { payload: Option<Value> },
    Ping { payload: Option<Value> },
    Pong,
    Subscribe { id: String, payload: Parameters },
    Complete { id: String },
}

/// A result, its fields in the order in which the document selects them (GraphQL, 7.2.2): a JSON value would sort them.
#[derive(Serialize)]
struct Next<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    id: &'a str,
    payload: &'a Executed,
}

#[expect(clippy::large_enum_variant, reason = "one at a time, and gone at once")]
enum Step {
    Next(Executed),
    Done,
}

/// Opens a socket for the program that its request names.
pub fn open(app: App, id: Uuid, upgrade: WebSocketUpgrade, program: String) -> Response {
    let limit = app.config.body_limit_bytes;
    // Before it is opened: a socket that waited for a place would be bound by nothing.
    let Ok(counted) = app.sockets.clone().try_acquire_owned() else {
        return Fault::unavailable().answer(Media::Json);
    };
    upgrade
        .protocols([PROTOCOL])
        .max_message_size(limit)
        .max_frame_size(limit)
        .on_upgrade(move |socket| async move {
            let _counted = counted;
            let spoken = socket.protocol().is_some();
            let mut connection = Connection {
                app,
                id,
                socket,
                program,
                admitted: None,
                streams: StreamMap::new(),
            };
            let close = if spoken {
                connection.live().await
            } else {
                Some(WRONG_PROTOCOL)
            };
            if let Some(Close(code, reason)) = close {
                let frame = CloseFrame {
                    code,
                    reason: Utf8Bytes::from_static(reason),
                };
                let _ = timeout(SLOW, connection.socket.send(Message::Close(Some(frame)))).await;
            }
        })
}

struct Connection {
    app: App,
    id: Uuid,
    socket: WebSocket,
    /// What it calls itself: a page cannot set headers for a socket, so `connection_init` may say it as well.
    program: String,
    admitted: Option<Watcher>,
    streams: StreamMap<String, BoxStream<'static, Step>>,
}

impl Connection {
    /// Until somebody ends it; `None` when the client did.
    async fn live(&mut self) -> Option<Close> {
        let opened = Instant::now();
        let (mut heard, mut busy) = (opened, opened);
        let idle = Duration::from_secs(self.app.config.socket_idle_seconds);
        let mut pings = interval(LOOK);
        pings.tick().await;
        let stopping = self.app.stopping.clone();
        loop {
            let ends = match &self.admitted {
                None => Some((opened + INIT_WITHIN, NO_INIT)),
                Some(watcher) => watcher.ends().map(|at| (at, FORBIDDEN)),
            };
            let (at, why) = ends.unwrap_or((heard + SILENCE + LOOK, GOING_AWAY));
            if !self.streams.is_empty() {
                busy = Instant::now();
            }
            let quiet = self.admitted.is_some() && self.streams.is_empty();
            let done = tokio::select! {
                () = stopping.cancelled() => Err(Some(GOING_AWAY)),
                () = sleep_until(at) => Err(Some(why)),
                () = sleep_until(busy + idle), if quiet => Err(Some(IDLE)),
                _ = pings.tick() => self.keep(heard).await,
                () = changed(&mut self.admitted) => self.still_admitted().await,
                message = self.socket.next() => match message {
                    None | Some(Err(_) | Ok(Message::Close(_))) => Err(None),
                    Some(Ok(message)) => {
                        heard = Instant::now();
                        self.hear(message).await
                    }
                },
                Some((id, step)) = self.streams.next() => self.tell(id, step).await,
            };
            if let Err(close) = done {
                return close;
            }
        }
    }

    async fn send(&mut self, message: Message) -> Result<(), Option<Close>> {
        match timeout(SLOW, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(None),
        }
    }

    async fn say(&mut self, value: &impl Serialize) -> Result<(), Option<Close>> {
        let text = serde_json::to_string(value).map_err(|_| Some(INTERNAL))?;
        self.send(Message::Text(text.into())).await
    }

    /// Pings, and looks whether the credential still holds and its account may still see the same.
    async fn keep(&mut self, heard: Instant) -> Result<(), Option<Close>> {
        if heard.elapsed() > SILENCE {
            return Err(None);
        }
        self.still_admitted().await?;
        self.send(Message::Ping(bytes::Bytes::new())).await
    }

    async fn still_admitted(&mut self) -> Result<(), Option<Close>> {
        match &self.admitted {
            Some(watcher) if !watcher.holds(&self.app).await => Err(Some(FORBIDDEN)),
            _ => Ok(()),
        }
    }

    async fn hear(&mut self, message: Message) -> Result<(), Option<Close>> {
        let text = match message {
            Message::Text(text) => text,
            Message::Ping(_) | Message::Pong(_) => return Ok(()),
            Message::Binary(_) | Message::Close(_) => return Err(Some(BAD_MESSAGE)),
        };
        match serde_json::from_str(&text).map_err(|_| Some(BAD_MESSAGE))? {
            Client::ConnectionInit { .. } if self.admitted.is_some() => Err(Some(TWICE)),
            Client::ConnectionInit { payload } => self.init(payload).await,
            Client::Ping { payload: None } => self.say(&json!({ "type": "pong" })).await,
            Client::Ping { payload: Some(payload) } => self.say(&json!({ "type": "pong", "payload": payload })).await,
            Client::Pong => Ok(()),
            Client::Complete { id } => {
                self.streams.remove(&id);
                Ok(())
            }
            Client::Subscribe { .. } if self.admitted.is_none() => Err(Some(UNAUTHORIZED)),
            Client::Subscribe { payload, .. } if !payload.has_document() => Err(Some(BAD_MESSAGE)),
            Client::Subscribe { id, .. } if self.streams.contains_key(&id) => Err(Some(SAME_ID)),
            Client::Subscribe { id, .. } if id.is_empty() || id.len() > LONGEST_ID => Err(Some(BAD_MESSAGE)),
            Client::Subscribe { id, payload } => match self.subscribe(id.clone(), payload).await {
                Ok(()) => Ok(()),
                Err(fault) => {
                    self.say(&json!({ "type": "error", "id": id, "payload": [fault.error()] }))
                        .await
                }
            },
        }
    }

    async fn init(&mut self, payload: Option<Value>) -> Result<(), Option<Close>> {
        let members = payload.as_ref().and_then(Value::as_object);
        // Called as the headers would be, in capitals or not.
        let said = |wanted: &HeaderName| {
            let found = members?
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(wanted.as_str()));
            found.and_then(|(_, value)| value.as_str())
        };
        if let Some(program) = lifecycle::called(said(&lifecycle::NAME), said(&lifecycle::VERSION)) {
            self.program = program;
        }
        let credential = said(&header::AUTHORIZATION)
            .and_then(|text| text.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, credential)| credential.trim().to_owned())
            .ok_or(Some(FORBIDDEN))?;
        let admitted = self.app.door.admit(&credential, self.id).await.map_err(|why| {
            tracing::info!(reason = why.code(), "a socket's credential was refused");
            Some(if matches!(why, Denied::Unavailable(_)) {
                INTERNAL
            } else {
                FORBIDDEN
            })
        })?;
        let watcher = Watcher::of(&self.app, credential, admitted, self.id)
            .await
            .map_err(|_| Some(TOO_MANY))?;
        self.admitted = Some(watcher);
        self.say(&json!({ "type": "connection_ack" })).await
    }

    async fn subscribe(&mut self, id: String, parameters: Parameters) -> Result<(), Fault> {
        if self.streams.len() >= self.app.config.subscriptions_per_socket {
            return Err(Fault::too_complex(
                "This socket has as many subscriptions as it may have.",
            ));
        }
        let Some(watcher) = &self.admitted else {
            return Err(Fault::unavailable());
        };
        self.app.limits.look(watcher.credential())?;
        let document = parameters.document(&self.app.registered, &self.app.documents, Sender::Known)?;
        let operation = document.operation(parameters.operation_name.as_deref())?;
        let asker = Some(watcher.asks(&self.program));
        fits(&self.app, asker, &document, operation, &parameters, &mut false).await?;
        let results = watcher
            .results(&self.app, &document, operation, parameters)
            .map(Step::Next);
        self.streams
            .insert(id, results.chain(futures::stream::once(async { Step::Done })).boxed());
        Ok(())
    }

    async fn tell(&mut self, id: String, step: Step) -> Result<(), Option<Close>> {
        if let Some(watcher) = &mut self.admitted
            && !watcher.may_hear(&self.app).await
        {
            return Err(Some(FORBIDDEN));
        }
        match step {
            Step::Done => {
                self.streams.remove(&id);
                self.say(&json!({ "type": "complete", "id": id })).await
            }
            // Refused before it ran: the protocol's error message, which also ends it.
            Step::Next(executed) if refused(&executed) => {
                self.streams.remove(&id);
                self.say(&json!({ "type": "error", "id": id, "payload": executed.errors }))
                    .await
            }
            Step::Next(executed) => {
                let (kind, id, payload) = ("next", &id, &executed);
                self.say(&Next { kind, id, payload }).await
            }
        }
    }
}

/// Waits until something happens to the account that opened the socket.
async fn changed(admitted: &mut Option<Watcher>) {
    match admitted {
        Some(watcher) => watcher.changed().await,
        None => std::future::pending().await,
    }
}

fn refused(executed: &Executed) -> bool {
    matches!(executed.data, async_graphql::Value::Null)
        && !executed.errors.is_empty()
        && executed.errors.iter().all(|e| e.path.len() <= 1)
}
