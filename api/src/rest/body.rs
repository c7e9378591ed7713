//! The bytes of an uploaded file: as they arrive, unpacked, within their limit.

use axum::body::{Body, BodyDataStream, Bytes};
use flate2::write::MultiGzDecoder;
use futures::{Stream, StreamExt, stream};
use quartermaster_tenants::error::Code;
use quartermaster_tenants::{Error, Refusal, Result};
use std::io::Write;
use std::time::Duration;
use tokio::time::{Instant, Interval, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

/// Whoever reads is told that nothing has arrived at least this often.
const TICK: Duration = Duration::from_secs(10);
/// A client that sends nothing for so long is gone.
const PATIENCE: Duration = Duration::from_secs(60);
/// Packed bytes that are unpacked at once: what they become (a thousand times as much, at worst) must fit into memory.
const PACKED: usize = 4 * 1024;
/// How much of a refused file is let in.
const LEFT: usize = 256 * 1024;

struct Reading {
    source: BodyDataStream,
    tick: Interval,
    heard: Instant,
    stopping: CancellationToken,
    packed: Option<MultiGzDecoder<Vec<u8>>>,
    /// What has arrived and is not unpacked yet.
    waiting: Bytes,
    left: u64,
    limit: u64,
    ended: bool,
}

/// The bytes of a body, with an empty piece whenever nothing has arrived for a while. It ends with an error when the client hangs
/// up or is silent, the file is longer than `limit`, is not packed as it says, or the server stops.
pub(super) fn file(
    body: Body,
    gzip: bool,
    limit: u64,
    stopping: CancellationToken,
) -> impl Stream<Item = Result<Vec<u8>>> + Unpin {
    let mut tick = tokio::time::interval_at(Instant::now() + TICK, TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let reading = Reading {
        source: body.into_data_stream(),
        tick,
        heard: Instant::now(),
        stopping,
        packed: gzip.then(|| MultiGzDecoder::new(Vec::new())),
        waiting: Bytes::new(),
        left: limit,
        limit,
        ended: false,
    };
    Box::pin(stream::unfold(Some(reading), async |reading| {
        let mut reading = reading?;
        match reading.next().await {
            Ok(Some(piece)) => Some((Ok(piece), Some(reading))),
            Ok(None) => None,
            Err(error) => Some((Err(error), None)),
        }
    }))
}

/// Lets a short body of a refused request arrive: while a client still sends, the answer would be lost with its connection.
pub(super) async fn leave(body: Body) {
    let mut source = body.into_data_stream();
    let mut left = LEFT;
    let arrive = async {
        while let Some(Ok(bytes)) = source.next().await {
            let Some(rest) = left.checked_sub(bytes.len()) else {
                return;
            };
            left = rest;
        }
    };
    let _ = tokio::time::timeout(Duration::from_secs(2), arrive).await;
}

impl Reading {
    async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        loop {
            if !self.waiting.is_empty() {
                let piece = self.unpacked()?;
                self.left = self
                    .left
                    .checked_sub(piece.len() as u64)
                    .ok_or_else(|| self.too_long())?;
                if !piece.is_empty() {
                    return Ok(Some(piece));
                }
                continue;
            }
            if self.ended {
                return Ok(None);
            }
            tokio::select! {
                piece = self.source.next() => match piece {
                    Some(Ok(bytes)) => {
                        self.heard = Instant::now();
                        self.waiting = bytes;
                    }
                    Some(Err(error)) => return Err(Error::Unavailable(format!("the client hung up: {error}"))),
                    None => {
                        self.ended = true;
                        self.waiting = self.rest()?;
                    }
                },
                _ = self.tick.tick() => {
                    if self.heard.elapsed() >= PATIENCE {
                        return Err(Error::Unavailable("the client sends nothing any more".to_owned()));
                    }
                    return Ok(Some(Vec::new()));
                }
                () = self.stopping.cancelled() => return Err(Error::Unavailable("the server stops".to_owned())),
            }
        }
    }

    /// The next part of what waits, unpacked.
    fn unpacked(&mut self) -> Result<Vec<u8>> {
        let Some(decoder) = self.packed.as_mut().filter(|_| !self.ended) else {
            return Ok(std::mem::take(&mut self.waiting).to_vec());
        };
        let part = self.waiting.split_to(self.waiting.len().min(PACKED));
        decoder.write_all(&part).map_err(|_| no_gzip())?;
        Ok(std::mem::take(decoder.get_mut()))
    }

    /// What the decoder still holds at the end.
    fn rest(&mut self) -> Result<Bytes> {
        let Some(decoder) = &mut self.packed else {
            return Ok(Bytes::new());
        };
        decoder.try_finish().map_err(|_| no_gzip())?;
        Ok(std::mem::take(decoder.get_mut()).into())
    }

    fn too_long(&self) -> Error {
        let message = format!("A file has at most {} bytes: import it in parts.", self.limit);
        Refusal::new(Code::TooLarge, &[], message).into()
    }
}

fn no_gzip() -> Error {
    Refusal::invalid(&[], "The body is not whole gzip, as its Content-Encoding says.").into()
}
