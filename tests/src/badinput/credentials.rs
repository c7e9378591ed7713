//! Tokens that say nothing: expired, unsigned, for somebody else, by somebody else.

use crate::duties::Company;
use crate::world::Person;
use crate::world::command::command;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use chrono::TimeDelta;
use quartermaster_tenants::identity::token::{DevIssuer, DevIssuerConfig};
use serde_json::{Value, json};

/// A token's three parts, with another header or payload and the signature as it was.
fn altered(token: &str, part: usize, change: impl Fn(&mut Value)) -> String {
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    let bytes = BASE64.decode(&parts[part]).expect("base64");
    let mut json: Value = serde_json::from_slice(&bytes).expect("JSON");
    change(&mut json);
    parts[part] = BASE64.encode(json.to_string());
    parts.join(".")
}

async fn tokens(company: &Company, buyer: &Person) -> Vec<(&'static str, String)> {
    let now = crate::api::now(&company.world).await;
    let own = company.world.server.development_issuer().expect("development issuer");
    let (subject, tenant) = (buyer.op.account.to_string(), buyer.op.tenant.to_string());
    let hour = TimeDelta::hours(1);
    let by = |issuer: &DevIssuer, at| {
        issuer
            .mint(&subject, Some(&tenant), "tests", hour, at)
            .expect("a token")
    };
    let good = by(own, now);
    let folder = company.world.folder();
    let elsewhere = tempfile::tempdir().expect("a folder");
    let open = |folder: &std::path::Path, config| DevIssuer::open(folder, config).expect("an issuer");
    let config = DevIssuerConfig::new("quartermaster");
    let unsigned = altered(&good, 0, |header| header["alg"] = json!("none"));
    let (head, _) = unsigned.rsplit_once('.').expect("three parts");
    vec![
        ("expired", by(own, now - TimeDelta::hours(3))),
        ("not valid yet", by(own, now + TimeDelta::hours(3))),
        ("unsigned", format!("{head}.")),
        ("said to be unsigned", unsigned.clone()),
        (
            "signed by a word",
            altered(&good, 0, |header| header["alg"] = json!("HS256")),
        ),
        (
            "no access token",
            altered(&good, 0, |header| header["typ"] = json!("JWT")),
        ),
        (
            "with a key of its own",
            altered(&good, 0, |header| header["jku"] = json!("https://example.org/keys")),
        ),
        (
            "for another person",
            altered(&good, 1, |claims| claims["sub"] = json!("somebody")),
        ),
        (
            "for longer",
            altered(&good, 1, |claims| claims["exp"] = json!(4_000_000_000_i64)),
        ),
        (
            "of another audience",
            by(&open(folder, DevIssuerConfig::new("somebody-else")), now),
        ),
        (
            "of the issuer's name with another key",
            by(&open(elsewhere.path(), config.clone()), now),
        ),
        (
            "of another issuer",
            by(
                &open(
                    folder,
                    DevIssuerConfig {
                        issuer: "https://elsewhere.example".to_owned(),
                        ..config
                    },
                ),
                now,
            ),
        ),
        ("cut off", good[..good.len() - 8].to_owned()),
    ]
}

#[tokio::test]
async fn a_token_that_proves_nothing_lets_nobody_in() {
    let company = Company::open().await;
    let buyer = company.person(&["buyer"]).await;
    let order = company.order_of(&buyer, company.order(false)).await;
    let before = company.events().await;
    let mutation = json!({ "query": command("purchaseOrderSubmit", ""), "variables": { "input": { "id": order } } });
    let query = json!({ "query": "{ purchaseOrders { totalCount } }" });
    for (what, token) in tokens(&company, &buyer).await {
        for body in [&mutation, &query] {
            let request = company
                .world
                .http
                .post(company.world.url())
                .bearer_auth(&token)
                .json(body);
            let answer = request.send().await.expect("an answer");
            assert_eq!(answer.status().as_u16(), 401, "{what}");
            let challenge = answer.headers()["www-authenticate"].to_str().expect("text").to_owned();
            assert!(challenge.contains("error=\"invalid_token\""), "{what}: {challenge}");
            let told: Value = answer.json().await.expect("JSON");
            assert_eq!(
                told["errors"][0]["extensions"]["code"], "UNAUTHENTICATED",
                "{what}: {told:#}"
            );
            assert_eq!(told["data"], Value::Null, "{what}");
        }
    }
    assert_eq!(company.events().await, before);
    buyer.does("purchaseOrderSubmit", "", json!({ "id": order })).await;
}
