//! What stays shut: to the partner without an admission, and to a credential beyond its tenant.

use super::land::{Land, VIEWER, status};
use crate::database::fixture::strict;
use crate::world::{CREATE, order_input};
use serde_json::{Value, json};

#[tokio::test]
async fn a_log_in_at_the_partner_opens_no_tenant_before_an_admission_and_none_after_it() {
    let land = Land::new().await;
    let tenant = land.shop.tenant.to_string();
    let inside = land.world.log_in(&land.otto_subject, &tenant).await;
    assert_eq!(status(&inside).await, 401);
    let id = land.admitted().await;
    assert_eq!(status(&inside).await, 401, "the log-in is no credential of the tenant");
    assert_eq!(status(&land.at_work(&id).await).await, 200);
    for above in [&land.ada, &land.otto] {
        for query in [
            "{ purchaseOrders { totalCount } }",
            "{ members { totalCount } }",
            "{ operatorAssignments { totalCount } }",
        ] {
            let answer = above.ask(query, json!({})).await;
            assert_eq!(
                answer["errors"][0]["extensions"]["code"], "FORBIDDEN",
                "{query}: {answer}"
            );
        }
    }
}

#[tokio::test]
async fn a_credential_opens_one_tenant_also_of_two_of_the_same_partner() {
    let land = Land::new().await;
    let other = land.world.shop(&strict()).await;
    land.world
        .owner
        .execute(
            "UPDATE qm.tenant SET partner_id = $1 WHERE id = $2",
            &[&land.shop.tenant.0, &other.tenant.0],
        )
        .await
        .unwrap();
    let buyer = land.world.member(&other, &["buyer"]).await;
    let order = buyer.done(CREATE, order_input(&other, false)).await["purchaseOrder"]["id"].clone();
    let id = land.admitted().await;
    let (_, secret) = land.credential(&id).await;
    let work = land.world.bearer(secret.clone());
    let node = work
        .run("query($id: ID!) { node(id: $id) { id } }", json!({ "id": order }))
        .await;
    assert_eq!(node, Value::Null);
    assert_eq!(
        work.run(VIEWER, json!({})).await["tenantId"],
        land.shop.tenant.to_string()
    );
    let admin = land.world.member(&other, &["tenant_admin"]).await;
    let error = admin.refused(super::land::REVOKE, id.clone()).await;
    assert_eq!(
        error["code"], "NOT_FOUND",
        "another tenant of the partner does not know the assignment"
    );

    // The same operator in both: each credential opens its own, and parts of the two together open nothing.
    let mut proposal = land.proposal(60).await;
    proposal["tenant"] = json!(other.tenant.to_string());
    let there = land.ada.done(super::land::PROPOSE, proposal).await;
    let there = json!({ "id": there["operatorAssignment"]["id"] });
    admin.done(super::land::ADMIT, there.clone()).await;
    let (_, second) = land.credential(&there).await;
    let viewer = land.world.bearer(second.clone()).run(VIEWER, json!({})).await;
    assert_eq!(viewer["tenantId"], other.tenant.to_string());
    let (here, there): (Vec<&str>, Vec<&str>) = (secret.split('_').collect(), second.split('_').collect());
    let secret_backwards: String = here[3].chars().rev().collect();
    for forged in [
        format!("qmo_{}_{}_{}", there[1], here[2], here[3]),
        format!("qmo_{}_{}_{}", here[1], here[2], there[3]),
        format!("qmo_{}_{}_{secret_backwards}", here[1], here[2]),
        format!("qm_{}_{}_{}", here[1], here[2], here[3]),
        "qmo_x".to_owned(),
    ] {
        assert_eq!(status(&land.world.bearer(forged.clone())).await, 401, "{forged}");
    }
}

#[tokio::test]
async fn another_partner_neither_sees_nor_ends_an_assignment() {
    let land = Land::new().await;
    let id = land.admitted().await;
    let foreign = land.world.shop(&strict()).await;
    let (_, subject) = super::land::partner_person(&land.world, &foreign, "partner_admin").await;
    let eve = super::land::at_partner(&land.world, &foreign, &subject).await;
    assert_eq!(eve.refused(super::land::REVOKE, id.clone()).await["code"], "NOT_FOUND");
    assert_eq!(
        eve.refused(super::land::REVOKE_CREDENTIAL, id.clone()).await["code"],
        "NOT_FOUND"
    );
    let page = eve
        .run("{ partnerOperatorAssignments { totalCount } }", json!({}))
        .await;
    assert_eq!(page["totalCount"], 0);
    let staff = eve
        .run("{ partnerMembers { totalCount nodes { id } } }", json!({}))
        .await;
    assert_eq!(staff["totalCount"], 1);
    assert_eq!(
        eve.refused(super::land::PROPOSE, land.proposal(60).await).await["code"],
        "NOT_FOUND"
    );
}
