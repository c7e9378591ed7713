//! What every answer has, and what none says: over all routes as the sources name them, whatever is asked of them.

use crate::api::GRAPHQL;
use crate::database::fixture::strict;
use crate::house::root;
use crate::world::World;
use quartermaster_api::config::Config;
use reqwest::{Method, Response};
use serde_json::json;

/// All routes, their parameters filled in with what is there and with what is not.
fn routes() -> Vec<String> {
    let mut out = Vec::new();
    for source in ["api/src/http/mod.rs", "api/src/rest/mod.rs"] {
        let text = std::fs::read_to_string(root().join(source)).expect("a source");
        for rest in text.split(".route(\"").skip(1) {
            let route = rest.split('"').next().expect("a route");
            for (kind, name, id) in [
                ("items", "graphiql.min.js", "imp_00000000000000000000000000"),
                ("nothing", "..%2f", "x"),
            ] {
                let filled = route.replace("{kind}", kind).replace("{name}", name);
                out.push(filled.replace("{id}", id));
            }
        }
    }
    out.extend(["/nothing", "/graphql/", "/.env", "/graphql?query=%00", "//"].map(str::to_owned));
    out.dedup();
    assert!(out.len() > 15, "routes were not found: {out:?}");
    out
}

/// What is wrong with an answer, wherever it comes from.
fn faults(answer: &Response) -> Vec<String> {
    let mut found = Vec::new();
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
    ] {
        if answer.headers().get(name).is_none_or(|v| v != value) {
            found.push(format!("{name} is not {value}"));
        }
    }
    let policy = answer
        .headers()
        .get("content-security-policy")
        .and_then(|v| v.to_str().ok());
    if !policy.is_some_and(|p| p.contains("default-src 'none'") && p.contains("frame-ancestors 'none'")) {
        found.push(format!("content-security-policy is {policy:?}"));
    }
    if answer.headers().get("x-request-id").is_none() {
        found.push("no x-request-id".to_owned());
    }
    for name in [
        "server",
        "x-powered-by",
        "via",
        "set-cookie",
        "access-control-allow-credentials",
    ] {
        if answer.headers().contains_key(name) {
            found.push(format!("has {name}"));
        }
    }
    if answer.status().as_u16() >= 500 {
        found.push(format!("status {}", answer.status()));
    }
    found
}

#[tokio::test]
async fn every_answer_of_every_route_protects_browsers_and_names_no_version() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let base = format!("http://{}", world.server.addr);
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none());
    let client = client.build().expect("a client");
    let (mut wrong, mut asked) = (Vec::new(), 0);
    for route in routes() {
        for method in [
            "GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "NONSENSE",
        ] {
            for credential in [None, Some(buyer.token()), Some("nonsense")] {
                let method = Method::from_bytes(method.as_bytes()).expect("a method");
                let mut request = client.request(method.clone(), format!("{base}{route}"));
                if let Some(credential) = credential {
                    request = request.bearer_auth(credential);
                }
                let answer = request.send().await.expect("an answer");
                asked += 1;
                let at = format!("{method} {route}");
                wrong.extend(faults(&answer).into_iter().map(|what| format!("{at}: {what}")));
                let kind = answer.headers().get("content-type").and_then(|v| v.to_str().ok());
                let kind = kind.unwrap_or_default().to_owned();
                let ours = kind.contains("json");
                let stored = answer.headers().get("cache-control").is_none_or(|v| v != "no-store");
                let status = answer.status().as_u16();
                // What a probe is told is nobody's secret; preflights may be kept.
                if ours && stored && route != "/readyz" {
                    wrong.push(format!("{at}: {status} may be stored"));
                }
                let body = answer.text().await.unwrap_or_default();
                let version = env!("CARGO_PKG_VERSION");
                if route != "/metrics" && !kind.is_empty() && !kind.contains("javascript") && body.contains(version) {
                    wrong.push(format!("{at}: names the version"));
                }
                for leak in ["axum", "hyper", "tokio", "panicked", "/src/", "Did you mean"] {
                    if ours && body.contains(leak) {
                        wrong.push(format!("{at}: says {leak}"));
                    }
                }
            }
        }
    }
    wrong.sort();
    wrong.dedup();
    assert!(
        wrong.is_empty(),
        "{} of {asked} answers:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// What clients of pages send: ours to ask for, Apollo's to say who they are, OpenTelemetry's.
const ASKED: &str = "authorization,content-type,idempotency-key,apollographql-client-name,apollographql-client-version,traceparent,tracestate";

#[tokio::test]
async fn a_page_of_another_origin_is_answered_only_where_that_is_configured() {
    let world = World::start().await;
    let server = world
        .another_server_with(|c| Config {
            cors_origins: vec!["https://shop.example".to_owned()],
            ..c
        })
        .await;
    let base = format!("http://{}", server.addr);
    for route in ["/graphql", "/v1/imports/items", "/v1/exports/items"] {
        for (origin, allowed) in [
            ("https://shop.example", true),
            ("https://shop.example.evil.example", false),
            ("http://shop.example", false),
            ("https://evil.example", false),
            ("null", false),
        ] {
            let preflight = world
                .http
                .request(Method::OPTIONS, format!("{base}{route}"))
                .header("origin", origin)
                .header("access-control-request-method", "POST")
                .header("access-control-request-headers", ASKED);
            let answer = preflight.send().await.expect("an answer");
            let told = answer.headers().get("access-control-allow-origin");
            assert_eq!(told.is_some_and(|v| v == origin), allowed, "{route} {origin}: {told:?}");
            assert!(allowed || told.is_none(), "{route} {origin}: {told:?}");
            if allowed {
                let may = answer.headers().get("access-control-allow-headers").expect("headers");
                let may: Vec<_> = may.to_str().expect("text").split(',').map(str::trim).collect();
                assert!(ASKED.split(',').all(|header| may.contains(&header)), "{route}: {may:?}");
            }
            assert!(answer.headers().get("access-control-allow-credentials").is_none());
        }
    }
    let own = world
        .http
        .request(Method::OPTIONS, world.url())
        .header("origin", "https://shop.example");
    let own = own
        .header("access-control-request-method", "POST")
        .send()
        .await
        .expect("an answer");
    assert!(
        own.headers().get("access-control-allow-origin").is_none(),
        "none is allowed by default"
    );
}

#[tokio::test]
async fn what_a_form_of_another_site_can_send_does_nothing() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let base = format!("http://{}", world.server.addr);
    let mutation = json!({ "query": "mutation { purchaseOrderCancel(input: { id: \"po_00000000000000000000000000\", reason: \"x\" }) { userErrors { code } } }" });
    // The types that a page may send without asking first (Fetch, CORS-safelisted request-header).
    for kind in [
        "text/plain",
        "text/plain; charset=application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=application/json",
        "",
    ] {
        for route in ["/graphql", "/v1/imports/items"] {
            let request = world.http.post(format!("{base}{route}")).bearer_auth(buyer.token());
            let request = request.header("content-type", kind).header("accept", GRAPHQL);
            let answer = request.body(mutation.to_string()).send().await.expect("an answer");
            assert_eq!(answer.status().as_u16(), 415, "{route} {kind:?}");
        }
    }
    let get = reqwest::Url::parse_with_params(&world.url(), [("query", mutation["query"].as_str().expect("text"))]);
    let get = world.http.get(get.expect("an address")).bearer_auth(buyer.token());
    assert_eq!(get.send().await.expect("an answer").status().as_u16(), 405);
}

#[tokio::test]
async fn no_word_for_a_wrong_name_gives_a_right_one_away() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    for (text, variables) in [
        ("{ purchaseOrder { id } }", json!({})),
        ("{ purchaseOrderz { id } }", json!({})),
        ("{ purchaseOrders { nodez { id } } }", json!({})),
        ("{ purchaseOrders(frst: 1) { nodes { id } } }", json!({})),
        ("{ purchaseOrders { nodes { ... on PurchaseOrdr { id } } } }", json!({})),
        (
            "query($f: PurchaseOrderFiltr) { purchaseOrders(filter: $f) { nodes { id } } }",
            json!({}),
        ),
        (
            "query($f: PurchaseOrderFilter) { purchaseOrders(filter: $f) { nodes { id } } }",
            json!({ "f": { "statusez": 1 } }),
        ),
        (
            "query($f: PurchaseOrderFilter) { purchaseOrders(filter: $f) { nodes { id } } }",
            json!({ "f": { "statuses": ["DRFT"] } }),
        ),
        ("{ purchaseOrders(orderBy: CREATED) { nodes { id } } }", json!({})),
        (
            "mutation { purchaseOrderAprove(input: {}) { userErrors { code } } }",
            json!({}),
        ),
        ("{ viewer @skp(if: true) { displayName } }", json!({})),
    ] {
        let answer = buyer.ask(text, variables).await.to_string();
        assert!(answer.contains("errors"), "{answer}");
        for gives_away in [
            "Did you mean",
            "did you mean",
            "purchaseOrders\\\"",
            "purchaseOrderApprove",
            "DRAFT",
            "CREATED_AT",
            "supplierIds",
        ] {
            let own = text.contains(gives_away.trim_end_matches(['\\', '"']));
            assert!(own || !answer.contains(gives_away), "{text}: {answer}");
        }
    }
}
