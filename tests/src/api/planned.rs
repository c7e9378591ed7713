//! What is executed by plan says what the general executor says: over a socket nothing is planned, so every document, drawn from
//! the schema, is answered in both ways.

use super::socket::Socket;
use crate::database::fixture::{Shop, strict};
use crate::isolation::schema::base;
use crate::world::{CREATE, Person, World, order_input};
use quartermaster_tenants::id::encode;
use serde_json::{Value, json};
use std::collections::HashMap;
use uuid::Uuid;

const TYPES: &str = "{ __schema { types { name kind fields { name args { name type { kind } } \
    type { name kind ofType { name kind ofType { name kind ofType { name kind } } } } } } } }";

/// Documents that are compared.
const DOCUMENTS: u64 = 150;

struct Field {
    name: String,
    to: String,
    pages: bool,
    needs: bool,
}

/// Draws documents: the same ones in every run.
struct Draw {
    types: HashMap<String, Vec<Field>>,
    state: u64,
    fragments: Vec<String>,
}

impl Draw {
    fn below(&mut self, n: u64) -> u64 {
        self.state = self
            .state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 33) % n
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    fn selection(&mut self, of: &str, depth: usize) -> String {
        let count = self.types[of].len() as u64;
        let mut text = String::from("{ ");
        if self.one_in(4) {
            text.push_str("kind: __typename ");
        }
        for _ in 0..1 + self.below(5) {
            let place = self.below(count) as usize;
            let field = &self.types[of][place];
            let (name, to) = (field.name.clone(), field.to.clone());
            let (pages, needs, leads) = (field.pages, field.needs, self.types.contains_key(&to));
            if needs || (leads && depth == 0) {
                continue;
            }
            let alias = match self.below(8) {
                0 => format!("key{}: ", self.below(1000)),
                _ => String::new(),
            };
            let arguments = match self.below(3) {
                _ if !pages => String::new(),
                0 => format!("(last: {})", self.below(4)),
                _ => format!("(first: {})", 1 + self.below(3)),
            };
            let directive = match self.below(12) {
                0 => " @include(if: $yes)",
                1 => " @skip(if: $yes)",
                _ => "",
            };
            let below = if leads {
                self.selection(&to, depth - 1)
            } else {
                String::new()
            };
            // The same key with other arguments would be no valid document.
            let name = if pages {
                format!("p{}: {name}", self.below(100_000))
            } else {
                format!("{alias}{name}")
            };
            let field = format!("{name}{arguments}{directive} {below}");
            text.push_str(&match self.below(10) {
                0 => format!("... on {of} {{ {field} }} "),
                1 => format!("... {{ {field} }} "),
                2 => {
                    let fragment = format!("f{}", self.fragments.len());
                    self.fragments
                        .push(format!("fragment {fragment} on {of} {{ {field} }}"));
                    format!("...{fragment} ")
                }
                _ => format!("{field} "),
            });
        }
        text.push_str("__typename }");
        text
    }

    fn document(&mut self, roots: &[(&str, &str)]) -> String {
        self.fragments.clear();
        let (field, of) = roots[self.below(roots.len() as u64) as usize];
        let selection = self.selection(of, 5);
        format!(
            "query($yes: Boolean!) {{ root: {field} {selection} x: __typename @skip(if: $yes) }} {}",
            self.fragments.join(" ")
        )
    }
}

async fn types(person: &Person) -> HashMap<String, Vec<Field>> {
    let schema = person.ask(TYPES, json!({})).await;
    let types = schema["data"]["__schema"]["types"].as_array().expect("types").clone();
    let objects = types.iter().filter(|t| t["kind"] == "OBJECT");
    let fields = |t: &Value| {
        let field = |f: &Value| {
            let args = f["args"].as_array().expect("arguments");
            Field {
                name: f["name"].as_str().expect("name").to_owned(),
                to: base(&f["type"]).to_owned(),
                pages: args.iter().any(|a| a["name"] == "first"),
                needs: args.iter().any(|a| a["type"]["kind"] == "NON_NULL"),
            }
        };
        t["fields"].as_array().expect("fields").iter().map(field).collect()
    };
    objects
        .map(|t| (t["name"].as_str().expect("name").to_owned(), fields(t)))
        .collect()
}

/// What a plan answers, and what the general executor does.
async fn both(person: &Person, socket: &mut Socket, n: u64, document: &str, variables: Value) -> (Value, Value) {
    let planned = person.ask(document, variables.clone()).await;
    let message =
        json!({ "type": "subscribe", "id": n.to_string(), "payload": { "query": document, "variables": variables } });
    socket.say(message).await;
    let heard = socket.hear().await;
    let general = match heard["type"].as_str() {
        Some("next") => {
            assert_eq!(socket.hear().await["type"], "complete");
            heard["payload"].clone()
        }
        _ => json!({ "errors": heard["payload"] }),
    };
    (planned, general)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_plan_answers_every_document_as_the_general_executor_does() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer", "inventory_controller"]).await;
    for _ in 0..4 {
        buyer.done(CREATE, order_input(&shop, false)).await;
    }
    let created = buyer.done(CREATE, order_input(&shop, true)).await;
    let id = created["purchaseOrder"]["id"].as_str().expect("id").to_owned();
    let one = format!("purchaseOrder(id: \"{id}\")");
    let roots = [
        ("purchaseOrders(first: 3)", "PurchaseOrderConnection"),
        (one.as_str(), "PurchaseOrder"),
        ("inventoryPositions(first: 3)", "InventoryPositionConnection"),
        ("suppliers(first: 2)", "SupplierConnection"),
        ("items(first: 3)", "ItemConnection"),
    ];
    let mut draw = Draw {
        types: types(&buyer).await,
        state: 20_260_314,
        fragments: Vec::new(),
    };
    let mut socket = Socket::admitted(&world, buyer.token()).await;
    let mut answered = 0;
    for n in 0..DOCUMENTS {
        let document = draw.document(&roots);
        let variables = json!({ "yes": n % 2 == 0 });
        let (planned, general) = both(&buyer, &mut socket, n, &document, variables).await;
        if planned.get("errors").is_some() || general.get("errors").is_some() {
            assert_eq!(
                planned.get("data").is_some(),
                general.get("data").is_some(),
                "{document}\n{planned:#}\n{general:#}"
            );
            continue;
        }
        assert_eq!(planned, general, "{document}");
        answered += 1;
    }
    assert!(answered > DOCUMENTS / 2, "only {answered} documents were answered");
}

#[tokio::test]
async fn a_plan_writes_fields_in_the_order_of_the_document_with_fragments_in_their_places() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    buyer.done(CREATE, order_input(&shop, false)).await;
    let document = "{ purchaseOrders(first: 1) { pageInfo { hasNextPage } nodes { ...money second: version __typename lines(first: 1) { nodes { quantity { unit value } } } } } } \
        fragment money on PurchaseOrder { status currencyCode supplier { code } }";
    let request = buyer.post(&world.url(), &json!({ "query": document }));
    let text = request.send().await.expect("answer").text().await.expect("text");
    assert_eq!(
        text,
        "{\"data\":{\"purchaseOrders\":{\"pageInfo\":{\"hasNextPage\":false},\"nodes\":[{\"status\":\"DRAFT\",\"currencyCode\":\"USD\",\"supplier\":{\"code\":\"S1\"},\
         \"second\":1,\"__typename\":\"PurchaseOrder\",\"lines\":{\"nodes\":[{\"quantity\":{\"unit\":\"EA\",\"value\":\"10\"}}]}}]}}}"
    );
}

/// Gives every figure and text of a line, its item and the stock of it a value that nothing has by itself.
async fn tell_tale(world: &World, shop: &Shop) {
    let (tenant, item, location) = (shop.tenant.0, shop.items[0], shop.location);
    let position = |id: Uuid, status: &str| {
        format!(
            "INSERT INTO qm.stock_position (tenant_id, id, item_id, location_id, lot, stock_status, owner_id, quantity, allocated, average_cost, version, updated_at) \
             VALUES ('{tenant}', '{id}', '{item}', '{location}', '', '{status}', '{tenant}', 7, 2, 1.5, 1, '2026-03-14')"
        )
    };
    let lines = "base_per_unit = 12, tax_rate = 5, tax_amount = 1.25, expected_on = '2030-01-02', received_quantity = 3, returned_quantity = 1, closed_quantity = 2";
    let flags = "lot_tracked = true, expiry_tracked = true, serial_tracked = true, regulated = true";
    for sql in [
        format!("UPDATE qm.purchase_order_line SET {lines} WHERE tenant_id = '{tenant}'"),
        format!("UPDATE qm.item SET description = 'Dry', {flags} WHERE tenant_id = '{tenant}'"),
        position(Uuid::now_v7(), "AVAILABLE"),
        position(Uuid::now_v7(), "QUARANTINE"),
        position(Uuid::now_v7(), "IN_TRANSIT"),
    ] {
        world.owner.execute(&sql, &[]).await.expect("a value");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_field_by_itself_is_shown_as_it_is_whether_its_object_is_read_briefly_or_not() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer", "inventory_controller"]).await;
    let created = buyer.done(CREATE, order_input(&shop, false)).await;
    tell_tale(&world, &shop).await;
    let one = created["purchaseOrder"]["id"].as_str().expect("id");
    let item = encode("itm", shop.items[0]);
    let places = [
        (
            "PurchaseOrderLine",
            "{ x: purchaseOrders(first: 1) { nodes { lines(first: 1) { nodes { # } } } } }".to_owned(),
        ),
        (
            "PurchaseOrderLine",
            format!("{{ x: purchaseOrder(id: \"{one}\") {{ lines(first: 1) {{ nodes {{ # }} }} }} }}"),
        ),
        (
            "PurchaseOrderLine",
            format!("{{ x: purchaseOrder(id: \"{one}\") {{ lines(last: 1) {{ nodes {{ # item {{ sku }} }} }} }} }}"),
        ),
        (
            "Item",
            "{ x: purchaseOrders(first: 1) { nodes { lines(first: 1) { nodes { item { # } } } } } }".to_owned(),
        ),
        (
            "Item",
            format!("{{ x: purchaseOrder(id: \"{one}\") {{ lines(first: 1) {{ nodes {{ item {{ # }} }} }} }} }}"),
        ),
        (
            "InventoryPosition",
            format!("{{ x: inventoryPositions(first: 1, filter: {{ itemIds: [\"{item}\"] }}) {{ nodes {{ # }} }} }}"),
        ),
        (
            "Item",
            format!(
                "{{ x: inventoryPositions(first: 1, filter: {{ itemIds: [\"{item}\"] }}) {{ nodes {{ item {{ # }} }} }} }}"
            ),
        ),
    ];
    let types = types(&buyer).await;
    let mut socket = Socket::admitted(&world, buyer.token()).await;
    let mut n = 0;
    for (of, place) in &places {
        for field in types[*of].iter().filter(|f| !f.needs && !f.pages) {
            let leaves = types.get(&field.to).map(|fields| {
                let leaf = |f: &&Field| !f.needs && !f.pages && !types.contains_key(&f.to);
                fields.iter().filter(leaf).map(|f| f.name.as_str()).collect::<Vec<_>>()
            });
            let selection = match leaves {
                None => field.name.clone(),
                Some(leaves) if leaves.is_empty() => continue,
                Some(leaves) => format!("{} {{ {} }}", field.name, leaves.join(" ")),
            };
            n += 1;
            let document = place.replace('#', &selection);
            let (planned, general) = both(&buyer, &mut socket, n, &document, json!({})).await;
            assert!(planned.get("errors").is_none(), "{document}\n{planned:#}");
            assert_eq!(planned, general, "{document}");
        }
    }
}
