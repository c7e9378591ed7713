use super::{change_of, code, rule, supplier, world};
use crate::database::fixture::{member, order};
use quartermaster_domain::changes::{self, ChangeKind};
use quartermaster_domain::purchasing;
use quartermaster_domain::suppliers;
use quartermaster_tenants::error::Code;
use uuid::Uuid;

#[tokio::test]
async fn nothing_is_ordered_from_a_supplier_on_hold_until_it_is_released() {
    let w = world().await;
    let buyer = member(&w.owner, w.shop.tenant, &["buyer"]).await;
    let id = w.shop.supplier.into();
    let unexplained = suppliers::hold(&w.db, &w.steward, id, "", None).await;
    assert_eq!(code(&unexplained), Some(Code::Required));
    suppliers::hold(&w.db, &w.steward, id, "late", None).await.unwrap();
    let refused = purchasing::create(&w.db, &buyer, &order(&w.shop), false).await;
    assert_eq!(code(&refused), Some(Code::Inactive));
    let twice = suppliers::hold(&w.db, &w.steward, id, "late", None).await;
    assert_eq!(code(&twice), Some(Code::InvalidState));
    suppliers::release(&w.db, &w.approver, id, None).await.unwrap();
    purchasing::create(&w.db, &buyer, &order(&w.shop), false).await.unwrap();
}

#[tokio::test]
async fn a_supplier_with_open_business_cannot_be_closed() {
    let w = world().await;
    let buyer = member(&w.owner, w.shop.tenant, &["buyer"]).await;
    let open = purchasing::create(&w.db, &buyer, &order(&w.shop), false).await.unwrap();
    let close = suppliers::close(&w.db, &w.steward, w.shop.supplier.into(), None)
        .await
        .unwrap();
    let early = changes::approve(&w.db, &w.approver, ChangeKind::Supplier, change_of(&close), None).await;
    assert_eq!(code(&early), Some(Code::InvalidState));
    purchasing::cancel(&w.db, &buyer, open.document.unwrap().into(), "not wanted", None)
        .await
        .unwrap();
    changes::approve(&w.db, &w.approver, ChangeKind::Supplier, change_of(&close), None)
        .await
        .unwrap();
    let gone = purchasing::create(&w.db, &buyer, &order(&w.shop), false).await;
    assert_eq!(code(&gone), Some(Code::Inactive));
}

#[tokio::test]
async fn who_keeps_a_supplier_neither_approves_orders_to_it_nor_buys_from_it() {
    let w = world().await;
    // VND-03: proposed the supplier, then approves an order to it.
    let keeper = member(&w.owner, w.shop.tenant, &["category_manager", "approver_l2"]).await;
    let made = suppliers::create(&w.db, &keeper, supplier("ACME")).await.unwrap();
    // VND-07: approved the supplier, then buys from it.
    let favouring = member(&w.owner, w.shop.tenant, &["supplier_approver", "buyer"]).await;
    changes::approve(&w.db, &favouring, ChangeKind::Supplier, change_of(&made), None)
        .await
        .unwrap();
    let mut new = order(&w.shop);
    new.supplier = made.document.unwrap();
    new.lines.iter_mut().for_each(|l| l.quantity = 100.into());
    let favoured = purchasing::create(&w.db, &favouring, &new, true).await;
    assert_eq!(rule(&favoured).as_deref(), Some("VND-07"), "{favoured:?}");
    let buyer = member(&w.owner, w.shop.tenant, &["buyer"]).await;
    let ordered = purchasing::create(&w.db, &buyer, &new, true).await.unwrap();
    let id = ordered.document.unwrap().into();
    let own = purchasing::approve(&w.db, &keeper, id, None).await;
    assert_eq!(rule(&own).as_deref(), Some("VND-03"), "{own:?}");
    let other = member(&w.owner, w.shop.tenant, &["approver_l2"]).await;
    purchasing::approve(&w.db, &other, id, None).await.unwrap();
}

#[tokio::test]
async fn a_related_person_neither_buys_from_a_supplier_nor_approves() {
    let w = world().await;
    let buyer = member(&w.owner, w.shop.tenant, &["buyer"]).await;
    let approver = member(&w.owner, w.shop.tenant, &["approver_l2"]).await;
    let supplier = w.shop.supplier.into();
    let mut new = order(&w.shop);
    new.lines.iter_mut().for_each(|l| l.quantity = 100.into());
    let ordered = purchasing::create(&w.db, &buyer, &new, true).await.unwrap();
    for related in [&buyer, &approver] {
        suppliers::party_add(&w.db, &w.steward, supplier, related.account)
            .await
            .unwrap();
    }
    let bought = purchasing::create(&w.db, &buyer, &new, false).await;
    assert_eq!(rule(&bought).as_deref(), Some("XP-01"), "{bought:?}");
    let approved = purchasing::approve(&w.db, &approver, ordered.document.unwrap().into(), None).await;
    assert_eq!(rule(&approved).as_deref(), Some("XP-02"), "{approved:?}");
    suppliers::party_remove(&w.db, &w.steward, supplier, approver.account)
        .await
        .unwrap();
    purchasing::approve(&w.db, &approver, ordered.document.unwrap().into(), None)
        .await
        .unwrap();
    let stranger = suppliers::party_add(&w.db, &w.steward, supplier, Uuid::now_v7()).await;
    assert_eq!(code(&stranger), Some(Code::NotFound));
}

#[tokio::test]
async fn who_is_no_related_party_of_a_supplier_cannot_cease_to_be_one() {
    let company = crate::duties::Company::open().await;
    let (steward, clerk) = (company.person(&["category_manager"]).await, company.person(&[]).await);
    let pair = serde_json::json!({ "id": company.supplier(), "memberId": crate::duties::Company::member(&clerk) });
    let before = company.events().await;
    let refused = steward.cannot("supplierPartyRemove", pair.clone()).await;
    assert_eq!(
        (&refused["code"], &refused["field"]),
        (&"NOT_FOUND".into(), &serde_json::json!(["memberId"]))
    );
    assert_eq!(company.events().await, before);
    steward.does("supplierPartyAdd", "", pair.clone()).await;
    steward.does("supplierPartyRemove", "", pair).await;
}
