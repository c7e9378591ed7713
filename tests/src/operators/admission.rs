//! From the proposal to work in the tenant, and what the tenant reads of it.

use super::land::{ADMIT, CREDENTIAL, GRANT, Land, NAME, PROPOSE, REJECT, VIEWER};
use crate::world::{CREATE, order_input};
use quartermaster_tenants::id::encode;
use serde_json::{Value, json};
use uuid::Uuid;

#[tokio::test]
async fn an_operator_works_in_a_tenant_once_the_partner_proposed_and_the_tenant_admitted_him() {
    let land = Land::new().await;
    let id = land.proposed().await;
    let early = json!({ "id": id["id"], "minutes": 30 });
    assert_eq!(land.otto.refused(CREDENTIAL, early).await["code"], "INVALID_STATE");

    let seen = land
        .tenant_admin
        .run(
            "{ operatorAssignments(filter: { statuses: [PENDING] }) { totalCount nodes { id displayName purpose memberId } } }",
            json!({}),
        )
        .await;
    assert_eq!(seen["totalCount"], 1);
    assert_eq!(seen["nodes"][0]["displayName"], NAME);
    assert_eq!(seen["nodes"][0]["memberId"], Value::Null);
    let admitted = land.tenant_admin.done(ADMIT, id.clone()).await;
    let member = admitted["operatorAssignment"]["memberId"].clone();

    let work = land.at_work(&id).await;
    let viewer = work.run(VIEWER, json!({})).await;
    assert_eq!(viewer["memberId"], member);
    assert_eq!(viewer["tenantId"], land.shop.tenant.to_string());
    assert_eq!(
        (&viewer["displayName"], &viewer["roles"]),
        (&json!(NAME), &json!(["msp_operator"]))
    );
    let order = work.done(CREATE, order_input(&land.shop, true)).await;
    assert_eq!(order["purchaseOrder"]["status"], "IN_APPROVAL");
    let made = land.events(&["purchase-order-created"]).await;
    assert_eq!(made, [["purchase-order-created", NAME, "OPERATOR"]]);
    // Inside he is one of the tenant's people, and does what his role may do and nothing else.
    let grant = work.refused(GRANT, json!({ "member": member, "role": "buyer" })).await;
    assert_eq!(grant["code"], "FORBIDDEN");

    let own = "{ partnerOperatorAssignments { totalCount nodes { id status deciderId } } }";
    for side in [&land.ada, &land.otto] {
        let page = side.run(own, json!({})).await;
        assert_eq!(page["nodes"][0]["status"], "ADMITTED");
        assert_eq!(
            page["nodes"][0]["deciderId"],
            Value::Null,
            "the tenant's people are its own"
        );
    }
}

#[tokio::test]
async fn the_tenants_audit_shows_proposal_admission_issue_first_use_and_revocation() {
    let land = Land::new().await;
    let id = land.admitted().await;
    let (credential, secret) = land.credential(&id).await;
    let work = land.world.bearer(secret.clone());
    for _ in 0..3 {
        work.run(VIEWER, json!({})).await;
    }
    let list = "query($id: [ID!]) { operatorCredentials(filter: { operatorAssignmentIds: $id }) { totalCount nodes { id purpose firstUsedAt revokedAt } } }";
    let credentials = land.tenant_admin.run(list, json!({ "id": [id["id"]] })).await;
    assert_eq!(credentials["totalCount"], 1);
    assert_eq!(credentials["nodes"][0]["id"], credential);
    assert!(credentials["nodes"][0]["firstUsedAt"].is_string());
    assert!(!credentials.to_string().contains(&secret));
    let revoke = json!({ "id": id["id"], "credential": credential });
    land.tenant_admin.done(super::land::REVOKE_CREDENTIAL, revoke).await;

    let trail = land
        .events(&[
            "operator-assignment-proposed",
            "operator-assignment-admitted",
            "operator-credential-created",
            "operator-credential-used",
            "operator-credential-revoked",
        ])
        .await;
    assert_eq!(
        trail,
        [
            ["operator-assignment-proposed", "", "ABOVE"],
            ["operator-assignment-admitted", "Somebody", "HUMAN"],
            ["operator-credential-created", NAME, "OPERATOR"],
            ["operator-credential-used", NAME, "OPERATOR"],
            ["operator-credential-revoked", "Somebody", "HUMAN"],
        ]
    );
    let auditor = land.world.member(&land.shop, &["auditor"]).await;
    let integrity = auditor.run("{ auditIntegrity { broken } }", json!({})).await;
    assert_eq!(integrity["broken"], json!([]));
}

#[tokio::test]
async fn what_is_wrong_with_a_proposal_is_refused_with_its_field() {
    let land = Land::new().await;
    let error = async |change: fn(&mut Value)| {
        let mut variables = land.proposal(60).await;
        change(&mut variables);
        let error = land.ada.refused(PROPOSE, variables).await;
        (error["code"].clone(), error["field"][0].clone())
    };
    assert_eq!(
        error(|v| v["until"] = json!("2001-01-01T00:00:00Z")).await,
        (json!("INVALID_INPUT"), json!("validUntil"))
    );
    assert_eq!(
        error(|v| v["tenant"] = json!(encode("ten", Uuid::now_v7()))).await,
        (json!("NOT_FOUND"), json!("tenantId"))
    );
    assert_eq!(
        error(|v| v["operator"] = json!(encode("ptm", Uuid::now_v7()))).await,
        (json!("NOT_FOUND"), json!("operatorId"))
    );
    // Operators propose nobody; administrators do, and each once.
    let by_operator = land.otto.refused(PROPOSE, land.proposal(60).await).await;
    assert_eq!(by_operator["code"], "FORBIDDEN");
    let id = land.proposed().await;
    assert_eq!(error(|_| {}).await, (json!("DUPLICATE"), json!("operatorId")));
    let rejected = land.tenant_admin.done(REJECT, id.clone()).await;
    assert_eq!(rejected["operatorAssignment"]["reason"], "Not now");
    assert_eq!(land.tenant_admin.refused(ADMIT, id).await["code"], "INVALID_STATE");
    land.proposed().await;
}

#[tokio::test]
async fn a_member_in_his_own_right_is_no_operator() {
    let land = Land::new().await;
    let member = land.world.member(&land.shop, &["buyer"]).await;
    let person = member.op.person.unwrap();
    super::land::works_for(&land.world, &land.shop, person, "msp_operator").await;
    let mut variables = land.proposal(60).await;
    variables["operator"] = json!(super::land::operator_id(person));
    let error = land.ada.refused(PROPOSE, variables).await;
    assert_eq!(
        (&error["code"], &error["field"][0]),
        (&json!("DUPLICATE"), &json!("operatorId"))
    );
}

#[tokio::test]
async fn a_credential_is_made_by_its_operator_alone_and_lives_for_minutes() {
    let land = Land::new().await;
    let id = land.admitted().await;
    for minutes in [14, 61, -1] {
        let error = land
            .otto
            .refused(CREDENTIAL, json!({ "id": id["id"], "minutes": minutes }))
            .await;
        assert_eq!(
            (&error["code"], &error["field"][0]),
            (&json!("INVALID_INPUT"), &json!("minutes"))
        );
    }
    let wanted = json!({ "id": id["id"], "minutes": 30 });
    let of_another = land.ada.refused(CREDENTIAL, wanted).await;
    let unknown = json!({ "id": encode("opa", Uuid::now_v7()), "minutes": 30 });
    let of_nobody = land.otto.refused(CREDENTIAL, unknown).await;
    assert_eq!(of_another, of_nobody, "another's assignment looks like none");
    assert_eq!(of_another["code"], "NOT_FOUND");
}
