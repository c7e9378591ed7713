//! The API as a subgraph of Apollo Federation: what a gateway asks, and what it may not learn.

use super::relations::trips;
use super::{post, query, refusal};
use crate::database::fixture::strict;
use crate::isolation::schema::Schema;
use crate::operate::process::command;
use crate::world::{CREATE, World, order_input};
use quartermaster_api::graphql::{federation, sdl};
use quartermaster_tenants::id::encode;
use serde_json::{Value, json};
use uuid::Uuid;

const ORDERS: &str = "query($representations: [_Any!]!) { _entities(representations: $representations) { __typename ... on PurchaseOrder { id number supplier { code } } } }";

fn named(of: &str, id: &str) -> Value {
    json!({ "__typename": of, "id": id })
}

#[tokio::test]
async fn every_type_of_node_is_an_entity_and_the_subgraph_is_what_the_command_prints() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let reader = world.member(&shop, &[]).await;
    let service = reader.run("{ _service { sdl } }", json!({})).await;
    let subgraph = service["sdl"].as_str().expect("a schema");
    assert_eq!(subgraph, federation::subgraph(&sdl()));
    let printed = command("schema --federation").output().expect("the command").stdout;
    assert!(String::from_utf8(printed).expect("text").contains(subgraph));
    assert!(
        subgraph.starts_with("extend schema @link(url: \"https://specs.apollo.dev/federation/v2."),
        "{}",
        subgraph.lines().next().unwrap_or_default()
    );
    let schema = Schema::ask(&reader).await;
    let mut nodes = schema.implementing("Node");
    assert!(nodes.len() > 25, "{nodes:?}");
    for node in &nodes {
        let line = format!("type {node} implements Node @key(fields: \"id\") {{");
        assert!(subgraph.lines().any(|l| l == line), "no key: {node}");
    }
    let mut entities = schema.implementing("_Entity");
    nodes.sort();
    entities.sort();
    assert_eq!(entities, nodes);
    // A gateway asks for them; they are no part of what is composed.
    for own in ["_service", "_entities", "_Any", "_Entity"] {
        assert!(!subgraph.contains(own), "{own}");
    }
    // What Relay has every service define, and amounts, may be defined elsewhere too.
    for shared in ["PageInfo", "Money", "Quantity"] {
        assert!(subgraph.contains(&format!("type {shared} @shareable {{")), "{shared}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_entities_take_as_many_statements_as_one() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let mut orders = Vec::new();
    for _ in 0..50 {
        let made = buyer.done(CREATE, order_input(&shop, false)).await;
        orders.push(named(
            "PurchaseOrder",
            made["purchaseOrder"]["id"].as_str().expect("id"),
        ));
    }
    let (one, _) = trips(&world, &buyer, ORDERS, json!({ "representations": orders[..1] })).await;
    let (fifty, answer) = trips(&world, &buyer, ORDERS, json!({ "representations": orders })).await;
    assert_eq!((one, fifty), (2, 2), "orders; suppliers");
    let found = answer["_entities"].as_array().expect("entities");
    for (entity, order) in std::iter::zip(found, &orders) {
        assert_eq!(
            (&entity["__typename"], &entity["id"]),
            (&order["__typename"], &order["id"])
        );
        assert_eq!(entity["supplier"]["code"], "S1");
    }
}

#[tokio::test]
async fn what_is_not_there_is_null_and_a_bad_representation_an_error_of_its_own() {
    let world = World::start().await;
    let (here, there) = (world.shop(&strict()).await, world.shop(&strict()).await);
    let (buyer, other) = (
        world.member(&here, &["buyer"]).await,
        world.member(&there, &["buyer"]).await,
    );
    let id = |made: &Value| made["purchaseOrder"]["id"].as_str().expect("id").to_owned();
    let mine = id(&buyer.done(CREATE, order_input(&here, false)).await);
    let theirs = id(&other.done(CREATE, order_input(&there, false)).await);
    let nobodys = encode("po", Uuid::now_v7());
    let representations = json!([
        named("PurchaseOrder", &mine),
        named("PurchaseOrder", &theirs),
        named("PurchaseOrder", &nobodys),
        named("Supplier", &mine),
        named("Supplier", &theirs),
        named("PurchaseOrder", "x"),
        named("Nothing", &mine),
        { "__typename": "PurchaseOrder", "number": "1" },
        "x",
        named("PurchaseOrder", &mine),
    ]);
    let answer = buyer.ask(ORDERS, json!({ "representations": representations })).await;
    let found = answer["data"]["_entities"].as_array().expect("entities");
    let there: Vec<bool> = found.iter().map(|e| !e.is_null()).collect();
    let only = |places: &[usize]| -> Vec<bool> { (0..10).map(|n| places.contains(&n)).collect() };
    assert_eq!(there, only(&[0, 9]), "{answer:#}");
    let errors = answer["errors"].as_array().expect("errors");
    let told: Vec<(&Value, &Value)> = errors
        .iter()
        .map(|e| (&e["path"][1], &e["extensions"]["code"]))
        .collect();
    let expected: Vec<Value> = (3..9).map(|n| json!(n)).collect();
    let code = json!("BAD_USER_INPUT");
    assert_eq!(
        told,
        expected.iter().map(|n| (n, &code)).collect::<Vec<_>>(),
        "{answer:#}"
    );
    // Whether there is such an order elsewhere is not told.
    assert_eq!(errors[0]["message"], errors[1]["message"]);
    let stranger = post(
        &world,
        &json!({ "query": ORDERS, "variables": { "representations": [named("PurchaseOrder", &mine)] } }),
    );
    assert_eq!(refusal(stranger).await, (401, "UNAUTHENTICATED".to_owned()));
}

#[tokio::test]
async fn entities_are_charged_by_how_many_are_asked_for() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let order = named("PurchaseOrder", &encode("po", Uuid::now_v7()));
    let lines = "query($representations: [_Any!]!) { _entities(representations: $representations) { ... on PurchaseOrder { lines(first: 100) { nodes { id } } } } }";
    for (text, many, refused) in [
        (ORDERS, 1_000, false),
        (ORDERS, 1_001, true),
        (lines, 500, false),
        (lines, 1_000, true),
    ] {
        let representations = vec![order.clone(); many];
        let answer = buyer.ask(text, json!({ "representations": representations })).await;
        let code = &answer["errors"][0]["extensions"]["code"];
        let expected = if refused {
            json!("QUERY_TOO_COMPLEX")
        } else {
            Value::Null
        };
        assert_eq!(*code, expected, "{many} {text}");
    }
}

#[tokio::test]
async fn a_server_without_introspection_shows_no_subgraph_and_still_resolves_entities() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let made = buyer.done(CREATE, order_input(&shop, false)).await;
    let closed = world
        .another_server_with(|config| quartermaster_api::config::Config {
            introspection: Some(false),
            ..config
        })
        .await;
    let buyer = buyer.through(&closed);
    let service = post(&world, &query("{ _service { sdl } }"));
    assert_eq!(service.send().await.expect("an answer").status().as_u16(), 200);
    let answer = buyer.ask("{ _service { sdl } }", json!({})).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED");
    assert!(answer["data"].is_null(), "{answer:#}");
    let id = made["purchaseOrder"]["id"].as_str().expect("id");
    let answer = buyer
        .run(ORDERS, json!({ "representations": [named("PurchaseOrder", id)] }))
        .await;
    assert_eq!(answer[0]["id"], id);
}
