use super::{code, rule, world};
use crate::database::fixture::{member, order};
use quartermaster_domain::changes::{self, ChangeKind};
use quartermaster_domain::pricing::{self, NewPrice, NewPriceList};
use quartermaster_domain::purchasing;
use quartermaster_domain::purchasing::queries::{LineWindow, lines_of};
use quartermaster_tenants::error::Code;
use rust_decimal::{Decimal, dec};
use uuid::Uuid;

fn price(item: Uuid, from: Decimal, price: Decimal) -> NewPrice {
    NewPrice {
        item,
        minimum_quantity: Some(from),
        price,
        ..NewPrice::default()
    }
}

fn list(supplier: Uuid, lines: Vec<NewPrice>) -> NewPriceList {
    NewPriceList {
        supplier,
        name: Some("Spring".to_owned()),
        currency: None,
        valid_from: None,
        valid_to: None,
        lines,
    }
}

#[tokio::test]
async fn an_order_line_without_a_price_gets_the_approved_one_of_its_day_and_quantity() {
    let w = world().await;
    let (supplier, item) = (w.shop.supplier, w.shop.items[0]);
    let day = |d: u32| chrono::NaiveDate::from_ymd_opt(2026, 6, d);
    let mut lines = vec![price(item, dec!(0), dec!(2.5)), price(item, dec!(100), dec!(2.1234))];
    lines.push(NewPrice {
        valid_from: day(10),
        ..price(item, dec!(0), dec!(3))
    });
    lines[0].minimum_order_quantity = Some(dec!(6));
    lines[0].order_multiple = Some(dec!(3));
    lines[1].minimum_order_quantity = Some(dec!(6));
    lines[1].order_multiple = Some(dec!(3));
    lines[2].minimum_order_quantity = Some(dec!(6));
    lines[2].order_multiple = Some(dec!(3));
    let proposed = pricing::propose(&w.db, &w.both, &list(supplier, lines.clone()))
        .await
        .unwrap();
    let change = proposed.document.unwrap();
    let buyer = member(&w.owner, w.shop.tenant, &["buyer"]).await;
    let bought = async |quantity: Decimal, on: Option<chrono::NaiveDate>| {
        let mut new = order(&w.shop);
        new.ordered_on = on;
        new.lines.truncate(1);
        new.lines[0].quantity = quantity;
        new.lines[0].unit_price = None;
        let made = purchasing::create(&w.db, &buyer, &new, false).await?;
        let id = made.document.unwrap();
        let all = LineWindow {
            after: 0,
            before: i32::MAX,
            limit: 10,
            from_back: false,
            briefly: false,
        };
        let lines = lines_of(&w.db, &buyer, &[id], all).await?;
        Ok::<_, quartermaster_tenants::Error>(lines[&id][0].unit_price)
    };
    assert!(
        bought(dec!(6), day(5)).await.is_err(),
        "a price that nobody approved is no price"
    );
    let own = changes::approve(&w.db, &w.both, ChangeKind::Price, change, None).await;
    assert_eq!(rule(&own).as_deref(), Some("P2P-27"), "{own:?}");
    changes::approve(&w.db, &w.approver, ChangeKind::Price, change, None)
        .await
        .unwrap();
    assert_eq!(bought(dec!(99), day(5)).await.unwrap(), dec!(2.5));
    assert_eq!(bought(dec!(102), day(5)).await.unwrap(), dec!(2.1234));
    assert_eq!(bought(dec!(6), day(10)).await.unwrap(), dec!(3));
    assert!(bought(dec!(3), day(5)).await.is_err(), "less than the least quantity");
    assert!(bought(dec!(7), day(5)).await.is_err(), "no multiple");
    let same = pricing::propose(&w.db, &w.steward, &list(supplier, lines)).await;
    assert_eq!(
        code(&same),
        Some(Code::InvalidInput),
        "the same list again changes nothing"
    );
}

#[tokio::test]
async fn a_price_list_with_faults_is_refused_whole_and_each_fault_has_its_path() {
    let w = world().await;
    let item = w.shop.items[0];
    let mut lines = vec![
        price(Uuid::now_v7(), dec!(0), dec!(1)),
        price(item, dec!(0), dec!(-1)),
        price(item, dec!(0), dec!(1.23456)),
        NewPrice {
            unit: Some("CS".to_owned()),
            ..price(item, dec!(0), dec!(1))
        },
        price(item, dec!(5), dec!(1)),
        price(item, dec!(5.0), dec!(1)),
    ];
    lines[4].valid_from = chrono::NaiveDate::from_ymd_opt(2026, 2, 1);
    lines[4].valid_to = chrono::NaiveDate::from_ymd_opt(2026, 1, 1);
    let refused = pricing::propose(&w.db, &w.steward, &list(w.shop.supplier, lines)).await;
    let Err(quartermaster_tenants::Error::Refused(refusals)) = refused else {
        panic!("{refused:?}")
    };
    let paths: Vec<String> = refusals.iter().map(|r| r.field.join(".")).collect();
    for wanted in [
        "lines.0.itemId",
        "lines.1.price",
        "lines.2.price",
        "lines.3.unitCode",
        "lines.4.validTo",
    ] {
        assert!(paths.iter().any(|p| p == wanted), "{wanted} in {paths:?}");
    }
}

#[tokio::test]
async fn a_price_list_without_terms_leaves_those_of_the_supplier_item_as_they_are() {
    let w = world().await;
    let (supplier, item) = (w.shop.supplier, w.shop.items[0]);
    let agreed = async |lines: Vec<NewPrice>| {
        let proposed = pricing::propose(&w.db, &w.steward, &list(supplier, lines))
            .await
            .unwrap();
        let change = proposed.document.unwrap();
        changes::approve(&w.db, &w.approver, ChangeKind::Price, change, None)
            .await
            .unwrap();
        let filter = pricing::queries::PriceFilter {
            items: Some(vec![item]),
            ..Default::default()
        };
        let window = quartermaster_domain::shared::Window {
            limit: 2,
            ..Default::default()
        };
        let found = pricing::queries::supplier_items(&w.db, &w.steward, &filter, pricing::queries::ORDERS[0], &window);
        let t = found.await.unwrap().rows.remove(0).0;
        (
            t.supplier_sku,
            t.minimum_quantity,
            t.order_multiple,
            t.lead_time_days,
            t.preference,
        )
    };
    let with_terms = NewPrice {
        supplier_sku: Some("V-1".to_owned()),
        minimum_order_quantity: Some(dec!(6)),
        order_multiple: Some(dec!(3)),
        lead_time_days: Some(5),
        preference: Some(1),
        ..price(item, dec!(0), dec!(2.5))
    };
    // A line of the same list that leaves them out does not take them back either.
    let all = (Some("V-1".to_owned()), dec!(6), dec!(3), Some(5), Some(1));
    assert_eq!(agreed(vec![with_terms, price(item, dec!(100), dec!(2))]).await, all);
    assert_eq!(agreed(vec![price(item, dec!(0), dec!(2.6))]).await, all);
    assert_eq!(agreed(vec![price(item, dec!(500), dec!(1.9))]).await, all);
    // What is said is taken, zero too.
    let one_less = NewPrice {
        order_multiple: Some(dec!(0)),
        lead_time_days: Some(7),
        ..price(item, dec!(0), dec!(2.7))
    };
    let less = (Some("V-1".to_owned()), dec!(6), dec!(0), Some(7), Some(1));
    assert_eq!(agreed(vec![one_less]).await, less);
}
