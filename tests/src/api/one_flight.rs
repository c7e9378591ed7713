//! A page that shows one thing takes one round trip, with who asks, and an act none for it; and what is remembered of him shows him
//! nothing, and lets him do nothing, that he lost.

use crate::database::fixture::{Shop, strict};
use crate::world::{APPROVE, CREATE, Person, World, order_input};
use quartermaster_tenants::id::encode;
use serde_json::{Value, json};

const ORDER: &str = "query($id: ID!) { purchaseOrder(id: $id) { id number status totalAmount { amount } supplier { id code legalName } \
    lines(first: 10) { nodes { id lineNumber quantity { value } unitPrice { amount } receivedQuantity { value } item { id sku name baseUnitCode } } } } }";
const STOCK: &str = "query($item: ID!) { inventoryPositions(first: 20, filter: { itemIds: [$item] }) { nodes { id location { id code name } onHand { value } } } }";
const RECEIVE: &str = "mutation($input: ReceiptCreateInput!) { receiptCreate(input: $input) { receipt { id } userErrors { code message } } }";

struct Shown {
    world: World,
    shop: Shop,
    buyer: Person,
    order: String,
}

impl Shown {
    /// A buyer with an order; the server and each of its connections have seen the statements.
    async fn new(roles: &[&str]) -> Self {
        let world = World::start().await;
        let shop = world.shop(&strict()).await;
        let buyer = world.member(&shop, roles).await;
        let made = buyer.done(CREATE, order_input(&shop, true)).await;
        let order = made["purchaseOrder"]["id"].as_str().expect("id").to_owned();
        Self {
            world,
            shop,
            buyer,
            order,
        }
    }

    /// Round trips and statements of a query, and its answer.
    async fn cost(&self, query: &str, variables: Value) -> (u64, u64, Value) {
        let db = self.world.server.db();
        self.buyer.run(query, variables.clone()).await;
        let (trips, statements) = (db.round_trips(), db.statements());
        let answer = self.buyer.run(query, variables).await;
        (db.round_trips() - trips, db.statements() - statements, answer)
    }

    async fn sql(&self, set: &str, table: &str) {
        let sql = format!("UPDATE qm.{table} SET {set} WHERE tenant_id = $1 AND id = $2");
        let id = if table == "account" {
            self.buyer.op.account
        } else {
            self.shop.tenant.0
        };
        let changed = self.world.owner.execute(&sql, &[&self.shop.tenant.0, &id]).await;
        assert_eq!(changed.expect("update"), 1);
    }

    async fn asked(&self, query: &str) -> (u16, Value) {
        self.buyer.send(query, json!({ "id": self.order }), None).await
    }
}

#[tokio::test]
async fn an_order_with_its_supplier_lines_and_items_is_one_round_trip_of_four_statements() {
    let shown = Shown::new(&["buyer"]).await;
    let (trips, statements, order) = shown.cost(ORDER, json!({ "id": shown.order })).await;
    assert_eq!(
        (trips, statements),
        (1, 4),
        "tenant, who asks, order with supplier, lines with items"
    );
    assert_eq!(order["supplier"]["code"], "S1");
    let lines = order["lines"]["nodes"].as_array().expect("lines");
    assert_eq!(lines.len(), 10);
    for (n, line) in lines.iter().enumerate() {
        assert_eq!(line["item"]["sku"], format!("SKU{n}"));
    }
    // What is not selected is not read, and what nobody may see is null.
    let (trips, statements, _) = shown
        .cost(
            "query($id: ID!) { purchaseOrder(id: $id) { number } }",
            json!({ "id": shown.order }),
        )
        .await;
    assert_eq!((trips, statements), (1, 3), "tenant, who asks, order");
    let none = encode("po", uuid::Uuid::now_v7());
    assert_eq!(shown.buyer.run(ORDER, json!({ "id": none })).await, Value::Null);
}

#[tokio::test]
async fn lines_from_the_back_bring_their_own_items() {
    let shown = Shown::new(&["buyer"]).await;
    let query = "query($id: ID!) { purchaseOrder(id: $id) { a: lines(last: 2) { nodes { lineNumber item { sku } } pageInfo { hasPreviousPage } } } }";
    let order = shown.buyer.run(query, json!({ "id": shown.order })).await;
    let line = |number: i32| json!({ "lineNumber": number, "item": { "sku": format!("SKU{}", number - 1) } });
    assert_eq!(order["a"]["nodes"], json!([line(9), line(10)]));
    assert_eq!(order["a"]["pageInfo"]["hasPreviousPage"], true);
}

#[tokio::test]
async fn the_stock_of_an_item_with_its_locations_is_one_round_trip_of_four_statements() {
    let shown = Shown::new(&["buyer"]).await;
    let approver = shown.world.member(&shown.shop, &["approver_l2"]).await;
    approver.done(APPROVE, json!({ "id": shown.order })).await;
    let receiver = shown.world.member(&shown.shop, &["receiver"]).await;
    let lines: Vec<Value> = (1..=10)
        .map(|n| json!({ "orderLineNumber": n, "quantity": "10" }))
        .collect();
    let input = json!({ "input": { "orderIds": [shown.order], "lines": lines } });
    receiver.done(RECEIVE, input).await;
    let item = encode("itm", shown.shop.items[3]);
    let (trips, statements, stock) = shown.cost(STOCK, json!({ "item": item })).await;
    assert_eq!((trips, statements), (1, 4), "tenant, who asks, stock, locations");
    assert_eq!(stock["nodes"][0]["location"]["code"], "L1");
    assert_eq!(stock["nodes"][0]["onHand"]["value"], "10");
    // Who shows more of its locations has them loaded, and they are read in the same transaction.
    let more = STOCK.replace("id code name", "code timeZone");
    let (trips, statements, stock) = shown.cost(&more, json!({ "item": item })).await;
    assert_eq!((trips, statements), (2, 4), "tenant, who asks, stock; locations");
    assert!(stock["nodes"][0]["location"]["timeZone"].is_string(), "{stock}");
}

#[tokio::test]
async fn somebody_who_was_remembered_sees_nothing_that_he_lost_a_moment_ago() {
    let shown = Shown::new(&["buyer"]).await;
    let number = "query($id: ID!) { purchaseOrder(id: $id) { number } }";
    let seen = |answer: &(u16, Value)| answer.1["data"]["purchaseOrder"].is_object();
    assert!(seen(&shown.asked(number).await));

    shown.sql("all_locations = false", "account").await;
    let answer = shown.asked(number).await;
    assert_eq!(
        (answer.0, seen(&answer)),
        (200, false),
        "no location is his any more: {answer:?}"
    );
    shown.sql("all_locations = true", "account").await;
    assert!(seen(&shown.asked(number).await), "and all of them again");

    shown.sql("status = 'INACTIVE'", "account").await;
    for query in [number, "{ __typename }", "{ viewer { displayName } }", "{ nothing }"] {
        let (status, answer) = shown.asked(query).await;
        assert_eq!(status, 403, "{query}: {answer}");
        assert!(answer.get("data").is_none(), "{query}: {answer}");
    }
    shown
        .sql("status = 'ACTIVE', display_name = 'Somebody else'", "account")
        .await;
    let viewer = shown.buyer.run("{ viewer { displayName } }", json!({})).await;
    assert_eq!(viewer["displayName"], "Somebody else");

    shown.sql("status = 'SUSPENDED'", "tenant_setting").await;
    let (status, answer) = shown.asked(number).await;
    assert_eq!(status, 403, "{answer}");
}

#[tokio::test]
async fn an_act_takes_no_round_trip_for_who_asks_nor_for_what_its_answer_shows() {
    let shown = Shown::new(&["buyer"]).await;
    let approver = shown.world.member(&shown.shop, &["approver_l2"]).await;
    let receiver = shown.world.member(&shown.shop, &["receiver"]).await;
    let db = shown.world.server.db();
    let mut trips = [0; 3];
    // The first time all that a process keeps is made.
    for _ in 0..2 {
        let before = db.round_trips();
        let made = shown.buyer.done(CREATE, order_input(&shown.shop, true)).await;
        let created = db.round_trips();
        let order = &made["purchaseOrder"];
        assert_eq!(order["status"], "IN_APPROVAL");
        let approved = approver.done(APPROVE, json!({ "id": order["id"] })).await;
        assert_eq!(approved["purchaseOrder"]["status"], "RELEASED");
        let released = db.round_trips();
        let input = json!({ "orderIds": [order["id"]], "lines": [{ "orderLineNumber": 1, "quantity": "10" }] });
        receiver.done(RECEIVE, json!({ "input": input })).await;
        trips = [created - before, released - created, db.round_trips() - released];
    }
    assert_eq!(
        trips,
        [3, 4, 4],
        "the document where it stands already, locks and facts, writes, commit"
    );
}

#[tokio::test]
async fn what_an_act_shows_is_what_it_left() {
    let shown = Shown::new(&["buyer"]).await;
    let again = "query($id: ID!) { purchaseOrder(id: $id) { id status version number } }";
    let made = shown.buyer.done(CREATE, order_input(&shown.shop, false)).await;
    let order = made["purchaseOrder"].clone();
    assert_eq!(order["status"], "DRAFT");
    assert_eq!(shown.buyer.run(again, json!({ "id": order["id"] })).await, order);
    let key = uuid::Uuid::now_v7().to_string();
    let (_, first) = shown
        .buyer
        .send(CREATE, order_input(&shown.shop, true), Some(&key))
        .await;
    let (_, repeat) = shown
        .buyer
        .send(CREATE, order_input(&shown.shop, true), Some(&key))
        .await;
    assert_eq!(
        first["data"]["purchaseOrderCreate"]["purchaseOrder"]["status"],
        "IN_APPROVAL"
    );
    assert_eq!(first, repeat, "a repeat loads what the act has shown");
}

#[tokio::test]
async fn somebody_who_was_remembered_does_nothing_that_he_may_not_do_any_more() {
    let shown = Shown::new(&["buyer"]).await;
    let orders = async || {
        let sql = "SELECT count(*) FROM qm.purchase_order WHERE tenant_id = $1";
        let row = shown.world.owner.query_one(sql, &[&shown.shop.tenant.0]).await;
        row.expect("count").get::<_, i64>(0)
    };
    let twice = "mutation($input: PurchaseOrderCreateInput!) { a: purchaseOrderCreate(input: $input) { purchaseOrder { id } } b: purchaseOrderCreate(input: $input) { purchaseOrder { id } } }";
    let there = orders().await;
    for mutation in [CREATE, twice] {
        shown.sql("status = 'ACTIVE', all_locations = true", "account").await;
        shown.buyer.run("{ viewer { displayName } }", json!({})).await;
        shown.sql("status = 'INACTIVE'", "account").await;
        let (status, answer) = shown.buyer.send(mutation, order_input(&shown.shop, true), None).await;
        assert_eq!((status, answer.get("data")), (403, None), "{answer}");
        assert_eq!(orders().await, there, "nothing was done");

        shown.sql("status = 'ACTIVE'", "account").await;
        shown.buyer.run("{ viewer { displayName } }", json!({})).await;
        shown.sql("all_locations = false", "account").await;
        let (status, answer) = shown.buyer.send(mutation, order_input(&shown.shop, true), None).await;
        assert_eq!(status, 200, "{answer}");
        assert_eq!(orders().await, there, "the location is not his any more: {answer}");
    }
    shown.sql("all_locations = true", "account").await;
    shown.buyer.done(CREATE, order_input(&shown.shop, true)).await;
    assert_eq!(orders().await, there + 1);
}
