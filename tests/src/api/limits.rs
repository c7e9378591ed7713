use super::{post, query, refusal};
use crate::database::fixture::strict;
use crate::world::World;
use serde_json::json;

#[tokio::test]
async fn a_document_that_nests_a_hundred_deep_is_refused_with_a_code() {
    let world = World::start().await;
    for (open, close) in [("{ a ", " }"), ("{ __schema { types ", " } }")] {
        let text = format!("{}{}", open.repeat(100), close.repeat(100));
        assert_eq!(refusal(post(&world, &query(&text))).await.1, "QUERY_TOO_COMPLEX");
    }
    let list = format!(
        "{{ nodes(ids: {}{}) {{ id }} }}",
        "[".repeat(50_000),
        "]".repeat(50_000)
    );
    assert_eq!(refusal(post(&world, &query(&list))).await.1, "QUERY_TOO_COMPLEX");
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_before_it_is_read() {
    let world = World::start().await;
    let large = query(&" ".repeat(4 * 1024 * 1024 + 1));
    assert_eq!(refusal(post(&world, &large)).await, (413, "BAD_USER_INPUT".to_owned()));
}

#[tokio::test]
async fn breadth_is_charged_before_work() {
    let world = World::start().await;
    let roots: String = (0..21).map(|i| format!("r{i}: __typename ")).collect();
    assert_eq!(
        refusal(post(&world, &query(&format!("{{ {roots} }}")))).await.1,
        "QUERY_TOO_COMPLEX"
    );
    let mut bomb = String::from("{ ...f0 }");
    for i in 0..40 {
        bomb.push_str(&format!(" fragment f{i} on Query {{ ...f{0} ...f{0} }}", i + 1));
    }
    bomb.push_str(" fragment f40 on Query { __typename }");
    assert_eq!(refusal(post(&world, &query(&bomb))).await.1, "QUERY_TOO_COMPLEX");
}

#[tokio::test]
async fn the_introspection_of_tools_fits_the_limits() {
    let world = World::start().await;
    let of_type = format!("{}{}", "ofType { kind name ".repeat(9), "}".repeat(9));
    let text = format!(
        "query IntrospectionQuery {{ __schema {{ description queryType {{ name }} mutationType {{ name }} subscriptionType {{ name }} types {{ ...FullType }} \
         directives {{ name description locations args(includeDeprecated: true) {{ ...InputValue }} }} }} }} \
         fragment FullType on __Type {{ kind name description specifiedByURL fields(includeDeprecated: true) {{ name description args(includeDeprecated: true) {{ ...InputValue }} \
         type {{ ...TypeRef }} isDeprecated deprecationReason }} inputFields(includeDeprecated: true) {{ ...InputValue }} interfaces {{ ...TypeRef }} \
         enumValues(includeDeprecated: true) {{ name description isDeprecated deprecationReason }} possibleTypes {{ ...TypeRef }} }} \
         fragment InputValue on __InputValue {{ name description type {{ ...TypeRef }} defaultValue isDeprecated deprecationReason }} \
         fragment TypeRef on __Type {{ kind name {of_type} }}"
    );
    let answer: serde_json::Value = post(&world, &query(&text)).send().await.unwrap().json().await.unwrap();
    assert!(answer.get("errors").is_none(), "{}", answer["errors"]);
    assert!(answer["data"]["__schema"]["types"].as_array().unwrap().len() > 20);
}

#[tokio::test]
async fn lists_in_lists_are_charged_by_what_they_ask_for_before_a_statement_is_sent() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let trips = || world.server.db().round_trips();
    buyer.run("{ __typename }", json!({})).await;
    let before = trips();
    buyer.run("{ __typename }", json!({})).await;
    let entry = trips() - before;
    let deep = "query($n: Int) { purchaseOrders(first: $n) { nodes { lines(first: $n) { nodes { item { sku name } quantity { value } } } } } }";
    let counted: String = (0..19)
        .map(|i| format!("c{i}: purchaseOrders(first: 250) {{ nodes {{ lines(first: 0) {{ totalCount }} }} }} "))
        .collect();
    let ids: Vec<String> = (0..1_001)
        .map(|_| quartermaster_tenants::id::encode("po", uuid::Uuid::now_v7()))
        .collect();
    for (text, variables) in [
        (deep.to_owned(), json!({ "n": 250 })),
        (format!("{{ {counted} }}"), json!({})),
        (
            "query($ids: [ID!]!) { purchaseOrders(filter: { ids: $ids }) { nodes { id } } }".to_owned(),
            json!({ "ids": ids }),
        ),
    ] {
        let before = trips();
        let answer = buyer.ask(&text, variables).await;
        assert_eq!(
            answer["errors"][0]["extensions"]["code"], "QUERY_TOO_COMPLEX",
            "{answer:#}"
        );
        assert_eq!(
            trips() - before,
            entry,
            "no statement beyond those of letting somebody in"
        );
    }
    let answer = buyer.ask(deep, json!({ "n": 100 })).await;
    assert!(answer.get("errors").is_none(), "{answer:#}");
}
