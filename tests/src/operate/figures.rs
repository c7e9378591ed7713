use super::process::{Process, command};
use crate::api::socket::Socket;
use crate::database::fixture::strict;
use crate::house::root;
use crate::world::{APPROVE, CREATE, World, order_input};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// The figures that are exposed: their names and kinds.
fn kinds(text: &str) -> BTreeMap<String, String> {
    let told = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    told.map(|line| line.split_once(' ').expect("a kind"))
        .map(|(name, kind)| (name.to_owned(), kind.to_owned()))
        .collect()
}

/// The value of the first sample whose line begins so.
fn value(text: &str, sample: &str) -> u64 {
    let line = text.lines().find(|line| line.starts_with(sample));
    let line = line.unwrap_or_else(|| panic!("no {sample} in\n{text}"));
    line.rsplit(' ').next().expect("a value").parse().expect("a number")
}

/// Every name of ours in a text.
fn names(text: &str) -> Vec<String> {
    let ours = text.match_indices("quartermaster_").map(|(at, _)| &text[at..]);
    let word = |rest: &str| {
        let end = rest
            .find(|c: char| !c.is_ascii_lowercase() && c != '_')
            .unwrap_or(rest.len());
        rest[..end].to_owned()
    };
    ours.map(word).collect()
}

async fn get(world: &World, url: &str) -> String {
    let answer = world.http.get(url).send().await.expect("an answer");
    assert_eq!(answer.status().as_u16(), 200, "{url}");
    answer.text().await.expect("text")
}

/// What the server of a busy world exposes.
async fn busy_server() -> (World, String) {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer", "approver_l2"]).await;
    let steward = world.member(&shop, &["category_manager"]).await;
    let mut socket = Socket::admitted(&world, buyer.token()).await;
    let watch = "subscription { documentChanged(types: [PURCHASE_ORDER]) { eventType } }";
    socket
        .say(json!({ "type": "subscribe", "id": "1", "payload": { "query": watch } }))
        .await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let order = buyer.done(CREATE, order_input(&shop, true)).await["purchaseOrder"]["id"].clone();
    assert_eq!(socket.hear().await["type"], "next");
    buyer.refused(APPROVE, json!({ "id": order })).await;
    buyer
        .ask("query Orders { purchaseOrders { nodes { id } } }", json!({}))
        .await;
    buyer.ask("{ node(id: \"nonsense\") { id } }", json!({})).await;
    let file = "sku,name,base_unit\nC-1,One,EA\n";
    crate::imports::imported(&steward, "items", file).await;
    let text = get(&world, &format!("http://{}/metrics", world.server.addr)).await;
    (world, text)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_server_does_shows_in_its_figures() {
    let (_world, text) = busy_server().await;
    // Servers of other tests may share this process and its figures.
    assert!(
        value(
            &text,
            "quartermaster_requests_total{operation=\"Orders\",kind=\"query\"}"
        ) >= 1
    );
    assert!(
        value(
            &text,
            "quartermaster_request_duration_seconds_count{operation=\"Orders\"}"
        ) >= 1
    );
    assert!(value(&text, "quartermaster_errors_total{code=\"BAD_USER_INPUT\"}") >= 1);
    assert!(value(&text, "quartermaster_duty_refusals_total{rule=\"P2P-0") >= 1);
    assert!(value(&text, "quartermaster_database_round_trips_total ") >= 10);
    assert_eq!(value(&text, "quartermaster_database_connections_most "), 16);
    assert!(value(&text, "quartermaster_sockets_open ") >= 1);
    assert!(value(&text, "quartermaster_event_delivery_duration_seconds_count ") >= 1);
    assert!(value(&text, "quartermaster_imports_total{kind=\"ITEMS\",outcome=\"done\"}") >= 1);
    assert!(value(&text, "quartermaster_imports_running ") < 100);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dashboard_and_alerts_use_no_name_that_is_not_exposed_and_names_follow_the_convention() {
    let (world, serve) = busy_server().await;
    let mut command = command("worker");
    command.env("QUARTERMASTER_WORKER_LISTEN", "127.0.0.1:0");
    let mut worker = Process::start(command);
    let at = worker.address("listening").await;
    worker.says("idempotency keys").await;
    assert_eq!(get(&world, &format!("{at}/healthz")).await, "alive\n");
    let work = get(&world, &format!("{at}/metrics")).await;
    assert!(value(&work, "quartermaster_worker_rounds_total{outcome=\"done\"}") >= 1);
    assert!(value(&work, "quartermaster_worker_last_success_timestamp_seconds ") > 1_700_000_000);
    worker.stop();

    let mut exposed = kinds(&serve);
    exposed.extend(kinds(&work));
    for (name, kind) in &exposed {
        assert!(name.starts_with("quartermaster_"), "{name}");
        assert_eq!(kind == "counter", name.ends_with("_total"), "{name} is a {kind}");
        assert!(
            kind != "summary",
            "{name}: quantiles of several servers cannot be added up"
        );
    }
    for path in ["dashboards/quartermaster.json", "alerts.yaml"] {
        let text = std::fs::read_to_string(root().join("helm/quartermaster").join(path)).unwrap();
        let used = names(&text);
        assert!(used.len() > 8, "{path}");
        for name in used {
            let base = ["_bucket", "_sum", "_count"]
                .iter()
                .find_map(|part| name.strip_suffix(part));
            let found = exposed.contains_key(&name)
                || base.is_some_and(|base| exposed.get(base).is_some_and(|kind| kind == "histogram"));
            assert!(found, "{path} uses {name}, which nothing exposes: {:?}", exposed.keys());
        }
    }
    let dashboard = std::fs::read_to_string(root().join("helm/quartermaster/dashboards/quartermaster.json")).unwrap();
    let dashboard: Value = serde_json::from_str(&dashboard).unwrap();
    let shown = names(&dashboard["panels"].to_string()).join(" ");
    for name in exposed.keys() {
        assert!(shown.contains(name.as_str()), "no panel shows {name}");
    }
}
