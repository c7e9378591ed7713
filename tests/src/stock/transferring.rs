//! Transfers: two custodians, stock in transit, differences on record.

use super::shelf::{Shelf, code, done, rule, shelf};
use quartermaster_domain::shared::TransferId;
use quartermaster_domain::transfers::{self, NewTransfer, ReceivedLine};
use quartermaster_tenants::error::Code;
use rust_decimal::{Decimal, dec};
use uuid::Uuid;

async fn depot(s: &Shelf) -> Uuid {
    let id = Uuid::now_v7();
    let sql = format!(
        "INSERT INTO qm.location (tenant_id, id, code, name, kind, status, time_zone, version, event_sequence, event_hash, created_at, updated_at) \
         VALUES ('{}', '{id}', 'L2', 'Depot', 'WAREHOUSE', 'ACTIVE', 'UTC', 1, 0, '', statement_timestamp(), statement_timestamp())",
        s.shop.tenant.0
    );
    s.owner.batch_execute(&sql).await.unwrap();
    id
}

async fn requested(s: &Shelf, to: Uuid, quantity: Decimal) -> TransferId {
    let new = NewTransfer {
        from: s.shop.location,
        to,
        expected_on: None,
        note: None,
        lines: vec![s.place(0, quantity)],
    };
    TransferId(done(transfers::create(&s.db, &s.controller, &new).await))
}

fn arrived(quantity: Decimal, damaged: Decimal) -> Vec<ReceivedLine> {
    vec![ReceivedLine {
        number: 1,
        quantity,
        damaged,
    }]
}

#[tokio::test]
async fn twenty_are_shipped_and_eighteen_arrive_two_of_them_damaged() {
    let s = shelf().await;
    s.stocked(0, dec!(100), dec!(5)).await;
    let (to, from) = (depot(&s).await, s.shop.location);
    let id = requested(&s, to, dec!(20)).await;
    let (shipper, receiver) = (s.member("receiver").await, s.member("receiver").await);
    done(transfers::ship(&s.db, &shipper, id, &[], None).await);
    assert_eq!(s.at(from, 0, "AVAILABLE").await.0, dec!(80));
    assert_eq!(s.at(to, 0, "IN_TRANSIT").await, (dec!(20), dec!(5)));
    let too_many = transfers::receive(&s.db, &receiver, id, &arrived(dec!(21), dec!(0)), false, None).await;
    assert_eq!(code(too_many), (Code::OverTolerance, "lines.0.quantity".to_owned()));
    done(transfers::receive(&s.db, &receiver, id, &arrived(dec!(10), dec!(0)), false, None).await);
    assert_eq!(s.status("transfer", id.0).await, "PARTIALLY_RECEIVED");
    done(transfers::receive(&s.db, &receiver, id, &arrived(dec!(8), dec!(2)), true, None).await);
    assert_eq!(s.status("transfer", id.0).await, "DISCREPANT");
    assert_eq!(s.at(to, 0, "IN_TRANSIT").await.0, dec!(0));
    assert_eq!(s.at(to, 0, "AVAILABLE").await, (dec!(16), dec!(5)));
    assert_eq!(s.at(to, 0, "QUARANTINE").await.0, dec!(2));
    let lines = transfers::queries::lines_of(&s.db, &s.controller, &[id.0])
        .await
        .unwrap();
    assert_eq!(lines[&id.0][0].lost, dec!(2));
    done(transfers::settle(&s.db, &s.controller, id, "The carrier pays", None).await);
    assert_eq!(
        s.events(id.0).await,
        [
            "transfer-requested",
            "transfer-approved*",
            "transfer-picking-started",
            "transfer-shipped",
            "transfer-received",
            "transfer-received",
            "transfer-discrepancy-created*",
            "transfer-closed"
        ]
    );
    s.proven().await;
}

#[tokio::test]
async fn inv_05_who_shipped_does_not_receive() {
    let s = shelf().await;
    s.stocked(0, dec!(100), dec!(5)).await;
    let id = requested(&s, depot(&s).await, dec!(20)).await;
    let (shipper, receiver) = (s.member("receiver").await, s.member("receiver").await);
    done(transfers::ship(&s.db, &shipper, id, &[], None).await);
    let own = transfers::receive(&s.db, &shipper, id, &arrived(dec!(20), dec!(0)), false, None).await;
    assert_eq!(rule(own), "INV-05");
    done(transfers::receive(&s.db, &receiver, id, &arrived(dec!(20), dec!(0)), false, None).await);
    assert_eq!(s.status("transfer", id.0).await, "CLOSED");
}

#[tokio::test]
async fn inv_06_who_asked_for_a_transfer_does_not_receive_it() {
    let s = shelf().await;
    s.stocked(0, dec!(100), dec!(5)).await;
    let id = requested(&s, depot(&s).await, dec!(20)).await;
    let (shipper, receiver) = (s.member("receiver").await, s.member("receiver").await);
    done(transfers::ship(&s.db, &shipper, id, &[], None).await);
    s.now_holds(&s.controller, "receiver").await;
    let own = transfers::receive(&s.db, &s.controller, id, &arrived(dec!(20), dec!(0)), false, None).await;
    assert_eq!(rule(own), "INV-06");
    done(transfers::receive(&s.db, &receiver, id, &arrived(dec!(20), dec!(0)), false, None).await);
}

#[tokio::test]
async fn more_than_there_is_is_not_shipped_and_a_transfer_can_be_called_off() {
    let s = shelf().await;
    s.stocked(0, dec!(5), dec!(5)).await;
    let id = requested(&s, depot(&s).await, dec!(20)).await;
    let shipper = s.member("receiver").await;
    assert_eq!(
        code(transfers::ship(&s.db, &shipper, id, &[], None).await).0,
        Code::InsufficientStock
    );
    done(transfers::cancel(&s.db, &s.controller, id, "Not now", None).await);
    assert_eq!(
        code(transfers::ship(&s.db, &shipper, id, &[], None).await).0,
        Code::InvalidState
    );
    assert_eq!(s.stock(0).await, dec!(5));
}
