//! Connections: how many there may be, how long one may be idle, how long its client may take nothing. Whoever is slow keeps a
//! connection of ours and nothing else: no task waits for the head of a request, and no connection to the database for its body.
//!
//! HTTP/1.1 alone: HTTP/2 ends at the proxy in front, and with it its streams, resets and compressed headers.

use super::metrics;
use crate::config::Config;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// The longest head of a request: its line and its headers.
const HEAD: usize = 32 * 1024;
/// What is read of a connection at once, and kept of it.
const BUFFER: usize = 64 * 1024;
/// After an accept that failed for want of something, such as file descriptors.
const AGAIN: Duration = Duration::from_secs(1);

/// What a connection may cost.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    most: u32,
    idle: Duration,
    write: Duration,
}

/// Serves until it is told to stop, then until the requests in flight have their answers.
///
/// # Errors
/// None that ends it: what fails is one connection.
pub async fn serve(
    listener: TcpListener,
    routes: Router,
    config: &Config,
    stopping: CancellationToken,
) -> io::Result<()> {
    let bounds = Bounds {
        most: config.connections_most.min(Semaphore::MAX_PERMITS as u32),
        idle: Duration::from_secs(config.idle_seconds),
        write: Duration::from_secs(config.write_seconds),
    };
    let places = Arc::new(Semaphore::new(bounds.most as usize));
    while let Some((stream, place)) = next(&listener, &places, &stopping).await {
        tokio::spawn(connection(stream, routes.clone(), bounds, stopping.clone(), place));
    }
    drop(listener);
    let _ = places.acquire_many(bounds.most).await;
    Ok(())
}

/// The next connection, once there is a place for it; until then others wait in the kernel. `None` when it is time to stop.
async fn next(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
    stopping: &CancellationToken,
) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let accepted = async {
        let place = places.clone().acquire_owned().await.ok()?;
        loop {
            match listener.accept().await {
                Ok((stream, _)) => return Some((stream, place)),
                Err(error) if is_the_clients(&error) => {}
                Err(error) => {
                    tracing::error!(%error, "a connection cannot be accepted");
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
    };
    tokio::select! {
        () = stopping.cancelled() => None,
        accepted = accepted => accepted,
    }
}

fn is_the_clients(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}

/// One connection, request after request. A socket (WebSocket) leaves it, and gives its place back: it is counted apart.
async fn connection(
    stream: TcpStream,
    routes: Router,
    bounds: Bounds,
    stopping: CancellationToken,
    _place: OwnedSemaphorePermit,
) {
    let _open = metrics::connected();
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(bounds.write));
    let service = TowerToHyperService::new(routes.map_request(|request: Request<_>| request.map(Body::new)));
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        // Runs from the answer to the next request's last header: how long a connection may be idle, and a head take.
        .header_read_timeout(bounds.idle)
        .max_header_size(HEAD)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(Box::pin(stream)), service)
        .with_upgrades();
    let mut served = pin!(served);
    let ended = tokio::select! {
        ended = served.as_mut() => ended,
        () = stopping.cancelled() => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke off");
    }
}
