//! The plan of a replay, against the files and against the design.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use quartermaster_demo::expectation::Sums;
use quartermaster_demo::plan::{
    Document, DocumentKey, DocumentKind, Function, IdempotencyKey, OrderLines, PlanError, UNLISTED_VENDOR,
};
use quartermaster_demo::{Plan, Size, write_world};
use rust_decimal::Decimal;

/// Real files and the design are beside the repository (one level further up, seen from a worktree), or not there at all.
fn shared(path: &str) -> Option<PathBuf> {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    let also = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..").join(path);
    let there = [found, also].into_iter().find(|path| path.exists());
    if there.is_none() {
        eprintln!("SKIPPED: {path} is not beside the repository");
    }
    there
}

fn generated(seed: u64, size: Size) -> (tempfile::TempDir, Plan) {
    let dir = tempfile::tempdir().unwrap();
    write_world(dir.path(), seed, size).unwrap();
    let plan = Plan::read(dir.path()).unwrap();
    (dir, plan)
}

fn documents(plan: &Plan) -> Vec<Document> {
    plan.documents().map(Result::unwrap).collect()
}

/// What would be there if all documents were lived as planned.
fn lived(documents: &[Document]) -> BTreeMap<String, Sums> {
    let mut tenants: BTreeMap<String, Sums> = BTreeMap::new();
    for document in documents {
        let sums = tenants.entry(document.tenant.clone()).or_default();
        let lines = document
            .lines
            .iter()
            .map(|line| &line.source)
            .collect::<BTreeSet<_>>()
            .len() as u64;
        let bottles: i64 = document.lines.iter().map(|line| line.quantity as i64).sum();
        let sign = match document.kind {
            DocumentKind::PurchaseOrder => {
                sums.orders += 1;
                sums.order_lines += lines;
                sums.bottles_ordered += bottles;
                sums.ordered += document.total();
                sums.received += document.total();
                1
            }
            DocumentKind::SupplierReturn => {
                sums.returns += 1;
                sums.return_lines += lines;
                sums.bottles_returned += bottles;
                sums.returned += document.total();
                -1
            }
        };
        for line in &document.lines {
            let stock = sums
                .stock
                .entry(document.store.clone())
                .or_default()
                .entry(line.item.clone())
                .or_default();
            *stock += sign * line.quantity as i64;
            assert!(*stock >= 0, "{} returns more than there is", document.key);
        }
    }
    tenants
}

fn agrees_with_the_files(plan: &Plan, documents: &[Document]) {
    let expectation = plan.expectation().unwrap();
    let found = lived(documents);
    assert_eq!(
        expectation.tenants.keys().collect::<Vec<_>>(),
        found.keys().collect::<Vec<_>>()
    );
    for (tenant, expected) in &expectation.tenants {
        let differences = expected.differences(&found[tenant]);
        assert!(differences.is_empty(), "{tenant}: {}", differences[0]);
    }
    let count = |kind| documents.iter().filter(|document| document.kind == kind).count() as u64;
    assert_eq!(plan.totals.orders, count(DocumentKind::PurchaseOrder));
    assert_eq!(plan.totals.returns, count(DocumentKind::SupplierReturn));
}

#[test]
fn the_sum_of_the_plan_is_the_sum_of_the_files() {
    for seed in 0..4 {
        let (_dir, plan) = generated(seed, Size { weeks: 4, ..Size::DEMO });
        agrees_with_the_files(&plan, &documents(&plan));
    }
}

#[test]
fn the_same_files_give_the_same_plan() {
    let (one, other) = (generated(3, Size::TINY), generated(3, Size::TINY));
    assert_eq!(one.1.digest, other.1.digest);
    assert_eq!(documents(&one.1), documents(&other.1));
    assert_ne!(one.1.digest, generated(4, Size::TINY).1.digest);
}

#[test]
fn documents_come_in_time_order_with_orders_before_returns_and_each_key_once() {
    let (_dir, plan) = generated(1, Size::DEMO);
    let documents = documents(&plan);
    assert!(documents.is_sorted_by_key(|document| (document.date, document.kind)));
    let keys: BTreeSet<_> = documents.iter().map(|document| &document.key).collect();
    assert_eq!(keys.len(), documents.len());
    let ids: BTreeSet<_> = documents
        .iter()
        .map(|document| IdempotencyKey::of(&plan.digest, &document.key, "create"))
        .collect();
    assert_eq!(ids.len(), documents.len());
    for document in &documents {
        assert!(!document.lines.is_empty());
        assert!(
            document
                .lines
                .iter()
                .zip(1..)
                .all(|(line, number)| line.number == number)
        );
        assert!(
            document
                .lines
                .iter()
                .all(|line| plan.items[&line.item].vendor == document.vendor)
        );
        let text = serde_json::to_string(document).unwrap();
        assert_eq!(serde_json::from_str::<Document>(&text).unwrap(), *document);
    }
    let twice = documents.iter().any(|document| {
        document
            .lines
            .iter()
            .map(|line| &line.item)
            .collect::<BTreeSet<_>>()
            .len()
            < document.lines.len()
    });
    assert!(twice, "no order holds one item on two lines");
}

#[test]
fn a_return_waits_for_the_orders_that_brought_its_goods() {
    let (_dir, plan) = generated(1, Size::DEMO);
    let documents = documents(&plan);
    let place = |key: &DocumentKey| documents.iter().position(|document| document.key == *key).unwrap();
    let mut returns = 0;
    for (at, document) in documents.iter().enumerate() {
        match document.kind {
            DocumentKind::PurchaseOrder => assert!(document.after.is_empty()),
            DocumentKind::SupplierReturn => {
                returns += 1;
                for line in &document.lines {
                    let brought: u64 = document
                        .after
                        .iter()
                        .map(|key| &documents[place(key)])
                        .inspect(|order| assert_eq!(order.store, document.store))
                        .flat_map(|order| &order.lines)
                        .filter(|order_line| order_line.item == line.item)
                        .map(|order_line| order_line.quantity)
                        .sum();
                    assert!(brought >= line.quantity);
                }
                assert!(document.after.iter().all(|key| place(key) < at));
            }
        }
    }
    assert!(returns > 3);
}

#[test]
fn three_different_persons_stand_behind_every_document() {
    let (_dir, plan) = generated(1, Size::DEMO);
    for document in documents(&plan) {
        let hands = plan.hands(&document).unwrap();
        let subjects: BTreeSet<_> = [hands.maker, hands.approver, hands.custodian]
            .map(|person| person.subject.as_str())
            .into();
        assert_eq!(subjects.len(), 3);
        assert_eq!(hands.maker.store.as_deref(), Some(document.store.as_str()));
        assert_eq!(hands.custodian.store.as_deref(), Some(document.store.as_str()));
        assert_eq!(hands.approver.function, Function::Approver);
    }
}

#[test]
fn nobody_has_two_functions_names_or_logins() {
    let (_dir, plan) = generated(1, Size::DEMO);
    let people: Vec<_> = plan
        .tenants
        .iter()
        .flat_map(|tenant| &tenant.people)
        .chain([&plan.partner_admin])
        .collect();
    assert_eq!(people.len(), 6 * 11 + 40 * 2 + 1);
    for distinct in [
        people.iter().map(|person| &person.subject).collect::<BTreeSet<_>>(),
        people.iter().map(|person| &person.display_name).collect(),
        people.iter().map(|person| &person.email).collect(),
    ] {
        assert_eq!(distinct.len(), people.len());
    }
    for tenant in &plan.tenants {
        assert_eq!(tenant.office(Function::SecurityAdmin).count(), 2);
        assert_eq!(tenant.office(Function::TenantAdmin).count(), 2);
        assert!(tenant.office(Function::Buyer).next().is_none());
    }
}

#[test]
fn no_function_holds_two_duties_that_the_design_keeps_apart() {
    let Some(sod) = shared("shared/design/sod") else {
        return;
    };
    let read = |name: &str| -> Vec<BTreeMap<String, String>> {
        csv::Reader::from_path(sod.join(name))
            .unwrap()
            .deserialize()
            .map(Result::unwrap)
            .collect()
    };
    let grants = read("grants.csv");
    for function in Function::ALL {
        let granted: BTreeSet<&str> = grants
            .iter()
            .filter(|row| row["role"] == function.role())
            .map(|row| row["duty"].as_str())
            .collect();
        for duty in function.duties() {
            assert!(granted.contains(duty), "{} does not grant {duty}", function.role());
        }
        for rule in read("ssod.csv") {
            let both = granted.contains(rule["duty_a"].as_str()) && granted.contains(rule["duty_b"].as_str());
            assert!(!both, "{} breaks {}", function.role(), rule["rule"]);
        }
        for rule in read("dsod.csv").iter().filter(|rule| rule["duty_a"] != rule["duty_b"]) {
            let does = |duty: &str| function.duties().contains(&duty);
            assert!(
                !(does(&rule["duty_a"]) && does(&rule["duty_b"])),
                "{function:?} breaks {}",
                rule["rule"]
            );
        }
    }
}

#[test]
fn items_and_stores_that_only_an_order_line_names_are_planned_from_what_it_tells() {
    let dir = tempfile::tempdir().unwrap();
    write_world(dir.path(), 1, Size::TINY).unwrap();
    let orders = dir.path().join("extra.csv");
    fs::write(
        &orders,
        "date,invoice_line,store,item,bottles,sale_dollars\n2026-06-01,INV-1,20011,999999,3,10.0\n2026-06-02,INV-2,4711,999999,-1,-3.33\n",
    )
    .unwrap();
    let refused = Plan::read(&orders).unwrap_err();
    assert!(
        refused
            .to_string()
            .ends_with("line 3: the store 4711 belongs to no tenant of the world's description")
    );

    let path = dir.path().join("world.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(
        &path,
        text.replacen("kind = \"brand\"", "kind = \"brand\"\ntakes_the_rest = true", 1),
    )
    .unwrap();
    let plan = Plan::read(&orders).unwrap();
    let item = &plan.items["999999"];
    assert_eq!(
        (item.listed, item.vendor.as_str(), item.list_price),
        (false, UNLISTED_VENDOR, Decimal::new(33_333, 4))
    );
    assert!(plan.vendors.contains_key(UNLISTED_VENDOR));
    assert_eq!(plan.tenants.len(), 1);
    assert!(
        plan.tenants[0]
            .stores
            .iter()
            .any(|store| store.number == "4711" && !store.listed)
    );
    let documents = documents(&plan);
    assert_eq!(documents.len(), 2);
    assert!(documents[1].after.is_empty(), "the other store received it");
}

#[test]
fn broken_lines_are_refused_before_anything_is_lived_and_told_with_their_place() {
    let dir = tempfile::tempdir().unwrap();
    write_world(dir.path(), 1, Size::TINY).unwrap();
    let good = "2026-06-02,INV-1,20011,999999,3,10.0\n";
    let cases = [
        (
            "2026-06-02,INV-2,20011,1,0,0.0",
            "line 3: 0 bottles for 0.0 dollars is neither an order nor a return",
        ),
        (
            "2026-06-02,INV-2,20011,1,2,-3.0",
            "line 3: 2 bottles for -3.0 dollars is neither an order nor a return",
        ),
        (
            "2026-06-01,INV-2,20011,1,2,3.0",
            "line 3: 2026-06-01 stands after 2026-06-02; sort the lines by date",
        ),
        (
            "2026-13-01,INV-2,20011,1,2,3.0",
            "line 3: date is \"2026-13-01\", which is no date (2022-01-31)",
        ),
        (
            "2026-06-02,INV-2,20011,1,2.5,3.0",
            "line 3: bottles is \"2.5\", which is no whole number",
        ),
        (
            "2026-06-02,INV-2,20011,1,2,3.005",
            "line 3: sale_dollars is \"3.005\", which is no amount in whole cents",
        ),
        ("2026-06-02,INV-2,,1,2,3.0", "line 3: store is \"\", which is no number"),
    ];
    for (line, expected) in cases {
        let orders = dir.path().join("broken.csv");
        fs::write(
            &orders,
            format!("date,invoice_line,store,item,bottles,sale_dollars\n{good}{line}\n"),
        )
        .unwrap();
        let message = Plan::read(&orders).unwrap_err().to_string();
        assert!(message.ends_with(expected), "{message}");
        assert_eq!(
            OrderLines::open(std::slice::from_ref(&orders)).count(),
            2,
            "reading goes on after an error"
        );
    }
    assert!(matches!(
        Plan::read(&dir.path().join("none.csv")),
        Err(PlanError::Read { .. })
    ));
    let empty = tempfile::tempdir().unwrap();
    assert!(matches!(Plan::read(empty.path()), Err(PlanError::NoOrders { .. })));
}

#[test]
fn the_real_files_are_four_banners_and_agree_to_the_bottle_and_the_cent() {
    let Some(iowa) = shared("shared/data/iowa") else {
        return;
    };
    let plan = Plan::read(&iowa).unwrap();
    assert_eq!(plan.totals.lines, 200_000);
    assert_eq!((plan.totals.orders, plan.totals.returns), (65_160, 4));
    let stores: Vec<(&str, usize)> = plan
        .tenants
        .iter()
        .map(|tenant| (tenant.entry.code.as_str(), tenant.stores.len()))
        .collect();
    assert_eq!(
        stores,
        [("hy-vee", 57), ("fareway", 40), ("caseys", 78), ("kum-and-go", 58)]
    );
    assert_eq!(
        plan.tenants.iter().map(|tenant| tenant.people.len()).sum::<usize>(),
        510
    );
    assert!(plan.items.values().all(|item| item.listed));
    assert_eq!((plan.items.len(), plan.vendors.len()), (6_482, 284));

    let documents = documents(&plan);
    agrees_with_the_files(&plan, &documents);
    let lines: usize = documents.iter().map(|document| document.lines.len()).sum();
    assert_eq!(lines, 200_000, "no real line needs two lines to agree to the cent");
    let money: Decimal = lived(&documents)
        .values()
        .map(|sums| sums.ordered - sums.returned)
        .sum();
    assert_eq!(money, Decimal::new(2_881_528_234, 2));
}
