//! Uploads that break off, repeat themselves or are no files.

use super::{Desk, ITEMS, LOCATIONS, approve, counts, imported, jobs, many, shown, told, upload};
use flate2::Compression;
use flate2::write::GzEncoder;
use futures::{StreamExt, stream};
use reqwest::Method;
use serde_json::{Value, json};
use std::io::Write;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_that_breaks_off_has_failed_and_its_lines_can_be_imported_again() {
    let desk = Desk::open().await;
    let part = many(2_500);
    let (pull, pulled) = tokio::sync::oneshot::channel::<()>();
    let cable = async move {
        let _ = pulled.await;
        Err(std::io::Error::other("the cable was pulled"))
    };
    let body = stream::iter([Ok(part.clone())]).chain(stream::once(cable));
    let request = desk
        .steward
        .rest(Method::POST, "/v1/imports/items?name=half.csv")
        .header("content-type", "text/csv");
    let upload = tokio::spawn(request.body(reqwest::Body::wrap_stream(body)).send());
    while jobs(&desk.steward)
        .await
        .first()
        .is_none_or(|j| j["lines"].as_i64() < Some(2_000))
    {
        assert!(!upload.is_finished(), "the upload ended by itself");
    }
    let early = jobs(&desk.steward).await[0].clone();
    assert_eq!(
        (&early["state"], &early["change"]["status"]),
        (&json!("READING"), &json!("DRAFT"))
    );
    pull.send(()).unwrap();
    assert!(upload.await.unwrap().is_err());
    let mut found = jobs(&desk.steward).await;
    while found[0]["state"] == "READING" {
        found = jobs(&desk.steward).await;
    }
    let half = &found[0];
    assert_eq!(half["state"], "FAILED", "{half}");
    assert_eq!(half["change"]["status"], "WITHDRAWN", "{half}");
    assert_eq!(half["failure"], "The upload broke off.");
    let late = super::approval_refused(
        &desk.approver,
        &json!({ "change": { "type": "ItemChange", "id": half["change"]["id"] } }),
    )
    .await;
    assert_eq!(late["code"], "INVALID_STATE");
    let whole = imported(&desk.steward, "items", part).await;
    assert_eq!(counts(&whole), [2_500, 0, 0, 0]);
    approve(&desk.approver, &whole).await;
    let active = "query { items(filter: { statuses: [ACTIVE] }) { totalCount } }";
    assert_eq!(desk.steward.run(active, json!({})).await["totalCount"], 2_510);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_whose_server_was_killed_counts_as_failed_and_the_next_one_takes_its_draft_back() {
    let desk = Desk::open().await;
    let part = many(2);
    // What a process leaves that was killed between two chunks.
    let import = imported(&desk.steward, "items", part.clone()).await;
    let tenant = desk.shop.tenant.0;
    let sql = format!(
        "UPDATE qm.import_job SET state = 'READING', updated_at = statement_timestamp() - interval '1 hour' WHERE tenant_id = '{tenant}'; \
         UPDATE qm.master_change SET status = 'DRAFT' WHERE tenant_id = '{tenant}'"
    );
    desk.world.owner.batch_execute(&sql).await.unwrap();
    let killed = shown(&desk.steward, &import).await;
    assert_eq!(
        (&killed["state"], &killed["change"]["status"]),
        (&json!("FAILED"), &json!("DRAFT"))
    );
    let early = super::approval_refused(&desk.approver, &import).await;
    assert_eq!(early["code"], "INVALID_STATE", "a draft is not approved");

    let whole = imported(&desk.steward, "items", part).await;
    assert_eq!(counts(&whole), [2, 0, 0, 0], "{whole:#}");
    let killed = shown(&desk.steward, &import).await;
    assert_eq!(killed["change"]["status"], "WITHDRAWN");
    approve(&desk.approver, &whole).await;
    let failed = "SELECT count(*) FROM qm.event WHERE tenant_id = $1 AND type = 'import-failed' AND account_id IS NULL";
    let failed = desk.world.owner.query_one(failed, &[&tenant]).await.unwrap();
    assert_eq!(failed.get::<_, i64>(0), 1, "the system's own act");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_cannot_be_read_further_has_failed_with_its_line() {
    let desk = Desk::open().await;
    let mut file = many(1_500);
    file.push_str("M-X,\"open,EA\n");
    file.push_str(&"x".repeat(70_000));
    let (status, answer) = upload(&desk.steward, "items", file).await;
    assert_eq!(status, 413, "{answer}");
    assert!(
        answer["errors"][0]["message"].as_str().unwrap().contains("Line 1502"),
        "{answer}"
    );
    assert_eq!(answer["import"]["state"], "FAILED");
    assert_eq!(jobs(&desk.steward).await[0]["change"]["status"], "WITHDRAWN");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idempotency_key_gives_the_first_answer_and_refuses_another_file() {
    let desk = Desk::open().await;
    let send = async |path: &str, file: String, key: &str| {
        let request = desk
            .steward
            .rest(Method::POST, &format!("/v1/imports/{path}"))
            .header("content-type", "text/csv")
            .header("idempotency-key", key);
        let response = request.body(file).send().await.unwrap();
        (response.status().as_u16(), response.json::<Value>().await.unwrap())
    };
    let (_, first) = send("items", many(3), "\"one\"").await;
    assert_eq!(first["import"]["state"], "PROPOSED");
    let (status, again) = send("items", many(3), "\"one\"").await;
    assert_eq!((status, &again["import"]["id"]), (200, &first["import"]["id"]));
    assert_eq!(counts(&again["import"]), [3, 0, 0, 0]);
    for (path, file) in [
        ("items", many(4)),
        ("items?dryRun=true", many(3)),
        ("items?name=x", many(3)),
    ] {
        let (status, other) = send(path, file, "\"one\"").await;
        assert_eq!(status, 422, "{other}");
        assert_eq!(other["errors"][0]["extensions"]["code"], "IDEMPOTENCY_KEY_REUSED");
    }
    assert_eq!(jobs(&desk.steward).await.len(), 1);
    // A refused file does not use the key up.
    let (status, _) = send("items", "sku\n".to_owned(), "two").await;
    assert_eq!(status, 422);
    assert_eq!(send("items", many(5), "two").await.0, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_packed_file_is_unpacked_and_one_that_is_not_what_it_says_is_refused() {
    let desk = Desk::open().await;
    let packed = |text: &str| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    let send = async |body: Vec<u8>, media: &str, encoding: &str| {
        let request = desk
            .admin
            .rest(Method::POST, "/v1/imports/locations")
            .header("content-type", media)
            .header("content-encoding", encoding);
        let response = request.body(body).send().await.unwrap();
        (response.status().as_u16(), response.json::<Value>().await.unwrap())
    };
    let whole = packed(LOCATIONS);
    let (status, answer) = send(whole.clone(), "text/csv; charset=UTF-8", "gzip").await;
    assert_eq!((status, counts(&answer["import"])), (200, [2, 0, 0, 0]));
    let half = whole[..whole.len() - 12].to_vec();
    for (body, media, encoding, status) in [
        (half, "text/csv", "gzip", 422),
        (LOCATIONS.into(), "text/csv", "gzip", 422),
        (whole.clone(), "text/csv", "br", 415),
        (whole.clone(), "application/json", "gzip", 415),
        (whole, "text/csv; charset=latin1", "gzip", 415),
    ] {
        let (got, answer) = send(body, media, encoding).await;
        assert_eq!(got, status, "{media} {encoding} {answer}");
        assert!(answer["errors"][0]["message"].is_string(), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bomb_ends_at_the_limit_of_lines_and_unknown_kinds_and_parameters_are_refused() {
    let desk = Desk::open().await;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(b"sku,name,base_unit\nA,").unwrap();
    for _ in 0..200 {
        encoder.write_all(&[b'a'; 64 * 1024]).unwrap();
    }
    let request = desk
        .steward
        .rest(Method::POST, "/v1/imports/items")
        .header("content-type", "text/csv")
        .header("content-encoding", "gzip");
    let answer = request.body(encoder.finish().unwrap()).send().await.unwrap();
    assert_eq!(answer.status(), 413);
    assert_eq!(upload(&desk.steward, "orders", ITEMS).await.0, 404);
    for query in ["dryRun=yes", "onInvalidGtin=keep", "tenant=other"] {
        assert_eq!(
            upload(&desk.steward, &format!("items?{query}"), ITEMS).await.0,
            400,
            "{query}"
        );
    }
    let long = "x".repeat(201);
    assert_eq!(upload(&desk.steward, &format!("items?name={long}"), ITEMS).await.0, 413);
    assert_eq!(
        jobs(&desk.steward)
            .await
            .iter()
            .filter(|j| j["state"] != "FAILED")
            .count(),
        0
    );
    assert!(told(&imported(&desk.steward, "items", ITEMS).await).is_empty());
}
