//! Another tenant's changes are heard by nobody else, over every subscription.

use super::schema::{Operation, Schema};
use super::{MARK, documents, ids, marked_shop};
use crate::api::socket::Socket;
use crate::api::token;
use crate::database::fixture::{Shop, strict};
use crate::world::{CREATE, Person, World, order_input};
use chrono::TimeDelta;
use quartermaster_domain::adjustments::{self, NewAdjustment, NewAdjustmentLine};
use quartermaster_domain::inventory::references::EnteredLine;
use quartermaster_domain::inventory::{Reason, StockStatus};
use quartermaster_domain::shared::AdjustmentId;
use quartermaster_tenants::id::encode;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// An order, and stock that moves: what every subscription there is has something to tell of.
async fn something_happens(world: &World, shop: &Shop) {
    let buyer = world.member(shop, &["buyer"]).await;
    buyer.done(CREATE, order_input(shop, true)).await;
    let maker = world.member(shop, &["inventory_controller"]).await.op;
    let approver = world.member(shop, &["approver_l4"]).await.op;
    let found = NewAdjustment {
        location: shop.location,
        reason: Reason::Found,
        note: None,
        count: None,
        lines: vec![NewAdjustmentLine {
            entered: EnteredLine {
                item: shop.items[0],
                quantity: Decimal::from(5),
                unit: None,
                lot: String::new(),
                status: StockStatus::Available,
            },
            unit_cost: Some(Decimal::from(2)),
        }],
    };
    let db = world.server.db();
    let made = adjustments::create(db, &maker, &found, true).await.expect("adjustment");
    let id = AdjustmentId(made.document.expect("id"));
    adjustments::approve(db, &approver, id, None).await.expect("approved");
}

async fn subscribe(world: &World, person: &Person, operation: &Operation, variables: Value) -> Socket {
    let mut socket = Socket::admitted(world, &token(world, person, TimeDelta::hours(1)).await).await;
    let payload = json!({ "query": operation.document, "variables": variables });
    socket
        .say(json!({ "type": "subscribe", "id": "1", "payload": payload }))
        .await;
    socket
}

/// Was the subscription taken? A refusal is the first thing that a socket tells.
async fn is_taken(socket: &mut Socket) -> bool {
    socket.say(json!({ "type": "ping" })).await;
    socket.hear().await["type"] == "pong"
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_subscription_tells_of_another_tenant() {
    let world = World::start().await;
    let (theirs, mine) = (marked_shop(&world).await, world.shop(&strict()).await);
    something_happens(&world, &theirs).await;
    documents::fill(&world, &theirs).await;
    let their_ids = ids(&world, &theirs).await;
    let watcher = world.member(&mine, &["tenant_admin"]).await;
    let schema = Schema::ask(&watcher).await;

    let (mut open, mut asked) = (Vec::new(), Vec::new());
    for operation in schema.subscriptions() {
        open.push((
            operation.name.clone(),
            subscribe(&world, &watcher, &operation, operation.variables()).await,
        ));
        for path in operation.all_id_paths() {
            for (prefix, id) in &their_ids {
                let variables = operation.variables_at(&path, &encode(prefix, *id));
                let place = format!("{}.{}", operation.name, path.join("."));
                asked.push((place, subscribe(&world, &watcher, &operation, variables).await));
            }
        }
    }
    assert!(!open.is_empty());
    // By then each subscription was refused or taken, and the reader of events, which begins when somebody listens, reads.
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    for (name, socket) in &mut open {
        assert!(is_taken(socket).await, "{name} cannot be generated");
    }
    let places: BTreeSet<String> = asked.iter().map(|(place, _)| place.clone()).collect();
    let mut closed = Vec::new();
    for (place, mut socket) in asked {
        if is_taken(&mut socket).await {
            closed.push((place, socket));
        }
    }
    let taken: BTreeSet<String> = closed.iter().map(|(place, _)| place.clone()).collect();
    assert_eq!(taken, places, "each takes an id of some type that there is");
    something_happens(&world, &theirs).await;
    something_happens(&world, &mine).await;
    let unseen: BTreeSet<String> = ids(&world, &theirs)
        .await
        .iter()
        .map(|(p, id)| encode(p, *id))
        .collect();
    let quiet = |name: &str, told: &Value| {
        let text = told.to_string();
        assert!(!text.contains(MARK), "{name}: {text}");
        assert!(!text.contains("INTERNAL"), "{name}: {text}");
        let shown = unseen.iter().find(|id| text.contains(id.as_str()));
        assert!(shown.is_none(), "{name} shows {shown:?}");
    };
    // Theirs happened before mine: when mine is told, theirs would have been.
    for (name, socket) in &mut open {
        let told = socket.hear().await;
        quiet(name, &told);
        assert_eq!(told["type"], "next", "{name} tells nothing of its own tenant: {told}");
        assert!(told["payload"]["errors"].is_null(), "{name}: {told:#}");
    }
    for (name, socket) in &mut closed {
        socket.say(json!({ "type": "ping" })).await;
        assert_eq!(socket.hear().await["type"], "pong", "{name} told something");
    }
}
