use super::{change_of, code, item, rule, supplier, world};
use quartermaster_domain::changes::{self, ChangeKind, queries::change_lines};
use quartermaster_domain::items::{self, queries as item_queries};
use quartermaster_domain::suppliers::{self, Contact, Site, SupplierStatus, queries};
use quartermaster_tenants::error::Code;

#[tokio::test]
async fn whoever_proposed_a_supplier_does_not_approve_it_and_somebody_else_does() {
    let w = world().await;
    let mut record = supplier("ACME");
    record.sites = vec![Site {
        code: "MAIN".to_owned(),
        name: "Main".to_owned(),
        ..Site::default()
    }];
    record.contacts = vec![Contact {
        name: "Ann".to_owned(),
        ..Contact::default()
    }];
    let made = suppliers::create(&w.db, &w.both, record).await.unwrap();
    let (id, change) = (made.document.unwrap(), change_of(&made));
    let status = async || queries::suppliers_by_ids(&w.db, &w.both, &[id]).await.unwrap()[&id].status;
    assert_eq!(status().await, SupplierStatus::PendingApproval);

    let own = changes::approve(&w.db, &w.both, ChangeKind::Supplier, change, None).await;
    assert_eq!(rule(&own).as_deref(), Some("VND-01"), "{own:?}");
    changes::approve(&w.db, &w.approver, ChangeKind::Supplier, change, None)
        .await
        .unwrap();
    assert_eq!(status().await, SupplierStatus::Active);
    let details = queries::details(&w.db, &w.both, &[id]).await.unwrap();
    assert_eq!(
        (details[&id].0[0].code.as_str(), details[&id].1[0].name.as_str()),
        ("MAIN", "Ann")
    );
    let again = changes::approve(&w.db, &w.approver, ChangeKind::Supplier, change, None).await;
    assert_eq!(code(&again), Some(Code::InvalidState));
}

#[tokio::test]
async fn an_edit_shows_its_differences_and_is_in_force_only_when_another_approved() {
    let w = world().await;
    let made = suppliers::create(&w.db, &w.steward, supplier("ACME")).await.unwrap();
    changes::approve(&w.db, &w.approver, ChangeKind::Supplier, change_of(&made), None)
        .await
        .unwrap();
    let id = made.document.unwrap();
    let edit = suppliers::update(&w.db, &w.steward, id.into(), None, |mut s| {
        s.legal_name = "Acme Holding".to_owned();
        s.payment_terms_days = Some(30);
        s
    })
    .await
    .unwrap();
    let name = async || {
        queries::suppliers_by_ids(&w.db, &w.steward, &[id]).await.unwrap()[&id]
            .supplier
            .legal_name
            .clone()
    };
    assert_eq!(name().await, "ACME Ltd");
    let lines = change_lines(&w.db, &w.steward, &[(change_of(&edit), 0, 10)])
        .await
        .unwrap()
        .remove(0);
    let told: Vec<(&str, Option<&str>)> = lines[0]
        .differences
        .iter()
        .map(|d| (d.field.as_str(), d.after.as_deref()))
        .collect();
    assert_eq!(
        told,
        [("legalName", Some("Acme Holding")), ("paymentTermsDays", Some("30"))]
    );
    let second = suppliers::update(&w.db, &w.steward, id.into(), None, |mut s| {
        s.legal_name = "Other".to_owned();
        s
    })
    .await;
    assert_eq!(code(&second), Some(Code::InvalidState));
    changes::approve(&w.db, &w.approver, ChangeKind::Supplier, change_of(&edit), None)
        .await
        .unwrap();
    assert_eq!(name().await, "Acme Holding");
    let nothing = suppliers::update(&w.db, &w.steward, id.into(), None, |s| s).await;
    assert_eq!(code(&nothing), Some(Code::InvalidInput));
    let stale = suppliers::update(&w.db, &w.steward, id.into(), Some(1), |s| s).await;
    assert_eq!(code(&stale), Some(Code::Conflict));
}

#[tokio::test]
async fn a_refused_supplier_is_a_draft_that_may_be_proposed_again() {
    let w = world().await;
    let made = suppliers::create(&w.db, &w.steward, supplier("ACME")).await.unwrap();
    let twice = suppliers::create(&w.db, &w.steward, supplier("ACME")).await;
    assert_eq!(code(&twice), Some(Code::Duplicate));
    let unexplained = changes::reject(&w.db, &w.approver, ChangeKind::Supplier, change_of(&made), " ", None).await;
    assert_eq!(code(&unexplained), Some(Code::Required));
    changes::reject(
        &w.db,
        &w.approver,
        ChangeKind::Supplier,
        change_of(&made),
        "unknown",
        None,
    )
    .await
    .unwrap();
    let again = suppliers::create(&w.db, &w.steward, supplier("ACME")).await.unwrap();
    assert_eq!(again.document, made.document);
    changes::withdraw(&w.db, &w.steward, ChangeKind::Supplier, change_of(&again), None, None)
        .await
        .unwrap();
    let late = changes::approve(&w.db, &w.approver, ChangeKind::Supplier, change_of(&again), None).await;
    assert_eq!(code(&late), Some(Code::InvalidState));
    let third = suppliers::create(&w.db, &w.steward, supplier("ACME")).await.unwrap();
    changes::approve(&w.db, &w.approver, ChangeKind::Supplier, change_of(&third), None)
        .await
        .unwrap();
}

#[tokio::test]
async fn items_need_a_second_person_and_a_gtin_belongs_to_one_item() {
    let w = world().await;
    let made = items::create(&w.db, &w.both, item("A-1", Some("036000291452")))
        .await
        .unwrap();
    let own = changes::approve(&w.db, &w.both, ChangeKind::Item, change_of(&made), None).await;
    assert_eq!(rule(&own).as_deref(), Some("VND-09"), "{own:?}");
    // Two proposals of one GTIN: the one that is approved first has it.
    let rival = items::create(&w.db, &w.steward, item("A-2", Some("0036000291452")))
        .await
        .unwrap();
    changes::approve(&w.db, &w.approver, ChangeKind::Item, change_of(&made), None)
        .await
        .unwrap();
    let late = changes::approve(&w.db, &w.approver, ChangeKind::Item, change_of(&rival), None).await;
    assert_eq!(code(&late), Some(Code::Duplicate));
    let third = items::create(&w.db, &w.steward, item("A-3", Some("00036000291452"))).await;
    assert_eq!(code(&third), Some(Code::Duplicate));
    let wrong = items::create(&w.db, &w.steward, item("A-4", Some("036000291453"))).await;
    assert_eq!(code(&wrong), Some(Code::InvalidInput));
    let id = made.document.unwrap();
    let details = item_queries::packs_and_gtins(&w.db, &w.steward, &[id]).await.unwrap();
    assert_eq!(details[&id].1[0].gtin, "00036000291452");
    let off = items::deactivate(&w.db, &w.steward, id.into(), None).await.unwrap();
    changes::approve(&w.db, &w.approver, ChangeKind::Item, change_of(&off), None)
        .await
        .unwrap();
    let there = item_queries::items_by_ids(&w.db, &w.steward, &[id]).await.unwrap();
    assert_eq!(there[0].1.status, items::ItemStatus::Inactive);
}

#[tokio::test]
async fn nobody_proposes_without_the_role_and_another_tenant_sees_nothing() {
    let w = world().await;
    let other = world().await;
    let refused = suppliers::create(&w.db, &w.approver, supplier("X")).await;
    assert_eq!(code(&refused), Some(Code::Forbidden));
    let made = suppliers::create(&w.db, &w.steward, supplier("X")).await.unwrap();
    let foreign = changes::approve(&w.db, &other.approver, ChangeKind::Supplier, change_of(&made), None).await;
    assert_eq!(code(&foreign), Some(Code::NotFound));
    let unseen = queries::suppliers_by_ids(&w.db, &other.steward, &[made.document.unwrap()])
        .await
        .unwrap();
    assert!(unseen.is_empty());
    let wrong_kind = changes::approve(&w.db, &w.approver, ChangeKind::Item, change_of(&made), None).await;
    assert_eq!(code(&wrong_kind), Some(Code::NotFound));
}
