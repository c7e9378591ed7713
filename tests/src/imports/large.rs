//! A large file costs statements by its chunks, not by its lines.

use super::{Desk, approve, counts, imported, shown};
use futures::stream;
use serde_json::json;
use std::time::Instant;

const LINES: u64 = 20_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_thousand_items_with_bad_ones_go_in_by_chunks_and_are_approved_at_once() {
    let desk = Desk::open().await;
    let lines = |n: u64| {
        let sku = if n % 100 == 7 { String::new() } else { format!("L-{n}") };
        format!("{sku},Item number {n},EA,CS,12\n")
    };
    let pieces = move || {
        let header = std::iter::once("sku,name,base_unit,case_unit,case_quantity\n".to_owned());
        let file = header.chain((0..LINES).map(lines)).map(Ok::<_, std::io::Error>);
        reqwest::Body::wrap_stream(stream::iter(file))
    };
    let before = desk.world.server.db().round_trips();
    let began = Instant::now();
    let import = imported(&desk.steward, "items", pieces()).await;
    let (trips, took) = (desk.world.server.db().round_trips() - before, began.elapsed());
    assert_eq!(counts(&import), [19_800, 0, 0, 200]);
    assert!(trips < LINES / 1_000 * 8 + 30, "{trips} round trips");

    let before = desk.world.server.db().round_trips();
    let began = Instant::now();
    approve(&desk.approver, &import).await;
    let (approval, approved) = (desk.world.server.db().round_trips() - before, began.elapsed());
    assert!(approval < 10, "{approval} round trips");
    eprintln!("{LINES} items: read in {took:?} with {trips} round trips, approved in {approved:?} with {approval}");
    assert_eq!(shown(&desk.steward, &import).await["state"], "APPLIED");
    let active = "query { items(filter: { statuses: [ACTIVE] }) { totalCount } }";
    assert_eq!(desk.steward.run(active, json!({})).await["totalCount"], 19_810);
    let again = imported(&desk.steward, "items", pieces()).await;
    assert_eq!(counts(&again), [0, 0, 19_800, 200]);
}
