//! Asking before doing: what both sides of an operator assignment are told that they can do.

use super::land::{
    ADMIT, CREDENTIAL, Land, PROPOSE, REJECT, REVOKE, REVOKE_CREDENTIAL, at_partner, operator_id, partner_person,
    works_for,
};
use crate::world::Bearer;
use serde_json::{Value, json};

const CAN: &str = "viewerCan { admit { allowed refusal { code rule message } } reject { allowed refusal { code rule } } revoke { allowed refusal { code rule } } \
    credentialCreate { allowed refusal { code } } credentialRevoke { allowed refusal { code rule } } }";

/// Takes a person into the tenant in his own right.
const JOINS: &str = "mutation($issuer: String!, $subject: String!) { memberCreate(input: { issuer: $issuer, subject: $subject, displayName: \"Otto\" }) \
    { member { id } userErrors { message } } }";

/// What somebody of the tenant is told, or somebody of its partner.
async fn can(side: &Bearer, list: &str, id: &Value) -> Value {
    let query = format!("query($id: [ID!]) {{ {list}(filter: {{ ids: $id }}) {{ nodes {{ {CAN} }} }} }}");
    let found = side.run(&query, json!({ "id": [id["id"]] })).await;
    found["nodes"][0]["viewerCan"].clone()
}

/// The first refusal of a mutation: its code, and the rule if there is one. That a mutation is another side's is told at the top.
pub fn refusal(answer: &Value) -> Value {
    let payload = answer["data"].as_object().and_then(|d| d.values().next());
    match payload.map(|p| &p["userErrors"][0]) {
        Some(error) if error.is_object() => error.clone(),
        _ if answer["errors"].is_array() => json!({ "code": "FORBIDDEN" }),
        _ => json!({ "code": "none" }),
    }
}

/// Whatever they are told that they cannot do is refused with that code and rule.
async fn agree(side: &Bearer, list: &str, id: &Value) -> usize {
    let told = can(side, list, id).await;
    assert!(told.is_object(), "{list} shows it");
    let credential = json!({ "id": id["id"], "minutes": 30 });
    let mut compared = 0;
    for (command, mutation, variables) in [
        ("admit", ADMIT, id),
        ("reject", REJECT, id),
        ("revoke", REVOKE, id),
        ("credentialCreate", CREDENTIAL, &credential),
        ("credentialRevoke", REVOKE_CREDENTIAL, id),
    ] {
        let told = &told[command];
        if told["allowed"] == true {
            continue;
        }
        let answer = side.ask(mutation, variables.clone()).await;
        let refused = refusal(&answer);
        assert_eq!(told["refusal"]["code"], refused["code"], "{command}: {told} {answer}");
        assert_eq!(told["refusal"]["rule"], refused["rule"], "{command}: {told} {answer}");
        compared += 1;
    }
    compared
}

#[tokio::test]
async fn what_each_side_can_do_with_an_assignment_is_what_the_mutation_answers() {
    let land = Land::new().await;
    let buyer = land.world.member(&land.shop, &["buyer"]).await;
    let everybody: [(&Bearer, &str); 4] = [
        (&land.tenant_admin, "operatorAssignments"),
        (&buyer, "operatorAssignments"),
        (&land.ada, "partnerOperatorAssignments"),
        (&land.otto, "partnerOperatorAssignments"),
    ];
    let mut compared = 0;
    let id = land.proposed().await;
    for (side, list) in everybody {
        compared += agree(side, list, &id).await;
    }
    let told = can(&land.tenant_admin, "operatorAssignments", &id).await;
    assert_eq!(
        (
            &told["admit"]["allowed"],
            &told["reject"]["allowed"],
            &told["revoke"]["allowed"]
        ),
        (&json!(true), &json!(true), &json!(true))
    );
    land.tenant_admin.done(ADMIT, id.clone()).await;
    for (side, list) in everybody {
        compared += agree(side, list, &id).await;
    }
    let told = can(&land.otto, "partnerOperatorAssignments", &id).await;
    assert_eq!(
        (
            &told["credentialCreate"]["allowed"],
            &told["credentialRevoke"]["allowed"],
            &told["revoke"]["allowed"]
        ),
        (&json!(true), &json!(true), &json!(false))
    );
    land.credential(&id).await;
    let told = can(&land.ada, "partnerOperatorAssignments", &id).await;
    assert_eq!(
        (&told["credentialCreate"]["allowed"], &told["revoke"]["allowed"]),
        (&json!(false), &json!(true))
    );
    land.ada.done(REVOKE, id.clone()).await;
    for (side, list) in everybody {
        compared += agree(side, list, &id).await;
    }
    assert!(compared > 40, "{compared}");
}

#[tokio::test]
async fn an_operator_of_a_suspended_tenant_is_told_that_there_is_no_credential_to_be_had() {
    let land = Land::new().await;
    let id = land.admitted().await;
    let tenant = land.shop.tenant.to_string();
    let suspend =
        "mutation($id: ID!) { tenantSuspend(input: { id: $id, reason: \"unpaid\" }) { userErrors { message } } }";
    land.ada.done(suspend, json!({ "id": tenant })).await;
    agree(&land.otto, "partnerOperatorAssignments", &id).await;
    let told = can(&land.otto, "partnerOperatorAssignments", &id).await;
    assert_eq!(told["credentialCreate"]["refusal"]["code"], "INACTIVE");
}

#[tokio::test]
async fn whoever_proposed_or_gains_is_told_so_before_he_tries_to_admit() {
    let land = Land::new().await;
    let both = land.world.member(&land.shop, &["tenant_admin"]).await;
    works_for(&land.world, &land.shop, both.op.person.unwrap(), "partner_admin").await;
    let above = at_partner(&land.world, &land.shop, &both.op.account.to_string()).await;
    let proposed = above.done(PROPOSE, land.proposal(60).await).await;
    let id = json!({ "id": proposed["operatorAssignment"]["id"] });
    let told = can(&both, "operatorAssignments", &id).await;
    let refused = both.refused(ADMIT, id.clone()).await;
    assert_eq!(refused["rule"], "ADM-15");
    for said in ["code", "rule", "message"] {
        assert_eq!(told["admit"]["refusal"][said], refused[said], "{told}");
    }
    agree(&both, "operatorAssignments", &id).await;

    land.tenant_admin.done(REJECT, id).await;

    // The operator, made an administrator of the tenant while he waits: he admits himself as little, and may end it.
    let id = land.proposed().await;
    let security = land.world.member(&land.shop, &["security_admin"]).await;
    let login = json!({ "issuer": land.world.issuer(), "subject": land.otto_subject });
    let member = security.done(JOINS, login).await["member"]["id"].clone();
    land.granted(&member, "tenant_admin").await;
    let tenant = land.shop.tenant.to_string();
    let otto = land.world.log_in(&land.otto_subject, &tenant).await;
    let told = can(&otto, "operatorAssignments", &id).await;
    assert_eq!(
        (&told["admit"]["refusal"]["rule"], &told["revoke"]["allowed"]),
        (&json!("ADM-16"), &json!(true)),
        "{told}"
    );
    agree(&otto, "operatorAssignments", &id).await;
    otto.done(REVOKE, id).await;
}

#[tokio::test]
async fn one_who_became_a_member_in_his_own_right_is_told_before_he_is_admitted() {
    let land = Land::new().await;
    let id = land.proposed().await;
    let security = land.world.member(&land.shop, &["security_admin"]).await;
    security
        .done(
            JOINS,
            json!({ "issuer": land.world.issuer(), "subject": land.otto_subject }),
        )
        .await;
    let told = can(&land.tenant_admin, "operatorAssignments", &id).await;
    assert_eq!(told["admit"]["refusal"]["code"], "DUPLICATE", "{told}");
    agree(&land.tenant_admin, "operatorAssignments", &id).await;
    land.tenant_admin.done(REJECT, id).await;
}

#[tokio::test]
async fn asking_about_many_assignments_takes_no_more_round_trips_than_about_one() {
    let land = Land::new().await;
    for _ in 0..5 {
        let (person, _) = partner_person(&land.world, &land.shop, "msp_operator").await;
        let mut proposal = land.proposal(60).await;
        proposal["operator"] = json!(operator_id(person));
        land.ada.done(PROPOSE, proposal).await;
    }
    let trips = async |side: &Bearer, list: &str, first: usize| {
        let query = format!("{{ {list}(first: {first}) {{ nodes {{ {CAN} }} }} }}");
        let before = land.world.server.db().round_trips();
        let found = side.run(&query, json!({})).await;
        assert_eq!(found["nodes"].as_array().map_or(0, Vec::len), first);
        land.world.server.db().round_trips() - before
    };
    trips(&land.tenant_admin, "operatorAssignments", 5).await;
    let one = trips(&land.tenant_admin, "operatorAssignments", 1).await;
    assert_eq!(trips(&land.tenant_admin, "operatorAssignments", 5).await, one);
    // The partner sees no more of any tenant by asking.
    assert_eq!(trips(&land.ada, "partnerOperatorAssignments", 5).await, 0);
}
