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

/// How long a client may be silent.
#[derive(Debug, Clone, Copy)]
struct Patience {
    /// Whoever reads is told that nothing has arrived at least this often.
    tick: Duration,
    /// A client that sends nothing for so long is gone.
    end: Duration,
}

const PATIENCE: Patience = Patience {
    tick: Duration::from_secs(10),
    end: Duration::from_secs(60),
};
/// Packed bytes that are unpacked at once: what they become (a thousand times as much, at worst) must fit into memory.
const PACKED: usize = 4 * 1024;
/// How much of a refused file is let in.
const LEFT: u64 = 256 * 1024;

/// The bytes of a body, as they arrive.
pub(super) struct File {
    source: BodyDataStream,
    tick: Interval,
    heard: Instant,
    patience: Duration,
    stopping: CancellationToken,
    packed: Option<MultiGzDecoder<Vec<u8>>>,
    /// What has arrived and is not unpacked yet.
    waiting: Bytes,
    left: u64,
    limit: u64,
    ended: bool,
}

/// A body that is read while it arrives.
pub(super) fn file(body: Body, gzip: bool, limit: u64, stopping: CancellationToken) -> File {
    patiently(body, gzip, limit, stopping, PATIENCE)
}

fn patiently(body: Body, gzip: bool, limit: u64, stopping: CancellationToken, patience: Patience) -> File {
    let mut tick = tokio::time::interval_at(Instant::now() + patience.tick, patience.tick);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    File {
        source: body.into_data_stream(),
        tick,
        heard: Instant::now(),
        patience: patience.end,
        stopping,
        packed: gzip.then(|| MultiGzDecoder::new(Vec::new())),
        waiting: Bytes::new(),
        left: limit,
        limit,
        ended: false,
    }
}

/// Lets a short body of a refused request arrive: while a client still sends, the answer would be lost with its connection.
pub(super) async fn leave(body: Body) {
    arrive(&mut body.into_data_stream(), LEFT, Duration::from_secs(2)).await;
}

/// Lets the rest of a body arrive, and forgets it.
async fn arrive(source: &mut BodyDataStream, mut left: u64, within: Duration) {
    let arrive = async {
        while let Some(Ok(bytes)) = source.next().await {
            let Some(rest) = left.checked_sub(bytes.len() as u64) else {
                return;
            };
            left = rest;
        }
    };
    let _ = tokio::time::timeout(within, arrive).await;
}

impl File {
    /// Its bytes, unpacked, with an empty piece whenever nothing has arrived for a while. They end with an error when the client
    /// hangs up or is silent, the file is longer than its limit, is not packed as it says, or the server stops.
    pub(super) fn pieces(&mut self) -> impl Stream<Item = Result<Vec<u8>>> + Unpin {
        Box::pin(stream::unfold(Some(self), async |file| {
            let file = file?;
            match file.next().await {
                Ok(Some(piece)) => Some((Ok(piece), Some(file))),
                Ok(None) => None,
                Err(error) => Some((Err(error), None)),
            }
        }))
    }

    /// Lets the rest of a file arrive that is refused in its middle, for a while: as [`leave`].
    pub(super) async fn leave(mut self) {
        arrive(&mut self.source, self.limit, Duration::from_secs(5)).await;
    }

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
                    if self.heard.elapsed() >= self.patience {
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

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Patience = Patience {
        tick: Duration::from_millis(2),
        end: Duration::from_millis(20),
    };

    /// A body that begins, and then neither goes on nor ends.
    fn hanging() -> Body {
        let begun = stream::iter([Ok::<_, std::io::Error>("sku,")]);
        Body::from_stream(begun.chain(stream::pending()))
    }

    #[tokio::test]
    async fn a_client_that_sends_nothing_any_more_is_told_of_and_then_gone() {
        let mut file = patiently(hanging(), false, 100, CancellationToken::new(), SHORT);
        let mut file = file.pieces();
        assert_eq!(file.next().await.unwrap().unwrap(), b"sku,");
        assert_eq!(
            file.next().await.unwrap().unwrap(),
            b"",
            "nothing has arrived for a while"
        );
        let mut last = file.next().await.unwrap();
        while let Ok(piece) = &last {
            assert_eq!(piece, b"");
            last = file.next().await.unwrap();
        }
        assert!(matches!(last, Err(Error::Unavailable(_))), "{last:?}");
        assert!(file.next().await.is_none());
    }

    #[tokio::test]
    async fn a_server_that_stops_reads_no_further() {
        let stopping = CancellationToken::new();
        let mut file = file(hanging(), false, 100, stopping.clone());
        let mut file = file.pieces();
        assert_eq!(file.next().await.unwrap().unwrap(), b"sku,");
        stopping.cancel();
        assert!(matches!(file.next().await, Some(Err(Error::Unavailable(_)))));
    }
}
