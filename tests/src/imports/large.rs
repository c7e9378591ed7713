//! A large file costs statements by its chunks, not by its lines.

use super::{Desk, approve, counts, imported, shown};
use crate::database::fixture::{client, url};
use futures::stream;
use serde_json::json;
use std::time::Instant;

/// A file of items of which one in a hundred has no SKU.
fn file(lines: u64) -> reqwest::Body {
    let line = |n: u64| {
        let sku = if n % 100 == 7 { String::new() } else { format!("L-{n}") };
        format!("{sku},Item number {n},EA,CS,12\n")
    };
    let header = std::iter::once("sku,name,base_unit,case_unit,case_quantity\n".to_owned());
    let file = header.chain((0..lines).map(line)).map(Ok::<_, std::io::Error>);
    reqwest::Body::wrap_stream(stream::iter(file))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_thousand_items_with_bad_ones_go_in_by_chunks_and_are_approved_at_once() {
    with_bad_ones(20_000).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "some minutes: the same at the size that is promised"]
async fn a_hundred_thousand_items_with_bad_ones_go_in_by_chunks_and_are_approved_at_once() {
    let peak = with_bad_ones(100_000).await;
    assert!(
        peak < 150_000,
        "{peak} kB for reading the file, in one process with who sends it"
    );
}

/// The most memory that this process has had, in kB; zero where the system does not tell.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    line.and_then(|l| l.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or_default()
}

/// Until a first file is loaded, changes of a line or two are all that the planner has heard of, and it plans for the next.
async fn planner_that_has_seen_small_changes_only() {
    let owner = client(&url("DATABASE_OWNER_URL")).await;
    let believes = "ALTER TABLE qm.master_change_line ALTER COLUMN id SET (n_distinct = -1); ANALYZE qm.master_change_line; \
                    ALTER TABLE qm.master_change_line ALTER COLUMN id RESET (n_distinct)";
    owner.batch_execute(believes).await.expect("ANALYZE");
}

/// Gives the most memory that reading the file took.
async fn with_bad_ones(lines: u64) -> u64 {
    let desk = Desk::open().await;
    let bad = i64::try_from(lines / 100).unwrap();
    let good = bad * 99;
    let before = desk.world.server.db().round_trips();
    let began = Instant::now();
    let import = imported(&desk.steward, "items", file(lines)).await;
    let (trips, took) = (desk.world.server.db().round_trips() - before, began.elapsed());
    let reading = peak();
    assert_eq!(counts(&import), [good, 0, 0, bad]);
    assert!(trips < lines / 1_000 * 8 + 30, "{trips} round trips");

    planner_that_has_seen_small_changes_only().await;
    let before = desk.world.server.db().round_trips();
    let began = Instant::now();
    approve(&desk.approver, &import).await;
    let (approval, approved) = (desk.world.server.db().round_trips() - before, began.elapsed());
    assert!(approval < 10, "{approval} round trips");
    eprintln!(
        "{lines} items: read in {took:?} with {trips} round trips and {reading} kB, approved in {approved:?} with {approval} and {} kB",
        peak()
    );
    assert_eq!(shown(&desk.steward, &import).await["state"], "APPLIED");
    let active = "query { items(filter: { statuses: [ACTIVE] }) { totalCount } }";
    assert_eq!(desk.steward.run(active, json!({})).await["totalCount"], good + 10);
    let again = imported(&desk.steward, "items", file(lines)).await;
    assert_eq!(counts(&again), [0, 0, good, bad]);
    assert_eq!(again["state"], "UNCHANGED");
    reading
}
