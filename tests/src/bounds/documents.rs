//! Documents and variables that are made to cost: each is refused with a code before anything runs, and the server goes on.

use crate::api::{post, query, refusal};
use crate::database::fixture::strict;
use crate::world::World;
use serde_json::{Value, json};

fn many(n: usize, one: impl Fn(usize) -> String) -> String {
    (0..n).map(one).collect::<Vec<_>>().join(" ")
}

/// Documents by what is too much about them.
fn bombs() -> Vec<(&'static str, String)> {
    let chain = |n: usize| {
        many(n, |i| format!("fragment f{i} on Query {{ ...f{} }}", i + 1))
            + format!(" fragment f{n} on Query {{ __typename }}").as_str()
    };
    let doubling = many(40, |i| format!("fragment f{i} on Query {{ ...f{0} ...f{0} }}", i + 1));
    let inline = format!("{{ {} __typename {} }}", "... { ".repeat(49), "} ".repeat(49));
    let listed = |n: usize| format!("{}1{}", "[".repeat(n), "]".repeat(n));
    vec![
        (
            "fragments that double",
            format!("{{ ...f0 }} {doubling} fragment f40 on Query {{ __typename }}"),
        ),
        ("a chain of fragments", format!("{{ ...f0 }} {}", chain(400))),
        ("a longer chain", format!("{{ ...f0 }} {}", chain(2_000))),
        (
            "fragments that nobody spreads",
            format!("{{ __typename }} {}", chain(600)),
        ),
        ("inline fragments", inline),
        (
            "root fields",
            format!("{{ {} }}", many(21, |i| format!("r{i}: __typename"))),
        ),
        (
            "aliases",
            format!("{{ viewer {{ {} }} }}", many(101, |i| format!("a{i}: displayName"))),
        ),
        (
            "the same field",
            format!("{{ viewer {{ {} }} }}", many(6_000, |_| "displayName".to_owned())),
        ),
        (
            "tokens",
            format!("{{ viewer {{ {} }} }}", many(21_000, |_| "displayName".to_owned())),
        ),
        (
            "directives",
            format!("{{ __typename {} }}", many(51, |_| "@include(if: true)".to_owned())),
        ),
        ("operations", many(7_000, |i| format!("query Q{i} {{ __typename }}"))),
        (
            "variables",
            format!("query({}) {{ __typename }}", many(201, |i| format!("$v{i}: Int"))),
        ),
        ("nested lists", format!("{{ nodes(ids: {}) {{ id }} }}", listed(60))),
        (
            "nested defaults",
            format!("query($v: [ID!] = {}) {{ nodes(ids: $v) {{ id }} }}", listed(60)),
        ),
        (
            "ids",
            format!(
                "{{ nodes(ids: [{}]) {{ id }} }}",
                many(1_001, |_| "\"po_00000000000000000000000000\"".to_owned())
            ),
        ),
        (
            "introspection in circles",
            "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }".to_owned(),
        ),
        (
            "a long string",
            format!("{{ node(id: \"{}\") {{ id }} }}", "x".repeat(300 * 1024)),
        ),
    ]
}

#[tokio::test]
async fn a_document_that_is_made_to_cost_is_refused_before_anything_runs() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    for (what, text) in bombs() {
        let request = post(&world, &query(&text)).bearer_auth(buyer.token());
        let (status, code) = refusal(request).await;
        assert!(status < 500, "{what}: {status}");
        let expected: &[&str] = match what {
            // The engine's own depth counts fields, so these cost nothing; and a value that nests too deep may be no id either.
            "inline fragments" | "nested lists" | "nested defaults" => &["QUERY_TOO_COMPLEX", "BAD_USER_INPUT"],
            "operations" => &["QUERY_TOO_COMPLEX", "BAD_USER_INPUT"],
            _ => &["QUERY_TOO_COMPLEX"],
        };
        assert!(expected.contains(&code.as_str()), "{what}: {code}");
    }
    buyer.run("{ viewer { displayName } }", json!({})).await;
}

#[tokio::test]
async fn variables_that_are_made_to_cost_are_refused() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let ids = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
    let nested = |n: usize| (0..n).fold(json!("x"), |inner, _| json!([inner]));
    let strange: Value = (0..5_000)
        .map(|i| (format!("v{i}"), json!(i)))
        .collect::<serde_json::Map<_, _>>()
        .into();
    for (what, text, variables, codes) in [
        (
            "a long list",
            ids,
            json!({ "ids": vec!["po_00000000000000000000000000"; 1_001] }),
            ["QUERY_TOO_COMPLEX"].as_slice(),
        ),
        ("a deep list", ids, json!({ "ids": nested(100) }), &["BAD_USER_INPUT"]),
        (
            "a long list within",
            "query($f: PurchaseOrderFilter) { purchaseOrders(filter: $f) { nodes { id } } }",
            json!({ "f": { "ids": vec!["po_00000000000000000000000000"; 1_001] } }),
            &["QUERY_TOO_COMPLEX"],
        ),
        (
            "variables that nobody declared",
            "query($id: ID!) { node(id: $id) { id } }",
            strange,
            &["BAD_USER_INPUT"],
        ),
    ] {
        let body = json!({ "query": text, "variables": variables });
        let (status, code) = refusal(post(&world, &body).bearer_auth(buyer.token())).await;
        assert!(
            status < 500 && codes.contains(&code.as_str()),
            "{what}: {status} {code}"
        );
    }
}

#[tokio::test]
async fn a_packed_body_is_refused_unread() {
    let world = World::start().await;
    let request = post(&world, &query("{ __typename }")).header("content-encoding", "gzip");
    assert_eq!(refusal(request).await, (415, "BAD_USER_INPUT".to_owned()));
    let plain = post(&world, &query("{ __typename }")).header("content-encoding", "identity");
    assert_eq!(plain.send().await.expect("an answer").status().as_u16(), 200);
}
