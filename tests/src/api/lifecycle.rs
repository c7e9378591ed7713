//! What is on its way out: it says so, is counted for who uses it, and is refused from its day on.

use super::socket::Socket;
use super::{GRAPHQL, now, query};
use crate::database::fixture::strict;
use crate::world::{Person, World};
use chrono::{NaiveDate, NaiveTime, TimeDelta};
use quartermaster_api::lifecycle::Notice;
use reqwest::Response;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const OLD: &str = "{ events(first: 1) { nodes { actorDisplay } } }";
const NEW: &str = "{ events(first: 1) { nodes { actor { displayName } } } }";
const USED: &str =
    "{ deprecatedUses { totalCount nodes { coordinate client uses memberId member { displayName } usedOn } } }";

async fn asked(who: &Person, base: &str, text: &str, client: &str) -> Response {
    who.post(&format!("{base}/graphql"), &query(text))
        .header("apollographql-client-name", client)
        .send()
        .await
        .expect("an answer")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_deprecated_is_announced_and_the_tenant_reads_who_still_uses_it() {
    let world = World::start().await;
    let (here, there) = (world.shop(&strict()).await, world.shop(&strict()).await);
    let auditor = world.member(&here, &["auditor"]).await;
    let buyer = world.member(&here, &["buyer"]).await;
    let stranger = world.member(&there, &["auditor"]).await;
    let other = world.another_server_with(|config| config).await;
    let base = format!("http://{}", other.addr);

    let answer = asked(&auditor, &base, OLD, "till").await;
    let header = |name: &str| answer.headers().get(name).map(|v| v.to_str().expect("text").to_owned());
    let notice = notices()
        .into_iter()
        .find(|n| n.coordinate == "Event.actorDisplay")
        .expect("a notice");
    let since = notice.since.and_time(NaiveTime::MIN).and_utc().timestamp();
    assert_eq!(header("deprecation"), Some(format!("@{since}")));
    let until = notice.until.format("%a, %d %b %Y 00:00:00 GMT").to_string();
    assert_eq!(header("sunset"), Some(until));
    let plain = asked(&auditor, &base, NEW, "till").await;
    assert!(plain.headers().get("deprecation").is_none() && plain.headers().get("sunset").is_none());
    for client in ["till", "back office", "till"] {
        asked(&auditor, &base, OLD, client).await;
    }
    // A refused request used it all the same.
    asked(&buyer, &base, OLD, "till").await;
    other.shutdown().await;

    let told = auditor.run(USED, json!({})).await;
    assert_eq!(told["totalCount"], 3);
    let mut counts: Vec<(String, String, i64)> = told["nodes"]
        .as_array()
        .expect("nodes")
        .iter()
        .map(|n| {
            assert_eq!(
                (&n["coordinate"], &n["member"]["displayName"]),
                (&json!("Event.actorDisplay"), &json!("Somebody"))
            );
            let text = |key: &str| n[key].as_str().expect(key).to_owned();
            (text("memberId"), text("client"), n["uses"].as_i64().expect("a count"))
        })
        .collect();
    counts.sort();
    let id = |p: &Person| quartermaster_tenants::id::encode("mem", p.op.account);
    let mut wanted = vec![
        (id(&auditor), "back office".to_owned(), 1),
        (id(&auditor), "till".to_owned(), 3),
        (id(&buyer), "till".to_owned(), 1),
    ];
    wanted.sort();
    assert_eq!(counts, wanted);
    let narrowed = "query($m: [ID!]) { deprecatedUses(filter: { memberIds: $m, coordinates: [\"Event.actorDisplay\"] }) { totalCount } }";
    assert_eq!(
        auditor.run(narrowed, json!({ "m": [id(&buyer)] })).await["totalCount"],
        1
    );
    assert_eq!(stranger.run(USED, json!({})).await["totalCount"], 0);
    let denied = buyer.ask(USED, json!({})).await;
    assert_eq!(denied["errors"][0]["extensions"]["code"], "FORBIDDEN");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_is_counted_by_its_name_and_version_however_it_asks() {
    let world = World::start().await;
    let auditor = world.member(&world.shop(&strict()).await, &["auditor"]).await;
    let other = world.another_server_with(|config| config).await;
    let bearer = format!("Bearer {}", auditor.token());
    let protocol = ("sec-websocket-protocol", "graphql-transport-ws");
    let over_socket = async |headers: &[(&'static str, &'static str)], mut opening: Value| {
        let mut socket = Socket::with(other.addr, headers).await;
        opening["Authorization"] = json!(bearer);
        socket
            .say(json!({ "type": "connection_init", "payload": opening }))
            .await;
        assert_eq!(socket.hear().await["type"], "connection_ack");
        let ask = json!({ "type": "subscribe", "id": "1", "payload": query(OLD) });
        socket.say(ask).await;
        assert_eq!(socket.hear().await["type"], "next");
    };
    let page = json!({ "Apollographql-Client-Name": "page", "apollographql-client-version": "3" });
    over_socket(&[protocol, ("user-agent", "Browser/1 (x)")], page).await;
    let till = [
        ("apollographql-client-name", "till"),
        ("apollographql-client-version", "2"),
    ];
    over_socket(&[&[protocol][..], &till].concat(), json!({})).await;
    over_socket(
        &[protocol, ("user-agent", "robot/5 (x)")],
        json!({ "apollographql-client-name": 5 }),
    )
    .await;
    over_socket(&[protocol], json!({})).await;
    // As a stream of events, and as a request.
    for accept in ["text/event-stream", GRAPHQL] {
        let ask = world
            .http
            .post(format!("http://{}/graphql", other.addr))
            .json(&query(OLD));
        let ask = till.iter().fold(ask, |ask, (name, value)| ask.header(*name, *value));
        let answer = ask
            .header("accept", accept)
            .header("authorization", &bearer)
            .send()
            .await
            .expect("an answer");
        let text = answer.text().await.expect("all of it");
        assert!(text.contains("\"events\""), "{accept}: {text}");
    }
    other.shutdown().await;
    let told = auditor.run(USED, json!({})).await;
    let counts = told["nodes"].as_array().expect("nodes").iter();
    let counts: BTreeMap<&str, i64> = counts
        .map(|n| {
            (
                n["client"].as_str().expect("a client"),
                n["uses"].as_i64().expect("a count"),
            )
        })
        .collect();
    let wanted = [("page/3", 1), ("robot/5", 1), ("till/2", 3), ("unknown", 1)];
    assert_eq!(counts, BTreeMap::from(wanted));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_its_day_on_what_was_withdrawn_is_refused_and_says_what_to_use() {
    let notice = notices()
        .into_iter()
        .find(|n| n.coordinate == "Event.actorDisplay")
        .expect("a notice");
    let today = now(&World::start().await).await;
    let ahead = notice.until.and_time(NaiveTime::MIN).and_utc() - today + TimeDelta::minutes(5);
    let world = World::ahead_by(ahead.num_seconds()).await;
    let shop = world.shop(&strict()).await;
    let auditor = world.member(&shop, &["auditor"]).await;
    let issuer = world.server.development_issuer().expect("an issuer");
    let (subject, tenant) = (auditor.op.account.to_string(), shop.tenant.to_string());
    let token = issuer.mint(&subject, Some(&tenant), "tests", TimeDelta::hours(1), today + ahead);
    let auditor = auditor.with_credential(token.expect("a token"));
    let answer = auditor.post(&world.url(), &query(OLD)).send().await.expect("an answer");
    assert_eq!(answer.status().as_u16(), 400);
    assert!(
        answer.headers()["content-type"]
            .to_str()
            .expect("text")
            .starts_with(GRAPHQL)
    );
    let body: Value = answer.json().await.expect("JSON");
    assert!(body.get("data").is_none(), "{body:#}");
    let error = &body["errors"][0];
    assert_eq!(error["extensions"]["code"], "WITHDRAWN", "{body:#}");
    let message = error["message"].as_str().expect("a sentence");
    assert!(
        message.contains("Event.actorDisplay") && message.contains(&notice.instead),
        "{message}"
    );
    auditor.run(NEW, json!({})).await;
}

#[test]
fn every_deprecation_says_what_to_use_since_when_and_until_when() {
    assert!(!notices().is_empty());
    let begun: NaiveDate = "2026-01-01".parse().expect("a date");
    for notice in notices() {
        let room = notice.until - notice.since;
        assert!(
            notice.since > begun && room >= TimeDelta::days(180),
            "{notice:?}: half a year at least"
        );
    }
}

/// Every deprecation of the schema that is checked in.
fn notices() -> Vec<Notice> {
    let schema = crate::house::root().join("schema.graphql");
    let text = std::fs::read_to_string(schema).expect("schema.graphql");
    let (mut of, mut found) = (String::new(), Vec::new());
    for line in text.lines() {
        let mut words = line.split([' ', '(', ':', '{']).filter(|w| !w.is_empty());
        if !line.starts_with('\t')
            && let (Some("type" | "input" | "enum" | "interface"), Some(name)) = (words.next(), words.next())
        {
            of = name.to_owned();
        }
        if let Some((member, rest)) = line.split_once("@deprecated(reason: \"") {
            let member = member.trim().split([' ', '(', ':']).next().unwrap_or_default();
            let (reason, _) = rest.split_once("\")").expect("the end of the reason");
            let coordinate = format!("{of}.{member}");
            found.push(Notice::read(&coordinate, reason).unwrap_or_else(|| panic!("{coordinate}: {reason}")));
        }
    }
    assert_eq!(found.len(), text.matches("@deprecated(reason: \"").count());
    found
}
