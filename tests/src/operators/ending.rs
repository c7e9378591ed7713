//! An operator is out at once, whoever ends what.

use super::land::{ADMIT, APPROVE_ROLE, CREDENTIAL, GRANT, Land, PROPOSE, REVOKE, REVOKE_CREDENTIAL, VIEWER, status};
use crate::world::{Bearer, World};
use serde_json::json;

const LEAVES: &str = "mutation($id: ID!) { partnerMemberDeactivate(input: { id: $id, reason: \"Left\" }) { partnerMember { status } userErrors { code message field } } }";

/// Shut out, and unable to make another credential.
async fn is_out(land: &Land, assignment: &serde_json::Value, work: &Bearer) {
    assert_eq!(status(work).await, 401);
    let again = land
        .otto
        .run(CREDENTIAL, json!({ "id": assignment["id"], "minutes": 30 }))
        .await;
    assert!(again["secret"].is_null(), "{again}");
}

#[tokio::test]
async fn the_tenant_ends_an_assignment_at_once_with_the_roles_that_it_granted() {
    let land = Land::new().await;
    let id = land.admitted().await;
    let work = land.at_work(&id).await;
    let member = work.run(VIEWER, json!({})).await["memberId"].clone();
    land.granted(&member, "inventory_controller").await;
    let roles = work.run(VIEWER, json!({})).await["roles"].clone();
    assert_eq!(roles, json!(["inventory_controller", "msp_operator"]));
    let done = land.tenant_admin.done(REVOKE, id.clone()).await;
    assert_eq!(done["operatorAssignment"]["status"], "REVOKED");
    is_out(&land, &id, &work).await;
    let removed = land
        .events(&[
            "role-assignment-removed",
            "operator-credential-revoked",
            "member-deactivated",
        ])
        .await;
    assert_eq!(removed.len(), 4, "{removed:?}");

    // A later admission begins anew: the tenant grants again what it wants granted.
    let again = land.admitted().await;
    let viewer = land.at_work(&again).await.run(VIEWER, json!({})).await;
    assert_eq!(
        (&viewer["memberId"], &viewer["roles"]),
        (&member, &json!(["msp_operator"]))
    );
    assert_eq!(land.tenant_admin.refused(REVOKE, id).await["code"], "INVALID_STATE");
}

#[tokio::test]
async fn the_partner_ends_an_assignment_at_once_or_takes_its_proposal_back() {
    let land = Land::new().await;
    let id = land.admitted().await;
    let work = land.at_work(&id).await;
    assert_eq!(land.otto.refused(REVOKE, id.clone()).await["code"], "FORBIDDEN");
    // A proposed renewal that is taken back leaves what is in force alone.
    let renewal = land.proposed().await;
    land.ada.done(REVOKE, renewal).await;
    assert_eq!(status(&work).await, 200);
    land.ada.done(REVOKE, id.clone()).await;
    is_out(&land, &id, &work).await;
    let events = land.events(&["operator-assignment-revoked"]).await;
    assert_eq!(events[1], ["operator-assignment-revoked", "", "ABOVE"]);
}

#[tokio::test]
async fn a_renewal_takes_the_place_of_the_assignment_and_of_its_credentials() {
    let land = Land::new().await;
    let first = land.admitted().await;
    let before = land.at_work(&first).await;
    assert_eq!(status(&before).await, 200);
    let second = land.admitted().await;
    is_out(&land, &first, &before).await;
    assert_eq!(status(&land.at_work(&second).await).await, 200);
}

#[tokio::test]
async fn one_credential_is_revoked_or_all_by_the_tenant_by_the_partner_and_by_the_operator() {
    let land = Land::new().await;
    let id = land.admitted().await;
    let (one, first) = land.credential(&id).await;
    let (first, second) = (land.world.bearer(first), land.at_work(&id).await);
    let revoke = json!({ "id": id["id"], "credential": one });
    land.tenant_admin.done(REVOKE_CREDENTIAL, revoke.clone()).await;
    assert_eq!((status(&first).await, status(&second).await), (401, 200));
    let again = land.tenant_admin.refused(REVOKE_CREDENTIAL, revoke).await;
    assert_eq!(
        (&again["code"], &again["field"][0]),
        (&json!("NOT_FOUND"), &json!("credentialId"))
    );
    for side in [&*land.tenant_admin, &land.ada, &land.otto] {
        let work = land.at_work(&id).await;
        assert_eq!(status(&work).await, 200);
        side.done(REVOKE_CREDENTIAL, id.clone()).await;
        assert_eq!((status(&work).await, status(&second).await), (401, 401));
    }
    let buyer = land.world.member(&land.shop, &["buyer"]).await;
    assert_eq!(buyer.refused(REVOKE_CREDENTIAL, id.clone()).await["code"], "FORBIDDEN");
    assert_eq!(buyer.refused(REVOKE, id).await["code"], "FORBIDDEN");
}

#[tokio::test]
async fn one_who_leaves_the_partner_is_out_of_every_tenant_and_each_reads_it() {
    let land = Land::new().await;
    let id = land.admitted().await;
    let work = land.at_work(&id).await;
    assert_eq!(status(&work).await, 200);
    let left = land.ada.done(LEAVES, json!({ "id": land.operator })).await;
    assert_eq!(left["partnerMember"]["status"], "INACTIVE");
    assert_eq!(status(&work).await, 401);
    assert_eq!(status(&land.otto).await, 401);
    assert_eq!(land.events(&["operator-assignment-revoked"]).await.len(), 1);
    land.ada.done(LEAVES, json!({ "id": land.operator })).await;
    let gone = land.ada.refused(PROPOSE, land.proposal(60).await).await;
    assert_eq!(gone["code"], "INACTIVE");
}

#[tokio::test]
async fn one_who_left_the_partner_is_out_even_where_his_assignment_still_stands() {
    let land = Land::new().await;
    let id = land.admitted().await;
    let work = land.at_work(&id).await;
    assert_eq!(status(&work).await, 200);
    // As if the deactivation had stopped before it reached this tenant.
    land.world
        .owner
        .execute(
            "UPDATE qm.partner_member SET status = 'INACTIVE' WHERE partner_id = $1 AND roles = '{msp_operator}'",
            &[&land.shop.tenant.0],
        )
        .await
        .unwrap();
    assert_eq!(status(&work).await, 401);
}

#[tokio::test]
async fn the_tenants_own_stop_of_the_account_and_its_suspension_shut_the_operator_out() {
    let land = Land::new().await;
    let id = land.admitted().await;
    let work = land.at_work(&id).await;
    let member = work.run(VIEWER, json!({})).await["memberId"].clone();
    let set = async |mutation: &str| {
        let tenant = land.shop.tenant.to_string();
        let text = format!(
            "mutation {{ {mutation}(input: {{ id: \"{tenant}\", reason: \"unpaid\" }}) {{ userErrors {{ message }} }} }}"
        );
        land.ada.done(&text, json!({})).await;
    };
    set("tenantSuspend").await;
    assert_eq!(status(&work).await, 403);
    let wanted = json!({ "id": id["id"], "minutes": 30 });
    assert_eq!(land.otto.refused(CREDENTIAL, wanted).await["code"], "INACTIVE");
    set("tenantResume").await;
    assert_eq!(status(&work).await, 200);
    let security = land.world.member(&land.shop, &["security_admin"]).await;
    let stop =
        "mutation($id: ID!) { memberDeactivate(input: { id: $id, reason: \"Doubt\" }) { userErrors { message } } }";
    security.done(stop, json!({ "id": member })).await;
    assert_eq!(status(&work).await, 403);
}

#[tokio::test]
async fn a_credential_ends_by_the_clock_and_never_after_its_assignment() {
    let land = Land::new().await;
    let long = land.admitted().await;
    let (_, secret) = land.credential(&long).await;
    let (soon, later) = (World::ahead_by(25 * 60).await, World::ahead_by(31 * 60).await);
    assert_eq!(status(&soon.bearer(secret.clone())).await, 200);
    assert_eq!(status(&later.bearer(secret)).await, 401);

    let short = land.ada.done(PROPOSE, land.proposal(28).await).await;
    let short = json!({ "id": short["operatorAssignment"]["id"] });
    land.tenant_admin.done(ADMIT, short.clone()).await;
    let made = land
        .otto
        .done(CREDENTIAL, json!({ "id": short["id"], "minutes": 60 }))
        .await;
    let secret = made["secret"].as_str().unwrap().to_owned();
    assert_eq!(status(&soon.bearer(secret.clone())).await, 200);
    assert_eq!(status(&later.bearer(secret)).await, 401);
}

#[tokio::test]
async fn a_role_that_waited_does_not_outlive_the_assignment() {
    let land = Land::new().await;
    let id = land.admitted().await;
    let member = land.at_work(&id).await.run(VIEWER, json!({})).await["memberId"].clone();
    let security = land.world.member(&land.shop, &["security_admin"]).await;
    let proposed = security
        .done(GRANT, json!({ "member": member, "role": "requester" }))
        .await;
    land.tenant_admin.done(REVOKE, id).await;
    let late = json!({ "id": proposed["roleAssignment"]["id"] });
    let error = land.tenant_admin.refused(APPROVE_ROLE, late).await;
    assert_eq!(error["code"], "INVALID_STATE");
}
