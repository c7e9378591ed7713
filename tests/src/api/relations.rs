//! Objects lead to the objects that they name, and a level of a list is one statement whatever its length.

use crate::database::fixture::{Shop, strict};
use crate::world::{CREATE, Person, World, order_input};
use quartermaster_domain::shared::TransferId;
use quartermaster_domain::transfers::{self, NewTransfer};
use quartermaster_tenants::id::encode;
use serde_json::{Value, json};
use uuid::Uuid;

/// The newest orders as a buyer's screen shows them.
const SCREEN: &str = "query($first: Int) { purchaseOrders(first: $first) { nodes { id number supplier { id code legalName } location { code } \
    lines(first: 10) { nodes { id lineNumber quantity { value } unitPrice { amount } receivedQuantity { value } item { id sku name baseUnitCode } } } } } }";

/// The round trips to the database that answering takes, somebody who was here before being let in by the first of them.
pub(super) async fn trips(world: &World, person: &Person, query: &str, variables: Value) -> (u64, Value) {
    let count = || world.server.db().round_trips();
    person.ask("{ __typename }", json!({})).await;
    let before = count();
    let answer = person.ask(query, variables).await;
    assert!(answer.get("errors").is_none(), "{answer:#}");
    (count() - before, answer["data"].clone())
}

pub(super) async fn place(world: &World, shop: &Shop, code: &str) -> Uuid {
    let id = Uuid::now_v7();
    let sql = format!(
        "INSERT INTO qm.location (tenant_id, id, code, name, kind, status, time_zone, version, event_sequence, event_hash, created_at, updated_at) \
         VALUES ('{}', '{id}', '{code}', '{code}', 'STORE', 'ACTIVE', 'UTC', 1, 0, '', statement_timestamp(), statement_timestamp())",
        shop.tenant.0
    );
    world.owner.batch_execute(&sql).await.expect("location");
    id
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_orders_with_suppliers_lines_and_items_take_as_many_statements_as_one() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    for _ in 0..50 {
        buyer.done(CREATE, order_input(&shop, false)).await;
    }
    let (one, _) = trips(&world, &buyer, SCREEN, json!({ "first": 1 })).await;
    let (fifty, answer) = trips(&world, &buyer, SCREEN, json!({ "first": 50 })).await;
    assert_eq!((one, fifty), (5, 5), "orders; suppliers, locations, lines; items");
    let orders = answer["purchaseOrders"]["nodes"].as_array().expect("orders");
    assert_eq!(orders.len(), 50);
    for order in orders {
        assert_eq!(order["supplier"]["code"], "S1");
        assert_eq!(order["location"]["code"], "L1");
        let lines = order["lines"]["nodes"].as_array().expect("lines");
        assert_eq!(lines.len(), 10);
        for (n, line) in lines.iter().enumerate() {
            assert_eq!(line["item"]["sku"], format!("SKU{n}"));
            assert_eq!(line["item"]["id"], encode("itm", shop.items[n]));
        }
    }
    // What need not be shown is not asked for.
    let without_location = SCREEN.replace("location { code }", "");
    let (list, _) = trips(&world, &buyer, &without_location, json!({ "first": 50 })).await;
    assert_eq!(list, 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_stock_of_an_item_shows_its_locations_in_two_statements() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let viewer = world.member(&shop, &["inventory_controller"]).await;
    for n in 0..20 {
        let location = place(&world, &shop, &format!("W{n:02}")).await;
        let sql = "INSERT INTO qm.stock_position (tenant_id, id, item_id, location_id, lot, stock_status, owner_id, quantity, allocated, average_cost, version, updated_at) \
                   VALUES ($1, $2, $3, $4, '', 'AVAILABLE', $1, 5, 0, 1, 1, statement_timestamp())";
        world
            .owner
            .execute(sql, &[&shop.tenant.0, &Uuid::now_v7(), &shop.items[0], &location])
            .await
            .expect("position");
    }
    let query = "query($item: ID!) { inventoryPositions(first: 20, filter: { itemIds: [$item] }) { nodes { id onHand { value unit } location { id code name } item { sku } } } }";
    let (statements, answer) = trips(&world, &viewer, query, json!({ "item": encode("itm", shop.items[0]) })).await;
    assert_eq!(statements, 3, "positions; locations, items");
    let nodes = answer["inventoryPositions"]["nodes"].as_array().expect("positions");
    assert_eq!(nodes.len(), 20);
    assert!(
        nodes
            .iter()
            .all(|n| n["location"]["code"].is_string() && n["item"]["sku"] == "SKU0")
    );
}

#[tokio::test]
async fn who_is_limited_to_locations_sees_no_other_through_a_related_object() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let far = place(&world, &shop, "FAR").await;
    let controller = world.member(&shop, &["inventory_controller"]).await;
    let new = NewTransfer {
        from: shop.location,
        to: far,
        expected_on: None,
        note: None,
        lines: vec![quartermaster_domain::inventory::references::EnteredLine {
            item: shop.items[0],
            quantity: 1.into(),
            unit: None,
            lot: String::new(),
            status: quartermaster_domain::inventory::StockStatus::Available,
        }],
    };
    let made = transfers::create(world.server.db(), &controller.op, &new)
        .await
        .expect("transfer");
    let id = TransferId(made.document.expect("id")).to_string();
    let query = "query($id: ID!) { transfer(id: $id) { fromLocation { code } toLocation { code } toLocationId requester { displayName } } }";
    let whole = controller.run(query, json!({ "id": id })).await;
    assert_eq!(
        (&whole["fromLocation"]["code"], &whole["toLocation"]["code"]),
        (&json!("L1"), &json!("FAR"))
    );

    let clerk = world.member(&shop, &["receiver"]).await;
    let limit = [
        "UPDATE qm.account SET all_locations = false WHERE tenant_id = $1 AND id = $2",
        "INSERT INTO qm.account_location (tenant_id, id, location_id) SELECT $1, $2, l.id FROM qm.location l WHERE l.tenant_id = $1 AND l.code = 'L1'",
    ];
    for sql in limit {
        world
            .owner
            .execute(sql, &[&shop.tenant.0, &clerk.op.account])
            .await
            .expect("limit");
    }
    let seen = clerk.run(query, json!({ "id": id })).await;
    assert_eq!(
        (&seen["fromLocation"]["code"], &seen["toLocation"]),
        (&json!("L1"), &Value::Null)
    );
    assert_eq!(seen["requester"]["displayName"], "Somebody");
}
