//! `quartermaster export`, against a running server and against one that breaks off.

use super::exported;
use crate::imports::Desk;
use quartermaster_api::commands::export::Export;
use quartermaster_api::commands::import::Kind;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_writes_the_file_and_says_who_may_not() {
    let desk = Desk::open().await;
    let command = |token: &str| Export {
        kind: Kind::Items,
        server: desk.world.url().replace("/graphql", ""),
        token: token.to_owned(),
    };
    let mut written = Vec::new();
    command(desk.steward.token()).write(&mut written).await.unwrap();
    assert_eq!(
        String::from_utf8(written).unwrap(),
        exported(&desk.steward, "items").await
    );
    let mut written = Vec::new();
    let refused = command("nobody").write(&mut written).await.unwrap_err();
    assert_eq!((refused.code, written.len()), (77, 0), "{}", refused.sentence);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_breaks_off_is_no_success() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let command = Export {
        kind: Kind::Prices,
        server: format!("http://{}", listener.local_addr().unwrap()),
        token: "somebody".to_owned(),
    };
    let server = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut asked = [0; 4096];
        let read = socket.read(&mut asked).await.unwrap();
        let half = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhalf\n\r\n";
        socket.write_all(half.as_bytes()).await.unwrap();
        String::from_utf8_lossy(&asked[..read]).into_owned()
    });
    let mut written = Vec::new();
    let broken = command.write(&mut written).await.unwrap_err();
    assert_eq!((broken.code, written.as_slice()), (69, &b"half\n"[..]));
    assert!(broken.sentence.contains("not whole"), "{}", broken.sentence);
    assert!(server.await.unwrap().starts_with("GET /v1/exports/prices HTTP/1.1\r\n"));
}
