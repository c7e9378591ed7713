//! A state change with its whole duty protocol takes three or four round trips, a read one.

use super::fixture::{database, member, order, shop, strict};
use quartermaster_domain::purchasing::{self, queries};
use quartermaster_domain::shared::Window;
use quartermaster_tenants::error::Error;

#[tokio::test]
async fn an_order_is_created_approved_and_read_in_a_fixed_number_of_round_trips() {
    let (db, owner) = database().await;
    let shop = shop(&owner, &strict()).await;
    let buyer = member(&owner, shop.tenant, &["buyer"]).await;
    let approver = member(&owner, shop.tenant, &["approver_l2"]).await;
    let input = order(&shop);
    // The first one takes a block of numbers and fills the caches.
    purchasing::create(&db, &buyer, &input, true)
        .await
        .expect("first order");

    let before = db.round_trips();
    let created = purchasing::create(&db, &buyer, &input, true)
        .await
        .expect("create and submit");
    assert_eq!(
        db.round_trips() - before,
        3,
        "create and submit: locks and facts, writes, commit"
    );

    let id = quartermaster_domain::shared::PurchaseOrderId(created.document.expect("id"));
    let refused = purchasing::approve(&db, &buyer, id, None).await;
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");

    let before = db.round_trips();
    purchasing::approve(&db, &approver, id, None).await.expect("approve");
    assert_eq!(
        db.round_trips() - before,
        4,
        "approve: document, locks and facts, writes, commit"
    );

    let before = db.round_trips();
    let window = Window {
        limit: 50,
        ..Window::default()
    };
    let page = queries::orders(
        &db,
        &buyer,
        &queries::OrderFilter::default(),
        queries::ORDERS[0],
        &window,
    )
    .await
    .expect("list");
    assert_eq!((db.round_trips() - before, page.rows.len()), (1, 2));
    assert_eq!(page.rows[0].0.status, purchasing::OrderStatus::Released);

    let all = queries::LineWindow {
        after: i32::MIN,
        before: i32::MAX,
        limit: 250,
        from_back: false,
        briefly: false,
    };
    let seen = queries::lines_of(&db, &buyer, &[id.0], all).await.expect("lines");
    assert_eq!(seen[&id.0].len(), 10);
    assert!(seen[&id.0].iter().all(|line| line.rest.is_some()));
    let briefly = queries::LineWindow { briefly: true, ..all };
    let seen = queries::lines_of(&db, &buyer, &[id.0], briefly).await.expect("lines");
    assert_eq!(seen[&id.0].len(), 10);
    assert!(
        seen[&id.0].iter().all(|line| line.rest.is_none()),
        "more is read than asked for"
    );
}

/// How many requests work at a time goes by these times.
#[tokio::test]
async fn the_look_at_who_asks_is_timed_again_and_again_but_not_by_every_request() {
    let (db, owner) = database().await;
    let shop = shop(&owner, &strict()).await;
    let buyer = member(&owner, shop.tenant, &["buyer"]).await;
    let (mut timed, mut asked) = (0, 0);
    while timed < 3 || timed == asked {
        let db = db.for_request();
        queries::line_counts(&db, &buyer, &[]).await.expect("counts");
        timed += usize::from(db.looked().is_some());
        asked += 1;
        assert!(asked < 10_000, "{timed} of {asked} requests timed it");
    }
}
