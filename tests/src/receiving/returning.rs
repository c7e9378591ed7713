//! Goods go back.

use super::yard::{Yard, code, done, line, rule, yard, yard_with};
use crate::database::fixture::{member, strict};
use quartermaster_domain::returns::queries::{self, ORDERS, ReturnFilter};
use quartermaster_domain::returns::{self, NewReturn, NewReturnLine, ReturnStatus};
use quartermaster_domain::shared::{SupplierReturnId, Window};
use quartermaster_tenants::Op;
use quartermaster_tenants::error::Code;
use quartermaster_tenants::settings::{NegativeStock, Settings};
use rust_decimal::{Decimal, dec};
use uuid::Uuid;

fn back(y: &Yard, lines: Vec<NewReturnLine>) -> NewReturn {
    NewReturn {
        supplier: y.shop.supplier,
        location: y.shop.location,
        currency: None,
        returned_on: None,
        authorisation: None,
        reason: "Past its best".to_owned(),
        discrepancy: None,
        lines,
    }
}

fn of_receipt(receipt: Uuid, quantity: i64) -> NewReturnLine {
    NewReturnLine {
        quantity: Decimal::from(quantity),
        receipt: Some((receipt, 1)),
        ..NewReturnLine::default()
    }
}

async fn maker(y: &Yard) -> Op {
    member(&y.owner, y.shop.tenant, &["buyer"]).await
}

async fn received(y: &Yard) -> (Uuid, Uuid) {
    let order = y.ordered(&[10]).await;
    (order, done(y.receive(&y.receiver, order, &[line(1, 10)]).await))
}

#[tokio::test]
async fn goods_of_a_receipt_go_back_at_the_price_of_their_order() {
    let y = yard().await;
    let (order, receipt) = received(&y).await;
    let maker = maker(&y).await;
    let input = back(&y, vec![of_receipt(receipt, 3)]);
    let id = SupplierReturnId(done(returns::create(&y.db, &maker, &input, true).await));
    let too_much = back(&y, vec![of_receipt(receipt, 8)]);
    let refused = returns::create(&y.db, &maker, &too_much, true).await;
    assert_eq!(code(refused), (Code::InvalidInput, "lines.0.quantity".into()));
    let early = returns::ship(&y.db, &y.other_receiver, id, None, None).await;
    assert_eq!(code(early).0, Code::InvalidState);
    done(returns::approve(&y.db, &y.approver, id, Some(1)).await);
    done(returns::ship(&y.db, &y.other_receiver, id, Some("1Z"), Some(2)).await);
    assert_eq!((y.stock(0, "AVAILABLE").await, y.ledger(0).await), (dec!(7), dec!(7)));
    let returned: Decimal = y
        .owner
        .query_one(
            "SELECT returned_quantity FROM qm.purchase_order_line WHERE id = $1",
            &[&order],
        )
        .await
        .unwrap()
        .get(0);
    assert_eq!(returned, dec!(3));
    assert_eq!(
        y.events(id.0).await,
        [
            "supplier-return-created",
            "supplier-return-submitted",
            "supplier-return-approved",
            "supplier-return-shipped"
        ]
    );
    let window = Window {
        limit: 10,
        ..Window::default()
    };
    let page = queries::returns(&y.db, &maker, &ReturnFilter::default(), ORDERS[0], &window)
        .await
        .unwrap();
    let found = &page.rows[0].0;
    assert_eq!((found.net, found.header.status), (dec!(7.5), ReturnStatus::Shipped));
    let lines = queries::lines_of(&y.db, &maker, &[id.0]).await.unwrap();
    assert_eq!(lines[&id.0][0].unit_cost, Some(dec!(2.5)));
}

#[tokio::test]
async fn what_is_not_there_does_not_leave_unless_the_tenant_flags_it() {
    for (negative_stock, leaves) in [(NegativeStock::Refuse, false), (NegativeStock::Flag, true)] {
        let y = yard_with(Settings {
            negative_stock,
            ..strict()
        })
        .await;
        let maker = maker(&y).await;
        let free = NewReturnLine {
            item: Some(y.shop.items[0]),
            quantity: dec!(2),
            unit_price: Some(dec!(1.2345)),
            ..NewReturnLine::default()
        };
        let id = SupplierReturnId(done(returns::create(&y.db, &maker, &back(&y, vec![free]), true).await));
        done(returns::approve(&y.db, &y.approver, id, None).await);
        let shipped = returns::ship(&y.db, &y.receiver, id, None, None).await;
        if leaves {
            done(shipped);
            assert_eq!(y.ledger(0).await, dec!(-2));
        } else {
            assert_eq!(code(shipped).0, Code::InsufficientStock);
        }
    }
}

#[tokio::test]
async fn an_amount_under_the_lowest_limit_is_approved_by_the_system_and_can_still_be_withdrawn() {
    let y = yard_with(Settings::default()).await;
    let maker = maker(&y).await;
    let free = NewReturnLine {
        item: Some(y.shop.items[0]),
        quantity: dec!(2),
        unit_price: Some(dec!(5)),
        ..NewReturnLine::default()
    };
    let id = SupplierReturnId(done(returns::create(&y.db, &maker, &back(&y, vec![free]), false).await));
    done(returns::submit(&y.db, &maker, id, None).await);
    assert_eq!(
        y.events(id.0).await.last().map(String::as_str),
        Some("supplier-return-approved")
    );
    done(returns::cancel(&y.db, &y.receiver, id, "Sold after all", None).await);
}

#[tokio::test]
async fn p2p_29_and_inv_12_who_made_a_return_neither_approves_nor_ships_it() {
    let y = yard().await;
    let (_, receipt) = received(&y).await;
    let maker = member(&y.owner, y.shop.tenant, &["store_manager"]).await;
    let input = back(&y, vec![of_receipt(receipt, 1)]);
    let id = SupplierReturnId(done(returns::create(&y.db, &maker, &input, true).await));
    let holds = async |role: &str| {
        y.owner
            .execute(
                "UPDATE qm.role_assignment SET role = $2 WHERE account_id = $1",
                &[&maker.account, &role],
            )
            .await
            .unwrap();
    };
    holds("inventory_manager").await;
    assert_eq!(rule(returns::approve(&y.db, &maker, id, None).await), "P2P-29");
    assert_eq!(rule(returns::reject(&y.db, &maker, id, "No", None).await), "P2P-29");
    done(returns::approve(&y.db, &y.approver, id, None).await);
    holds("store_manager").await;
    assert_eq!(rule(returns::ship(&y.db, &maker, id, None, None).await), "INV-12");
    done(returns::ship(&y.db, &y.other_receiver, id, None, None).await);
}

#[tokio::test]
async fn a_refused_return_frees_the_goods_for_another_one_and_for_reversal() {
    let y = yard().await;
    let (_, receipt) = received(&y).await;
    let maker = maker(&y).await;
    let all = back(&y, vec![of_receipt(receipt, 10)]);
    let id = SupplierReturnId(done(returns::create(&y.db, &maker, &all, true).await));
    let reverse = |by: &Op| {
        let (db, by) = (y.db.clone(), by.clone());
        async move {
            let id = quartermaster_domain::shared::ReceiptId(receipt);
            quartermaster_domain::receiving::reverse(&db, &by, id, "Wrong", None).await
        }
    };
    assert_eq!(code(reverse(&y.other_receiver).await).0, Code::InvalidState);
    done(returns::reject(&y.db, &y.approver, id, "Keep it", None).await);
    let again = SupplierReturnId(done(returns::create(&y.db, &maker, &all, false).await));
    done(returns::cancel(&y.db, &maker, again, "Never mind", None).await);
    done(reverse(&y.other_receiver).await);
}
