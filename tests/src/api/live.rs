//! Stock is watched, and what is committed late is told all the same.

use super::relations::place;
use super::socket::Socket;
use super::token;
use crate::database::fixture::{self, Shop, strict};
use crate::world::{CREATE, Person, World, order_input};
use chrono::TimeDelta;
use quartermaster_domain::adjustments::{self, NewAdjustment, NewAdjustmentLine};
use quartermaster_domain::inventory::references::EnteredLine;
use quartermaster_domain::inventory::{Reason, StockStatus};
use quartermaster_domain::shared::AdjustmentId;
use quartermaster_tenants::feed::Feed;
use quartermaster_tenants::id::encode;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

async fn watching(world: &World, person: &Person, query: &str, variables: Value) -> Socket {
    let mut socket = Socket::admitted(world, &token(world, person, TimeDelta::hours(1)).await).await;
    socket
        .say(json!({ "type": "subscribe", "id": "1", "payload": { "query": query, "variables": variables } }))
        .await;
    // The reader of events begins when somebody listens.
    tokio::time::sleep(Duration::from_secs(1)).await;
    socket
}

async fn found(world: &World, shop: &Shop, item: Uuid, location: Uuid) {
    let maker = world.member(shop, &["inventory_controller"]).await.op;
    let approver = world.member(shop, &["approver_l4"]).await.op;
    let new = NewAdjustment {
        location,
        reason: Reason::Found,
        note: None,
        count: None,
        lines: vec![NewAdjustmentLine {
            entered: EnteredLine {
                item,
                quantity: Decimal::from(5),
                unit: None,
                lot: String::new(),
                status: StockStatus::Available,
            },
            unit_cost: Some(Decimal::from(2)),
        }],
    };
    let db = world.server.db();
    let made = adjustments::create(db, &maker, &new, true).await.expect("adjustment");
    let id = AdjustmentId(made.document.expect("id"));
    adjustments::approve(db, &approver, id, None).await.expect("approved");
}

const STOCK: &str = "subscription($items: [ID!]) { inventoryPositionChanged(itemIds: $items) { eventType documentId document { __typename } \
    position { onHand { value } allocated { value } item { sku } location { code } } } }";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stock_that_moves_is_told_to_those_who_may_see_it() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let (watcher, clerk) = (
        world.member(&shop, &["inventory_manager"]).await,
        world.member(&shop, &["receiver"]).await,
    );
    let far = Uuid::now_v7();
    let sql = format!(
        "INSERT INTO qm.location (tenant_id, id, code, name, kind, status, time_zone, version, event_sequence, event_hash, created_at, updated_at) \
         VALUES ('{0}', '{far}', 'FAR', 'Far', 'STORE', 'ACTIVE', 'UTC', 1, 0, '', statement_timestamp(), statement_timestamp()); \
         UPDATE qm.account SET all_locations = false WHERE tenant_id = '{0}' AND id = '{1}'; \
         INSERT INTO qm.account_location (tenant_id, id, location_id) VALUES ('{0}', '{1}', '{2}')",
        shop.tenant.0, clerk.op.account, shop.location
    );
    world.owner.batch_execute(&sql).await.expect("a far store");
    let one_item = json!({ "items": [encode("itm", shop.items[1])] });
    let mut all = watching(&world, &watcher, STOCK, json!({})).await;
    let mut some = watching(&world, &watcher, STOCK, one_item).await;
    let mut near = watching(&world, &clerk, STOCK, json!({})).await;
    found(&world, &shop, shop.items[0], far).await;
    found(&world, &shop, shop.items[1], shop.location).await;
    let told = |message: Value| message["payload"]["data"]["inventoryPositionChanged"].clone();
    let first = told(all.hear().await);
    assert_eq!(first["position"]["location"]["code"], "FAR");
    assert_eq!(first["position"]["onHand"]["value"], "5");
    assert_eq!(first["document"]["__typename"], "Adjustment");
    for socket in [&mut some, &mut near] {
        let only = told(socket.hear().await);
        assert_eq!(only["position"]["item"]["sku"], "SKU1", "{only:#}");
        assert_eq!(only["position"]["location"]["code"], "L1");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stock_that_is_promised_is_told_though_nothing_moved() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let far = place(&world, &shop, "FAR").await;
    let (controller, picker) = (
        world.member(&shop, &["inventory_controller"]).await,
        world.member(&shop, &["receiver"]).await,
    );
    found(&world, &shop, shop.items[0], shop.location).await;
    let lines = json!([{ "itemId": encode("itm", shop.items[0]), "quantity": "3" }]);
    let input =
        json!({ "fromLocationId": encode("loc", shop.location), "toLocationId": encode("loc", far), "lines": lines });
    let made = controller.does("transferCreate", "transfer { id }", input).await;
    let transfer = &made["transfer"]["id"];
    let mut socket = watching(&world, &picker, STOCK, json!({})).await;
    let mut told = async |kind: &str, allocated: &str| {
        let change = loop {
            let change = socket.hear().await["payload"]["data"]["inventoryPositionChanged"].clone();
            if change["eventType"] == kind {
                break change;
            }
        };
        assert_eq!(&change["documentId"], transfer);
        let stock = &change["position"];
        assert_eq!(
            (&stock["onHand"]["value"], &stock["allocated"]["value"]),
            (&json!("5"), &json!(allocated))
        );
    };
    picker.does("transferPick", "", json!({ "id": transfer })).await;
    told("transfer-picking-started", "3").await;
    controller
        .does("transferCancel", "", json!({ "id": transfer, "reason": "Not now" }))
        .await;
    told("transfer-cancelled", "0").await;
}

/// Copies an event of a document as if a transaction had recorded it that long ago and committed it now.
async fn commit_late(world: &World, document: &str, ago: TimeDelta) {
    let newest = Uuid::now_v7().as_u128();
    let age = u128::try_from(ago.num_milliseconds()).expect("milliseconds") << 80;
    let id = Uuid::from_u128(newest - age);
    let sql = "INSERT INTO qm.event (tenant_id, id, type, type_version, document_kind, document_id, document_version, sequence, at, act_id, request_id, classification, data, previous_hash, hash) \
        SELECT tenant_id, $2, 'purchase-order-committed-late', 1, document_kind, document_id, document_version, 1000, at, act_id, request_id, classification, data, previous_hash, hash \
        FROM qm.event WHERE document_id = $1 ORDER BY sequence LIMIT 1";
    let document = quartermaster_tenants::id::decode(document).expect("id").1;
    assert_eq!(world.owner.execute(sql, &[&document, &id]).await.expect("event"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_whose_transaction_commits_long_after_newer_ones_is_told_once() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let watch = "subscription { documentChanged(types: [PURCHASE_ORDER]) { eventType documentId } }";
    let mut socket = watching(&world, &buyer, watch, json!({})).await;
    let made = buyer.done(CREATE, order_input(&shop, false)).await;
    let event = |message: Value| message["payload"]["data"]["documentChanged"]["eventType"].clone();
    assert_eq!(event(socket.hear().await), "purchase-order-created");
    commit_late(
        &world,
        made["purchaseOrder"]["id"].as_str().expect("id"),
        TimeDelta::seconds(59),
    )
    .await;
    assert_eq!(event(socket.hear().await), "purchase-order-committed-late");
    buyer.done(CREATE, order_input(&shop, false)).await;
    assert_eq!(
        event(socket.hear().await),
        "purchase-order-created",
        "told a second time"
    );
}

#[tokio::test]
async fn a_burst_of_more_events_than_one_look_reads_is_told_whole() {
    let (_, owner) = fixture::database().await;
    let shop = fixture::shop(&owner, &strict()).await;
    let mut feed = Feed::open(&fixture::url("DATABASE_RELAY_URL")).await.expect("feed");
    let base = Uuid::now_v7();
    // All within one millisecond: the first 48 bits are the time, the last 64 count.
    let sql = "INSERT INTO qm.event (tenant_id, id, type, type_version, document_kind, document_id, document_version, sequence, at, act_id, request_id, classification, data, previous_hash, hash) \
        SELECT $1, (left($2::text, 24) || lpad(to_hex(n), 12, '0'))::uuid, 'burst', 1, 'PURCHASE_ORDER', $1, 1, n, statement_timestamp(), $1, $1, 'INTERNAL', '{}', '', '' \
        FROM generate_series(1, 12000) n";
    owner
        .execute(sql, &[&shop.tenant.0, &base.to_string()])
        .await
        .expect("burst");
    let mut told = 0;
    for _ in 0..3 {
        let happened = feed.look().await.expect("look");
        told += happened.iter().filter(|h| h.tenant == shop.tenant.0).count();
    }
    assert_eq!(told, 12_000);
}
