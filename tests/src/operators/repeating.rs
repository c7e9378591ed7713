//! The same request with the same idempotency key, from above tenants: one answer, and one thing done.

use super::land::{CREDENTIAL, Land, PROPOSE, at_partner, operator_id, partner_person};
use super::recovery::Orphan;
use crate::world::Bearer;
use serde_json::{Value, json};

const SUSPEND: &str = "mutation($id: ID!) { tenantSuspend(input: { id: $id, reason: \"Unpaid\" }) { tenant { status } userErrors { code field } } }";
const RESUME: &str = "mutation($id: ID!) { tenantResume(input: { id: $id, reason: \"Paid\" }) { tenant { status } userErrors { code field } } }";
const HIRE: &str = "mutation($issuer: String!, $subject: String!) { partnerMemberCreate(input: { issuer: $issuer, subject: $subject, displayName: \"New\" }) \
    { partnerMember { id } userErrors { code } } }";
const NETWORK: &str = "mutation($code: String!) { networkCreate(input: { code: $code, name: \"Net\" }) { networkId userErrors { code } } }";
const LEAVE: &str = "mutation($id: ID!) { partnerMemberDeactivate(input: { id: $id, reason: \"Left\" }) { partnerMember { status } userErrors { code } } }";

/// The same ten times at once: the answers.
async fn ten(who: &Bearer, mutation: &str, variables: &Value, key: &str) -> Vec<Value> {
    let one = || who.send(mutation, variables.clone(), Some(key));
    let answers = futures::future::join_all((0..10).map(|_| one())).await;
    let payload = |answer: &Value| {
        let data = answer["data"].as_object().unwrap_or_else(|| panic!("{answer:#}"));
        let payload = data.values().next().unwrap().clone();
        assert_eq!(payload["userErrors"], json!([]), "{answer:#}");
        payload
    };
    answers.iter().map(|(_, answer)| payload(answer)).collect()
}

fn all_same(answers: &[Value], pointer: &str) -> Value {
    let first = answers[0].pointer(pointer).cloned().unwrap_or_default();
    assert!(first.is_string(), "{answers:#?}");
    assert!(
        answers.iter().all(|a| a.pointer(pointer) == Some(&first)),
        "{answers:#?}"
    );
    first
}

async fn code(who: &Bearer, mutation: &str, variables: Value, key: &str) -> Value {
    let answer = who.send(mutation, variables, Some(key)).await.1;
    answer["errors"][0]["extensions"]["code"].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_repeats_at_once_propose_one_operator_and_another_request_with_the_key_is_refused() {
    let land = Land::new().await;
    let proposal = land.proposal(600).await;
    let answers = ten(&land.ada, PROPOSE, &proposal, "k").await;
    all_same(&answers, "/operatorAssignment/id");
    let sql = "SELECT count(*) FROM qm.operator_assignment o WHERE o.tenant_id = $1";
    let count: i64 = land
        .world
        .owner
        .query_one(sql, &[&land.shop.tenant.0])
        .await
        .unwrap()
        .get(0);
    assert_eq!(count, 1);
    let other = land.proposal(1_200).await;
    assert_eq!(code(&land.ada, PROPOSE, other, "k").await, "IDEMPOTENCY_KEY_REUSED");
    // Also where nothing of the other request would be in that tenant.
    let network = json!({ "code": "N1" });
    assert_eq!(code(&land.ada, NETWORK, network, "k").await, "IDEMPOTENCY_KEY_REUSED");
    // A key is the caller's own.
    let (_, subject) = partner_person(&land.world, &land.shop, "partner_admin").await;
    let second = at_partner(&land.world, &land.shop, &subject).await;
    let refused = second.send(PROPOSE, proposal, Some("k")).await.1;
    let errors = &refused["data"]["operatorAssignmentPropose"]["userErrors"];
    assert_eq!(errors[0]["code"], "DUPLICATE", "{refused:#}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_repeats_at_once_make_one_credential_and_one_of_them_shows_its_secret() {
    let land = Land::new().await;
    let assignment = land.admitted().await;
    let wanted = json!({ "id": assignment["id"], "minutes": 30 });
    let answers = ten(&land.otto, CREDENTIAL, &wanted, "k").await;
    all_same(&answers, "/operatorCredentialId");
    all_same(&answers, "/expiresAt");
    let shown = answers.iter().filter(|a| a["secret"].is_string()).count();
    assert_eq!(shown, 1, "{answers:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_directory_alone_keeps_is_done_once_too() {
    let land = Land::new().await;
    let (_, subject) = land.world.stranger().await;
    let new = json!({ "issuer": land.world.issuer(), "subject": subject });
    let hired = all_same(&ten(&land.ada, HIRE, &new, "hire").await, "/partnerMember/id");
    let code_of = land.shop.tenant.0.simple().to_string();
    let network = json!({ "code": format!("N{}", &code_of[20..]) });
    all_same(&ten(&land.ada, NETWORK, &network, "net").await, "/networkId");
    let left = json!({ "id": hired });
    let answers = ten(&land.ada, LEAVE, &left, "leave").await;
    assert_eq!(all_same(&answers, "/partnerMember/status"), "INACTIVE");
    let other = json!({ "id": operator_id(uuid::Uuid::now_v7()) });
    assert_eq!(code(&land.ada, LEAVE, other, "leave").await, "IDEMPOTENCY_KEY_REUSED");
}

#[tokio::test]
async fn a_refusal_is_remembered_as_what_was_done_is() {
    let land = Land::new().await;
    let id = json!({ "id": land.shop.tenant.to_string() });
    let refused = land.ada.send(RESUME, id.clone(), Some("early")).await.1;
    assert_eq!(
        refused["data"]["tenantResume"]["userErrors"][0]["code"],
        "INVALID_STATE"
    );
    let done = land.ada.send(SUSPEND, id.clone(), Some("stop")).await.1;
    assert_eq!(
        done["data"]["tenantSuspend"]["tenant"]["status"], "SUSPENDED",
        "{done:#}"
    );
    assert_eq!(land.ada.send(SUSPEND, id.clone(), Some("stop")).await.1, done);
    let again = land.ada.send(RESUME, id.clone(), Some("early")).await.1;
    assert_eq!(again["data"]["tenantResume"]["userErrors"][0]["code"], "INVALID_STATE");
    assert_eq!(again["data"]["tenantResume"]["tenant"], Value::Null, "still suspended");
    land.ada.done(RESUME, id).await;
}

#[tokio::test]
async fn a_repeat_finds_what_was_committed_in_the_tenant_before_the_directory_could_say_so() {
    let land = Land::new().await;
    let proposal = land.proposal(600).await;
    let first = land.ada.send(PROPOSE, proposal.clone(), Some("k")).await.1;
    // As if the process had been killed between the two commits.
    let lost = "DELETE FROM qm.partner_idempotency i WHERE i.partner_id = $1";
    let deleted = land.world.owner.execute(lost, &[&land.shop.tenant.0]).await.unwrap();
    assert_eq!(deleted, 1);
    let again = land.ada.send(PROPOSE, proposal, Some("k")).await.1;
    assert!(first["data"]["operatorAssignmentPropose"]["operatorAssignment"]["id"].is_string());
    assert_eq!(again, first);
}

#[tokio::test]
async fn a_person_of_the_platform_who_repeats_his_approval_is_answered_as_before() {
    let orphan = Orphan::new().await;
    let id = orphan.proposed("TENANT_ADMIN").await;
    let (one, two) = (orphan.platform().await, orphan.platform().await);
    let first = one.send(super::recovery::APPROVE, id.clone(), Some("k")).await.1;
    let approved = &first["data"]["administratorRecoveryApprove"]["administratorRecovery"];
    assert_eq!(approved["platformApprovals"], 1, "{first:#}");
    assert_eq!(one.send(super::recovery::APPROVE, id.clone(), Some("k")).await.1, first);
    // The second person's key is his own.
    let second = two.send(super::recovery::APPROVE, id.clone(), Some("k")).await.1;
    let approved = &second["data"]["administratorRecoveryApprove"]["administratorRecovery"];
    assert_eq!(approved["platformApprovals"], 2, "{second:#}");
    let mut other = id;
    other["id"] = json!(quartermaster_tenants::id::encode("rcy", uuid::Uuid::now_v7()));
    assert_eq!(
        code(&one, super::recovery::APPROVE, other, "k").await,
        "IDEMPOTENCY_KEY_REUSED"
    );
}
