//! ADM-15, ADM-16, and the rules that an operator meets at work like everybody: each with its allowed twin.

use super::land::{ADMIT, APPROVE_ROLE, GRANT, Land, PROPOSE, REJECT, VIEWER, operator_id, partner_person, works_for};
use crate::world::{APPROVE, CREATE, order_input};
use serde_json::json;

#[tokio::test]
async fn whoever_proposed_an_operator_for_the_partner_does_not_admit_him_for_the_tenant() {
    let land = Land::new().await;
    let both = land.world.member(&land.shop, &["tenant_admin"]).await;
    works_for(&land.world, &land.shop, both.op.person.unwrap(), "partner_admin").await;
    let above = super::land::at_partner(&land.world, &land.shop, &both.op.account.to_string()).await;
    let proposed = above.done(PROPOSE, land.proposal(60).await).await;
    let id = json!({ "id": proposed["operatorAssignment"]["id"] });
    for decide in [ADMIT, REJECT] {
        let error = both.refused(decide, id.clone()).await;
        assert_eq!(
            (&error["code"], &error["rule"]),
            (&json!("SEGREGATION_OF_DUTIES"), &json!("ADM-15"))
        );
    }
    land.tenant_admin.done(ADMIT, id).await;
}

#[tokio::test]
async fn nobody_admits_himself_and_the_same_administrator_admits_another() {
    let land = Land::new().await;
    let id = land.proposed().await;
    // While he waits, the tenant takes him in and makes him an administrator.
    let security = land.world.member(&land.shop, &["security_admin"]).await;
    let member = security
        .done(
            "mutation($issuer: String!, $subject: String!) { memberCreate(input: { issuer: $issuer, subject: $subject, displayName: \"Otto\" }) { member { id } userErrors { message } } }",
            json!({ "issuer": land.world.issuer(), "subject": land.otto_subject }),
        )
        .await;
    land.granted(&member["member"]["id"], "tenant_admin").await;
    let otto = land
        .world
        .log_in(&land.otto_subject, &land.shop.tenant.to_string())
        .await;
    let error = otto.refused(ADMIT, id).await;
    assert_eq!(
        (&error["code"], &error["rule"]),
        (&json!("SEGREGATION_OF_DUTIES"), &json!("ADM-16"))
    );

    let (another, _) = partner_person(&land.world, &land.shop, "msp_operator").await;
    let mut proposal = land.proposal(60).await;
    proposal["operator"] = json!(operator_id(another));
    let proposed = land.ada.done(PROPOSE, proposal).await;
    otto.done(ADMIT, json!({ "id": proposed["operatorAssignment"]["id"] }))
        .await;
}

#[tokio::test]
async fn only_who_may_admit_decides_about_an_operator() {
    let land = Land::new().await;
    let id = land.proposed().await;
    for role in ["security_admin", "buyer", "auditor"] {
        let member = land.world.member(&land.shop, &[role]).await;
        assert_eq!(member.refused(ADMIT, id.clone()).await["code"], "FORBIDDEN", "{role}");
    }
    let stale = "mutation($id: ID!) { operatorAssignmentAdmit(input: { id: $id, expectedVersion: 7 }) { userErrors { code } } }";
    assert_eq!(land.tenant_admin.refused(stale, id.clone()).await["code"], "CONFLICT");
    land.tenant_admin.done(ADMIT, id).await;
}

#[tokio::test]
async fn static_rules_hold_for_what_the_tenant_grants_an_operator() {
    let land = Land::new().await;
    let id = land.admitted().await;
    let member = land.at_work(&id).await.run(VIEWER, json!({})).await["memberId"].clone();
    let security = land.world.member(&land.shop, &["security_admin"]).await;
    let error = security
        .refused(GRANT, json!({ "member": member, "role": "approver_l1" }))
        .await;
    assert_eq!(
        (&error["code"], &error["rule"]),
        (&json!("SEGREGATION_OF_DUTIES"), &json!("S-13"))
    );
    security
        .done(GRANT, json!({ "member": member, "role": "requester" }))
        .await;
}

#[tokio::test]
async fn an_operator_does_not_approve_the_order_that_he_made_and_another_does() {
    let land = Land::new().await;
    let id = land.admitted().await;
    let work = land.at_work(&id).await;
    let member = work.run(VIEWER, json!({})).await["memberId"].clone();
    // Two people of the tenant lift the default rule that would keep approval from whoever proposes suppliers.
    let security = land.world.member(&land.shop, &["security_admin"]).await;
    let draft = security
        .done(
            "mutation { sodPolicyEdit(input: { rulesOff: [\"S-13\"] }) { sodPolicyDraft { id } userErrors { code message field } } }",
            json!({}),
        )
        .await;
    land.tenant_admin
        .done(
            "mutation($id: ID!) { sodPolicyPublish(input: { id: $id }) { userErrors { code message field } } }",
            json!({ "id": draft["sodPolicyDraft"]["id"] }),
        )
        .await;
    let proposed = security
        .done(GRANT, json!({ "member": member, "role": "approver_l4" }))
        .await;
    land.tenant_admin
        .done(APPROVE_ROLE, json!({ "id": proposed["roleAssignment"]["id"] }))
        .await;

    let own = work.done(CREATE, order_input(&land.shop, true)).await["purchaseOrder"]["id"].clone();
    let error = work.refused(APPROVE, json!({ "id": own })).await;
    assert_eq!(
        (&error["code"], &error["rule"]),
        (&json!("SEGREGATION_OF_DUTIES"), &json!("P2P-02"))
    );
    let approver = land.world.member(&land.shop, &["approver_l4"]).await;
    approver.done(APPROVE, json!({ "id": own })).await;
    let buyer = land.world.member(&land.shop, &["buyer"]).await;
    let theirs = buyer.done(CREATE, order_input(&land.shop, true)).await["purchaseOrder"]["id"].clone();
    work.done(APPROVE, json!({ "id": theirs })).await;
}
