//! A level of a list is one round trip, whatever its length: every list of the schema, with all that its rows lead to.

use crate::database::fixture::Shop;
use crate::imports::{Desk, ITEMS, imported};
use crate::isolation::schema::{Operation, Schema};
use crate::world::{CREATE, Person, World, order_input};
use serde_json::{Value, json};
use uuid::Uuid;

/// Lists that have five rows here, so that this is no test of empty ones.
const FILLED: &[&str] = &[
    "events",
    "importJobs",
    "inventoryPositions",
    "itemChanges",
    "items",
    "locations",
    "members",
    "purchaseOrders",
    "roleAssignments",
];

const ROWS: usize = 5;

async fn fill(desk: &Desk) {
    let (world, shop) = (&desk.world, &desk.shop);
    for n in 0..ROWS {
        let buyer = world.member(shop, &["buyer", "requester"]).await;
        buyer.done(CREATE, order_input(shop, false)).await;
        let header = ITEMS.lines().next().expect("a header");
        let file = format!("{header}\nB-{n},Item,,,EA,,,,,,,,,\nC-{n},,,,EA,,,,,,,,,\n");
        let import = imported(&desk.steward, "items", file).await;
        assert_eq!(import["refused"], 1, "{import}");
        stock(world, shop, n).await;
    }
}

async fn stock(world: &World, shop: &Shop, n: usize) {
    let (tenant, item, now) = (shop.tenant.0, shop.items[n], "statement_timestamp()");
    let (location, position) = (Uuid::now_v7(), Uuid::now_v7());
    let sql = format!(
        "INSERT INTO qm.location (tenant_id, id, code, name, kind, status, time_zone, version, event_sequence, event_hash, created_at, updated_at) \
         VALUES ('{tenant}', '{location}', 'W{n}', 'W{n}', 'STORE', 'ACTIVE', 'UTC', 1, 0, '', {now}, {now}); \
         INSERT INTO qm.stock_position (tenant_id, id, item_id, location_id, lot, stock_status, owner_id, quantity, allocated, average_cost, version, updated_at) \
         VALUES ('{tenant}', '{position}', '{item}', '{location}', '', 'AVAILABLE', '{tenant}', 5, 0, 1, 1, {now})"
    );
    world.owner.batch_execute(&sql).await.expect("stock");
}

/// The round trips of a list of this length, and how many rows came.
async fn trips(world: &World, who: &Person, operation: &Operation, first: usize) -> (u64, usize) {
    let mut variables = operation.variables();
    variables["first"] = json!(first);
    let before = world.server.db().round_trips();
    let answer = who.ask(&operation.document, variables).await;
    let trips = world.server.db().round_trips() - before;
    let list = answer["data"].get(&operation.name).cloned().unwrap_or_default();
    (trips, list["nodes"].as_array().map_or(0, Vec::len))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_list_asks_the_database_again_for_each_of_its_rows() {
    let desk = Desk::open().await;
    fill(&desk).await;
    let roles = [
        "auditor",
        "buyer",
        "inventory_controller",
        "category_manager",
        "security_admin",
    ];
    let reader = desk.world.member(&desk.shop, &roles).await;
    let schema = Schema::ask(&reader).await;
    let lists = schema.operations();
    let lists = lists
        .iter()
        .filter(|o| !o.is_mutation && o.document.contains("$first") && o.document.contains(" nodes "));
    let mut filled: Vec<&str> = Vec::new();
    let mut again: Vec<String> = Vec::new();
    for list in lists {
        // What is remembered between requests is remembered now.
        trips(&desk.world, &reader, list, ROWS).await;
        let (one, _) = trips(&desk.world, &reader, list, 1).await;
        let (five, rows) = trips(&desk.world, &reader, list, ROWS).await;
        if rows == ROWS {
            filled.push(&list.name);
        }
        // One more level may appear with a row that names what the first left out; one more for each row may not.
        if five >= one + (ROWS as u64 - 1) {
            again.push(format!(
                "{}: {one} round trips for one row, {five} for {rows}",
                list.name
            ));
        }
    }
    assert!(again.is_empty(), "{again:#?}");
    let missing: Vec<_> = FILLED.iter().filter(|f| !filled.contains(f)).collect();
    assert!(missing.is_empty(), "no five rows of {missing:?}, but of {filled:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_roles_of_members_come_in_pages_of_each_one() {
    let desk = Desk::open().await;
    let both = desk.world.member(&desk.shop, &["buyer", "requester", "auditor"]).await;
    let query = "query($first: Int, $after: String, $last: Int) { members { nodes { id roleAssignments(first: $first, after: $after, last: $last) \
        { totalCount pageInfo { hasNextPage hasPreviousPage endCursor } nodes { role member { id } } } } } }";
    let id = quartermaster_tenants::id::encode("mem", both.op.account);
    let page = async |variables: Value| {
        let found = both.run(query, variables).await;
        for member in found["nodes"].as_array().expect("members") {
            let of = member["roleAssignments"]["nodes"].as_array().expect("roles");
            assert!(of.iter().all(|r| r["member"]["id"] == member["id"]), "{member:#}");
        }
        let own = found["nodes"]
            .as_array()
            .expect("members")
            .iter()
            .find(|m| m["id"] == json!(id));
        own.expect("himself")["roleAssignments"].clone()
    };
    let roles = |page: &Value| -> Vec<String> {
        let nodes = page["nodes"].as_array().expect("roles");
        nodes
            .iter()
            .map(|r| r["role"].as_str().expect("role").to_owned())
            .collect()
    };
    let first = page(json!({ "first": 2 })).await;
    assert_eq!(roles(&first), ["buyer", "requester"]);
    assert_eq!(
        (&first["totalCount"], &first["pageInfo"]["hasNextPage"]),
        (&json!(3), &json!(true))
    );
    let second = page(json!({ "first": 2, "after": first["pageInfo"]["endCursor"] })).await;
    assert_eq!(roles(&second), ["auditor"]);
    let last = page(json!({ "last": 2 })).await;
    assert_eq!(roles(&last), ["requester", "auditor"]);
    assert_eq!(last["pageInfo"]["hasPreviousPage"], true);
}
