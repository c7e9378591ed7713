//! Slow and silent clients, byte by byte: what they keep of ours, they keep for a while.

use crate::world::World;
use quartermaster_api::config::Config;
use quartermaster_api::server::Running;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Longer than anything here takes on a busy machine: without a bound, a test waits for so long and then fails.
const PATIENCE: Duration = Duration::from_secs(60);
const ALIVE: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: q\r\n\r\n";

async fn server(change: impl FnOnce(Config) -> Config) -> (World, Running) {
    let world = World::start().await;
    let server = world.another_server_with(change).await;
    (world, server)
}

async fn connect(server: &Running) -> TcpStream {
    TcpStream::connect(server.addr).await.expect("a connection")
}

/// All that arrives until the server closes the connection.
async fn until_closed(stream: &mut TcpStream) -> String {
    let mut all = Vec::new();
    let closed = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut all)).await;
    // A reset is an end, too.
    let _ = closed.expect("the server keeps the connection");
    String::from_utf8_lossy(&all).into_owned()
}

/// Until a text has arrived.
async fn until_says(stream: &mut TcpStream, says: &str) -> String {
    let mut all = String::new();
    let mut some = [0_u8; 4096];
    while !all.contains(says) {
        let read = tokio::time::timeout(PATIENCE, stream.read(&mut some)).await;
        let read = read.unwrap_or_else(|_| panic!("no “{says}” in {all}")).expect("bytes");
        assert!(read > 0, "closed before “{says}”: {all}");
        all.push_str(&String::from_utf8_lossy(&some[..read]));
    }
    all
}

/// Sends some bytes again and again until the server has closed the connection.
async fn until_refused(stream: &mut TcpStream, drip: &[u8]) {
    let drips = async {
        while stream.write_all(drip).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let ended = tokio::time::timeout(PATIENCE, drips).await;
    assert!(ended.is_ok(), "the server still listens");
}

#[tokio::test]
async fn a_head_that_comes_drop_by_drop_ends_its_connection() {
    let (_world, server) = server(|c| Config { idle_seconds: 1, ..c }).await;
    let mut slow = connect(&server).await;
    slow.write_all(b"GET /healthz HTTP/1.1\r\nHost: q\r\nX-Slow: ")
        .await
        .expect("sent");
    until_refused(&mut slow, b"a").await;
}

#[tokio::test]
async fn a_connection_that_says_nothing_is_closed_before_and_after_its_first_request() {
    let (_world, server) = server(|c| Config { idle_seconds: 1, ..c }).await;
    let mut silent = connect(&server).await;
    assert_eq!(until_closed(&mut silent).await, "");
    let mut once = connect(&server).await;
    once.write_all(ALIVE).await.expect("sent");
    assert!(until_closed(&mut once).await.ends_with("alive\n"));
}

#[tokio::test]
async fn a_body_that_does_not_come_is_answered_and_ends_its_connection() {
    let (_world, server) = server(|c| Config { body_seconds: 1, ..c }).await;
    let mut slow = connect(&server).await;
    let head =
        "POST /graphql HTTP/1.1\r\nHost: q\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"query\"";
    slow.write_all(head.as_bytes()).await.expect("sent");
    let told = until_closed(&mut slow).await;
    assert!(told.starts_with("HTTP/1.1 408 "), "{told}");
    assert!(told.contains("BAD_USER_INPUT"), "{told}");
}

#[tokio::test]
async fn a_client_that_takes_nothing_of_its_answers_is_let_go() {
    let (_world, server) = server(|c| Config { write_seconds: 1, ..c }).await;
    let mut greedy = connect(&server).await;
    let page = "GET /graphiql/graphiql.min.js HTTP/1.1\r\nHost: q\r\n\r\n";
    greedy.write_all(page.repeat(100).as_bytes()).await.expect("sent");
    until_refused(&mut greedy, b"GET").await;
}

#[tokio::test]
async fn beyond_the_most_connections_one_waits_until_another_ends() {
    let (_world, server) = server(|c| Config {
        connections_most: 1,
        ..c
    })
    .await;
    let mut first = connect(&server).await;
    first.write_all(ALIVE).await.expect("sent");
    until_says(&mut first, "alive\n").await;
    let mut second = connect(&server).await;
    second.write_all(ALIVE).await.expect("sent");
    let mut byte = [0_u8];
    let waits = tokio::time::timeout(Duration::from_millis(500), second.read(&mut byte)).await;
    assert!(waits.is_err(), "the second was served beside the first");
    drop(first);
    until_says(&mut second, "alive\n").await;
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused_and_says_nothing_of_the_server() {
    let (_world, server) = server(|c| c).await;
    let many: String = (0..200).map(|n| format!("X-{n}: 1\r\n")).collect();
    for headers in [format!("X-Long: {}\r\n", "a".repeat(64 * 1024)), many] {
        let mut large = connect(&server).await;
        let head = format!("GET /healthz HTTP/1.1\r\nHost: q\r\n{headers}\r\n");
        // The server may close before all of it is sent.
        let _ = large.write_all(head.as_bytes()).await;
        let told = until_closed(&mut large).await;
        assert!(told.is_empty() || told.starts_with("HTTP/1.1 431 "), "{told}");
        assert!(!told.to_lowercase().contains("server:"), "{told}");
    }
    let mut no_http = connect(&server).await;
    no_http
        .write_all(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n")
        .await
        .expect("sent");
    let told = until_closed(&mut no_http).await;
    assert!(told.is_empty() || told.starts_with("HTTP/1.1 400 "), "{told}");
}

#[tokio::test]
async fn what_stands_between_two_requests_is_refused_and_never_read_as_a_third() {
    let (_world, server) = server(|c| c).await;
    for (what, headers) in [
        ("two lengths", "Content-Length: 2\r\nContent-Length: 50\r\n"),
        (
            "a length and pieces",
            "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
        ),
        ("an unknown encoding", "Transfer-Encoding: chunked, nonsense\r\n"),
        ("a length that is none", "Content-Length: +2\r\n"),
    ] {
        let mut stream = connect(&server).await;
        let first = format!("POST /graphql HTTP/1.1\r\nHost: q\r\nContent-Type: application/json\r\n{headers}\r\n{{}}");
        stream.write_all(first.as_bytes()).await.expect("sent");
        let _ = stream.write_all(ALIVE).await;
        stream.shutdown().await.expect("the client's end");
        let told = until_closed(&mut stream).await;
        assert!(!told.contains("alive"), "{what}: {told}");
    }
}
