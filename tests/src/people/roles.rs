//! Roles by two people: ADM-01, ADM-02, ADM-03, each with its allowed twin; static rules before and at the grant.

use super::town::{codes, rules, town};
use quartermaster_tenants::authenticate::Denied;
use quartermaster_tenants::error::Code;
use quartermaster_tenants::id::MemberId;
use quartermaster_tenants::members;

#[tokio::test]
async fn a_role_gives_nothing_until_another_person_approves_it() {
    let town = town().await;
    let tenant = town.brand().await;
    let sec = town.log_in("sec1", tenant).await;
    let member = town.member(&sec, "buyer").await;
    let id = town.propose(&sec, member, "buyer").await.unwrap();
    assert!(town.log_in("buyer", tenant).await.roles.is_empty());
    members::approve(&town.db, &town.log_in("adm1", tenant).await, id, None)
        .await
        .unwrap();
    assert_eq!(town.log_in("buyer", tenant).await.roles, ["buyer"]);
}

#[tokio::test]
async fn nobody_proposes_his_own_access_but_another_administrator_does() {
    let town = town().await;
    let tenant = town.brand().await;
    let (one, two) = (town.log_in("sec1", tenant).await, town.log_in("sec2", tenant).await);
    assert_eq!(
        rules(town.propose(&one, MemberId(one.account), "auditor").await),
        ["ADM-01"]
    );
    town.propose(&two, MemberId(one.account), "privacy_officer")
        .await
        .unwrap();
}

#[tokio::test]
async fn nobody_approves_his_own_access_but_another_administrator_does() {
    let town = town().await;
    let tenant = town.brand().await;
    let sec = town.log_in("sec1", tenant).await;
    let (one, two) = (town.log_in("adm1", tenant).await, town.log_in("adm2", tenant).await);
    let id = town
        .propose(&sec, MemberId(one.account), "privacy_officer")
        .await
        .unwrap();
    assert_eq!(rules(members::approve(&town.db, &one, id, None).await), ["ADM-02"]);
    members::approve(&town.db, &two, id, None).await.unwrap();
}

#[tokio::test]
async fn who_proposed_does_not_approve_even_with_both_roles() {
    let town = town().await;
    let tenant = town.brand().await;
    let adm = town.log_in("adm1", tenant).await;
    let member = town.member(&town.log_in("sec1", tenant).await, "both").await;
    // A default rule keeps POL.EDIT and POL.PUBLISH apart, so nobody gets both standard roles…
    town.grant(tenant, member, "tenant_admin").await;
    let both = town
        .propose(&town.log_in("sec1", tenant).await, member, "security_admin")
        .await;
    assert_eq!(rules(both)[0], "S-30");
    // …and the one who proposed has no authority to approve.
    let sec = town.log_in("sec1", tenant).await;
    let other = town.member(&sec, "other").await;
    let id = town.propose(&sec, other, "buyer").await.unwrap();
    assert_eq!(
        codes(members::approve(&town.db, &sec, id, None).await),
        [(Code::Forbidden, String::new())]
    );
    members::approve(&town.db, &adm, id, None).await.unwrap();
}

#[tokio::test]
async fn a_static_conflict_is_refused_with_every_rule_and_the_preview_says_the_same() {
    let town = town().await;
    let tenant = town.brand().await;
    let sec = town.log_in("sec1", tenant).await;
    let member = town.member(&sec, "approver").await;
    town.grant(tenant, member, "approver_l2").await;
    let preview = members::sod_conflicts(&town.db, &sec, member.0, "tenant_admin")
        .await
        .unwrap();
    let asked: Vec<String> = preview.iter().map(|c| c.rule.clone()).collect();
    assert_eq!(asked, ["S-07"]);
    assert_eq!(preview[0].held_through, ["approver_l2", "tenant_admin"]);
    assert_eq!(rules(town.propose(&sec, member, "tenant_admin").await), asked);
    let many = members::sod_conflicts(&town.db, &sec, member.0, "receiver")
        .await
        .unwrap();
    let refused = rules(town.propose(&sec, member, "receiver").await);
    assert_eq!(refused, many.iter().map(|c| c.rule.clone()).collect::<Vec<_>>());
    town.propose(&sec, member, "requester").await.unwrap();
}

#[tokio::test]
async fn two_proposals_that_conflict_with_each_other_cannot_both_be_approved() {
    let town = town().await;
    let tenant = town.brand().await;
    let (sec, adm) = (town.log_in("sec1", tenant).await, town.log_in("adm1", tenant).await);
    let member = town.member(&sec, "m").await;
    let one = town.propose(&sec, member, "approver_l1").await.unwrap();
    let two = town.propose(&sec, member, "receiver").await.unwrap();
    let (first, second) = tokio::join!(
        members::approve(&town.db, &adm, one, None),
        members::approve(&town.db, &adm, two, None)
    );
    assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
    assert_eq!(rules(if first.is_err() { first } else { second }), ["S-16"]);
}

#[tokio::test]
async fn a_removal_takes_two_people_and_the_role_stays_until_then() {
    let town = town().await;
    let tenant = town.brand().await;
    let (sec, adm) = (town.log_in("sec2", tenant).await, town.log_in("adm2", tenant).await);
    let member = town.member(&sec, "m").await;
    let id = town.grant(tenant, member, "buyer").await;
    members::propose_removal(&town.db, &sec, id, None).await.unwrap();
    assert_eq!(town.log_in("m", tenant).await.roles, ["buyer"]);
    members::reject(&town.db, &adm, id, "stays", None).await.unwrap();
    members::propose_removal(&town.db, &sec, id, None).await.unwrap();
    members::approve(&town.db, &adm, id, None).await.unwrap();
    assert!(town.log_in("m", tenant).await.roles.is_empty());
    assert_eq!(
        codes(members::approve(&town.db, &adm, id, None).await),
        [(Code::InvalidState, String::new())]
    );
}

#[tokio::test]
async fn roles_of_machines_partners_and_nobody_are_not_given_to_people() {
    let town = town().await;
    let tenant = town.brand().await;
    let sec = town.log_in("sec1", tenant).await;
    let member = town.member(&sec, "m").await;
    for role in [
        "ai_agent",
        "integration_client",
        "partner_admin",
        "msp_operator",
        "supplier_user",
        "*",
        "Buyer",
        "",
    ] {
        let proposed = town.propose(&sec, member, role).await;
        assert_eq!(codes(proposed), [(Code::InvalidInput, "role".to_owned())], "{role}");
    }
}

#[tokio::test]
async fn a_deactivated_member_is_let_in_no_more_until_reactivated() {
    let town = town().await;
    let tenant = town.brand().await;
    let sec = town.log_in("sec1", tenant).await;
    let member = town.member(&sec, "m").await;
    town.grant(tenant, member, "buyer").await;
    members::deactivate(&town.db, &sec, member, "left", None).await.unwrap();
    assert!(matches!(
        town.caller("m", Some(tenant)).await,
        Err(Denied::AccountInactive)
    ));
    members::reactivate(&town.db, &sec, member, None).await.unwrap();
    assert_eq!(town.log_in("m", tenant).await.roles, ["buyer"]);
    let own = members::deactivate(&town.db, &sec, MemberId(sec.account), "", None).await;
    assert_eq!(codes(own), [(Code::InvalidInput, "id".to_owned())]);
}
