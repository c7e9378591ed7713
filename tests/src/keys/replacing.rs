//! A key in place of another: by two people, the old one goes on for some hours.

use super::office::{APPROVE, KEY, PROPOSE, REJECT, REVOKE, ROTATE, VIEWER, office};
use serde_json::{Value, json};

#[tokio::test]
async fn a_new_key_of_the_same_machine_comes_in_and_the_old_one_goes_on_until_it_ends() {
    let o = office().await;
    let (old, before) = o.machine().await;
    let was = before.run(VIEWER, json!({})).await;
    let new = o.sec.done(ROTATE, json!({ "id": old, "hours": 24 })).await["apiKey"].clone();
    assert_eq!((&new["status"], &new["replacesId"]), (&json!("PENDING"), &old));
    // Nothing has changed yet: it takes two people, as the first did.
    let seen = o.sec.run(KEY, json!({ "id": old })).await;
    assert!(seen["endsAt"].is_null());
    let refused = o.sec.refused(APPROVE, json!({ "id": new["id"] })).await;
    assert_eq!(refused["code"], "FORBIDDEN");
    let approved = o.adm.done(APPROVE, json!({ "id": new["id"] })).await;
    let after = o.owner.with_credential(approved["secret"].as_str().unwrap().to_owned());
    assert_eq!(after.run(VIEWER, json!({})).await, was, "the same machine");
    assert_eq!(before.run(VIEWER, json!({})).await, was);
    let hours: f64 = o
        .world
        .owner
        .query_one(
            "SELECT extract(epoch FROM o.ends_at - n.decided_at)::float8 / 3600 FROM qm.api_key o JOIN qm.api_key n ON n.tenant_id = o.tenant_id AND n.replaces_id = o.id WHERE o.tenant_id = $1",
            &[&o.shop.tenant.0],
        )
        .await
        .unwrap()
        .get(0);
    assert!((hours - 24.0).abs() < 0.001, "{hours}");
    let over = "UPDATE qm.api_key SET ends_at = statement_timestamp() WHERE tenant_id = $1 AND ends_at IS NOT NULL";
    assert_eq!(o.world.owner.execute(over, &[&o.shop.tenant.0]).await.unwrap(), 1);
    assert_eq!(before.send(VIEWER, json!({}), None).await.0, 401);
    after.run(VIEWER, json!({})).await;
    assert_eq!(o.sec.run(KEY, json!({ "id": old })).await["status"], "ENDED");
}

#[tokio::test]
async fn without_an_overlap_the_old_key_stops_with_the_approval() {
    let o = office().await;
    let (old, before) = o.machine().await;
    let new = o.sec.done(ROTATE, json!({ "id": old, "hours": 0 })).await["apiKey"]["id"].clone();
    before.run(VIEWER, json!({})).await;
    o.adm.done(APPROVE, json!({ "id": new })).await;
    assert_eq!(before.send(VIEWER, json!({}), None).await.0, 401);
}

#[tokio::test]
async fn an_old_key_goes_on_for_a_week_at_most_and_is_replaced_once_at_a_time() {
    let o = office().await;
    let (old, _) = o.machine().await;
    for hours in [-1, 169] {
        let refused = o.sec.refused(ROTATE, json!({ "id": old, "hours": hours })).await;
        assert_eq!(
            (&refused["code"], &refused["field"]),
            (&json!("INVALID_INPUT"), &json!(["overlapHours"]))
        );
    }
    let new = o.sec.done(ROTATE, json!({ "id": old, "hours": 168 })).await["apiKey"]["id"].clone();
    assert_eq!(
        o.sec.refused(ROTATE, json!({ "id": old, "hours": 1 })).await["code"],
        "DUPLICATE"
    );
    assert_eq!(
        o.sec.refused(ROTATE, json!({ "id": new, "hours": 1 })).await["code"],
        "INVALID_STATE"
    );
    o.adm.done(REJECT, json!({ "id": new })).await;
    let again = o.sec.done(ROTATE, json!({ "id": old, "hours": 1 })).await["apiKey"]["id"].clone();
    o.adm.done(APPROVE, json!({ "id": again })).await;
    let replaced = o.sec.refused(ROTATE, json!({ "id": old, "hours": 1 })).await;
    assert_eq!(
        (&replaced["code"], &replaced["allowedCommands"]),
        (&json!("INVALID_STATE"), &json!(["apiKeyRevoke"]))
    );
    assert_eq!(
        o.sec.run(KEY, json!({ "id": old })).await["viewerCan"]["rotate"],
        json!({ "allowed": false })
    );
}

#[tokio::test]
async fn a_machine_goes_on_by_its_other_key_when_one_is_revoked_and_stops_with_the_last() {
    let o = office().await;
    let (old, before) = o.machine().await;
    let new = o.sec.done(ROTATE, json!({ "id": old, "hours": 24 })).await["apiKey"]["id"].clone();
    let secret = o.adm.done(APPROVE, json!({ "id": new })).await["secret"].clone();
    let after = o.owner.with_credential(secret.as_str().unwrap().to_owned());
    let revoked = o.sec.done(REVOKE, json!({ "id": old })).await;
    assert_eq!(revoked["apiKey"]["machine"]["status"], "ACTIVE");
    assert_eq!(before.send(VIEWER, json!({}), None).await.0, 401);
    after.run(VIEWER, json!({})).await;
    let last = o.sec.done(REVOKE, json!({ "id": new })).await;
    assert_eq!(last["apiKey"]["machine"]["status"], "INACTIVE");
}

#[tokio::test]
async fn a_key_that_was_revoked_meanwhile_is_not_replaced() {
    let o = office().await;
    let (old, _) = o.machine().await;
    let new = o.sec.done(ROTATE, json!({ "id": old, "hours": 24 })).await["apiKey"]["id"].clone();
    o.sec.done(REVOKE, json!({ "id": old })).await;
    let refused = o.adm.refused(APPROVE, json!({ "id": new })).await;
    assert_eq!(
        (&refused["code"], &refused["field"]),
        (&json!("INVALID_STATE"), &json!(["id"]))
    );
    let fresh = o.sec.done(PROPOSE, o.new_key(&o.owner)).await["apiKey"]["id"].clone();
    let approved = o.adm.done(APPROVE, json!({ "id": fresh })).await;
    assert_ne!(approved["secret"], Value::Null);
}
