//! What machines do is in the hand of who answers for them, and what they never do.

use super::office::{Office, REVOKE, mem, office};
use crate::world::{Bearer, CREATE, order_input};
use serde_json::{Value, json};

const APPROVE: &str = "mutation($id: ID!) { purchaseOrderApprove(input: { id: $id }) { purchaseOrder { id status } \
    userErrors { code message ... on SegregationOfDutiesError { rule tier conflictsWith { duty via personDisplay } eligibleActors { accountId } } } } }";
const SUBMIT: &str =
    "mutation($id: ID!) { purchaseOrderSubmit(input: { id: $id }) { purchaseOrder { status } userErrors { code } } }";

async fn ordered(by: &Bearer, o: &Office, submit: bool) -> Value {
    by.done(CREATE, order_input(&o.shop, submit)).await["purchaseOrder"]["id"].clone()
}

#[tokio::test]
async fn whoever_answers_for_the_key_does_not_approve_what_it_ordered_and_another_does() {
    let o = office().await;
    let other = o.world.member(&o.shop, &["approver_l2"]).await;
    let (_, machine) = o.machine().await;
    let order = json!({ "id": ordered(&machine, &o, true).await });
    let refused = o.owner.refused(APPROVE, order.clone()).await;
    assert_eq!(
        refused["message"],
        "Your AI agent, automation or API key created or edited this purchase order (SoD rule P2P-02)."
    );
    assert_eq!(refused["rule"], "P2P-02");
    assert_eq!(
        refused["conflictsWith"],
        json!({ "duty": "PO.CREATE", "via": "SPONSOR", "personDisplay": "you" })
    );
    assert_eq!(refused["eligibleActors"], json!([{ "accountId": mem(&other) }]));
    assert_eq!(other.done(APPROVE, order).await["purchaseOrder"]["status"], "RELEASED");
}

#[tokio::test]
async fn an_order_that_the_key_only_submitted_is_its_owners_too() {
    let o = office().await;
    let buyer = o.world.member(&o.shop, &["buyer"]).await;
    let other = o.world.member(&o.shop, &["approver_l2"]).await;
    let (_, machine) = o.machine().await;
    let order = json!({ "id": ordered(&buyer, &o, false).await });
    machine.done(SUBMIT, order.clone()).await;
    let refused = o.owner.refused(APPROVE, order.clone()).await;
    assert_eq!(
        (&refused["rule"], &refused["conflictsWith"]["via"]),
        (&json!("P2P-03"), &json!("SPONSOR"))
    );
    other.done(APPROVE, order).await;
}

#[tokio::test]
async fn the_hand_of_what_a_key_did_stays_when_the_key_is_gone() {
    let o = office().await;
    let (id, machine) = o.machine().await;
    let order = json!({ "id": ordered(&machine, &o, true).await });
    o.sec.done(REVOKE, json!({ "id": id })).await;
    assert_eq!(o.owner.refused(APPROVE, order).await["rule"], "P2P-02");
}

#[tokio::test]
async fn a_key_never_approves_and_a_person_may() {
    let o = office().await;
    let buyer = o.world.member(&o.shop, &["buyer"]).await;
    let (_, machine) = o.machine().await;
    let order = json!({ "id": ordered(&buyer, &o, true).await });
    let refused = machine.refused(APPROVE, order.clone()).await;
    assert_eq!(
        (&refused["rule"], &refused["tier"]),
        (&json!("AGT-01"), &json!("MANDATORY"))
    );
    assert_eq!(refused["eligibleActors"], json!([{ "accountId": mem(&o.owner) }]));
    o.owner.done(APPROVE, order).await;
    // Nor another key.
    let waiting = o.proposed().await;
    assert_eq!(
        machine.refused(super::office::APPROVE, json!({ "id": waiting })).await["rule"],
        "AGT-01"
    );
    o.adm.done(super::office::APPROVE, json!({ "id": waiting })).await;
}

#[tokio::test]
async fn a_key_never_administers_and_a_person_may() {
    let o = office().await;
    let leaving = o.world.member(&o.shop, &["buyer"]).await;
    let (id, machine) = o.machine().await;
    let stop = "mutation($id: ID!) { memberDeactivate(input: { id: $id, reason: \"left\" }) { userErrors { code ... on SegregationOfDutiesError { rule tier } } } }";
    let refused = machine.refused(stop, json!({ "id": mem(&leaving) })).await;
    assert_eq!(
        (&refused["rule"], &refused["tier"]),
        (&json!("AGT-02"), &json!("MANDATORY"))
    );
    assert_eq!(machine.refused(REVOKE, json!({ "id": id })).await["rule"], "AGT-02");
    o.sec.done(stop, json!({ "id": mem(&leaving) })).await;
}

#[tokio::test]
async fn a_key_never_receives_and_a_person_may() {
    let o = office().await;
    let buyer = o.world.member(&o.shop, &["buyer"]).await;
    let receiver = o.world.member(&o.shop, &["receiver"]).await;
    let (_, machine) = o.machine().await;
    let order = ordered(&buyer, &o, true).await;
    o.owner.done(APPROVE, json!({ "id": order })).await;
    let receive = "mutation($input: ReceiptCreateInput!) { receiptCreate(input: $input) { receipt { status } userErrors { code message ... on SegregationOfDutiesError { rule tier } } } }";
    let came = json!({ "input": { "orderIds": [order], "lines": [{ "orderLineNumber": 1, "quantity": "10" }] } });
    let refused = machine.refused(receive, came.clone()).await;
    assert_eq!(
        (&refused["rule"], &refused["tier"]),
        (&json!("AGT-03"), &json!("DEFAULT"))
    );
    receiver.done(receive, came).await;
}

#[tokio::test]
async fn a_key_does_no_more_than_the_duties_that_it_is_narrowed_to() {
    let o = office().await;
    let mut narrow = o.new_key(&o.owner);
    narrow["input"]["duties"] = json!(["PO.CREATE"]);
    let (_, secret) = o.key_of(narrow).await;
    let narrow = o.owner.with_credential(secret);
    let order = ordered(&narrow, &o, false).await;
    assert_eq!(
        narrow.refused(SUBMIT, json!({ "id": order })).await["code"],
        "FORBIDDEN"
    );
    let (_, whole) = o.machine().await;
    whole.done(SUBMIT, json!({ "id": order })).await;
}
