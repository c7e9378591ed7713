//! One keep-alive connection of HTTP/1.1, just enough of it: the load generator is to cost little beside the server.

use anyhow::{Context, Result, bail};
use std::net::SocketAddr;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// A connection to the GraphQL endpoint.
pub struct Connection {
    stream: BufReader<TcpStream>,
    address: SocketAddr,
    request: Vec<u8>,
    line: Vec<u8>,
    body: Vec<u8>,
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
            stream: BufReader::with_capacity(64 * 1024, stream),
            address,
            request: Vec::new(),
            line: Vec::new(),
            body: Vec::new(),
        })
    }

    /// Sends a request as the holder of this token; the body of the answer, which must be a 200.
    pub async fn post(&mut self, token: &str, key: Option<&str>, body: &[u8]) -> Result<&[u8]> {
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
        let (status, length) = self.head().await?;
        self.body.resize(length, 0);
        self.stream.read_exact(&mut self.body).await?;
        if status != 200 {
            let said = shown(&self.body);
            return Err(Refused { status, said }.into());
        }
        Ok(&self.body)
    }

    /// Reads status line and headers; the status and how long the body is.
    async fn head(&mut self) -> Result<(u16, usize)> {
        self.line().await?;
        let status = self.line.get(9..12).and_then(|code| std::str::from_utf8(code).ok());
        let status = status.and_then(|code| code.parse().ok()).context("no HTTP status")?;
        let mut length = None;
        loop {
            self.line().await?;
            if self.line == b"\r\n" {
                break;
            }
            let header = std::str::from_utf8(&self.line)?.to_ascii_lowercase();
            if let Some(value) = header.strip_prefix("content-length:") {
                length = Some(value.trim().parse()?);
            }
        }
        Ok((status, length.context("an answer without a length")?))
    }

    async fn line(&mut self) -> Result<()> {
        self.line.clear();
        if self.stream.read_until(b'\n', &mut self.line).await? == 0 {
            bail!("the server closed the connection");
        }
        Ok(())
    }
}

/// The beginning of an answer, for a complaint.
pub fn shown(body: &[u8]) -> String {
    String::from_utf8_lossy(body.get(..600).unwrap_or(body)).into_owned()
}
