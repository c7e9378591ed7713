//! Every transition leaves its events, and nobody can change them unseen.

use crate::database::fixture::strict;
use crate::world::{APPROVE, CREATE, World, order_input};
use serde_json::json;

const LOG: &str = "query($id: ID!) { events(filter: { documentIds: [$id] }, orderBy: OLDEST) { totalCount nodes { type sequence actorKind actorDisplay causationId id documentVersion } } }";
const PROOF: &str = "{ auditIntegrity { eventCount documentCount broken } }";

#[tokio::test]
async fn an_orders_life_is_written_in_order_and_system_acts_name_their_cause() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let approver = world.member(&shop, &["approver_l2"]).await;
    let auditor = world.member(&shop, &["auditor"]).await;
    let order = buyer.done(CREATE, order_input(&shop, true)).await["purchaseOrder"]["id"].clone();
    approver.done(APPROVE, json!({ "id": order })).await;
    let log = auditor.run(LOG, json!({ "id": order })).await;
    let events = log["nodes"].as_array().unwrap();
    let types: Vec<_> = events.iter().map(|e| e["type"].as_str().unwrap()).collect();
    assert_eq!(
        types,
        [
            "purchase-order-created",
            "purchase-order-submitted",
            "purchase-order-approved",
            "purchase-order-released"
        ]
    );
    assert_eq!(
        events
            .iter()
            .map(|e| e["sequence"].as_i64().unwrap())
            .collect::<Vec<_>>(),
        [1, 2, 3, 4]
    );
    assert_eq!(
        (&events[3]["actorKind"], &events[3]["causationId"]),
        (&json!("SYSTEM"), &events[2]["id"])
    );
    assert_eq!(events[2]["actorKind"], "HUMAN");

    let denied = buyer.ask(LOG, json!({ "id": order })).await;
    assert_eq!(denied["errors"][0]["extensions"]["code"], "FORBIDDEN");
}

#[tokio::test]
async fn a_refusal_for_segregation_of_duties_is_on_record() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let both = world.member(&shop, &["buyer", "approver_l2"]).await;
    let auditor = world.member(&shop, &["auditor"]).await;
    let order = both.done(CREATE, order_input(&shop, true)).await["purchaseOrder"]["id"].clone();
    both.refused(APPROVE, json!({ "id": order })).await;
    let log = auditor
        .run(
            "{ events(filter: { types: [\"segregation-of-duties-refused\"] }) { nodes { data } } }",
            json!({}),
        )
        .await;
    assert_eq!(log["nodes"][0]["data"]["rule"], "P2P-02");
}

#[tokio::test]
async fn altering_one_row_makes_verification_fail_at_that_row() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let auditor = world.member(&shop, &["auditor"]).await;
    buyer.done(CREATE, order_input(&shop, true)).await;
    buyer.done(CREATE, order_input(&shop, true)).await;
    let sound = auditor.run(PROOF, json!({})).await;
    assert_eq!(
        (&sound["eventCount"], &sound["documentCount"], &sound["broken"]),
        (&json!(4), &json!(2), &json!([]))
    );
    // Only the owner of the database can do this at all.
    let changed: uuid::Uuid = world
        .owner
        .query_one(
            "UPDATE qm.event SET at = at - interval '1 day' WHERE tenant_id = $1 AND id = (SELECT id FROM qm.event WHERE tenant_id = $1 AND sequence = 2 LIMIT 1) RETURNING id",
            &[&shop.tenant.0],
        )
        .await
        .unwrap()
        .get(0);
    let broken = auditor.run(PROOF, json!({})).await;
    assert_eq!(
        broken["broken"],
        json!([quartermaster_tenants::id::encode("evt", changed)])
    );
}

#[tokio::test]
async fn events_are_counted_by_type_for_auditors_alone_and_only_those_that_were_asked_for() {
    const COUNTS: &str = "query($filter: EventFilter) { eventCounts(filter: $filter) { type count } }";
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let auditor = world.member(&shop, &["auditor"]).await;
    let order = buyer.done(CREATE, order_input(&shop, true)).await["purchaseOrder"]["id"].clone();
    buyer.done(CREATE, order_input(&shop, false)).await;
    assert_eq!(
        auditor.run(COUNTS, json!({})).await,
        json!([
            { "type": "purchase-order-created", "count": 2 },
            { "type": "purchase-order-submitted", "count": 1 },
        ])
    );
    assert_eq!(
        auditor
            .run(
                COUNTS,
                json!({ "filter": { "documentIds": [order], "types": ["purchase-order-created"] } })
            )
            .await,
        json!([{ "type": "purchase-order-created", "count": 1 }])
    );
    let denied = buyer.ask(COUNTS, json!({})).await;
    assert_eq!(denied["errors"][0]["extensions"]["code"], "FORBIDDEN");
}

#[tokio::test]
async fn an_orders_number_leads_to_every_hop_of_its_way_with_its_time_and_the_request_that_made_it() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let approver = world.member(&shop, &["approver_l2"]).await;
    let receiver = world.member(&shop, &["receiver"]).await;
    let auditor = world.member(&shop, &["auditor"]).await;
    let number = |made: &serde_json::Value| made["purchaseOrder"]["number"].as_str().unwrap().to_owned();
    let made = buyer.done(CREATE, order_input(&shop, true)).await;
    let (order, number) = (made["purchaseOrder"]["id"].clone(), number(&made));
    let unrelated = buyer.done(CREATE, order_input(&shop, true)).await["purchaseOrder"]["id"].clone();
    let request = uuid::Uuid::now_v7().to_string();
    let body = json!({ "query": APPROVE, "variables": { "id": order } });
    let approval = approver.post(&world.url(), &body).header("x-request-id", &request);
    assert_eq!(approval.send().await.unwrap().status().as_u16(), 200);
    let received = json!({ "orderIds": [order], "lines": [{ "orderLineNumber": 1, "quantity": "7", "final": true }] });
    receiver.does("receiptCreate", "receipt { id }", received).await;

    let find = "query($n: [String!]) { purchaseOrders(filter: { numbers: $n }) { nodes { id } } }";
    let found = auditor.run(find, json!({ "n": [number] })).await["nodes"][0]["id"].clone();
    assert_eq!(found, order);
    let way = "query($id: ID!) { events(first: 100, orderBy: OLDEST, filter: { chainOf: $id }) { nodes { type at correlationId documentId } } }";
    let way = auditor.run(way, json!({ "id": found })).await;
    let hops = way["nodes"].as_array().unwrap();
    let types: Vec<_> = hops.iter().map(|h| h["type"].as_str().unwrap()).collect();
    for kind in [
        "purchase-order-created",
        "purchase-order-approved",
        "purchase-order-released",
        "receipt-opened",
        "goods-received",
        "receiving-discrepancy-created",
    ] {
        assert!(types.contains(&kind), "no {kind} in {types:?}");
    }
    assert!(hops.iter().all(|h| h["documentId"] != unrelated));
    let times: Vec<_> = hops.iter().map(|h| h["at"].as_str().unwrap()).collect();
    assert!(times.is_sorted(), "{times:?}");
    for hop in hops
        .iter()
        .filter(|h| ["purchase-order-approved", "purchase-order-released"].contains(&h["type"].as_str().unwrap()))
    {
        assert_eq!(hop["correlationId"], json!(request), "one request, one correlation");
    }
}
