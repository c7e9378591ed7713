//! Registered documents: named by their ids, and the only ones that run where a deployment or a tenant says so.

use super::socket::Socket;
use super::{post, query, refusal};
use crate::database::fixture::strict;
use crate::operate::process::command;
use crate::world::{Bearer, CREATE, World, order_input};
use quartermaster_api::config::Config;
use quartermaster_api::server::{Running, StartError, start};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const LIST: &str = "query Orders { purchaseOrders(first: 5) { nodes { status } } }";
/// Not of the manifest.
const OTHER: &str = "query Others { purchaseOrders(first: 5) { nodes { status number } } }";

fn hash(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

/// A server that was given these documents in a manifest.
async fn server(world: &World, texts: &[&str], only: bool) -> Running {
    let file = world.folder().join(format!("{}.json", uuid::Uuid::now_v7()));
    let manifest: Value = texts
        .iter()
        .map(|text| (hash(text), json!(text)))
        .collect::<serde_json::Map<_, _>>()
        .into();
    std::fs::write(&file, manifest.to_string()).expect("a manifest");
    world
        .another_server_with(|config| Config {
            registered_documents: vec![file],
            registered_documents_only: only,
            ..config
        })
        .await
}

/// Every way of naming a document.
fn ways(text: &str) -> [Value; 4] {
    let hash = hash(text);
    let persisted = json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } });
    [
        json!({ "documentId": format!("sha256:{hash}") }),
        json!({ "documentId": hash }),
        json!({ "extensions": persisted }),
        json!({ "query": text }),
    ]
}

async fn code(bearer: &Bearer, url: &str, body: &Value) -> Option<String> {
    let answer = bearer.post(url, body).send().await.expect("an answer");
    let answer: Value = answer.json().await.expect("JSON");
    let code = answer["errors"][0]["extensions"]["code"].as_str();
    assert_eq!(code.is_none(), answer["data"].is_object(), "{answer:#}");
    code.map(str::to_owned)
}

#[tokio::test]
async fn a_deployment_runs_registered_documents_by_each_of_their_names_and_no_others() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let server = server(&world, &[LIST, CREATE], true).await;
    let url = format!("http://{}/graphql", server.addr);
    for body in ways(LIST) {
        assert_eq!(code(&buyer, &url, &body).await, None, "{body}");
    }
    let mut order = json!({ "documentId": hash(CREATE), "variables": order_input(&shop, false) });
    assert_eq!(code(&buyer, &url, &order).await, None);
    order["query"] = json!(CREATE);
    assert_eq!(
        code(&buyer, &url, &order).await,
        Some("BAD_USER_INPUT".to_owned()),
        "both"
    );
    for text in [OTHER, "{ __schema { types { name } } }"] {
        let [by_id, by_hash, by_persisted, by_text] = ways(text);
        let mut registering = by_persisted.clone();
        registering["query"] = json!(text);
        for body in [by_id, by_hash, by_text, registering] {
            let refused = code(&buyer, &url, &body).await;
            assert_eq!(refused, Some("DOCUMENT_NOT_REGISTERED".to_owned()), "{body}");
        }
        let unknown = code(&buyer, &url, &by_persisted).await;
        assert_eq!(unknown, Some("PERSISTED_QUERY_NOT_FOUND".to_owned()));
    }
    let by_get = |id: &str| {
        let url = reqwest::Url::parse_with_params(&url, [("documentId", id)]).expect("an address");
        world.http.get(url).bearer_auth(buyer.token())
    };
    let answer = by_get(&hash(LIST)).send().await.expect("an answer");
    let answer: Value = answer.json().await.expect("JSON");
    assert_eq!(
        answer["data"]["purchaseOrders"]["nodes"][0]["status"], "DRAFT",
        "{answer:#}"
    );
    let unknown = by_get(&hash(OTHER)).header("accept", super::GRAPHQL);
    assert_eq!(refusal(unknown).await, (400, "DOCUMENT_NOT_REGISTERED".to_owned()));
}

#[tokio::test]
async fn where_others_run_too_a_registered_document_is_named_without_being_sent_once() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let server = server(&world, &[LIST], false).await;
    let url = format!("http://{}/graphql", server.addr);
    for body in ways(LIST) {
        assert_eq!(code(&buyer, &url, &body).await, None, "{body}");
    }
    assert_eq!(code(&buyer, &url, &query(OTHER)).await, None);
    let unknown = json!({ "documentId": hash(OTHER) });
    assert_eq!(
        code(&buyer, &url, &unknown).await,
        Some("DOCUMENT_NOT_REGISTERED".to_owned()),
        "sent, but not registered"
    );
    // The first server has no manifest.
    let known = refusal(post(&world, &json!({ "documentId": hash(LIST) }))).await;
    assert_eq!(known.1, "DOCUMENT_NOT_REGISTERED");
}

#[tokio::test]
async fn sockets_and_events_run_registered_documents_alone_as_well() {
    let mut world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    world.server = server(&world, &[LIST], true).await;
    let mut socket = Socket::admitted(&world, buyer.token()).await;
    let subscribe = |payload: Value| json!({ "type": "subscribe", "id": "1", "payload": payload });
    socket.say(subscribe(json!({ "documentId": hash(LIST) }))).await;
    assert_eq!(
        socket.hear().await["payload"]["data"]["purchaseOrders"]["nodes"],
        json!([])
    );
    assert_eq!(socket.hear().await["type"], "complete");
    let watch = "subscription { documentChanged { id } }";
    for text in [OTHER, watch] {
        socket.say(subscribe(query(text))).await;
        let told = socket.hear().await;
        assert_eq!(told["type"], "error", "{told:#}");
        assert_eq!(told["payload"][0]["extensions"]["code"], "DOCUMENT_NOT_REGISTERED");
    }
    let events = post(&world, &query(watch)).bearer_auth(buyer.token());
    let answer = events
        .header("accept", "text/event-stream")
        .send()
        .await
        .expect("an answer");
    let told = answer.text().await.expect("a stream that ends");
    assert!(
        told.contains("DOCUMENT_NOT_REGISTERED") && told.contains("event: complete"),
        "{told}"
    );
}

#[tokio::test]
async fn two_people_of_a_tenant_decide_that_it_runs_registered_documents_alone() {
    let world = World::start().await;
    let (here, there) = (world.shop(&strict()).await, world.shop(&strict()).await);
    let (editor, publisher) = (
        world.member(&here, &["security_admin"]).await,
        world.member(&here, &["tenant_admin"]).await,
    );
    let (buyer, other) = (
        world.member(&here, &["buyer"]).await,
        world.member(&there, &["buyer"]).await,
    );
    let edit = |only: bool| json!({ "input": { "settings": { "registeredDocumentsOnly": only } } });
    const EDIT: &str = "mutation($input: WorkflowRuleEditInput!) { workflowRuleEdit(input: $input) { workflowRule { id } userErrors { message } } }";
    const PUBLISH: &str = "mutation($id: ID!) { workflowRulePublish(input: { id: $id }) { workflowRule { status } userErrors { message } } }";
    // Without a manifest nobody could ask for anything more, nor take it back.
    let locked_out = editor.ask(EDIT, edit(true)).await;
    assert_eq!(locked_out["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");

    let server = server(&world, &[LIST, EDIT, PUBLISH], false).await;
    let url = format!("http://{}/graphql", server.addr);
    let decide = async |only: bool| {
        let rule = editor.through(&server).done(EDIT, edit(only)).await;
        assert_eq!(code(&buyer, &url, &query(OTHER)).await.is_some(), !only, "not yet");
        publisher
            .through(&server)
            .done(PUBLISH, json!({ "id": rule["workflowRule"]["id"] }))
            .await;
    };
    decide(true).await;
    for body in ways(LIST) {
        assert_eq!(code(&buyer, &url, &body).await, None, "{body}");
    }
    assert_eq!(
        code(&buyer, &url, &query(OTHER)).await,
        Some("DOCUMENT_NOT_REGISTERED".to_owned())
    );
    assert_eq!(code(&other, &url, &query(OTHER)).await, None, "another tenant");
    decide(false).await;
    assert_eq!(code(&buyer, &url, &query(OTHER)).await, None);
}

#[tokio::test]
async fn a_server_does_not_start_with_a_manifest_that_is_wrong() {
    let world = World::start().await;
    let file = world.folder().join("wrong.json");
    std::fs::write(&file, json!({ hash(OTHER): LIST }).to_string()).expect("a manifest");
    let refused = start(Config {
        registered_documents: vec![file.clone()],
        ..world.config().clone()
    })
    .await;
    let Err(StartError::Config(why)) = refused else {
        panic!("it started")
    };
    let nothing = start(Config {
        registered_documents_only: true,
        ..world.config().clone()
    });
    let refused = nothing.await.err().expect("it started").to_string();
    assert!(refused.contains("registered_documents_only"), "{refused}");
    let (said, name) = (why.to_string(), file.display().to_string());
    assert!(said.contains(&name) && said.contains("not that of its text"), "{said}");
    let doctor = command("doctor")
        .env("QUARTERMASTER_REGISTERED_DOCUMENTS", json!([file]).to_string())
        .output()
        .expect("the doctor");
    let found = String::from_utf8(doctor.stdout).expect("text");
    let told = found.split("FAIL  registered-documents").nth(1).expect(&found);
    assert!(told.contains("not that of its text"), "{found}");
}
