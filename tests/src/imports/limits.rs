//! Files that are too long, too wide or too slow: each has a clear end, and nothing of it is half done.

use super::{Desk, jobs, many, shown, upload};
use flate2::Compression;
use flate2::write::GzEncoder;
use futures::stream;
use quartermaster_api::config::Config;
use quartermaster_domain::imports::{self, ImportKind, InvalidGtin, Upload};
use quartermaster_domain::shared::ImportId;
use reqwest::Method;
use serde_json::{Value, json};
use std::io::Write;

/// Whatever began has failed, and what it had proposed is taken back.
async fn nothing_is_half_done(desk: &Desk) {
    for job in jobs(&desk.steward).await {
        assert_eq!(job["state"], "FAILED", "{job}");
        let change = &job["change"];
        assert!(change.is_null() || change["status"] == "WITHDRAWN", "{job}");
    }
}

/// A file that arrives line by line.
fn by_lines(file: &str) -> reqwest::Body {
    let lines = file
        .split_inclusive('\n')
        .map(|l| Ok::<_, std::io::Error>(l.to_owned()));
    reqwest::Body::wrap_stream(stream::iter(lines.collect::<Vec<_>>()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_over_the_limit_is_refused_before_it_is_read_or_where_it_passes_the_limit() {
    let desk = Desk::open().await;
    let small = |config| Config {
        import_limit_bytes: 100_000,
        ..config
    };
    let server = desk.world.another_server_with(small).await;
    let steward = desk.steward.through(&server);
    let send = async |encoding: &str, body: reqwest::Body| {
        let request = steward
            .rest(Method::POST, "/v1/imports/items")
            .header("content-type", "text/csv")
            .header("content-encoding", encoding);
        let response = request.body(body).send().await.unwrap();
        let (status, answer) = (response.status().as_u16(), response.json::<Value>().await.unwrap());
        assert_eq!(
            (status, &answer["errors"][0]["extensions"]["code"]),
            (413, &json!("TOO_LARGE")),
            "{answer}"
        );
        assert!(
            answer["errors"][0]["message"]
                .as_str()
                .unwrap()
                .contains("100000 bytes"),
            "{answer}"
        );
    };
    let long = many(8_000);
    assert!(long.len() > 100_000);
    send("identity", long.clone().into()).await;
    assert_eq!(jobs(&desk.steward).await.len(), 0, "its length was known before");
    send("identity", by_lines(&long)).await;
    assert_eq!(jobs(&desk.steward).await.len(), 1);
    nothing_is_half_done(&desk).await;
    // A few hundred bytes that become a million.
    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    bomb.write_all(many(1_500).as_bytes()).unwrap();
    bomb.write_all(&[b'\n'; 1_000_000]).unwrap();
    let bomb = bomb.finish().unwrap();
    assert!(bomb.len() < 50_000, "{}", bomb.len());
    send("gzip", bomb.into()).await;
    nothing_is_half_done(&desk).await;
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_of_a_megabyte_or_of_too_many_fields_ends_the_file_with_its_number() {
    let desk = Desk::open().await;
    let commas = ",".repeat(200);
    for (file, says, began) in [
        (
            format!("{0}{1}\n{0}{1}\n{1}{1}{1}", many(1_500), "x".repeat(1_000_000)),
            "Line 1502 has more than 65536 bytes",
            true,
        ),
        (
            format!("{}M-X{commas}\nM-Y,Y,EA\n", many(1_500)),
            "Line 1502 has more than 128 fields",
            true,
        ),
        (
            format!("sku,name,base_unit{commas}\n"),
            "Line 1 has more than 128 fields",
            false,
        ),
    ] {
        let before = jobs(&desk.steward).await.len();
        let (status, answer) = upload(&desk.steward, "items", by_lines(&file)).await;
        let error = &answer["errors"][0];
        assert_eq!(
            (status, &error["extensions"]["code"]),
            (413, &json!("TOO_LARGE")),
            "{answer}"
        );
        assert!(error["message"].as_str().unwrap().starts_with(says), "{answer}");
        assert_eq!(jobs(&desk.steward).await.len() - before, usize::from(began), "{answer}");
        nothing_is_half_done(&desk).await;
    }
    let proposed = desk
        .steward
        .sees("{ items(filter: { statuses: [PENDING_APPROVAL] }) { totalCount } }")
        .await;
    assert_eq!(proposed["totalCount"], 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_slow_client_has_sent_is_taken_while_he_is_silent() {
    let desk = Desk::open().await;
    let steward = desk.steward.clone();
    // An empty piece says that nothing has arrived for a while.
    let pieces = stream::unfold(0, move |n| {
        let steward = steward.clone();
        async move {
            let piece = match n {
                0 => "sku,name,base_unit\nS-1,One,EA\nS-2,Two,EA\nS-",
                1 | 2 => "",
                3 => "3,Three,EA\n",
                _ => return None,
            };
            if n == 3 {
                let job = &jobs(&steward).await[0];
                assert_eq!((&job["state"], &job["lines"]), (&json!("READING"), &json!(2)), "{job}");
            }
            Some((Ok::<_, quartermaster_tenants::Error>(piece), n + 1))
        }
    });
    let upload = Upload {
        kind: ImportKind::Items,
        name: String::new(),
        dry_run: false,
        on_invalid_gtin: InvalidGtin::Refuse,
    };
    let import = imports::import(desk.world.server.db(), &desk.steward.op, &upload, Box::pin(pieces)).await;
    assert!(import.error.is_none(), "{import:?}");
    let id = json!({ "id": ImportId(import.job.unwrap()).to_string() });
    let ended = shown(&desk.steward, &id).await;
    assert_eq!(
        (&ended["state"], &ended["created"]),
        (&json!("PROPOSED"), &json!(3)),
        "{ended}"
    );
}
