//! What the generator promises, checked on the files as a reader finds them.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use flate2::read::GzDecoder;
use quartermaster_demo::description::{Description, TenantKind};
use quartermaster_demo::world::{WriteError, gtin};
use quartermaster_demo::{Size, write_world};

fn rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    let bytes = fs::read(path).unwrap();
    let plain: Box<dyn std::io::Read> = if path.extension().is_some_and(|end| end == "gz") {
        Box::new(GzDecoder::new(std::io::Cursor::new(bytes)))
    } else {
        Box::new(std::io::Cursor::new(bytes))
    };
    csv::Reader::from_reader(plain)
        .deserialize()
        .map(Result::unwrap)
        .collect()
}

struct Files {
    products: Vec<BTreeMap<String, String>>,
    stores: Vec<BTreeMap<String, String>>,
    lines: Vec<BTreeMap<String, String>>,
    description: Description,
}

fn generate(seed: u64, size: Size) -> Files {
    let dir = tempfile::tempdir().unwrap();
    write_world(dir.path(), seed, size).unwrap();
    let description = Description::read(dir.path()).unwrap();
    Files {
        products: rows(&dir.path().join(&description.products)),
        stores: rows(&dir.path().join(&description.stores)),
        lines: rows(&dir.path().join(&description.orders[0])),
        description,
    }
}

fn cents(dollars: &str) -> i64 {
    let (whole, part) = dollars.split_once('.').unwrap();
    let size: i64 = format!("{whole}{part:0<2}").trim_start_matches('-').parse().unwrap();
    if whole.starts_with('-') { -size } else { size }
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_does_not() {
    let read = |seed| {
        let dir = tempfile::tempdir().unwrap();
        write_world(dir.path(), seed, Size::TINY).unwrap();
        let mut files: Vec<(String, Vec<u8>)> = fs::read_dir(dir.path())
            .unwrap()
            .map(|entry| entry.unwrap())
            .map(|entry| {
                (
                    entry.file_name().into_string().unwrap(),
                    fs::read(entry.path()).unwrap(),
                )
            })
            .collect();
        files.sort();
        files
    };
    assert_eq!(read(7), read(7));
    assert_ne!(read(7), read(8));
    assert_eq!(read(7).len(), 4, "nothing is left over beside the four files");
}

#[test]
fn writing_again_replaces_the_world() {
    let dir = tempfile::tempdir().unwrap();
    write_world(dir.path(), 1, Size::TINY).unwrap();
    let first = fs::read(dir.path().join("products.csv")).unwrap();
    write_world(dir.path(), 2, Size::TINY).unwrap();
    write_world(dir.path(), 1, Size::TINY).unwrap();
    assert_eq!(fs::read(dir.path().join("products.csv")).unwrap(), first);
}

#[test]
fn the_world_of_the_demo_has_its_size() {
    let world = generate(1, Size::DEMO);
    assert_eq!(world.products.len(), 2_000);
    assert_eq!(world.stores.len(), 40);
    let vendors: BTreeSet<&str> = world.products.iter().map(|row| row["Vendor"].as_str()).collect();
    assert_eq!(vendors.len(), 30);
    let items: BTreeSet<&str> = world.products.iter().map(|row| row["Item Number"].as_str()).collect();
    assert_eq!(items.len(), 2_000);
    assert!(
        (4_000..8_000).contains(&world.lines.len()),
        "{} lines",
        world.lines.len()
    );
    let weeks: BTreeSet<String> = world
        .lines
        .iter()
        .map(|row| {
            row["date"]
                .parse::<chrono::NaiveDate>()
                .unwrap()
                .format("%G-%V")
                .to_string()
        })
        .collect();
    assert_eq!(weeks.len(), 8);
    let vendor_of: BTreeMap<&str, &str> = world
        .products
        .iter()
        .map(|row| (row["Item Number"].as_str(), row["Vendor"].as_str()))
        .collect();
    let orders: BTreeSet<(&str, &str, &str)> = world
        .lines
        .iter()
        .map(|row| {
            (
                row["date"].as_str(),
                row["store"].as_str(),
                vendor_of[row["item"].as_str()],
            )
        })
        .collect();
    assert!((400..700).contains(&orders.len()), "{} orders", orders.len());
}

#[test]
fn its_tenants_are_two_brands_and_a_network_of_four() {
    let world = generate(1, Size::DEMO);
    let kinds: Vec<TenantKind> = world.description.tenants.iter().map(|tenant| tenant.kind).collect();
    let count = |kind| kinds.iter().filter(|own| **own == kind).count();
    assert_eq!(
        (
            count(TenantKind::Brand),
            count(TenantKind::Franchisor),
            count(TenantKind::Franchisee)
        ),
        (2, 1, 3)
    );
    for store in &world.stores {
        assert!(
            world
                .description
                .tenant_of(&store["Store"], Some(&store["Name"]))
                .is_some()
        );
    }
    let mut claimed: Vec<&String> = world
        .description
        .tenants
        .iter()
        .flat_map(|tenant| &tenant.store_numbers)
        .collect();
    claimed.sort();
    claimed.dedup();
    assert_eq!(claimed.len(), 40);
    let first = &world.description.tenants[0];
    assert!(
        first.store_numbers.len() > 1
            && world
                .description
                .tenants
                .iter()
                .all(|own| !own.store_numbers.is_empty())
    );
}

#[test]
fn item_numbers_are_valid_gtins_but_for_a_small_dirty_share() {
    let world = generate(1, Size::DEMO);
    let (mut missing, mut failing_upc, mut clean_scc) = (0, 0, 0);
    for row in &world.products {
        match row["UPC"].as_str() {
            "" => missing += 1,
            upc => {
                assert_eq!(upc.len(), 12);
                failing_upc += usize::from(!gtin::is_valid(upc));
            }
        }
        clean_scc += usize::from(row["SCC"].len() == 14 && gtin::is_valid(&row["SCC"]));
    }
    assert!((5..60).contains(&missing), "{missing} without UPC");
    assert!((5..60).contains(&failing_upc), "{failing_upc} UPCs fail");
    assert!((1_850..1_995).contains(&clean_scc), "{clean_scc} case numbers are good");
    let mut cases: Vec<&str> = world
        .products
        .iter()
        .map(|row| row["SCC"].as_str())
        .filter(|scc| scc.len() == 14)
        .collect();
    let all = cases.len();
    cases.sort_unstable();
    cases.dedup();
    assert!(cases.len() < all, "no two items claim one case number");
}

#[test]
fn it_is_dirty_as_real_data_is() {
    let world = generate(1, Size::DEMO);
    assert!(world.stores.iter().any(|row| row["latitude"].is_empty()));
    assert!(world.stores.iter().any(|row| row["Store Status"] == "I"));
    for odd in [",", "\"", "  "] {
        assert!(
            world.stores.iter().any(|row| row["Name"].contains(odd)),
            "no store is named with {odd:?}"
        );
        assert!(
            world.products.iter().any(|row| row["Vendor Name"].contains(odd)),
            "no vendor is named with {odd:?}"
        );
        assert!(
            world.products.iter().any(|row| row["Item Description"].contains(odd)),
            "no item has {odd:?}"
        );
    }
    let retail: BTreeMap<&str, i64> = world
        .products
        .iter()
        .map(|row| (row["Item Number"].as_str(), cents(&row["State Bottle Retail"])))
        .collect();
    let (mut other_price, mut returns, mut uneven) = (0, 0, 0);
    let mut twice = BTreeMap::new();
    for row in &world.lines {
        let (bottles, amount): (i64, i64) = (row["bottles"].parse().unwrap(), cents(&row["sale_dollars"]));
        assert!(bottles != 0 && (bottles < 0) == (amount < 0));
        other_price += usize::from(amount != bottles * retail[row["item"].as_str()]);
        returns += usize::from(bottles < 0);
        uneven += usize::from(amount % bottles != 0);
        assert_eq!(row["invoice_line"].starts_with("RINV-"), bottles < 0);
        *twice.entry((&row["date"], &row["store"], &row["item"])).or_insert(0) += 1;
    }
    let quarter = 100 * other_price / world.lines.len();
    assert!((22..30).contains(&quarter), "{quarter} of 100 prices differ");
    assert!((3..60).contains(&returns), "{returns} returns");
    assert!(uneven > 3, "{uneven} amounts need four decimals of the unit price");
    assert!(twice.values().filter(|count| **count > 1).count() > 10);
}

#[test]
fn lines_stand_in_time_order_and_returns_are_covered_by_earlier_days() {
    for seed in 0..5 {
        let world = generate(seed, Size::DEMO);
        let mut held: BTreeMap<(&str, &str), i64> = BTreeMap::new();
        let mut numbers = BTreeSet::new();
        for day in world.lines.chunk_by(|one, next| one["date"] == next["date"]) {
            for (row, sign) in day.iter().map(|row| (row, row["bottles"].starts_with('-'))) {
                assert!(
                    numbers.insert(row["invoice_line"].as_str()),
                    "{} stands twice",
                    row["invoice_line"]
                );
                if sign {
                    let stock = held.entry((&row["store"], &row["item"])).or_default();
                    *stock += row["bottles"].parse::<i64>().unwrap();
                    assert!(*stock >= 0);
                }
            }
            for row in day.iter().filter(|row| !row["bottles"].starts_with('-')) {
                *held.entry((&row["store"], &row["item"])).or_default() += row["bottles"].parse::<i64>().unwrap();
            }
        }
        assert!(world.lines.is_sorted_by_key(|row| &row["date"]));
    }
}

#[test]
fn a_world_without_vendors_or_with_more_than_can_be_named_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    for size in [
        Size {
            vendors: 0,
            ..Size::TINY
        },
        Size {
            vendors: Size::MOST_VENDORS + 1,
            items: 1_000,
            ..Size::TINY
        },
        Size { items: 3, ..Size::TINY },
        Size { weeks: 0, ..Size::TINY },
        Size {
            lines_per_order: 0,
            ..Size::TINY
        },
    ] {
        assert!(
            matches!(write_world(dir.path(), 1, size), Err(WriteError::Size)),
            "{size:?}"
        );
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}
