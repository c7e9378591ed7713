//! Server-sent events: the distinct connections mode of npm graphql-sse (PROTOCOL.md) on `/graphql`, for those who accept
//! `text/event-stream`. A query or mutation is a stream of one event. A stream that the client did not end and that is not
//! complete ended with its credential, or with the server: whoever connects again is told which.

use super::App;
use super::answer::{Fault, body};
use super::watching::{Admission, LOOK, SLOW};
use async_graphql::Response as Executed;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, header};
use bytes::Bytes;
use futures::stream::{BoxStream, StreamExt};
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::mpsc::{Sender, channel};
use tokio::time::{interval, sleep_until, timeout};
use tokio_stream::wrappers::ReceiverStream;
use tracing::Instrument;

/// Between comments that keep what lies between from closing a quiet stream.
const COMMENTS: Duration = Duration::from_secs(12);
/// A comment, which clients do not see.
const COMMENT: Bytes = Bytes::from_static(b":\n\n");
/// With an empty `data:`, without which a browser's `EventSource` tells nobody.
const COMPLETE: Bytes = Bytes::from_static(b"event: complete\ndata: \n\n");

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
        respond(Body::from_stream(ReceiverStream::new(events).map(Ok::<_, Infallible>)))
    }

    async fn tell(mut self, client: Sender<Bytes>) {
        let stopping = self.app.stopping.clone();
        let ends = self.admission.ends();
        let expired = async move {
            match ends {
                Some(at) => sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::pin!(expired);
        let (mut looks, mut comments) = (interval(LOOK), interval(COMMENTS));
        looks.tick().await;
        loop {
            let told = tokio::select! {
                biased;
                () = stopping.cancelled() => return,
                () = client.closed() => return,
                () = &mut expired => return,
                _ = looks.tick() => Told::Look,
                () = self.admission.changed() => Told::Look,
                result = self.results.next() => result.map_or(Told::Complete, Told::Next),
                _ = comments.tick() => Told::Comment,
            };
            let complete = matches!(told, Told::Complete);
            let event = match told {
                Told::Look if self.admission.holds(&self.app).await => continue,
                Told::Next(executed) if self.admission.may_hear(&self.app).await => next(&executed),
                Told::Look | Told::Next(_) => return,
                Told::Comment => COMMENT,
                Told::Complete => COMPLETE,
            };
            let taken = timeout(SLOW, client.send(event)).await;
            if complete || !matches!(taken, Ok(Ok(()))) {
                return;
            }
        }
    }
}

#[expect(clippy::large_enum_variant, reason = "one at a time, and gone at once")]
enum Told {
    Look,
    Comment,
    Next(Executed),
    Complete,
}

/// The answer of an operation that ran once.
#[must_use]
pub fn once(executed: &Executed) -> Response<Body> {
    respond(Body::from([next(executed), COMPLETE].concat()))
}

/// The answer to a document that is refused: the protocol has it in the stream, where a client can read it.
#[must_use]
pub fn refused(fault: &Fault) -> Response<Body> {
    once(&Executed::from_errors(vec![fault.error()]))
}

/// JSON has no line breaks but those that it escapes.
fn next(executed: &Executed) -> Bytes {
    [b"event: next\ndata: ", body(executed).as_slice(), b"\n\n"]
        .concat()
        .into()
}

fn respond(body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/event-stream; charset=utf-8"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(BUFFERING, HeaderValue::from_static("no"));
    response
}
