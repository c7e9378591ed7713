//! A client that hangs up drops a request at any await: no transaction and no tenant may stay on the connection.

use super::fixture::{database, member, order, shop, strict, url};
use quartermaster_domain::purchasing;
use quartermaster_domain::purchasing::queries::{self, OrderFilter};
use quartermaster_domain::shared::PurchaseOrderId;
use quartermaster_tenants::Error;
use quartermaster_tenants::tx::Tenants;
use std::future::Future;
use std::pin::pin;
use std::task::Poll;

/// Polls a future at most `polls` times, then drops it. Gives its output when it had ended by then.
async fn drop_after<T>(polls: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut left = polls;
    std::future::poll_fn(|cx| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

#[tokio::test]
async fn an_operation_dropped_at_any_poll_leaves_no_transaction_and_no_tenant_behind() {
    let (_, owner) = database().await;
    let shop = shop(&owner, &strict()).await;
    let buyer = member(&owner, shop.tenant, &["buyer"]).await;
    let approver = member(&owner, shop.tenant, &["approver_l2"]).await;
    let input = order(&shop);
    // One connection: the next user gets the very one that the dropped operation had.
    let db = Tenants::new(&url("DATABASE_APP_URL"), 1).expect("pool");
    let stranger = super::fixture::shop(&owner, &strict()).await;
    let outsider = member(&owner, stranger.tenant, &["buyer"]).await;

    let mut ended = 0;
    for polls in 1..400 {
        let create = purchasing::create(&db, &buyer, &input, true);
        let done = drop_after(polls, create).await;
        let (open, tenant) = db.probe().await.expect("the next user gets a connection");
        assert!(!open, "dropped after {polls} polls: a transaction was left open");
        assert!(
            tenant.is_empty(),
            "dropped after {polls} polls: tenant {tenant} was left"
        );
        let filter = OrderFilter::default();
        assert_eq!(
            queries::count_orders(&db, &outsider, &filter).await.expect("count"),
            0,
            "another tenant's orders"
        );
        if let Some(result) = done {
            result.expect("undisturbed, the operation succeeds");
            ended += 1;
            if ended == 3 {
                break;
            }
        }
    }
    assert_eq!(ended, 3, "the operation never came to its end");

    // Whatever was dropped: every order is whole, and each has its events.
    let torn: i64 = owner
        .query_one(
            "SELECT count(*) FROM qm.purchase_order o WHERE o.tenant_id = $1 AND ( \
             (SELECT count(*) FROM qm.purchase_order_line l WHERE l.tenant_id = o.tenant_id AND l.id = o.id) <> 10 OR \
             (SELECT count(*) FROM qm.event e WHERE e.tenant_id = o.tenant_id AND e.document_id = o.id) <> o.event_sequence OR \
             (SELECT count(*) FROM qm.authz_hand h WHERE h.tenant_id = o.tenant_id AND h.document_id = o.id) <> 2)",
            &[&shop.tenant.0],
        )
        .await
        .expect("whole")
        .get(0);
    assert_eq!(torn, 0);

    let id: uuid::Uuid = owner
        .query_one(
            "SELECT id FROM qm.purchase_order WHERE tenant_id = $1 LIMIT 1",
            &[&shop.tenant.0],
        )
        .await
        .expect("one")
        .get(0);
    for polls in 1..400 {
        let done = drop_after(polls, purchasing::approve(&db, &approver, PurchaseOrderId(id), None)).await;
        let (open, tenant) = db.probe().await.expect("probe");
        assert!(!open && tenant.is_empty(), "approve dropped after {polls} polls");
        let Some(result) = done else { continue };
        // A dropped COMMIT may have reached the server, and then a later approval is refused; either way there is one.
        if let Err(refused) = result {
            assert!(matches!(refused, Error::Refused(_)), "{refused:?}");
        }
        let approvals: i64 = owner
            .query_one(
                "SELECT count(*) FROM qm.event WHERE tenant_id = $1 AND document_id = $2 AND type = 'purchase-order-approved'",
                &[&shop.tenant.0, &id],
            )
            .await
            .expect("events")
            .get(0);
        assert_eq!(approvals, 1);
        return;
    }
    panic!("approving never came to its end");
}

#[tokio::test]
async fn a_request_has_one_connection_for_its_reads_and_acts_and_leaves_nothing_on_it_wherever_it_is_dropped() {
    let (_, owner) = database().await;
    let shop = shop(&owner, &strict()).await;
    let buyer = member(&owner, shop.tenant, &["buyer"]).await;
    let input = order(&shop);
    let stranger = super::fixture::shop(&owner, &strict()).await;
    let outsider = member(&owner, stranger.tenant, &["buyer"]).await;
    // One connection: a request that wanted a second one would wait for it in vain.
    let db = Tenants::new(&url("DATABASE_APP_URL"), 1).expect("pool");
    let filter = OrderFilter::default();
    let mut ended = 0;
    for polls in 1..600 {
        let request = db.for_request();
        let work = async {
            let (all, same) = tokio::join!(
                queries::count_orders(&request, &buyer, &filter),
                queries::count_orders(&request, &buyer, &filter),
            );
            assert_eq!(all.expect("reads at the same time"), same.expect("in one transaction"));
            let made = purchasing::create(&request, &buyer, &input, false)
                .await
                .expect("an act");
            let id = made.document.expect("an order");
            let seen = queries::orders_by_ids(&request, &buyer, &[id])
                .await
                .expect("what was committed");
            assert!(seen.contains_key(&id), "a read after an act sees it");
        };
        let done = drop_after(polls, work).await;
        drop(request);
        let (open, tenant) = db.probe().await.expect("the next user gets a connection");
        assert!(!open && tenant.is_empty(), "dropped after {polls} polls: {tenant}");
        let foreign = queries::count_orders(&db.for_request(), &outsider, &filter).await;
        assert_eq!(foreign.expect("count"), 0, "another tenant's orders");
        ended += usize::from(done.is_some());
        if ended == 3 {
            return;
        }
    }
    panic!("the request never came to its end");
}

#[tokio::test]
async fn a_read_that_fails_does_not_take_the_reads_after_it_along() {
    let (_, owner) = database().await;
    let shop = shop(&owner, &strict()).await;
    let buyer = member(&owner, shop.tenant, &["buyer"]).await;
    let db = Tenants::new(&url("DATABASE_APP_URL"), 2).expect("pool");
    let request = db.for_request();
    let nul = OrderFilter {
        numbers: Some(vec!["\0".to_owned()]),
        ..OrderFilter::default()
    };
    assert!(queries::count_orders(&request, &buyer, &nul).await.is_err());
    assert_eq!(
        queries::count_orders(&request, &buyer, &OrderFilter::default())
            .await
            .expect("count"),
        0
    );
}
