//! Another tenant's objects do not exist: over every query, mutation, subscription and node id, generated from the schema, so
//! that a new field is covered without anyone remembering it. A field that cannot be generated fails.

mod documents;
pub mod draw;
pub mod schema;
mod subscriptions;

use crate::database::fixture::{Shop, strict};
use crate::world::{CREATE, Person, World, order_input};
use quartermaster_tenants::id::encode;
use schema::{Operation, Schema};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Written into names, notes and codes of the tenant that must stay unseen.
const MARK: &str = "UNSEEN-BY-OTHERS";

/// Which table holds the objects behind an id's prefix.
const TABLES: &[(&str, &str)] = &[
    ("po", "purchase_order"),
    ("chg", "change_order"),
    ("sup", "supplier"),
    ("sch", "master_change"),
    ("sbc", "supplier_bank_change"),
    ("itm", "item"),
    ("ich", "master_change"),
    ("cat", "category"),
    ("spi", "supplier_item"),
    ("prl", "master_change"),
    ("imp", "import_job"),
    ("loc", "location"),
    ("reg", "region"),
    ("mem", "account"),
    ("rla", "role_assignment"),
    ("wfr", "workflow_rule"),
    ("sdp", "sod_policy"),
    ("key", "api_key"),
    ("inv", "invitation"),
    ("opa", "operator_assignment"),
    ("ops", "operator_session"),
    ("rcy", "administrator_recovery"),
    ("rcp", "receipt"),
    ("dsc", "discrepancy"),
    ("rtv", "supplier_return"),
    ("adj", "adjustment"),
    ("cnt", "stock_count"),
    ("trf", "transfer"),
    ("rpl", "replenishment_policy"),
    ("pos", "stock_position"),
    ("evt", "event"),
    ("ten", "tenant_setting"),
];

/// Places that take ids of several types, so that the server cannot say of which: each is asked with every id there is.
const ANY_TYPE: &[&str] = &[
    "node.id",
    "nodes.ids.0",
    "events.filter.documentIds.0",
    "events.filter.chainOf",
    "eventCounts.filter.documentIds.0",
    "eventCounts.filter.chainOf",
    "stockMovements.filter.documentIds.0",
];

/// What no tenant has: partners, their people, and networks.
const ABOVE_TENANTS: &[&str] = &["ptn", "ptm", "net"];

/// One id of each type that the tenant has.
pub async fn ids(world: &World, shop: &Shop) -> BTreeMap<String, Uuid> {
    let mut out = BTreeMap::new();
    for (prefix, table) in TABLES {
        let there: bool = world
            .owner
            .query_one("SELECT to_regclass('qm.' || $1) IS NOT NULL", &[table])
            .await
            .expect("table")
            .get(0);
        if !there {
            continue;
        }
        let sql = format!("SELECT id FROM qm.{table} WHERE tenant_id = $1 ORDER BY id LIMIT 1");
        if let Some(row) = world.owner.query_opt(&sql, &[&shop.tenant.0]).await.expect(table) {
            out.insert((*prefix).to_owned(), row.get(0));
        }
    }
    out
}

/// All roles that do not conflict in themselves are too few to reach every mutation: several people together hold every role.
pub async fn everybody(world: &World, shop: &Shop) -> Vec<Person> {
    let mut people = Vec::new();
    for role in quartermaster_tenants::policy::StandardRole::all() {
        if role.account_kind == "human" && role.level == "tenant" {
            people.push(world.member(shop, &[role.role]).await);
        }
    }
    people
}

async fn marked_shop(world: &World) -> Shop {
    let shop = world.shop(&strict()).await;
    for table in ["supplier", "item", "location"] {
        let column = if table == "supplier" { "legal_name" } else { "name" };
        let sql = format!("UPDATE qm.{table} SET {column} = '{MARK} ' || {column} WHERE tenant_id = $1");
        world.owner.execute(&sql, &[&shop.tenant.0]).await.expect("mark");
    }
    world
        .owner
        .execute(
            "UPDATE qm.account SET display_name = $2 WHERE tenant_id = $1",
            &[&shop.tenant.0, &MARK],
        )
        .await
        .expect("mark");
    shop
}

/// An answer with the asked-for id taken out, so that two answers can be compared.
fn without(answer: &Value, id: &str) -> String {
    let text = answer.to_string().replace(id, "THE-ID");
    // A request id is different each time, and only an internal failure shows one.
    assert!(!text.contains("INTERNAL"), "an internal failure: {text}");
    text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_id_of_another_tenant_answers_as_one_that_was_never_given() {
    let world = World::start().await;
    let theirs = marked_shop(&world).await;
    let mine = world.shop(&strict()).await;
    let seller = world.member(&theirs, &["buyer"]).await;
    world
        .owner
        .execute(
            "UPDATE qm.account SET display_name = $2 WHERE tenant_id = $1",
            &[&theirs.tenant.0, &MARK],
        )
        .await
        .expect("mark");
    seller.done(CREATE, order_input(&theirs, true)).await;
    documents::fill(&world, &theirs).await;
    let their_ids = ids(&world, &theirs).await;
    assert!(their_ids.len() >= 6, "{their_ids:?}");

    let people = everybody(&world, &mine).await;
    let schema = Schema::ask(&people[0]).await;
    let (mut compared, mut not_generated) = (0, Vec::new());
    for operation in schema.operations() {
        let places = operation.id_places(&people[0]).await;
        for path in operation.all_id_paths() {
            let name = format!("{}.{}", operation.name, path.join("."));
            if ANY_TYPE.contains(&name.as_str()) {
                for (prefix, id) in &their_ids {
                    let known = encode(prefix, *id);
                    let answer = people[0]
                        .ask(&operation.document, operation.variables_at(&path, &known))
                        .await;
                    let shown = without(&answer, &known);
                    assert!(!shown.contains(MARK), "{name} {prefix}: {shown}");
                    let other = encode(prefix, Uuid::now_v7());
                    let unknown = people[0]
                        .ask(&operation.document, operation.variables_at(&path, &other))
                        .await;
                    assert_eq!(shown, without(&unknown, &other), "{name} {prefix}");
                }
            } else if !places.iter().any(|p| p.path == path) {
                not_generated.push(name);
            }
        }
        for place in &places {
            if ABOVE_TENANTS.contains(&place.prefix.as_str()) {
                continue;
            }
            let Some(their_id) = their_ids.get(&place.prefix) else {
                not_generated.push(format!("{}: there is no {}", operation.name, place.prefix));
                continue;
            };
            let (known, unknown) = (encode(&place.prefix, *their_id), encode(&place.prefix, Uuid::now_v7()));
            for person in people.iter().step_by(if operation.is_mutation { 1 } else { 8 }) {
                let one = person
                    .ask(&operation.document, operation.variables_with(&places, place, &known))
                    .await;
                let other = person
                    .ask(&operation.document, operation.variables_with(&places, place, &unknown))
                    .await;
                assert_eq!(
                    without(&one, &known),
                    without(&other, &unknown),
                    "{} {:?}",
                    operation.name,
                    place.path
                );
                assert!(!one.to_string().contains(MARK), "{}: {one}", operation.name);
                compared += 1;
            }
        }
    }
    assert_eq!(
        not_generated, [""; 0],
        "these ids are not covered: say what they are, and make one"
    );
    assert!(compared > 100, "only {compared} pairs of answers were compared");
    let mut nodes = Vec::new();
    for (prefix, id) in &their_ids {
        let (query, id) = (
            "query($id: ID!) { node(id: $id) { id __typename } }",
            encode(prefix, *id),
        );
        let node = people[0].run(query, json!({ "id": id })).await;
        assert_eq!(node, Value::Null, "{prefix}");
        // Its own tenant finds it; a row written by hand may then hold words that cannot be read.
        let own = seller.ask(query, json!({ "id": id })).await;
        if !own["data"]["node"].is_null() || own.to_string().contains("INTERNAL") {
            nodes.push(prefix);
        }
    }
    let types = schema.implementing("Node");
    assert_eq!(
        nodes.len(),
        types.len(),
        "each type of node needs an object of its prefix: {nodes:?} for {types:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_list_shows_or_counts_another_tenants_objects() {
    let world = World::start().await;
    let theirs = marked_shop(&world).await;
    let mine = world.shop(&strict()).await;
    let seller = world.member(&theirs, &["buyer"]).await;
    seller.done(CREATE, order_input(&theirs, true)).await;
    documents::fill(&world, &theirs).await;
    world
        .owner
        .execute(
            "UPDATE qm.account SET display_name = $2 WHERE tenant_id = $1",
            &[&theirs.tenant.0, &MARK],
        )
        .await
        .expect("mark");
    let their_ids: Vec<String> = ids(&world, &theirs)
        .await
        .iter()
        .map(|(p, id)| encode(p, *id))
        .collect();
    let people = everybody(&world, &mine).await;
    let schema = Schema::ask(&people[0]).await;
    let mut lists = 0;
    for operation in schema.operations().into_iter().filter(|o: &Operation| !o.is_mutation) {
        for person in people.iter().step_by(4) {
            let answer = person.ask(&operation.document, operation.variables()).await.to_string();
            assert!(!answer.contains(MARK), "{}: {answer}", operation.name);
            assert!(!answer.contains("INTERNAL"), "{}: {answer}", operation.name);
            for id in &their_ids {
                assert!(!answer.contains(id), "{} shows {id}", operation.name);
            }
        }
        lists += 1;
    }
    assert!(lists >= 5, "{lists}");
}
