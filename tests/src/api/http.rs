use super::{GRAPHQL, media, post, query, refusal, token};
use crate::database::fixture::strict;
use crate::world::World;
use chrono::TimeDelta;
use serde_json::{Value, json};

#[tokio::test]
async fn the_status_follows_the_media_type_that_the_client_accepts() {
    let world = World::start().await;
    for (text, code) in [
        ("{ nope }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ nope", "GRAPHQL_PARSE_FAILED"),
        ("", "BAD_USER_INPUT"),
    ] {
        let modern = post(&world, &query(text)).header("accept", GRAPHQL);
        assert_eq!(refusal(modern).await, (400, code.to_owned()), "{text}");
    }
    assert_eq!(refusal(post(&world, &query("{ nope }"))).await.0, 200);
    let answer = post(&world, &query("{ __typename }"))
        .header("accept", GRAPHQL)
        .send()
        .await
        .unwrap();
    assert_eq!((answer.status().as_u16(), media(&answer).as_str()), (200, GRAPHQL));
    let answer = post(&world, &query("{ __typename }"))
        .header("accept", "*/*")
        .send()
        .await
        .unwrap();
    assert_eq!(
        (answer.status().as_u16(), media(&answer).as_str()),
        (200, "application/json")
    );
    let request = post(&world, &query("{ __typename }")).header("accept", "text/html");
    assert_eq!(refusal(request).await.0, 406);
}

#[tokio::test]
async fn only_json_is_taken_and_only_queries_by_get() {
    let world = World::start().await;
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ] {
        let request = world
            .http
            .post(world.url())
            .header("content-type", kind)
            .body("{\"query\":\"{__typename}\"}");
        assert_eq!(refusal(request).await.0, 415, "{kind}");
    }
    assert_eq!(
        refusal(world.http.put(world.url()).json(&query("{ __typename }")))
            .await
            .0,
        405
    );
    let get = |text: &str| {
        world.http.get(format!(
            "{}?query={}",
            world.url(),
            text.replace(' ', "%20").replace('"', "%22")
        ))
    };
    let answer = get("{ __typename }").send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    let mutation =
        "mutation { purchaseOrderSubmit(input: { id: \"po_00000000000000000000000000\" }) { userErrors { code } } }";
    assert_eq!(refusal(get(mutation)).await.0, 405);
}

#[tokio::test]
async fn a_malformed_request_is_a_coded_400() {
    let world = World::start().await;
    let long = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    let bodies = [
        "".to_owned(),
        "{".to_owned(),
        "null".to_owned(),
        "\"x\"".to_owned(),
        "[{\"query\":\"{__typename}\"}]".to_owned(),
        "{\"query\":1}".to_owned(),
        "{\"query\":\"{__typename}\",\"variables\":[]}".to_owned(),
        "{\"query\":\"{__typename}\",\"variables\":{\"x\":\"\\ud800\"}}".to_owned(),
        "{\"query\":\"{__typename}\",\"variables\":{\"x\":1e999}}".to_owned(),
        format!("{{\"query\":\"{{__typename}}\",\"variables\":{{\"x\":{long}}}}}"),
    ];
    for body in bodies {
        let request = world
            .http
            .post(world.url())
            .header("content-type", "application/json")
            .body(body.clone());
        assert_eq!(refusal(request).await, (400, "BAD_USER_INPUT".to_owned()), "{body}");
    }
}

#[tokio::test]
async fn a_request_without_a_good_credential_is_told_how_to_get_one() {
    let world = World::start().await;
    let list = query("{ purchaseOrders { nodes { id } } }");
    let answer = post(&world, &list).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 401);
    assert_eq!(answer.headers()["www-authenticate"], "Bearer realm=\"quartermaster\"");
    for credential in ["Bearer nonsense", "Basic eDp5", "Bearer qm_a_b_c", "Bearer"] {
        let answer = post(&world, &list)
            .header("authorization", credential)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status().as_u16(), 401, "{credential}");
        let challenge = answer.headers()["www-authenticate"].to_str().unwrap().to_owned();
        assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
    }
}

#[tokio::test]
async fn the_request_id_comes_back_and_nothing_but_a_uuid_is_taken() {
    let world = World::start().await;
    let id = "0190a5d0-ac96-774b-bcce-b302099a8057";
    let answer = post(&world, &query("{ __typename }"))
        .header("x-request-id", id)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.headers()["x-request-id"], id);
    let answer = post(&world, &query("{ __typename }"))
        .header("x-request-id", "x\" y")
        .send()
        .await
        .unwrap();
    assert!(answer.headers()["x-request-id"].to_str().unwrap().len() == 36);
    assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
}

#[tokio::test]
async fn values_that_cannot_be_read_are_bad_user_input() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let bearer = token(&world, &buyer, TimeDelta::hours(1)).await;
    let cases = [
        ("{ node(id: \"nonsense\") { id } }", json!({})),
        (
            "query($f: Int) { purchaseOrders(first: $f) { nodes { id } } }",
            json!({ "f": "ten" }),
        ),
        ("query($i: ID!) { node(id: $i) { id } }", json!({})),
        ("query($i: ID!) { node(id: $i) { id } }", json!({ "i": { "a": 1 } })),
        ("query($i: ID!) { node(id: $i) { id } }", json!({ "i": "a\u{0}b" })),
        ("{ node(id: \"a\\u0000b\") { id } }", json!({})),
        ("query A { __typename } query B { __typename }", json!({})),
    ];
    for (text, variables) in cases {
        let request = post(&world, &json!({ "query": text, "variables": variables })).bearer_auth(&bearer);
        assert_eq!(refusal(request).await.1, "BAD_USER_INPUT", "{text} {variables}");
    }
    let surrogate = post(&world, &query("{ node(id: \"\\ud800\") { id } }")).bearer_auth(&bearer);
    assert_eq!(refusal(surrogate).await.1, "GRAPHQL_PARSE_FAILED");
}

#[tokio::test]
async fn no_error_suggests_a_name() {
    let world = World::start().await;
    let answer: Value = post(&world, &query("{ purchaseOrder { id } nod }"))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert!(!answer.to_string().contains("Did you mean"), "{answer:#}");
}

#[tokio::test]
async fn health_readiness_figures_and_graphiql_answer() {
    let world = World::start().await;
    let base = format!("http://{}", world.server.addr);
    for (path, says) in [
        ("/healthz", "alive"),
        ("/readyz", "\"ready\":true"),
        ("/metrics", "quartermaster_database_round_trips_total"),
        ("/graphiql", "Quartermaster"),
    ] {
        let answer = world.http.get(format!("{base}{path}")).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{path}");
        assert!(answer.text().await.unwrap().contains(says), "{path}");
    }
    let script = world
        .http
        .get(format!("{base}/graphiql/graphiql.min.js"))
        .send()
        .await
        .unwrap();
    let tag = script.headers()["etag"].to_str().unwrap().to_owned();
    let again = world
        .http
        .get(format!("{base}/graphiql/graphiql.min.js"))
        .header("if-none-match", tag)
        .send()
        .await
        .unwrap();
    assert_eq!(again.status().as_u16(), 304);
    assert_eq!(
        world
            .http
            .get(format!("{base}/graphiql/..%2Fx"))
            .send()
            .await
            .unwrap()
            .status()
            .as_u16(),
        404
    );
}

#[tokio::test]
async fn what_is_no_route_is_told_in_json_and_the_start_page_leads_to_graphiql() {
    let world = World::start().await;
    let base = world.url().replace("/graphql", "");
    for path in ["/nothing", "/v1/imports", "/graphql/x", "/graphiql/none.js", "/v2"] {
        let known = world.http.get(format!("{base}{path}"));
        assert_eq!(refusal(known).await, (404, "NOT_FOUND".to_owned()), "{path}");
    }
    assert_eq!(refusal(world.http.post(format!("{base}/healthz"))).await.0, 405);
    let post = world.http.post(format!("{base}/healthz")).send().await.unwrap();
    assert!(post.headers()["allow"].to_str().unwrap().contains("GET"));
    let start = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
        .get(format!("{base}/"))
        .send()
        .await
        .unwrap();
    assert_eq!(
        (start.status().as_u16(), &start.headers()["location"]),
        (303, &reqwest::header::HeaderValue::from_static("/graphiql"))
    );
}
