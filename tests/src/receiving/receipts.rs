//! The life of a receipt.

use super::yard::{against, code, done, line, yard};
use quartermaster_domain::receiving::{self, EnteredLine, NewReceipt};
use quartermaster_domain::shared::ReceiptId;
use quartermaster_tenants::error::{Code, Error};
use quartermaster_tenants::op::IdempotencyKey;
use quartermaster_tenants::tx::Attempts;
use rust_decimal::dec;

#[tokio::test]
async fn a_full_receipt_in_one_call_fills_stock_and_order_and_keeps_each_step() {
    let y = yard().await;
    let order = y.ordered(&[10, 4]).await;
    let receipt = done(y.receive(&y.receiver, order, &[line(1, 10), line(2, 4)]).await);
    assert_eq!(
        (y.stock(0, "AVAILABLE").await, y.stock(1, "AVAILABLE").await),
        (dec!(10), dec!(4))
    );
    assert_eq!(y.ledger(0).await, dec!(10));
    assert_eq!(y.order_status(order).await, "RECEIVED");
    assert_eq!(y.receipt_status(receipt).await, "ACCEPTED");
    assert_eq!(
        y.events(receipt).await,
        [
            "receipt-opened",
            "receipt-line-recorded",
            "goods-received",
            "receipt-accepted"
        ]
    );
    assert_eq!(
        y.events(order).await.last().map(String::as_str),
        Some("purchase-order-received")
    );
    let hands: i64 = y
        .owner
        .query_one(
            "SELECT count(DISTINCT act_id) FROM qm.authz_hand WHERE document_id = $1 AND duty = 'RCV.RECORD'",
            &[&receipt],
        )
        .await
        .unwrap()
        .get(0);
    assert_eq!(hands, 3, "opening, recording and completing are three acts");
}

#[tokio::test]
async fn a_receipt_is_opened_entered_and_completed_in_three_calls() {
    let y = yard().await;
    let order = y.ordered(&[10]).await;
    let opened = done(receiving::open(&y.db, &y.receiver, &against(order)).await);
    let id = ReceiptId(opened);
    assert_eq!(
        code(receiving::complete(&y.db, &y.receiver, id, None).await).0,
        Code::Required
    );
    done(receiving::record_lines(&y.db, &y.receiver, id, &[line(1, 9)], false, Some(1)).await);
    done(receiving::record_lines(&y.db, &y.receiver, id, &[line(1, 6)], true, None).await);
    assert_eq!(
        y.stock(0, "AVAILABLE").await,
        dec!(0),
        "nothing moves before completion"
    );
    let stale = receiving::complete(&y.db, &y.receiver, id, Some(1)).await;
    assert_eq!(code(stale).0, Code::Conflict);
    done(receiving::complete(&y.db, &y.receiver, id, Some(3)).await);
    assert_eq!(y.stock(0, "AVAILABLE").await, dec!(6));
    assert_eq!(y.order_status(order).await, "PARTIALLY_RECEIVED");
    let again = receiving::complete(&y.db, &y.receiver, id, None).await;
    assert_eq!(code(again).0, Code::InvalidState);
    done(y.receive(&y.receiver, order, &[line(1, 4)]).await);
    assert_eq!(y.order_status(order).await, "RECEIVED");
}

#[tokio::test]
async fn an_open_receipt_can_be_given_up() {
    let y = yard().await;
    let order = y.ordered(&[10]).await;
    let id = ReceiptId(done(receiving::open(&y.db, &y.receiver, &against(order)).await));
    assert_eq!(
        code(receiving::cancel(&y.db, &y.receiver, id, " ", None).await).0,
        Code::Required
    );
    done(receiving::cancel(&y.db, &y.receiver, id, "Wrong truck", None).await);
    let late = receiving::record_lines(&y.db, &y.receiver, id, &[line(1, 1)], false, None).await;
    assert_eq!(code(late).0, Code::InvalidState);
    assert_eq!(y.order_status(order).await, "RELEASED");
}

#[tokio::test]
async fn one_receipt_takes_goods_of_two_orders_and_spreads_what_is_entered_by_item() {
    let y = yard().await;
    let (a, b) = (y.ordered(&[10]).await, y.ordered(&[5]).await);
    let both = NewReceipt {
        orders: vec![b, a],
        ..NewReceipt::default()
    };
    let by_item = EnteredLine {
        item: Some(y.shop.items[0]),
        quantity: dec!(15),
        ..EnteredLine::default()
    };
    done(receiving::create(&y.db, &y.receiver, &both, &[by_item]).await);
    assert_eq!(
        (y.order_status(a).await, y.order_status(b).await),
        ("RECEIVED".into(), "RECEIVED".into())
    );
    assert_eq!(y.stock(0, "AVAILABLE").await, dec!(15));
}

#[tokio::test]
async fn a_retry_with_the_same_key_posts_once() {
    let y = yard().await;
    let order = y.ordered(&[10]).await;
    let mut op = y.receiver.clone();
    op.idempotency = Some(IdempotencyKey {
        key: "truck-1".to_owned(),
        fingerprint: [7; 32],
    });
    let first = done(y.receive(&op, order, &[line(1, 5)]).await);
    let again = y.receive(&op, order, &[line(1, 5)]).await;
    assert!(matches!(again, Err(Error::Repeated(_))), "{again:?}");
    let settled = Attempts::default().settle(&y.db, &op, again).await.unwrap().unwrap();
    assert_eq!(settled.document, Some(first));
    assert_eq!(y.stock(0, "AVAILABLE").await, dec!(5));
}

#[tokio::test]
async fn a_reversal_shows_both_movements_and_reopens_the_order() {
    let y = yard().await;
    let order = y.ordered(&[10]).await;
    let receipt = done(y.receive(&y.receiver, order, &[line(1, 10)]).await);
    done(receiving::reverse(&y.db, &y.other_receiver, ReceiptId(receipt), "Wrong store", None).await);
    assert_eq!((y.stock(0, "AVAILABLE").await, y.ledger(0).await), (dec!(0), dec!(0)));
    let movements = y
        .owner
        .query(
            "SELECT quantity FROM qm.stock_movement WHERE document_id = $1 ORDER BY sequence",
            &[&receipt],
        )
        .await
        .unwrap();
    assert_eq!(movements.len(), 2, "both movements stay");
    assert_eq!(y.order_status(order).await, "RELEASED");
    assert_eq!(y.receipt_status(receipt).await, "REVERSED");
    done(y.receive(&y.receiver, order, &[line(1, 10)]).await);
    assert_eq!(y.order_status(order).await, "RECEIVED");
}

#[tokio::test]
async fn goods_that_are_gone_cannot_be_taken_back() {
    let y = yard().await;
    let order = y.ordered(&[10]).await;
    let receipt = done(y.receive(&y.receiver, order, &[line(1, 10)]).await);
    y.owner
        .execute(
            "UPDATE qm.stock_position SET quantity = 9 WHERE tenant_id = $1",
            &[&y.shop.tenant.0],
        )
        .await
        .unwrap();
    let refused = receiving::reverse(&y.db, &y.other_receiver, ReceiptId(receipt), "Wrong store", None).await;
    assert_eq!(code(refused).0, Code::InsufficientStock);
    assert_eq!(y.receipt_status(receipt).await, "ACCEPTED");
}

#[tokio::test]
async fn packs_lots_and_dates_are_checked_each_with_its_own_reason() {
    let y = yard().await;
    let order = y.ordered(&[24, 5]).await;
    let (item, tracked) = (y.shop.items[0], y.shop.items[1]);
    let tenant = y.shop.tenant.0;
    let sql = format!(
        "INSERT INTO qm.item_pack VALUES ('{tenant}', '{item}', 'CS', 'CASE', 12); \
         UPDATE qm.item SET lot_tracked = true, expiry_tracked = true WHERE id = '{tracked}'"
    );
    y.owner.batch_execute(&sql).await.unwrap();
    let cases = EnteredLine {
        unit: Some("CS".to_owned()),
        ..line(1, 2)
    };
    let unknown = EnteredLine {
        unit: Some("KGM".to_owned()),
        ..line(1, 2)
    };
    let lot = |lot: Option<&str>, date: Option<(i32, u32, u32)>| EnteredLine {
        lot: lot.map(str::to_owned),
        expires_on: date.and_then(|(y, m, d)| chrono::NaiveDate::from_ymd_opt(y, m, d)),
        ..line(2, 5)
    };
    let asked = |l: EnteredLine| {
        let y = &y;
        async move { code(y.receive(&y.receiver, order, &[l]).await) }
    };
    assert_eq!(asked(unknown).await, (Code::UnknownCode, "lines.0.unitCode".into()));
    assert_eq!(
        asked(lot(None, Some((2099, 1, 1)))).await,
        (Code::Required, "lines.0.lot".into())
    );
    assert_eq!(
        asked(lot(Some("A1"), None)).await,
        (Code::Required, "lines.0.expiresOn".into())
    );
    assert_eq!(
        asked(lot(Some("A1"), Some((2001, 1, 1)))).await,
        (Code::InvalidInput, "lines.0.expiresOn".into())
    );
    let early = NewReceipt {
        received_on: chrono::NaiveDate::from_ymd_opt(2001, 1, 1),
        ..against(order)
    };
    let late = NewReceipt {
        received_on: chrono::NaiveDate::from_ymd_opt(2999, 1, 1),
        ..against(order)
    };
    for input in [early, late] {
        let refused = receiving::create(&y.db, &y.receiver, &input, &[line(1, 1)]).await;
        assert_eq!(code(refused), (Code::InvalidInput, "receivedOn".into()));
    }
    assert_eq!(y.ledger(0).await + y.ledger(1).await, dec!(0), "no refusal moves stock");
    done(
        y.receive(&y.receiver, order, &[cases, lot(Some("A1"), Some((2099, 1, 1)))])
            .await,
    );
    assert_eq!(
        (y.stock(0, "AVAILABLE").await, y.stock(1, "AVAILABLE").await),
        (dec!(24), dec!(5))
    );
    assert_eq!(y.order_status(order).await, "RECEIVED");
}
