//! A collector that keeps what it is sent, and what the server sends it.

use super::process::{Process, command};
use crate::database::fixture::strict;
use crate::world::{CREATE, World, order_input};
use serde_json::json;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A field of a protobuf message: its number, and its bytes or its value.
enum Field<'a> {
    Bytes(u32, &'a [u8]),
    Number(u32, u64),
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let (mut out, mut shift) = (0, 0);
    loop {
        let (first, rest) = bytes.split_first().expect("a byte");
        *bytes = rest;
        out |= u64::from(first & 0x7f) << shift;
        shift += 7;
        if first & 0x80 == 0 {
            return out;
        }
    }
}

fn take<'a>(bytes: &mut &'a [u8], most: usize) -> &'a [u8] {
    let (taken, rest) = bytes.split_at(most);
    *bytes = rest;
    taken
}

fn fields(mut bytes: &[u8]) -> Vec<Field<'_>> {
    let mut out = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes);
        let number = u32::try_from(key >> 3).expect("a field's number");
        match key & 7 {
            0 => out.push(Field::Number(number, varint(&mut bytes))),
            1 => drop(take(&mut bytes, 8)),
            2 => {
                let length = usize::try_from(varint(&mut bytes)).expect("a length");
                out.push(Field::Bytes(number, take(&mut bytes, length)));
            }
            5 => drop(take(&mut bytes, 4)),
            other => panic!("wire type {other}"),
        }
    }
    out
}

fn children(bytes: &[u8], wanted: u32) -> Vec<&[u8]> {
    let read = |field| match field {
        Field::Bytes(number, bytes) if number == wanted => Some(bytes),
        _ => None,
    };
    fields(bytes).into_iter().filter_map(read).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// A span as the collector got it (opentelemetry-proto, trace.proto).
#[derive(Debug, Clone)]
struct Span {
    trace: String,
    id: String,
    parent: String,
    name: String,
    kind: u64,
    attributes: Vec<String>,
}

fn spans(body: &[u8]) -> Vec<Span> {
    let scopes = children(body, 1).into_iter().flat_map(|resource| children(resource, 2));
    let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
    let first = |s: &[u8], n| children(s, n).first().copied().unwrap_or_default().to_vec();
    scopes
        .flat_map(|scope| children(scope, 2))
        .map(|span| Span {
            trace: hex(&first(span, 1)),
            id: hex(&first(span, 2)),
            parent: hex(&first(span, 4)),
            name: text(&first(span, 5)),
            kind: fields(span)
                .iter()
                .find_map(|f| match f {
                    Field::Number(6, kind) => Some(*kind),
                    _ => None,
                })
                .unwrap_or_default(),
            attributes: children(span, 9).into_iter().map(|a| text(&first(a, 1))).collect(),
        })
        .collect()
}

struct Collector {
    address: String,
    taken: Arc<Mutex<Vec<Span>>>,
}

impl Collector {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("its address"));
        let taken = Arc::new(Mutex::new(Vec::new()));
        let kept = taken.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, kept.clone()));
            }
        });
        Self { address, taken }
    }

    fn taken(&self) -> Vec<Span> {
        self.taken.lock().expect("spans").clone()
    }
}

/// Takes `POST /v1/traces` in protobuf, as OTLP/HTTP asks, again and again on one connection.
async fn serve(mut stream: TcpStream, taken: Arc<Mutex<Vec<Span>>>) {
    let mut read = Vec::new();
    loop {
        let head = loop {
            if let Some(at) = read.windows(4).position(|w| w == b"\r\n\r\n") {
                break at + 4;
            }
            if stream.read_buf(&mut read).await.unwrap_or(0) == 0 {
                return;
            }
        };
        let text = String::from_utf8_lossy(&read[..head]).to_lowercase();
        assert!(text.starts_with("post /v1/traces "), "{text}");
        assert!(text.contains("content-type: application/x-protobuf"), "{text}");
        let (_, length) = text.split_once("content-length: ").expect("a length");
        let length: usize = length.lines().next().expect("a line").trim().parse().expect("a number");
        while read.len() < head + length {
            stream.read_buf(&mut read).await.expect("the body");
        }
        taken.lock().expect("spans").extend(spans(&read[head..head + length]));
        read.drain(..head + length);
        let answer = b"HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(answer).await.expect("an answer");
    }
}

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_is_traced_from_the_client_to_its_statements_and_says_so_in_its_answer() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let collector = Collector::start().await;
    let mut command = command("serve");
    command
        .env("QUARTERMASTER_ENVIRONMENT", "development")
        .env("QUARTERMASTER_LISTEN", "127.0.0.1:0")
        .env("QUARTERMASTER_DEVELOPMENT_ISSUER_FOLDER", world.folder())
        .env("QUARTERMASTER_OTLP_ENDPOINT", &collector.address);
    let mut server = Process::start(command);
    let base = server.address("serving").await;
    let buyer = world.member(&shop, &["buyer"]).await.at(&base);
    let create = CREATE.replacen("mutation(", "mutation Create(", 1);
    let asked = buyer
        .post(
            &format!("{base}/graphql"),
            &json!({ "query": create, "variables": order_input(&shop, true) }),
        )
        .header("traceparent", format!("00-{TRACE}-{PARENT}-01"));
    let answer = asked.send().await.expect("an answer");
    assert_eq!(answer.status().as_u16(), 200);
    let told = answer.headers()["traceresponse"].to_str().expect("text").to_owned();
    assert!(told.starts_with(&format!("00-{TRACE}-")), "{told}");
    server.stop();

    let all = collector.taken();
    let ours: Vec<_> = all.iter().filter(|s| s.trace == TRACE).collect();
    let only = |name: &str| {
        let found: Vec<_> = ours.iter().filter(|s| s.name == name).collect();
        assert_eq!(found.len(), 1, "{name}: {ours:#?}");
        found[0]
    };
    let (request, operation) = (only("POST /graphql"), only("Create"));
    assert_eq!((request.parent.as_str(), request.kind), (PARENT, 2), "{request:#?}");
    assert_eq!(told, format!("00-{TRACE}-{}-01", request.id));
    for name in [
        "http.route",
        "http.request.method",
        "http.response.status_code",
        "tenant",
    ] {
        assert!(request.attributes.iter().any(|a| a == name), "{name}: {request:#?}");
    }
    assert_eq!(operation.parent, request.id);
    let flights: Vec<_> = ours
        .iter()
        .filter(|s| s.name == "flight" && s.parent == operation.id)
        .collect();
    // Who asks, the locks and the facts; the writes.
    assert!(flights.len() >= 2, "{ours:#?}");
    assert!(flights.iter().all(|s| s.kind == 3));
    assert_eq!(only("commit").parent, operation.id);
}

#[tokio::test]
async fn without_a_collector_nothing_is_traced() {
    let world = World::start().await;
    let request = world.http.post(world.url()).json(&json!({ "query": "{ __typename }" }));
    let request = request.header("traceparent", format!("00-{TRACE}-{PARENT}-01"));
    let answer = request.send().await.expect("an answer");
    assert!(!answer.headers().contains_key("traceresponse"));
}
