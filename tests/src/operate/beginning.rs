//! A deployment with nothing in it: a partner at the console, and from then on the API.

use crate::database::fixture::{beside, scratch, url};
use crate::docs::page::Page;
use crate::docs::shell::{bash, program, said};
use quartermaster_api::config::Config;
use quartermaster_api::server;
use serde_json::{Value, json};
use std::process::Output;

const ISSUER: &str = "https://dev.quartermaster.localhost";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deployment_begins_with_a_partner_whose_administrator_sets_up_its_first_tenant() {
    let owner = scratch().await;
    let (app, relay): (String, String) = ["DATABASE_APP_URL", "DATABASE_RELAY_URL"]
        .map(|name| beside(&url(name), &owner))
        .into();
    let folder = tempfile::tempdir().unwrap();
    program(folder.path());
    let typed = |script: &str| -> Output {
        bash(&[folder.path().to_str().unwrap()], script)
            .env("DATABASE_OWNER_URL", &owner)
            .env("QUARTERMASTER_ENVIRONMENT", "development")
            .env("QUARTERMASTER_DEVELOPMENT_ISSUER_FOLDER", folder.path().join("issuer"))
            .output()
            .unwrap()
    };
    said(&typed("quartermaster migrate"));
    let page = Page::read("docs/operations.md");
    let shown = page.blocks.iter().find(|b| b.is("sh", "first")).expect("a command");
    let made = said(&typed(&shown.text));
    assert!(made.starts_with("northwind is ptn_"), "{made}");
    assert_eq!(said(&typed(&shown.text)), made, "the same again is the same");
    // At an issuer that can be asked here.
    said(&typed(&format!(
        "quartermaster partner southwind Southwind --issuer {ISSUER} --platform-issuer --admin southwind.ada --admin-name Ada"
    )));
    // An issuer that speaks for everybody is not one partner's.
    let other = format!("quartermaster partner other Other --issuer {ISSUER} --admin other.ada --admin-name Ada");
    let refused = typed(&other);
    let why = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(why.contains("This issuer speaks for somebody else already."), "{why}");
    assert!(!refused.status.success());
    said(&typed(&format!("quartermaster platform {ISSUER} platform.pia")));

    let token = said(&typed("quartermaster token southwind.ada"));
    let stranger = said(&typed("quartermaster token southwind.nobody"));
    let config = Config {
        development_issuer_folder: folder.path().join("issuer"),
        ..Config::development(app, owner.clone(), relay)
    };
    let running = server::start(config).await.expect("started");
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let ask = async |token: &str, query: &str, variables: Value| -> Value {
        let body = json!({ "query": query, "variables": variables });
        let request = http.post(format!("http://{}/graphql", running.addr)).json(&body);
        let answer = request.bearer_auth(token.trim()).send().await.unwrap();
        answer.json().await.unwrap()
    };
    let founder = |n: usize| {
        let role = if n < 2 { "SECURITY_ADMIN" } else { "TENANT_ADMIN" };
        json!({ "issuer": ISSUER, "subject": format!("shop.{n}"), "displayName": format!("Founder {n}"), "role": role })
    };
    let tenant = json!({ "code": "SHOP", "name": "Shop", "kind": "RETAILER", "currencyCode": "USD", "countryCode": "US",
        "founders": [founder(0), founder(1), founder(2), founder(3)] });
    let create =
        "mutation($input: TenantCreateInput!) { tenantCreate(input: $input) { tenant { id } userErrors { message } } }";
    let created = ask(&token, create, json!({ "input": tenant })).await;
    assert_eq!(created["data"]["tenantCreate"]["userErrors"], json!([]), "{created:#}");
    let list = "{ partnerTenants { nodes { code status } } }";
    let tenants = ask(&token, list, json!({})).await;
    assert_eq!(
        tenants["data"]["partnerTenants"]["nodes"],
        json!([{ "code": "SHOP", "status": "ACTIVE" }])
    );
    let founder = said(&typed("quartermaster token shop.0"));
    let viewer = ask(&founder, "{ viewer { displayName } }", json!({})).await;
    assert_eq!(viewer["data"]["viewer"]["displayName"], "Founder 0");
    let nobody = ask(&stranger, list, json!({})).await;
    assert_eq!(
        nobody["errors"][0]["extensions"]["code"], "UNAUTHENTICATED",
        "{nobody:#}"
    );
    running.shutdown().await;
}
