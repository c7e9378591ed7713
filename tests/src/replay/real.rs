//! The first lines of the real files, where they are beside the repository.

use super::town::{Town, differences, real_files};
use quartermaster_demo::plan::OrderLines;
use std::fmt::Write as _;

/// Enough to meet four banners and the dirt of the products' numbers.
const LINES: usize = 250;

#[tokio::test]
async fn the_first_real_lines_are_lived_as_they_stand() {
    let Some(iowa) = real_files() else {
        eprintln!("SKIPPED: shared/data/iowa is not beside the repository");
        return;
    };
    let town = Town::start().await;
    let world = town.world();
    std::fs::create_dir_all(&world).expect("folder");
    for name in ["products.csv", "stores.csv"] {
        std::fs::copy(iowa.join(name), world.join(name)).expect("copied");
    }
    let mut slice = String::from("date,invoice_line,store,item,bottles,sale_dollars\n");
    let files = [iowa.join("store_orders_2022-01_2022-07.csv.gz")];
    for line in OrderLines::open(&files).take(LINES).map(Result::unwrap) {
        let (date, invoice, store, item) = (line.date, line.invoice_line, line.store, line.item);
        writeln!(
            slice,
            "{date},{invoice},{store},{item},{},{}",
            line.bottles, line.dollars
        )
        .expect("written");
    }
    std::fs::write(world.join("orders.csv"), slice).expect("written");
    town.describe(quartermaster_demo::iowa::description(vec!["orders.csv".to_owned()]));

    let lived = town.live().await.expect("lived");
    assert!(lived.failures.is_empty(), "{:?}", lived.failures);
    assert_eq!(differences(&lived), Vec::<String>::new());
    assert_eq!(
        lived.proof.len(),
        4,
        "the franchisor of a network is there, though none of its stores ordered yet"
    );
    let lines: u64 = lived
        .proof
        .iter()
        .map(|tenant| tenant.found.order_lines + tenant.found.return_lines)
        .sum();
    assert_eq!(lines, LINES as u64);
}
