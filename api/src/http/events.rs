//! Server-sent events: the distinct connections mode of npm graphql-sse (PROTOCOL.md) on `/graphql`, for those who accept
//! `text/event-stream`. A query or mutation is a stream of one event. A stream that the client did not end and that is not
//! complete ended with its credential, or with the server: whoever connects again is told which.

use super::App;
use super::answer::{Fault, body};
use super::watching::{Admission, LOOK, SLOW};
use async_graphql::Response as Executed;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response};
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::stream::{BoxStream, Stream, StreamExt};
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::mpsc::{Sender, channel};
use tokio::time::{interval, sleep_until, timeout};
use tokio_stream::wrappers::ReceiverStream;
use tracing::Instrument;

/// Between comments that keep what lies between from closing a quiet stream.
const COMMENT: Duration = Duration::from_secs(12);

/// Tells proxies of nginx' kind to pass each event on as it comes.
const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// A subscription that is told as events.
pub struct Watching {
    /// The server.
    pub app: App,
    /// Who watches.
    pub admission: Admission,
    /// What they are told.
    pub results: BoxStream<'static, Executed>,
    /// A stream counts as a socket.
    pub counted: OwnedSemaphorePermit,
}

impl Watching {
    /// The answer: a stream until somebody ends it.
    #[must_use]
    pub fn answer(self) -> Response<Body> {
        let (client, events) = channel(1);
        tokio::spawn(self.tell(client).in_current_span());
        respond(ReceiverStream::new(events))
    }

    async fn tell(mut self, client: Sender<Event>) {
        let stopping = self.app.stopping.clone();
        let ends = self.admission.ends();
        let expired = async move {
            match ends {
                Some(at) => sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::pin!(expired);
        let mut looks = interval(LOOK);
        looks.tick().await;
        loop {
            let told = tokio::select! {
                biased;
                () = stopping.cancelled() => return,
                () = client.closed() => return,
                () = &mut expired => return,
                _ = looks.tick() => None,
                () = self.admission.changed() => None,
                result = self.results.next() => Some(result),
            };
            let last = matches!(told, Some(None));
            let event = match told {
                None if self.admission.holds(&self.app).await => continue,
                None => return,
                Some(None) => complete(),
                Some(Some(executed)) if self.admission.may_hear(&self.app).await => next(&executed),
                Some(Some(_)) => return,
            };
            let taken = timeout(SLOW, client.send(event)).await;
            if last || !matches!(taken, Ok(Ok(()))) {
                return;
            }
        }
    }
}

/// The answer of an operation that ran once.
#[must_use]
pub fn once(executed: &Executed) -> Response<Body> {
    respond(futures::stream::iter([next(executed), complete()]))
}

/// The answer to a document that is refused: the protocol has it in the stream, where a client can read it.
#[must_use]
pub fn refused(fault: &Fault) -> Response<Body> {
    once(&Executed::from_errors(vec![fault.error()]))
}

fn next(executed: &Executed) -> Event {
    let text = String::from_utf8(body(executed)).unwrap_or_default();
    Event::default().event("next").data(text)
}

/// With an empty `data:`, without which a browser's `EventSource` tells nobody.
fn complete() -> Event {
    Event::default().event("complete").data("")
}

fn respond(events: impl Stream<Item = Event> + Send + 'static) -> Response<Body> {
    let events = Sse::new(events.map(Ok::<_, Infallible>)).keep_alive(KeepAlive::new().interval(COMMENT));
    let mut response = events.into_response();
    response.headers_mut().insert(BUFFERING, HeaderValue::from_static("no"));
    response
}
