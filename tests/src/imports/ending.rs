//! Imports that are ended before their file is read to its end: by who uploaded it, or by the same file sent again.

use super::{Desk, counts, imported, jobs, many, shown, upload};
use crate::world::Person;
use futures::channel::mpsc::{UnboundedSender, unbounded};
use reqwest::Method;
use serde_json::{Value, json};
use std::convert::Infallible;
use tokio::task::JoinHandle;

/// An upload that goes on as long as somebody gives it more.
struct Upload {
    more: UnboundedSender<Result<String, Infallible>>,
    answer: JoinHandle<reqwest::Response>,
}

impl Upload {
    /// Sends the beginning of a file of items, and waits until two chunks of it have been taken.
    async fn begin(who: &Person, file: String) -> (Self, Value) {
        let (more, body) = unbounded();
        let request = who
            .rest(Method::POST, "/v1/imports/items?name=long.csv")
            .header("content-type", "text/csv")
            .body(reqwest::Body::wrap_stream(body));
        let answer = tokio::spawn(async move { request.send().await.expect("an answer") });
        more.unbounded_send(Ok(file)).unwrap();
        let mut found = jobs(who).await;
        while found.first().is_none_or(|j| j["lines"].as_i64() < Some(2_000)) {
            assert!(!answer.is_finished(), "the upload ended by itself");
            found = jobs(who).await;
        }
        (Self { more, answer }, found.remove(0))
    }

    /// Sends the rest of the file, for which there is no import any more.
    async fn goes_on(self) -> (u16, Value) {
        let rest: String = (0..2_000).map(|n| format!("N-{n},Item {n},EA\n")).collect();
        let _ = self.more.unbounded_send(Ok(rest));
        drop(self.more);
        let answer = self.answer.await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_uploaded_a_file_cancels_its_import_and_nobody_else_does() {
    let desk = Desk::open().await;
    let (upload, job) = Upload::begin(&desk.steward, many(2_500)).await;
    let of = |job: &Value| json!({ "id": job["id"] });
    let colleague = desk.world.member(&desk.shop, &["category_manager"]).await;
    let refused = colleague.cannot("importJobCancel", of(&job)).await;
    assert_eq!(refused["code"], "FORBIDDEN", "{refused}");
    let stale = json!({ "id": job["id"], "expectedVersion": 1 });
    assert_eq!(desk.steward.cannot("importJobCancel", stale).await["code"], "CONFLICT");
    assert_eq!(shown(&desk.steward, &job).await["state"], "READING");

    let done = desk.steward.does(
        "importJobCancel",
        "importJob { state change { ... on ItemChange { status reason } } }",
        of(&job),
    );
    let ended = done.await["importJob"].clone();
    let change = json!({ "status": "WITHDRAWN", "reason": "Its import was cancelled." });
    assert_eq!(ended, json!({ "state": "CANCELLED", "change": change }));
    assert_eq!(
        desk.steward.cannot("importJobCancel", of(&job)).await["code"],
        "INVALID_STATE"
    );
    // Its records are free at once, while it still arrives.
    let other = imported(&desk.steward, "items", "sku,name,base_unit\nM-1,Another name,EA\n").await;
    assert_eq!(counts(&other), [1, 0, 0, 0], "{other:#}");
    let (status, answer) = upload.goes_on().await;
    assert_eq!(status, 409, "{answer}");
    assert_eq!(answer["errors"][0]["extensions"]["code"], "INVALID_STATE");
    assert_eq!(
        (&answer["import"]["state"], &answer["import"]["lines"]),
        (&json!("CANCELLED"), &json!(2_000))
    );
    let events = "SELECT count(*) FROM qm.event WHERE tenant_id = $1 AND type = 'import-cancelled' AND account_id = $2";
    let events = desk
        .world
        .owner
        .query_one(events, &[&desk.shop.tenant.0, &desk.steward.op.account])
        .await;
    assert_eq!(events.unwrap().get::<_, i64>(0), 1, "his own act");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_that_ended_is_not_cancelled() {
    let desk = Desk::open().await;
    let import = imported(&desk.steward, "items", many(2)).await;
    let id = json!({ "id": import["id"] });
    let refused = desk.steward.tries("importJobCancel", "importJob { state }", id).await;
    assert_eq!(refused["userErrors"][0]["code"], "INVALID_STATE", "{refused}");
    assert_eq!(refused["importJob"]["state"], "PROPOSED", "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_file_sent_again_takes_the_place_of_an_upload_that_is_still_under_way() {
    let desk = Desk::open().await;
    let (first, job) = Upload::begin(&desk.steward, many(2_500)).await;
    let whole = imported(&desk.steward, "items", many(2_500)).await;
    assert_eq!(counts(&whole), [2_500, 0, 0, 0], "{whole:#}");
    let (status, answer) = first.goes_on().await;
    assert_eq!(
        (status, &answer["errors"][0]["extensions"]["code"]),
        (409, &json!("INVALID_STATE")),
        "{answer}"
    );
    let ended = shown(&desk.steward, &job).await;
    assert_eq!(
        (&ended["state"], &ended["failure"], &ended["change"]["status"]),
        (
            &json!("FAILED"),
            &json!("The same file was sent again."),
            &json!("WITHDRAWN")
        )
    );
    assert_eq!(shown(&desk.steward, &whole).await["change"]["status"], "PENDING");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_whose_server_was_killed_gives_way_at_once_to_the_same_file_of_the_same_person_only() {
    let desk = Desk::open().await;
    let import = imported(&desk.steward, "items", many(2)).await;
    // What a process leaves that was killed a moment ago.
    let tenant = desk.shop.tenant.0;
    let sql = format!(
        "UPDATE qm.import_job SET state = 'READING', updated_at = statement_timestamp() WHERE tenant_id = '{tenant}'; \
         UPDATE qm.master_change SET status = 'DRAFT' WHERE tenant_id = '{tenant}'"
    );
    desk.world.owner.batch_execute(&sql).await.unwrap();
    let colleague = desk.world.member(&desk.shop, &["category_manager"]).await;
    let other = "sku,name,base_unit\nX-0,Other,EA\nM-0,Item 0,EA\n";
    for (who, path, file) in [
        (&desk.steward, "items", other.to_owned()),
        (&desk.steward, "items?dryRun=true", many(2)),
        (&colleague, "items", many(2)),
    ] {
        let (status, answer) = upload(who, path, file).await;
        assert_eq!((status, &answer["import"]["refused"]), (200, &json!(0)), "{answer}");
        assert_eq!(shown(&desk.steward, &import).await["state"], "READING", "{path}");
    }
    let whole = imported(&desk.steward, "items", many(2)).await;
    assert_eq!(counts(&whole), [2, 0, 0, 0], "{whole:#}");
    let killed = shown(&desk.steward, &import).await;
    assert_eq!(
        (&killed["state"], &killed["change"]["status"]),
        (&json!("FAILED"), &json!("WITHDRAWN"))
    );
}
