//! One keep-alive connection of HTTP/1.1, just enough of it: the load generator is to cost little beside the server.

use anyhow::{Context, Result, bail};
use std::net::SocketAddr;
use std::ops::{Deref, Range};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A connection to the GraphQL endpoint.
pub struct Connection {
    stream: TcpStream,
    address: SocketAddr,
    request: Vec<u8>,
}

/// What answers are read into: of all connections, and the one that was used last is used next. One for each connection would be cold
/// memory wherever there are hundreds, and what that costs would be taken for the server's.
static BUFFERS: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());
/// How long a buffer is at first.
const BUFFER: usize = 64 * 1024;

/// The body of an answer.
pub struct Answer {
    read: Vec<u8>,
    body: Range<usize>,
}

impl Answer {
    /// Waits for an answer and reads it; its status too.
    async fn from(stream: &mut TcpStream) -> Result<(u16, Self)> {
        stream.readable().await?;
        let read = buffers().pop().unwrap_or_else(|| vec![0; BUFFER]);
        let mut answer = Self { read, body: 0..0 };
        let mut here = 0;
        let (status, body) = loop {
            here += answer.more(stream, here).await?;
            let read = answer.read.get(..here).unwrap_or_default();
            if let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") {
                let (status, length) = head(read.get(..end).unwrap_or_default())?;
                break (status, end + 4..end + 4 + length);
            }
        };
        // Room for one more, so that the stream is known to be empty when all is here.
        if answer.read.len() <= body.end {
            answer.read.resize(body.end + 1, 0);
        }
        while here < body.end {
            here += answer.more(stream, here).await?;
        }
        answer.body = body;
        Ok((status, answer))
    }

    async fn more(&mut self, stream: &mut TcpStream, here: usize) -> Result<usize> {
        let room = self.read.get_mut(here..).unwrap_or_default();
        match stream.read(room).await? {
            0 => bail!("the server closed the connection, or its head is too long"),
            more => Ok(more),
        }
    }
}

impl Deref for Answer {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        self.read.get(self.body.clone()).unwrap_or_default()
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        buffers().push(std::mem::take(&mut self.read));
    }
}

fn buffers() -> MutexGuard<'static, Vec<Vec<u8>>> {
    BUFFERS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The status in the head of an answer, and how long its body is.
fn head(head: &[u8]) -> Result<(u16, usize)> {
    let mut lines = std::str::from_utf8(head)?.split("\r\n");
    let status = lines.next().and_then(|line| line.get(9..12)?.parse().ok());
    let mut headers = lines.filter_map(|line| line.split_once(':'));
    let length = headers.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length = length.context("an answer without a length")?.1.trim().parse()?;
    Ok((status.context("no HTTP status")?, length))
}

/// An answer that is no 200.
#[derive(Debug)]
pub struct Refused {
    pub status: u16,
    said: String,
}

impl Refused {
    /// Too much was asked: of the server, or by this one.
    pub fn may_come_again(&self) -> bool {
        matches!(self.status, 429 | 503)
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HTTP {}: {}", self.status, self.said)
    }
}

impl std::error::Error for Refused {}

impl Connection {
    pub async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            address,
            request: Vec::new(),
        })
    }

    /// Sends a request as the holder of this token; the body of the answer, which must be a 200.
    pub async fn post(&mut self, token: &str, key: Option<&str>, body: &[u8]) -> Result<Answer> {
        self.request.clear();
        let head = format!(
            "POST /graphql HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\naccept: application/json\r\n\
             authorization: Bearer {token}\r\ncontent-length: {}\r\n",
            self.address,
            body.len()
        );
        self.request.extend_from_slice(head.as_bytes());
        if let Some(key) = key {
            self.request
                .extend_from_slice(format!("idempotency-key: \"{key}\"\r\n").as_bytes());
        }
        self.request.extend_from_slice(b"\r\n");
        self.request.extend_from_slice(body);
        self.stream.write_all(&self.request).await?;
        let (status, answer) = Answer::from(&mut self.stream).await?;
        if status != 200 {
            let said = shown(&answer);
            return Err(Refused { status, said }.into());
        }
        Ok(answer)
    }
}

/// The beginning of an answer, for a complaint.
pub fn shown(body: &[u8]) -> String {
    String::from_utf8_lossy(body.get(..600).unwrap_or(body)).into_owned()
}
