//! Readers that are slow, or lose their right on the way: a file that breaks off does not look like a whole one.

use super::many_items;
use crate::imports::Desk;
use futures::StreamExt;
use reqwest::Method;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// So many that they fit into no buffer between server and reader.
const ITEMS: i32 = 15_000;

/// Waits until the server waits for its reader, and so for nothing else.
async fn until_the_server_waits(desk: &Desk) {
    let mut still = 0;
    for _ in 0..2_000 {
        let (used, trips) = (desk.world.server.db().load().used, desk.world.server.db().round_trips());
        tokio::time::sleep(Duration::from_millis(20)).await;
        let waits = used == 0 && desk.world.server.db().round_trips() == trips;
        still = if waits { still + 1 } else { 0 };
        if still == 20 {
            return;
        }
    }
    panic!(
        "{} connections are held for a slow reader",
        desk.world.server.db().load().used
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_reader_holds_no_connection_and_gets_the_whole_file() {
    let desk = Desk::open().await;
    many_items(&desk, ITEMS).await;
    let response = desk
        .steward
        .rest(Method::GET, "/v1/exports/items")
        .send()
        .await
        .unwrap();
    let mut pieces = response.bytes_stream();
    let mut file = pieces.next().await.unwrap().unwrap().to_vec();
    until_the_server_waits(&desk).await;
    let waiting = desk.world.server.db().round_trips();
    while let Some(piece) = pieces.next().await {
        file.extend_from_slice(&piece.unwrap());
    }
    assert!(
        desk.world.server.db().round_trips() > waiting,
        "pages were read before anybody wanted them"
    );
    let lines = file.split(|b| *b == b'\n').count() - 1;
    assert_eq!(lines, usize::try_from(ITEMS).unwrap() + 10 + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_who_loses_his_access_meanwhile_sees_that_the_file_is_not_whole() {
    let desk = Desk::open().await;
    many_items(&desk, ITEMS).await;
    let response = desk
        .steward
        .rest(Method::GET, "/v1/exports/items")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    let mut pieces = response.bytes_stream();
    pieces.next().await.unwrap().unwrap();
    until_the_server_waits(&desk).await;
    let sql = "UPDATE qm.account SET status = 'INACTIVE' WHERE tenant_id = $1 AND id = $2";
    let params: [&(dyn tokio_postgres::types::ToSql + Sync); 2] = [&desk.shop.tenant.0, &desk.steward.op.account];
    assert_eq!(desk.world.owner.execute(sql, &params).await.unwrap(), 1);
    let mut end = None;
    while let Some(piece) = pieces.next().await {
        end = Some(piece);
    }
    assert!(matches!(end, Some(Err(_))), "the file seems to be whole");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http_1_0_could_not_say_that_a_file_is_not_whole_and_is_refused() {
    let desk = Desk::open().await;
    let mut socket = tokio::net::TcpStream::connect(desk.world.server.addr).await.unwrap();
    let request = format!(
        "GET /v1/exports/items HTTP/1.0\r\nauthorization: Bearer {}\r\n\r\n",
        desk.steward.token()
    );
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    assert!(answer.contains(" 505 ") && answer.contains("HTTP/1.1"), "{answer}");
    assert!(!answer.contains("SKU0"), "{answer}");
}
