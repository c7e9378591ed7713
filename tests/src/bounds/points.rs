//! Points: what a tenant, and somebody in it, may ask for in a minute.

use crate::api::query;
use crate::api::socket::Socket;
use crate::database::fixture::strict;
use crate::operators::land::Land;
use crate::world::{Bearer, World};
use quartermaster_api::config::Config;
use quartermaster_api::server::Running;
use reqwest::Response;
use serde_json::{Value, json};
use std::time::Duration;

/// A server with these limits beside the world's own, which has none.
async fn limited(world: &World, tenant: u32, account: u32) -> Running {
    let limits = |config| Config {
        tenant_points_per_minute: Some(tenant),
        account_points_per_minute: Some(account),
        ..config
    };
    world.another_server_with(limits).await
}

async fn ask(who: &Bearer, server: &Running, text: &str) -> Response {
    let url = format!("http://{}/graphql", server.addr);
    who.post(&url, &query(text)).send().await.expect("an answer")
}

fn header<'r>(answer: &'r Response, name: &str) -> &'r str {
    let value = answer
        .headers()
        .get(name)
        .unwrap_or_else(|| panic!("no {name}: {answer:?}"));
    value.to_str().expect("text")
}

/// A number that a header gives for one of its buckets: `"tenant";r=5;t=60, "account";r=…`.
fn number(answer: &Response, name: &str, bucket: &str, parameter: &str) -> u64 {
    let value = header(answer, name);
    let item = value
        .split(", ")
        .find(|item| item.starts_with(&format!("\"{bucket}\"")));
    let item = item.unwrap_or_else(|| panic!("no {bucket} in {value}"));
    let found = item.split(';').find_map(|p| p.strip_prefix(&format!("{parameter}=")));
    found.expect("a parameter").parse().expect("a number")
}

fn left(answer: &Response, bucket: &str) -> u64 {
    number(answer, "ratelimit", bucket, "r")
}

/// Asks until it is too much: how often it was answered, and the refusal.
async fn until_refused(who: &Bearer, server: &Running) -> (u32, Response) {
    for n in 0..500 {
        let answer = ask(who, server, "{ __typename }").await;
        if answer.status().as_u16() == 429 {
            return (n, answer);
        }
        assert_eq!(answer.status().as_u16(), 200);
    }
    panic!("500 requests, and nothing refused");
}

#[tokio::test]
async fn whoever_asks_too_much_is_told_when_to_come_again_and_nobody_else_is_turned_away() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let (eager, calm) = (
        world.member(&shop, &["buyer"]).await,
        world.member(&shop, &["buyer"]).await,
    );
    let server = limited(&world, 60_000, 120).await;
    let first = ask(&eager, &server, "{ __typename }").await;
    assert_eq!(
        header(&first, "ratelimit-policy"),
        "\"tenant\";q=10000;qu=\"points\";w=10, \"account\";q=20;qu=\"points\";w=10"
    );
    assert_eq!(left(&first, "account"), 19);
    let (answered, refused) = until_refused(&eager, &server).await;
    assert!(answered >= 19, "{answered}");
    assert_eq!(left(&refused, "account"), 0);
    let after: u64 = header(&refused, "retry-after").parse().expect("seconds");
    assert!((1..=10).contains(&after), "{after}");
    let told: Value = refused.json().await.expect("JSON");
    assert_eq!(told["errors"][0]["extensions"]["code"], "RATE_LIMITED", "{told:#}");
    assert_eq!(ask(&calm, &server, "{ __typename }").await.status().as_u16(), 200);
}

#[tokio::test]
async fn a_tenant_that_asks_too_much_is_turned_away_whoever_asks_and_another_is_not() {
    let world = World::start().await;
    let (loud, quiet) = (world.shop(&strict()).await, world.shop(&strict()).await);
    let (one, two) = (
        world.member(&loud, &["buyer"]).await,
        world.member(&loud, &["buyer"]).await,
    );
    let other = world.member(&quiet, &["buyer"]).await;
    let server = limited(&world, 120, 0).await;
    until_refused(&one, &server).await;
    let (answered, _) = until_refused(&two, &server).await;
    assert!(
        answered < 20,
        "the tenant's points are one for all: {answered} more were answered"
    );
    assert_eq!(ask(&other, &server, "{ __typename }").await.status().as_u16(), 200);
}

#[tokio::test]
async fn who_was_turned_away_costs_the_database_nothing() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let eager = world.member(&shop, &["buyer"]).await;
    // So few that none comes back while the test runs.
    let server = limited(&world, 0, 1).await;
    let large = "{ purchaseOrders(first: 250) { nodes { id number status lines(first: 50) { nodes { id } } } } }";
    assert_eq!(ask(&eager, &server, large).await.status().as_u16(), 200);
    assert_eq!(ask(&eager, &server, "{ __typename }").await.status().as_u16(), 429);
    let before = server.db().round_trips();
    for _ in 0..20 {
        assert_eq!(ask(&eager, &server, "{ __typename }").await.status().as_u16(), 429);
        let export = eager
            .at(&format!("http://{}", server.addr))
            .rest(reqwest::Method::GET, "/v1/exports/items");
        assert_eq!(export.send().await.expect("an answer").status().as_u16(), 429);
    }
    assert_eq!(server.db().round_trips(), before);
}

/// 250 orders with 50 lines of 6 fields each: 75,000 fields, of which there is none. Three quarters of 6,000 points a minute.
const LARGE: &str =
    "{ purchaseOrders(first: 250) { nodes { lines(first: 50) { nodes { id a: id b: id c: id d: id e: id } } } } }";

#[tokio::test]
async fn a_large_question_costs_what_it_could_read_before_it_is_answered() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let server = limited(&world, 0, 6_000).await;
    let small = left(&ask(&buyer, &server, "{ __typename }").await, "account");
    assert_eq!(small, 999);
    let after = left(&ask(&buyer, &server, LARGE).await, "account");
    assert!(after < 500, "{after}");
}

#[tokio::test]
async fn a_question_that_is_answered_anew_since_its_account_changed_is_charged_once() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let server = limited(&world, 0, 6_000).await;
    ask(&buyer, &server, "{ __typename }").await;
    let rename = "UPDATE qm.account SET display_name = 'Somebody else' WHERE tenant_id = $1 AND id = $2";
    let renamed = world.owner.execute(rename, &[&shop.tenant.0, &buyer.op.account]).await;
    assert_eq!(renamed.expect("update"), 1);
    let before = server.db().round_trips();
    let answer = ask(&buyer, &server, LARGE).await;
    assert!(server.db().round_trips() - before > 1, "answered at the first go");
    assert_eq!(answer.status().as_u16(), 200);
    // Twice would leave a debt.
    assert!(left(&answer, "account") > 0, "{}", header(&answer, "ratelimit"));
}

#[tokio::test]
async fn files_are_charged_as_well() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let manager = world.member(&shop, &["category_manager"]).await;
    let server = limited(&world, 60_000, 60_000).await;
    let at = manager.at(&format!("http://{}", server.addr));
    let answer = at
        .rest(reqwest::Method::GET, "/v1/exports/items")
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status().as_u16(), 200);
    assert!(left(&answer, "account") < 9_950, "{}", header(&answer, "ratelimit"));
    let upload = at
        .rest(reqwest::Method::POST, "/v1/imports/items")
        .header("content-type", "text/csv")
        .body("sku,name,base_unit\nP-1,One,EA\n");
    let answer = upload.send().await.expect("an answer");
    // What the first one cost has flowed back meanwhile, or not.
    assert!(left(&answer, "account") < 9_950, "{}", header(&answer, "ratelimit"));
}

#[tokio::test]
async fn a_partners_operator_has_points_of_his_own() {
    let land = Land::new().await;
    let id = land.admitted().await;
    let operator = land.at_work(&id).await;
    let server = limited(&land.world, 6_000, 300).await;
    let answer = ask(&operator, &server, "{ __typename }").await;
    assert_eq!(left(&answer, "operator"), 49);
    assert_eq!(left(&answer, "tenant"), 999);
    let answer = ask(&land.ada, &server, "{ __typename }").await;
    assert_eq!((left(&answer, "partner"), left(&answer, "account")), (999, 49));
}

const SET: &str = "mutation($id: ID!, $points: Int) { tenantQuotaSet(input: { id: $id, pointsPerMinute: $points, reason: \"Agreed\" }) { \
    tenant { pointsPerMinute } userErrors { code field } } }";

#[tokio::test]
async fn a_partner_agrees_with_its_tenant_on_another_quota() {
    let land = Land::new().await;
    let server = limited(&land.world, 6_000, 0).await;
    let buyer = land.world.member(&land.shop, &["buyer"]).await;
    let quota = async || {
        number(
            &ask(&buyer, &server, "{ __typename }").await,
            "ratelimit-policy",
            "tenant",
            "q",
        )
    };
    assert_eq!(quota().await, 1_000);
    let (ada, id) = (land.ada.through(&server), land.shop.tenant.to_string());
    let set = ada.done(SET, json!({ "id": id, "points": 600 })).await;
    assert_eq!(set["tenant"]["pointsPerMinute"], 600);
    assert_eq!(quota().await, 100);
    ada.done(SET, json!({ "id": id, "points": null })).await;
    assert_eq!(quota().await, 1_000);
    for (points, id, code, field) in [
        (0, id.clone(), "INVALID_INPUT", "pointsPerMinute"),
        (
            5,
            quartermaster_tenants::id::TenantId::fresh().to_string(),
            "NOT_FOUND",
            "id",
        ),
    ] {
        let error = ada.refused(SET, json!({ "id": id, "points": points })).await;
        assert_eq!(
            (&error["code"], &error["field"]),
            (&json!(code), &json!([field])),
            "{error:#}"
        );
    }
    let own = buyer
        .through(&server)
        .ask(SET, json!({ "id": id, "points": 100_000 }))
        .await;
    assert_eq!(own["errors"][0]["extensions"]["code"], "FORBIDDEN", "{own:#}");
}

#[tokio::test]
async fn what_was_used_at_one_server_is_used_at_the_others_too() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let (here, there) = (limited(&world, 0, 6_000).await, limited(&world, 0, 6_000).await);
    // Asked for a few points at a time, the other server would never come to so little by itself.
    for _ in 0..5 {
        while left(&ask(&buyer, &here, "{ __typename }").await, "account") < 900 {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        ask(&buyer, &here, LARGE).await;
        ask(&buyer, &here, LARGE).await;
        for _ in 0..40 {
            let answer = ask(&buyer, &there, "{ __typename }").await;
            if left(&answer, "account") < 300 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    panic!("the other server never learned of it");
}

#[tokio::test]
async fn without_limits_nothing_is_told_and_nothing_refused() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let answer = ask(&buyer, &world.server, "{ __typename }").await;
    assert_eq!(answer.status().as_u16(), 200);
    assert!(answer.headers().get("ratelimit").is_none());
}

#[tokio::test]
async fn what_is_asked_over_a_socket_is_charged_as_well() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let server = limited(&world, 0, 120).await;
    let mut socket = Socket::open_at(server.addr).await;
    socket.presents(buyer.token()).await;
    assert_eq!(socket.hear().await["type"], "connection_ack");
    for n in 0..500 {
        let ask = json!({ "type": "subscribe", "id": n.to_string(), "payload": { "query": "{ __typename }" } });
        socket.say(ask).await;
        let told = socket.hear().await;
        if told["type"] == "error" {
            assert_eq!(told["payload"][0]["extensions"]["code"], "RATE_LIMITED", "{told:#}");
            return;
        }
        assert_eq!(
            (&told["type"], &socket.hear().await["type"]),
            (&json!("next"), &json!("complete"))
        );
    }
    panic!("500 questions, and nothing refused");
}
