//! Bulk twins: one result for each element, in order, each decided by itself.

use crate::database::fixture::strict;
use crate::duties::Company;
use crate::world::{CREATE, World, order_input};
use quartermaster_tenants::id::encode;
use serde_json::{Value, json};
use uuid::Uuid;

const APPROVE: &str = "mutation($elements: [PurchaseOrderApproveInput!]!) { purchaseOrderApproveBulk(input: { elements: $elements }) { results { purchaseOrder { id status } userErrors { code field } } } }";
const SUBMIT: &str = "mutation($elements: [PurchaseOrderSubmitInput!]!) { purchaseOrderSubmitBulk(input: { elements: $elements }) { results { purchaseOrder { id status } userErrors { code } } } }";

#[tokio::test]
async fn each_element_is_decided_by_itself_and_answered_in_order() {
    let world = World::start().await;
    let (shop, elsewhere) = (world.shop(&strict()).await, world.shop(&strict()).await);
    let (buyer, approver) = (
        world.member(&shop, &["buyer"]).await,
        world.member(&shop, &["approver_l2"]).await,
    );
    let stranger = world.member(&elsewhere, &["buyer"]).await;
    let theirs = stranger.done(CREATE, order_input(&elsewhere, true)).await["purchaseOrder"]["id"].clone();
    let mut ids = Vec::new();
    for submit in [true, false, true] {
        ids.push(buyer.done(CREATE, order_input(&shop, submit)).await["purchaseOrder"]["id"].clone());
    }
    let nobody = json!(encode("po", Uuid::now_v7()));
    let order = [&ids[0], &theirs, &ids[1], &ids[0], &nobody, &ids[2]];
    let elements: Vec<Value> = order.iter().map(|id| json!({ "id": id })).collect();
    let done = approver.run(APPROVE, json!({ "elements": elements })).await;
    let results = done["results"].as_array().expect("results");
    let code = |n: usize| results[n]["userErrors"][0]["code"].clone();
    assert_eq!(results.len(), 6);
    assert_eq!((&results[0]["purchaseOrder"]["id"], code(0)), (&ids[0], Value::Null));
    assert_eq!(code(2), "INVALID_STATE", "a draft");
    assert_eq!(code(3), "INVALID_STATE", "the first element approved it already");
    assert_eq!((&results[5]["purchaseOrder"]["id"], code(5)), (&ids[2], Value::Null));
    // Another tenant's order is refused exactly as one that never was.
    assert_eq!(results[1].to_string(), results[4].to_string());
    assert_eq!(code(1), "NOT_FOUND");
}

#[tokio::test]
async fn what_an_element_does_counts_for_those_behind_it() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let id = buyer.done(CREATE, order_input(&shop, false)).await["purchaseOrder"]["id"].clone();
    let twice = json!({ "elements": [{ "id": id }, { "id": id }] });
    let done = buyer.run(SUBMIT, twice).await;
    assert_eq!(done["results"][0]["userErrors"], json!([]));
    assert_eq!(done["results"][1]["userErrors"][0]["code"], "INVALID_STATE");
    assert_eq!(done["results"][0]["purchaseOrder"]["status"], "IN_APPROVAL");
}

#[tokio::test]
async fn a_repeat_with_the_same_key_does_nothing_twice_and_another_request_with_it_is_refused() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let mut elements = Vec::new();
    for _ in 0..3 {
        let id = buyer.done(CREATE, order_input(&shop, false)).await["purchaseOrder"]["id"].clone();
        elements.push(json!({ "id": id }));
    }
    let asked = json!({ "elements": elements });
    let first = buyer.send(SUBMIT, asked.clone(), Some("monday")).await;
    let again = buyer.send(SUBMIT, asked, Some("monday")).await;
    assert_eq!(first, again);
    assert_eq!(
        first.1["data"]["purchaseOrderSubmitBulk"]["results"][2]["userErrors"],
        json!([])
    );
    let other = buyer.send(CREATE, order_input(&shop, false), Some("monday")).await.1;
    assert_eq!(
        other["errors"][0]["extensions"]["code"], "IDEMPOTENCY_KEY_REUSED",
        "{other:#}"
    );
}

#[tokio::test]
async fn a_hundred_and_one_elements_are_refused_before_the_first_is_done() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let id = buyer.done(CREATE, order_input(&shop, false)).await["purchaseOrder"]["id"].clone();
    let elements: Vec<Value> = (0..101).map(|_| json!({ "id": id })).collect();
    let answer = buyer.ask(SUBMIT, json!({ "elements": elements })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    let status = buyer
        .run(
            "query($id: ID!) { purchaseOrder(id: $id) { status } }",
            json!({ "id": id }),
        )
        .await;
    assert_eq!(status["status"], "DRAFT");
}

/// H-17: a refusal is told by its rule, undoes nothing of what stands before it, and what stands before it counts.
#[tokio::test]
async fn each_element_is_an_act_of_its_own_and_the_acts_before_it_count() {
    let company = Company::of_two_approvals().await;
    let (buyer, both) = (
        company.person(&["buyer"]).await,
        company.person(&["buyer", "approver_l4"]).await,
    );
    let (theirs, own) = (company.ordered(&buyer).await, company.ordered(&both).await);
    let elements: Vec<Value> = [&theirs, &own, &theirs].iter().map(|id| json!({ "id": id })).collect();
    let bulk = "mutation($elements: [PurchaseOrderApproveInput!]!) { purchaseOrderApproveBulk(input: { elements: $elements }) { results { \
        purchaseOrder { approvals } userErrors { code ... on SegregationOfDutiesError { rule } } } } }";
    let done = both.run(bulk, json!({ "elements": elements })).await;
    let results = done["results"].as_array().expect("results");
    let rule = |n: usize| results[n]["userErrors"][0]["rule"].clone();
    assert_eq!(
        (&results[0]["purchaseOrder"]["approvals"], rule(0)),
        (&json!(1), Value::Null),
        "{done:#}"
    );
    assert_eq!(rule(1), "P2P-02");
    assert_eq!(rule(2), "DUAL-01", "he approved it two elements ago");
    let stands = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on PurchaseOrder { approvals status } } }";
    let now = buyer.run(stands, json!({ "ids": [theirs, own] })).await;
    assert_eq!(
        now,
        json!([{ "approvals": 1, "status": "IN_APPROVAL" }, { "approvals": 0, "status": "IN_APPROVAL" }])
    );
}

/// H-17: one transaction, and so one order of locks, for each element.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_people_who_go_through_the_same_list_from_both_ends_approve_each_order_once() {
    let company = Company::open().await;
    let buyer = company.person(&["buyer"]).await;
    let mut elements = Vec::new();
    for _ in 0..12 {
        elements.push(json!({ "id": company.ordered(&buyer).await }));
    }
    let mut people = Vec::new();
    for n in 0..4 {
        let mut list = elements.clone();
        if n % 2 == 1 {
            list.reverse();
        }
        people.push((company.person(&["approver_l2"]).await, json!({ "elements": list })));
    }
    let all = people.iter().map(|(p, list)| p.run(APPROVE, list.clone()));
    let mut done: Vec<String> = Vec::new();
    for payload in futures::future::join_all(all).await {
        for result in payload["results"].as_array().expect("results") {
            match result["userErrors"].get(0) {
                None => done.push(result["purchaseOrder"]["id"].to_string()),
                Some(e) => assert!(
                    ["INVALID_STATE", "CONFLICT"].contains(&e["code"].as_str().expect("code")),
                    "{e:#}"
                ),
            }
        }
    }
    let mut expected: Vec<String> = elements.iter().map(|e| e["id"].to_string()).collect();
    done.sort();
    expected.sort();
    assert_eq!(done, expected, "each once");
}
