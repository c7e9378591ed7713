//! More comes than can be done. Capacity is held by a row lock, so that nothing here depends on time.

use super::Held;
use crate::api::socket::Socket;
use crate::database::fixture::{Shop, strict};
use crate::world::{APPROVE, CREATE, Person, World, order_input};
use quartermaster_api::config::Config;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

const WHO: &str = "{ viewer { memberId } }";

/// A server at which one request works at a time.
struct Narrow {
    world: World,
    shop: Shop,
    buyer: Person,
    approver: Person,
}

impl Narrow {
    async fn with_room(waiting: usize) -> Self {
        let config = Config::development(
            crate::database::fixture::url("DATABASE_APP_URL"),
            crate::database::fixture::url("DATABASE_OWNER_URL"),
            crate::database::fixture::url("DATABASE_RELAY_URL"),
        );
        let world = World::of(Config {
            requests_at_once: Some(1),
            requests_waiting: waiting,
            request_wait_seconds: 600,
            ..config
        })
        .await;
        let shop = world.shop(&strict()).await;
        let buyer = world.member(&shop, &["buyer"]).await;
        let approver = world.member(&shop, &["approver_l2"]).await;
        Self {
            world,
            shop,
            buyer,
            approver,
        }
    }

    /// Somebody works, until the order is let go.
    async fn occupied(&self) -> (Held, JoinHandle<(u16, Value)>) {
        let made = self.buyer.done(CREATE, order_input(&self.shop, true)).await;
        let order = made["purchaseOrder"]["id"].clone();
        let held = Held::order(&order).await;
        let approver = self.approver.clone();
        let working = tokio::spawn(async move { approver.send(APPROVE, json!({ "id": order }), None).await });
        held.until_wanted().await;
        (held, working)
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.world.server.addr)
    }

    /// A figure of the server's own.
    async fn figure(&self, name: &str) -> usize {
        let text = self
            .world
            .http
            .get(self.url("/metrics"))
            .send()
            .await
            .unwrap()
            .text()
            .await;
        let text = text.unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_else(|| panic!("no {name}")).trim().parse().unwrap()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_finds_no_room_is_told_to_come_again_at_once_and_let_in_when_there_is_some() {
    let narrow = Narrow::with_room(0).await;
    let (held, working) = narrow.occupied().await;
    // While the lock is held nothing can end: these are answered without it.
    for _ in 0..3 {
        let asked = narrow.buyer.post(&narrow.url("/graphql"), &json!({ "query": WHO }));
        let answer = asked.send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 503);
        let again: u32 = answer.headers()["retry-after"].to_str().unwrap().parse().unwrap();
        assert!(again > 0);
        let told: Value = answer.json().await.unwrap();
        assert_eq!(told["errors"][0]["extensions"]["code"], "UNAVAILABLE");
        assert_eq!(told.get("data"), None);
    }
    // Nothing of it is looked at: neither what it says nor who says it.
    let nonsense = narrow.world.http.post(narrow.url("/graphql")).bearer_auth("nobody");
    let nonsense = nonsense.header("content-type", "application/json").body("{");
    assert_eq!(nonsense.send().await.unwrap().status().as_u16(), 503);
    for path in ["/v1/exports/items", "/v1/imports/nothing/refused.csv"] {
        let asked = narrow.buyer.rest(reqwest::Method::GET, path).send().await.unwrap();
        assert_eq!(asked.status().as_u16(), 503, "{path}");
        assert!(asked.headers().contains_key("retry-after"), "{path}");
    }
    assert_eq!(crate::imports::upload(&narrow.buyer, "items", "sku\n").await.0, 503);
    for path in ["/healthz", "/readyz", "/metrics"] {
        let answer = narrow.world.http.get(narrow.url(path)).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{path}");
    }
    assert!(
        narrow
            .figure("quartermaster_admission_refused_total{reason=\"full\"}")
            .await
            >= 7
    );
    held.release().await;
    let (status, done) = working.await.unwrap();
    assert_eq!(
        (status, &done["data"]["purchaseOrderApprove"]["userErrors"]),
        (200, &json!([]))
    );
    assert_eq!(narrow.buyer.send(WHO, json!({}), None).await.0, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_finds_room_waits_for_his_turn() {
    let narrow = Narrow::with_room(2).await;
    let (held, working) = narrow.occupied().await;
    let crowd = [&narrow.approver, &narrow.buyer].map(|person| {
        let person = person.clone();
        tokio::spawn(async move { person.send(WHO, json!({}), None).await.0 })
    });
    while narrow.figure("quartermaster_admission_waiting ").await < 2 {}
    assert_eq!(narrow.figure("quartermaster_admission_working ").await, 1);
    held.release().await;
    assert_eq!(working.await.unwrap().0, 200);
    for waited in crowd {
        assert_eq!(waited.await.unwrap(), 200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_for_little_takes_the_room_of_a_tenant_however_many_ask_in_its_name() {
    let narrow = Narrow::with_room(1).await;
    let elsewhere = narrow.world.shop(&strict()).await;
    let quiet = narrow.world.member(&elsewhere, &["buyer"]).await;
    // From here on the server knows whose credentials these are.
    for known in [&narrow.approver, &quiet] {
        assert_eq!(known.send(WHO, json!({}), None).await.0, 200);
    }
    let (held, working) = narrow.occupied().await;
    let [colleague, quiet] = [&narrow.buyer, &quiet].map(Person::clone);
    let colleague = tokio::spawn(async move { colleague.send(WHO, json!({}), None).await.0 });
    while narrow.figure("quartermaster_admission_waiting ").await < 1 {}
    let quiet = tokio::spawn(async move { quiet.send(WHO, json!({}), None).await.0 });
    while !colleague.is_finished() {
        assert!(!quiet.is_finished(), "there is room for who has nothing here");
        tokio::task::yield_now().await;
    }
    assert_eq!(colleague.await.unwrap(), 503, "his tenant has somebody at work");
    held.release().await;
    assert_eq!(working.await.unwrap().0, 200);
    assert_eq!(quiet.await.unwrap(), 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mutation_whose_client_hung_up_is_still_counted_as_work() {
    let narrow = Narrow::with_room(0).await;
    let (held, working) = narrow.occupied().await;
    working.abort();
    assert!(working.await.unwrap_err().is_cancelled());
    for _ in 0..20 {
        assert_eq!(narrow.buyer.send(WHO, json!({}), None).await.0, 503);
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    held.release().await;
    while narrow.buyer.send(WHO, json!({}), None).await.0 != 200 {}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_lasts_takes_no_place_and_a_question_over_a_socket_does() {
    let narrow = Narrow::with_room(0).await;
    let mut socket = Socket::admitted(&narrow.world, narrow.buyer.token()).await;
    let say = |id: &str, query: &str| json!({ "type": "subscribe", "id": id, "payload": { "query": query } });
    let watch = "subscription { documentChanged(types: [PURCHASE_ORDER]) { documentId } }";
    socket.say(say("watch", watch)).await;
    // An upload whose end does not come.
    let steward = narrow.world.member(&narrow.shop, &["category_manager"]).await;
    let (sender, pieces) = futures::channel::mpsc::unbounded();
    let piece = |text: String| sender.unbounded_send(Ok::<_, std::io::Error>(text)).unwrap();
    piece(crate::imports::many(1_500));
    let file = reqwest::Body::wrap_stream(pieces);
    let upload = tokio::spawn(async move { crate::imports::upload(&steward, "items", file).await });
    // Asked at the database, since a question would take the one place that there is.
    let read = "SELECT EXISTS (SELECT FROM qm.import_job WHERE tenant_id = $1 AND lines = 1000)";
    let mut begun = false;
    while !begun {
        assert!(!upload.is_finished(), "the upload ended by itself");
        let row = narrow.world.owner.query_one(read, &[&narrow.shop.tenant.0]).await;
        begun = row.unwrap().get(0);
    }
    socket.say(say("1", WHO)).await;
    assert_eq!(socket.hear().await["type"], "next");
    assert_eq!(socket.hear().await["type"], "complete");

    let (held, working) = narrow.occupied().await;
    socket.say(say("2", WHO)).await;
    let told = loop {
        let told = socket.hear().await;
        if told["id"] == "2" {
            break told;
        }
    };
    assert_eq!(
        (&told["type"], &told["payload"][0]["extensions"]["code"]),
        (&json!("error"), &json!("UNAVAILABLE"))
    );
    piece("LAST,Last,EA\n".to_owned());
    sender.close_channel();
    let (status, import) = upload.await.unwrap();
    assert_eq!((status, &import["import"]["lines"]), (200, &json!(1_501)), "{import:#}");
    held.release().await;
    assert_eq!(working.await.unwrap().0, 200);
}
