//! H-19: the last administrator is gone.

use super::land::{at_partner, partner_person, status};
use crate::database::fixture::{Shop, strict};
use crate::world::{Bearer, World};
use quartermaster_tenants::directory::bootstrap::platform_person;
use serde_json::{Value, json};

const PROPOSE: &str = "mutation($tenant: ID!, $issuer: String!, $subject: String!, $role: AdministratorRole!) { administratorRecoveryPropose(input: { tenantId: $tenant, issuer: $issuer, subject: $subject, \
    displayName: \"New administrator\", role: $role, reason: \"All have left\" }) { administratorRecovery { id status version } \
    userErrors { code message field ... on SegregationOfDutiesError { rule conflictsWith { duty personDisplay via } } } } }";
pub const APPROVE: &str = "mutation($tenant: ID!, $id: ID!) { administratorRecoveryApprove(input: { tenantId: $tenant, id: $id }) { administratorRecovery { status platformApprovals memberId } \
    userErrors { code message field ... on SegregationOfDutiesError { rule tier conflictsWith { duty document at personDisplay relation via } eligibleActors { accountId } } } } }";
const REVIEW: &str = "mutation($tenant: ID!, $id: ID!) { administratorRecoveryReview(input: { tenantId: $tenant, id: $id, note: \"Seen\" }) { administratorRecovery { status reviewNote reviewedAt } \
    userErrors { code message field } } }";
const WITHDRAW: &str = "mutation($tenant: ID!, $id: ID!) { administratorRecoveryWithdraw(input: { tenantId: $tenant, id: $id }) { administratorRecovery { status } userErrors { code message field } } }";

const ASK: &str = "query($tenant: ID!, $id: ID!) { administratorRecovery(tenantId: $tenant, id: $id) { tenantId viewerCan { approve { allowed refusal { code rule message } } \
    withdraw { allowed refusal { code } } review { allowed refusal { code } } } } }";

pub struct Orphan {
    world: World,
    shop: Shop,
    ada: Bearer,
    /// The login of the person who is to administer.
    heir: String,
}

impl Orphan {
    pub async fn new() -> Self {
        let world = World::start().await;
        let shop = world.shop(&strict()).await;
        let (_, subject) = partner_person(&world, &shop, "partner_admin").await;
        let ada = at_partner(&world, &shop, &subject).await;
        let (_, heir) = world.stranger().await;
        Self { world, shop, ada, heir }
    }

    fn proposal(&self, role: &str) -> Value {
        json!({ "tenant": self.shop.tenant.to_string(), "issuer": self.world.issuer(), "subject": self.heir, "role": role })
    }

    pub async fn proposed(&self, role: &str) -> Value {
        let done = self.ada.done(PROPOSE, self.proposal(role)).await;
        assert_eq!(done["administratorRecovery"]["status"], "PENDING");
        json!({ "tenant": self.shop.tenant.to_string(), "id": done["administratorRecovery"]["id"] })
    }

    /// One more person of the platform.
    pub async fn platform(&self) -> Bearer {
        let (_, subject) = self.world.stranger().await;
        let owner = crate::database::fixture::url("DATABASE_OWNER_URL");
        platform_person(&owner, self.world.issuer(), &subject, true)
            .await
            .unwrap();
        self.world.log_in(&subject, "platform").await
    }

    async fn heir(&self) -> Bearer {
        self.world.log_in(&self.heir, &self.shop.tenant.to_string()).await
    }
}

#[tokio::test]
async fn as_long_as_the_tenant_has_administrators_none_comes_from_above() {
    let orphan = Orphan::new().await;
    orphan.world.member(&orphan.shop, &["tenant_admin"]).await;
    orphan.world.member(&orphan.shop, &["security_admin"]).await;
    for role in ["TENANT_ADMIN", "SECURITY_ADMIN"] {
        let error = orphan.ada.refused(PROPOSE, orphan.proposal(role)).await;
        assert_eq!(
            (&error["code"], &error["field"][0]),
            (&json!("INVALID_STATE"), &json!("role"))
        );
    }
}

#[tokio::test]
async fn two_people_of_the_platform_give_a_tenant_its_administrator_and_one_twice_does_not() {
    let orphan = Orphan::new().await;
    let security = orphan.world.member(&orphan.shop, &["security_admin"]).await;
    let id = orphan.proposed("TENANT_ADMIN").await;
    assert_eq!(status(&orphan.heir().await).await, 401, "a proposal opens nothing");
    let (one, two) = (orphan.platform().await, orphan.platform().await);
    let first = one.done(APPROVE, id.clone()).await["administratorRecovery"].clone();
    assert_eq!(
        (&first["status"], &first["platformApprovals"]),
        (&json!("PENDING"), &json!(1))
    );
    assert_eq!(status(&orphan.heir().await).await, 401, "one approval opens nothing");
    let again = one.refused(APPROVE, id.clone()).await;
    assert_eq!(again["code"], "SEGREGATION_OF_DUTIES");
    assert_eq!(
        (&again["rule"], &again["tier"], &again["message"]),
        (
            &json!("ADM-03"),
            &json!("MANDATORY"),
            &json!("You approved or rejected this role assignment (SoD rule ADM-03).")
        )
    );
    let before = &again["conflictsWith"];
    assert_eq!(
        (
            &before["duty"],
            &before["personDisplay"],
            &before["relation"],
            &before["via"]
        ),
        (
            &json!("ROLE.GRANT.APPROVE"),
            &json!("you"),
            &json!("same_document"),
            &json!("ACTOR")
        )
    );
    assert!(before["at"].is_string(), "{again}");
    assert_eq!(
        again["eligibleActors"],
        json!([]),
        "whom to turn to is not the tenant's to say"
    );
    assert_eq!(status(&orphan.heir().await).await, 401, "the same person twice is one");
    // What only proposes roles approves none, and the partner neither.
    assert_eq!(security.refused(APPROVE, id.clone()).await["code"], "FORBIDDEN");
    let partner = orphan.ada.ask(APPROVE, id.clone()).await;
    assert_eq!(partner["errors"][0]["extensions"]["code"], "FORBIDDEN", "{partner}");

    let second = two.done(APPROVE, id.clone()).await["administratorRecovery"].clone();
    assert_eq!(
        (&second["status"], &second["platformApprovals"]),
        (&json!("APPROVED"), &json!(2))
    );
    let viewer = orphan.heir().await.run(super::land::VIEWER, json!({})).await;
    assert_eq!(
        (&viewer["memberId"], &viewer["roles"]),
        (&second["memberId"], &json!(["tenant_admin"]))
    );
    assert_eq!(two.refused(APPROVE, id.clone()).await["code"], "INVALID_STATE");

    let reviewed = orphan.ada.done(REVIEW, id.clone()).await["administratorRecovery"].clone();
    assert_eq!(reviewed["reviewNote"], "Seen");
    assert_eq!(orphan.ada.refused(REVIEW, id).await["code"], "INVALID_STATE");
    let auditor = orphan.world.member(&orphan.shop, &["auditor"]).await;
    let audit = auditor
        .run(
            "{ events(filter: { documentKinds: [ADMINISTRATOR_RECOVERY, ROLE_ASSIGNMENT] }, orderBy: OLDEST) { nodes { type actorKind } } }",
            json!({}),
        )
        .await;
    let found: Vec<&str> = audit["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| n["type"].as_str().unwrap())
        .collect();
    assert_eq!(
        found,
        [
            "administrator-recovery-proposed",
            "administrator-recovery-approved-once",
            "role-assignment-approved",
            "administrator-recovery-approved",
            "administrator-recovery-reviewed"
        ]
    );
    assert_eq!(audit["nodes"][1]["actorKind"], "ABOVE");
    let integrity = auditor.run("{ auditIntegrity { broken } }", json!({})).await;
    assert_eq!(integrity["broken"], json!([]));
}

#[tokio::test]
async fn an_administrator_who_is_left_approves_and_the_platform_may_not() {
    let orphan = Orphan::new().await;
    let left = orphan.world.member(&orphan.shop, &["tenant_admin"]).await;
    let id = orphan.proposed("SECURITY_ADMIN").await;
    let error = orphan.platform().await.refused(APPROVE, id.clone()).await;
    assert_eq!(error["code"], "INVALID_STATE");
    let done = left.done(APPROVE, id.clone()).await["administratorRecovery"].clone();
    assert_eq!(
        (&done["status"], &done["platformApprovals"]),
        (&json!("APPROVED"), &json!(0))
    );
    let roles = orphan.heir().await.run(super::land::VIEWER, json!({})).await["roles"].clone();
    assert_eq!(roles, json!(["security_admin"]));
    // What the tenant decided by itself is nobody's to review.
    assert_eq!(orphan.ada.refused(REVIEW, id).await["code"], "INVALID_STATE");
}

#[tokio::test]
async fn whoever_proposed_for_the_partner_does_not_approve_in_the_tenant() {
    let orphan = Orphan::new().await;
    let both = orphan.world.member(&orphan.shop, &["tenant_admin"]).await;
    super::land::works_for(&orphan.world, &orphan.shop, both.op.person.unwrap(), "partner_admin").await;
    let above = at_partner(&orphan.world, &orphan.shop, &both.op.account.to_string()).await;
    let done = above.done(PROPOSE, orphan.proposal("SECURITY_ADMIN")).await;
    let id = json!({ "tenant": orphan.shop.tenant.to_string(), "id": done["administratorRecovery"]["id"] });
    assert_eq!(both.refused(APPROVE, id.clone()).await["rule"], "ADM-03");
    let another = orphan.world.member(&orphan.shop, &["tenant_admin"]).await;
    another.done(APPROVE, id).await;
}

#[tokio::test]
async fn a_person_of_the_platform_approves_neither_his_own_access_nor_what_he_proposed_for_the_partner() {
    let orphan = Orphan::new().await;
    let owner = crate::database::fixture::url("DATABASE_OWNER_URL");
    let (_, subject) = partner_person(&orphan.world, &orphan.shop, "partner_admin").await;
    let ada = at_partner(&orphan.world, &orphan.shop, &subject).await;
    let done = ada.done(PROPOSE, orphan.proposal("TENANT_ADMIN")).await;
    let id = json!({ "tenant": orphan.shop.tenant.to_string(), "id": done["administratorRecovery"]["id"] });
    // Both get to the platform later: the one who proposed and the one who gains.
    for (subject, rule, duty) in [
        (&subject, "ADM-03", "ROLE.GRANT"),
        (&orphan.heir, "ADM-02", "ROLE.BENEFIT"),
    ] {
        platform_person(&owner, orphan.world.issuer(), subject, true)
            .await
            .unwrap();
        let both = orphan.world.log_in(subject, "platform").await;
        let asked = both.run(ASK, id.clone()).await["viewerCan"]["approve"].clone();
        let error = both.refused(APPROVE, id.clone()).await;
        assert_eq!(
            (&error["rule"], &error["conflictsWith"]["duty"]),
            (&json!(rule), &json!(duty))
        );
        for told in ["code", "rule", "message"] {
            assert_eq!(asked["refusal"][told], error[told], "{asked}");
        }
    }
    orphan.platform().await.done(APPROVE, id).await;
}

#[tokio::test]
async fn what_each_side_can_do_to_a_proposed_administrator_is_what_the_mutation_answers() {
    let orphan = Orphan::new().await;
    let id = orphan.proposed("TENANT_ADMIN").await;
    let (one, two) = (orphan.platform().await, orphan.platform().await);
    let security = orphan.world.member(&orphan.shop, &["security_admin"]).await;
    let (_, subject) = partner_person(&orphan.world, &orphan.shop, "msp_operator").await;
    let otto = at_partner(&orphan.world, &orphan.shop, &subject).await;
    let sides: [&Bearer; 5] = [&security, &otto, &orphan.ada, &one, &two];
    agree(&sides, &id).await;
    one.done(APPROVE, id.clone()).await;
    agree(&sides, &id).await;
    // Somebody who may approve is left after all: then it is not the platform's.
    let left = orphan.world.member(&orphan.shop, &["tenant_admin"]).await;
    agree(&[&two], &id).await;
    let asked = left.run(ASK, id.clone()).await["viewerCan"].clone();
    assert_eq!(asked["approve"]["allowed"], true, "{asked}");
    let leaves =
        "mutation($id: ID!) { memberDeactivate(input: { id: $id, reason: \"Left\" }) { userErrors { message } } }";
    let member = quartermaster_tenants::id::encode("mem", left.op.account);
    security.done(leaves, json!({ "id": member })).await;

    two.done(APPROVE, id.clone()).await;
    let sides: [&Bearer; 4] = [&security, &otto, &one, &two];
    agree(&sides, &id).await;
    let asked = orphan.ada.run(ASK, id.clone()).await["viewerCan"].clone();
    assert_eq!(
        (&asked["review"]["allowed"], &asked["withdraw"]["refusal"]["code"]),
        (&json!(true), &json!("INVALID_STATE"))
    );
    orphan.ada.done(REVIEW, id.clone()).await;
    agree(&[&orphan.ada], &id).await;
}

/// Whatever they are told that they cannot do is refused with that code and rule.
async fn agree(sides: &[&Bearer], id: &Value) {
    for side in sides {
        let asked = side.run(ASK, id.clone()).await["viewerCan"].clone();
        for (command, mutation) in [("approve", APPROVE), ("withdraw", WITHDRAW), ("review", REVIEW)] {
            let told = &asked[command];
            if told["allowed"] == true {
                continue;
            }
            let answer = side.ask(mutation, id.clone()).await;
            let refusal = super::asking::refusal(&answer);
            assert_eq!(told["refusal"]["code"], refusal["code"], "{command}: {asked} {answer}");
            if !refusal["rule"].is_null() {
                assert_eq!(told["refusal"]["rule"], refusal["rule"], "{command}: {asked} {answer}");
            }
        }
    }
}

#[tokio::test]
async fn a_proposal_is_refused_for_oneself_and_twice_and_is_taken_back() {
    let orphan = Orphan::new().await;
    let (_, subject) = partner_person(&orphan.world, &orphan.shop, "partner_admin").await;
    let selfish = at_partner(&orphan.world, &orphan.shop, &subject).await;
    let mut own = orphan.proposal("TENANT_ADMIN");
    own["subject"] = json!(subject);
    let error = selfish.refused(PROPOSE, own).await;
    assert_eq!(
        (&error["code"], &error["field"][0]),
        (&json!("SEGREGATION_OF_DUTIES"), &json!("subject"))
    );
    assert_eq!(
        (
            &error["rule"],
            &error["conflictsWith"]["duty"],
            &error["conflictsWith"]["via"]
        ),
        (&json!("ADM-01"), &json!("ROLE.BENEFIT"), &json!("SUBJECT"))
    );
    let id = orphan.proposed("TENANT_ADMIN").await;
    let twice = orphan.ada.refused(PROPOSE, orphan.proposal("TENANT_ADMIN")).await;
    assert_eq!(twice["code"], "DUPLICATE");
    orphan.ada.done(WITHDRAW, id.clone()).await;
    assert_eq!(
        orphan.platform().await.refused(APPROVE, id).await["code"],
        "INVALID_STATE"
    );
    orphan.proposed("TENANT_ADMIN").await;
}

#[tokio::test]
async fn people_of_the_platform_see_the_proposal_and_nothing_of_the_tenant() {
    let orphan = Orphan::new().await;
    let id = orphan.proposed("TENANT_ADMIN").await;
    let platform = orphan.platform().await;
    let query = "query($tenant: ID!, $id: ID!) { administratorRecovery(tenantId: $tenant, id: $id) { displayName reason role } }";
    let seen = platform.run(query, id.clone()).await;
    assert_eq!(
        (&seen["reason"], &seen["role"]),
        (&json!("All have left"), &json!("TENANT_ADMIN"))
    );
    for closed in [
        "{ purchaseOrders { totalCount } }",
        "{ members { totalCount } }",
        "{ partnerTenants { totalCount } }",
    ] {
        let answer = platform.ask(closed, json!({})).await;
        assert_eq!(
            answer["errors"][0]["extensions"]["code"], "FORBIDDEN",
            "{closed}: {answer}"
        );
    }
    let (_, nobody) = orphan.world.stranger().await;
    assert_eq!(status(&orphan.world.log_in(&nobody, "platform").await).await, 401);
    let foreign = Orphan::new().await;
    assert_eq!(foreign.ada.run(query, id).await, Value::Null, "another partner");
}
