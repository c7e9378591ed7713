//! What came otherwise than it should.

use super::yard::{code, done, line, refused, yard_with};
use crate::database::fixture::{member, strict};
use quartermaster_domain::discrepancies::{self, Resolution};
use quartermaster_domain::receiving::{self, EnteredLine};
use quartermaster_domain::shared::{DiscrepancyId, ReceiptId};
use quartermaster_tenants::error::Code;
use quartermaster_tenants::settings::Settings;
use rust_decimal::{Decimal, dec};

fn tolerant(over: i64, under: i64) -> Settings {
    Settings {
        over_receipt_tolerance_percent: Decimal::from(over),
        under_receipt_tolerance_percent: Decimal::from(under),
        ..strict()
    }
}

fn last(number: i32, quantity: i64) -> EnteredLine {
    EnteredLine {
        is_final: true,
        ..line(number, quantity)
    }
}

#[tokio::test]
async fn sixty_then_forty_five_of_a_hundred_with_two_percent_is_too_much() {
    let y = yard_with(tolerant(2, 0)).await;
    let order = y.ordered(&[100]).await;
    done(y.receive(&y.receiver, order, &[line(1, 60)]).await);
    let too_much = y.receive(&y.receiver, order, &[line(1, 45)]).await;
    assert_eq!(code(too_much), (Code::OverTolerance, "lines.0.quantity".into()));
    assert_eq!(y.stock(0, "AVAILABLE").await, dec!(60));
    let receipt = done(y.receive(&y.receiver, order, &[line(1, 42)]).await);
    assert_eq!(y.stock(0, "AVAILABLE").await, dec!(102));
    let found = y.discrepancies(receipt).await;
    assert_eq!(
        (found[0].0.as_str(), found[0].1, found[0].2),
        ("OVER", dec!(2), dec!(5))
    );
}

#[tokio::test]
async fn each_difference_is_a_typed_discrepancy_and_waits_in_quarantine() {
    let y = yard_with(tolerant(10, 0)).await;
    let order = y.ordered(&[10, 10, 10, 10]).await;
    let lines = [
        last(1, 7),
        line(2, 11),
        EnteredLine {
            damaged: Some(dec!(4)),
            ..line(3, 10)
        },
        EnteredLine {
            item: Some(y.shop.items[8]),
            ..line(4, 3)
        },
        EnteredLine {
            item: Some(y.shop.items[9]),
            quantity: dec!(2),
            ..EnteredLine::default()
        },
    ];
    let receipt = done(y.receive(&y.receiver, order, &lines).await);
    let found = y.discrepancies(receipt).await;
    let typed: Vec<(&str, Decimal)> = found.iter().map(|d| (d.0.as_str(), d.1)).collect();
    assert_eq!(
        typed,
        [
            ("DAMAGED", dec!(4)),
            ("OVER", dec!(1)),
            ("SHORT", dec!(3)),
            ("UNORDERED", dec!(2)),
            ("WRONG_ITEM", dec!(3))
        ]
    );
    assert_eq!(y.receipt_status(receipt).await, "DISCREPANT");
    assert_eq!(
        (y.stock(2, "AVAILABLE").await, y.stock(2, "QUARANTINE").await),
        (dec!(6), dec!(4))
    );
    assert_eq!(
        (y.stock(8, "QUARANTINE").await, y.stock(9, "QUARANTINE").await),
        (dec!(3), dec!(2))
    );
    let owners = y
        .owner
        .query(
            "SELECT DISTINCT owner_account_id FROM qm.discrepancy WHERE receipt_id = $1",
            &[&receipt],
        )
        .await
        .unwrap();
    assert_eq!(owners[0].get::<_, uuid::Uuid>(0), y.buyer.account);
}

#[tokio::test]
async fn short_closing_the_last_discrepancy_ends_line_order_and_receipt() {
    let y = yard_with(strict()).await;
    let order = y.ordered(&[10]).await;
    let receipt = done(y.receive(&y.receiver, order, &[last(1, 7)]).await);
    assert_eq!(y.order_status(order).await, "PARTIALLY_RECEIVED");
    let id = DiscrepancyId(y.discrepancies(receipt).await[0].3);
    let wrong = discrepancies::resolve(&y.db, &y.approver, id, Resolution::Return, None, None).await;
    assert_eq!(code(wrong).0, Code::InvalidInput);
    done(
        discrepancies::resolve(
            &y.db,
            &y.approver,
            id,
            Resolution::ShortClose,
            Some("Sold out"),
            Some(1),
        )
        .await,
    );
    assert_eq!(y.order_status(order).await, "RECEIVED");
    assert_eq!(y.receipt_status(receipt).await, "ACCEPTED");
    assert_eq!(
        y.events(order).await[4..],
        [
            "purchase-order-partially-received",
            "purchase-order-line-short-closed",
            "purchase-order-received"
        ]
        .map(str::to_owned)[..]
    );
    let again = discrepancies::resolve(&y.db, &y.approver, id, Resolution::Accept, None, None).await;
    assert_eq!(code(again).0, Code::InvalidState);
}

#[tokio::test]
async fn less_within_the_tolerance_completes_the_line_without_a_discrepancy() {
    let y = yard_with(tolerant(0, 20)).await;
    let order = y.ordered(&[10]).await;
    let receipt = done(y.receive(&y.receiver, order, &[last(1, 8)]).await);
    assert_eq!(y.receipt_status(receipt).await, "ACCEPTED");
    assert_eq!(y.order_status(order).await, "RECEIVED");
}

#[tokio::test]
async fn a_level_above_ones_own_settles_no_discrepancy() {
    let y = yard_with(strict()).await;
    let order = y.ordered(&[4000]).await;
    let receipt = done(y.receive(&y.receiver, order, &[last(1, 1000)]).await);
    let id = DiscrepancyId(y.discrepancies(receipt).await[0].3);
    let low = member(&y.owner, y.shop.tenant, &["approver_l1"]).await;
    let refusal = refused(discrepancies::resolve(&y.db, &low, id, Resolution::Claim, None, None).await);
    assert_eq!(refusal[0].code, Code::Forbidden);
    done(discrepancies::resolve(&y.db, &y.approver, id, Resolution::Claim, None, None).await);
}

#[tokio::test]
async fn reversing_a_discrepant_receipt_ends_its_discrepancies() {
    let y = yard_with(strict()).await;
    let order = y.ordered(&[10]).await;
    let damaged = EnteredLine {
        damaged: Some(dec!(1)),
        ..line(1, 10)
    };
    let receipt = done(y.receive(&y.receiver, order, &[damaged]).await);
    let discrepancy = y.discrepancies(receipt).await[0].3;
    done(receiving::reverse(&y.db, &y.other_receiver, ReceiptId(receipt), "All broken", None).await);
    assert_eq!(y.stock(0, "QUARANTINE").await + y.stock(0, "AVAILABLE").await, dec!(0));
    assert_eq!(
        y.events(discrepancy).await,
        ["receiving-discrepancy-created", "discrepancy-resolved"]
    );
}
