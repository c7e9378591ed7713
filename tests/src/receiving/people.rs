//! Who may receive, take back and settle: each rule refused with its id, and its allowed twin.

use super::yard::{done, line, rule, yard};
use crate::database::fixture::member;
use quartermaster_domain::discrepancies::{self, Kind, NewDiscrepancy, Resolution};
use quartermaster_domain::purchasing::change::{self, LineChange, NewChange};
use quartermaster_domain::receiving::{self, EnteredLine};
use quartermaster_domain::shared::{DiscrepancyId, PurchaseOrderId, ReceiptId};
use rust_decimal::dec;

/// The same person with other roles only: his hands stay.
async fn now_holds(y: &super::yard::Yard, op: &quartermaster_tenants::Op, role: &str) {
    y.owner
        .execute(
            "UPDATE qm.role_assignment SET role = $3 WHERE tenant_id = $1 AND account_id = $2",
            &[&y.shop.tenant.0, &op.account, &role],
        )
        .await
        .unwrap();
}

#[tokio::test]
async fn p2p_08_who_ordered_does_not_receive() {
    let y = yard().await;
    let order = y.ordered(&[10]).await;
    now_holds(&y, &y.buyer, "receiver").await;
    assert_eq!(rule(y.receive(&y.buyer, order, &[line(1, 1)]).await), "P2P-08");
    done(y.receive(&y.receiver, order, &[line(1, 1)]).await);
}

#[tokio::test]
async fn p2p_09_who_approved_does_not_receive() {
    let y = yard().await;
    let order = y.ordered(&[10]).await;
    now_holds(&y, &y.approver, "receiver").await;
    assert_eq!(rule(y.receive(&y.approver, order, &[line(1, 1)]).await), "P2P-09");
    done(y.receive(&y.receiver, order, &[line(1, 1)]).await);
}

#[tokio::test]
async fn p2p_10_who_changed_the_order_does_not_receive() {
    let y = yard().await;
    let order = y.ordered(&[10]).await;
    let changer = member(&y.owner, y.shop.tenant, &["buyer"]).await;
    let more = NewChange {
        order: PurchaseOrderId(order),
        lines: vec![LineChange {
            number: 1,
            quantity: Some(dec!(12)),
            unit_price: None,
            expected_on: None,
        }],
        new_lines: vec![],
        reason: "A feast".to_owned(),
    };
    done(change::create(&y.db, &changer, &more, None).await);
    now_holds(&y, &changer, "receiver").await;
    assert_eq!(rule(y.receive(&changer, order, &[line(1, 1)]).await), "P2P-10");
    done(y.receive(&y.receiver, order, &[line(1, 1)]).await);
}

#[tokio::test]
async fn p2p_23_who_received_does_not_take_back() {
    let y = yard().await;
    let order = y.ordered(&[10]).await;
    let receipt = ReceiptId(done(y.receive(&y.receiver, order, &[line(1, 10)]).await));
    assert_eq!(
        rule(receiving::reverse(&y.db, &y.receiver, receipt, "Mine", None).await),
        "P2P-23"
    );
    done(receiving::reverse(&y.db, &y.other_receiver, receipt, "His", None).await);
}

#[tokio::test]
async fn p2p_24_who_raised_a_discrepancy_does_not_settle_it() {
    let y = yard().await;
    let order = y.ordered(&[10]).await;
    let receipt = done(y.receive(&y.receiver, order, &[line(1, 10)]).await);
    let raised = NewDiscrepancy {
        receipt: ReceiptId(receipt),
        line: Some(1),
        kind: Kind::Quality,
        quantity: Some(dec!(2)),
        amount: None,
        reason: "Smells".to_owned(),
        due_on: None,
    };
    let raiser = member(&y.owner, y.shop.tenant, &["category_manager"]).await;
    let id = DiscrepancyId(done(discrepancies::raise(&y.db, &raiser, &raised).await));
    assert_eq!(y.receipt_status(receipt).await, "DISCREPANT");
    now_holds(&y, &raiser, "approver_l2").await;
    let own = discrepancies::resolve(&y.db, &raiser, id, Resolution::Accept, None, None).await;
    assert_eq!(rule(own), "P2P-24");
    done(discrepancies::resolve(&y.db, &y.approver, id, Resolution::Accept, None, None).await);
    assert_eq!(y.receipt_status(receipt).await, "ACCEPTED");
}

#[tokio::test]
async fn p2p_25_the_receiver_does_not_settle_his_own_shortage() {
    let y = yard().await;
    let order = y.ordered(&[10]).await;
    let short = EnteredLine {
        is_final: true,
        ..line(1, 7)
    };
    let receipt = done(y.receive(&y.receiver, order, &[short]).await);
    let id = DiscrepancyId(y.discrepancies(receipt).await[0].3);
    now_holds(&y, &y.receiver, "approver_l2").await;
    let own = rule(discrepancies::resolve(&y.db, &y.receiver, id, Resolution::Accept, None, None).await);
    assert!(["P2P-24", "P2P-25"].contains(&own.as_str()), "{own}");
    // Without the system's maker hand the chain alone refuses.
    y.owner
        .execute("DELETE FROM qm.authz_hand WHERE document_id = $1", &[&id.0])
        .await
        .unwrap();
    let own = discrepancies::resolve(&y.db, &y.receiver, id, Resolution::Accept, None, None).await;
    assert_eq!(rule(own), "P2P-25");
    done(discrepancies::resolve(&y.db, &y.approver, id, Resolution::Accept, None, None).await);
}

#[tokio::test]
async fn xp_03_a_related_party_of_the_supplier_does_not_receive() {
    let y = yard().await;
    let order = y.ordered(&[10]).await;
    let sql = format!(
        "INSERT INTO qm.supplier_party (tenant_id, supplier_id, person_id, since) VALUES ('{}', '{}', '{}', statement_timestamp())",
        y.shop.tenant.0,
        y.shop.supplier,
        y.receiver.person.unwrap()
    );
    y.owner.batch_execute(&sql).await.unwrap();
    assert_eq!(rule(y.receive(&y.receiver, order, &[line(1, 1)]).await), "XP-03");
    done(y.receive(&y.other_receiver, order, &[line(1, 1)]).await);
}
