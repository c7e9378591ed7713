//! A key takes two people, and the secret is shown once.

use super::office::{APPROVE, KEY, PROPOSE, REJECT, REVOKE, VIEWER, mem, office};
use quartermaster_tenants::act::{CustomRoleBody, Tailoring};
use quartermaster_tenants::id::SodPolicyId;
use quartermaster_tenants::sod_policy::{self, PolicyEdit};
use serde_json::{Value, json};

#[tokio::test]
async fn a_key_lets_nobody_in_until_another_person_approves_it() {
    let o = office().await;
    let both = o.world.member(&o.shop, &["security_admin", "tenant_admin"]).await;
    let made = both.done(PROPOSE, o.new_key(&o.owner)).await["apiKey"].clone();
    assert_eq!((&made["status"], &made["machine"]), (&json!("PENDING"), &Value::Null));
    let id = json!({ "id": made["id"] });
    for command in [APPROVE, REJECT] {
        assert_eq!(both.refused(command, id.clone()).await["rule"], "ADM-11");
    }
    let approved = o.adm.done(APPROVE, id.clone()).await;
    assert_eq!(approved["apiKey"]["status"], "ACTIVE");
    assert_eq!(approved["apiKey"]["machine"]["kind"], "INTEGRATION");
    let machine = o.owner.with_credential(approved["secret"].as_str().unwrap().to_owned());
    let viewer = machine.run(VIEWER, json!({})).await;
    assert_eq!(viewer["memberId"], approved["apiKey"]["machine"]["id"]);
    assert_eq!(viewer["roles"], json!(["integration_client"]));
    assert_eq!(o.adm.refused(APPROVE, id).await["state"], "ACTIVE");
}

#[tokio::test]
async fn whoever_answers_for_a_key_does_not_approve_it_and_another_administrator_does() {
    let o = office().await;
    // Who sets rules may not answer for a machine that buys, so the machine's role is one of the tenant's own.
    let role = CustomRoleBody {
        title: "Reports differences".to_owned(),
        account_kind: "integration".to_owned(),
        grants: [("DISC.RAISE".to_owned(), 0)].into(),
    };
    let draft = PolicyEdit {
        tailoring: Tailoring {
            rules_off: vec![],
            roles: [("watcher".to_owned(), role)].into(),
        },
        note: None,
    };
    let db = o.world.server.db();
    let drafted = sod_policy::edit(db, &o.sec.op, &draft).await.unwrap();
    sod_policy::publish(db, &o.adm.op, SodPolicyId(drafted.document.unwrap()), None)
        .await
        .unwrap();

    let answering = o.world.member(&o.shop, &["tenant_admin"]).await;
    let mut new = o.new_key(&answering);
    new["input"]["role"] = json!("watcher");
    let id = json!({ "id": o.sec.done(PROPOSE, new).await["apiKey"]["id"] });
    let seen = answering.run(KEY, id.clone()).await;
    let refusal = json!({ "allowed": false, "refusal": { "code": "SEGREGATION_OF_DUTIES", "rule": "ADM-12" } });
    assert_eq!(seen["viewerCan"]["approve"], refusal);
    let refused = answering.refused(APPROVE, id.clone()).await;
    assert_eq!(
        (&refused["rule"], &refused["tier"]),
        (&json!("ADM-12"), &json!("MANDATORY"))
    );
    assert_eq!(refused["eligibleActors"], json!([{ "accountId": mem(&o.adm) }]));
    assert_eq!(answering.refused(REJECT, id.clone()).await["rule"], "ADM-12");
    let seen = o.adm.run(KEY, id.clone()).await;
    assert_eq!(
        seen["viewerCan"]["approve"],
        json!({ "allowed": true, "refusal": null })
    );
    o.adm.done(APPROVE, id).await;
}

#[tokio::test]
async fn the_secret_is_shown_once_and_kept_nowhere() {
    let o = office().await;
    let id = json!({ "id": o.proposed().await });
    let (_, first) = o.adm.send(APPROVE, id.clone(), Some("once")).await;
    let secret = first["data"]["apiKeyApprove"]["secret"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("qm_"));
    let (_, again) = o.adm.send(APPROVE, id, Some("once")).await;
    let again = &again["data"]["apiKeyApprove"];
    assert_eq!((&again["secret"], &again["userErrors"]), (&Value::Null, &json!([])));
    assert_eq!(again["apiKey"]["status"], "ACTIVE");
    let part = secret.rsplit_once('_').unwrap().1;
    for table in ["api_key", "event", "idempotency", "account"] {
        let sql = format!("SELECT count(*) FROM qm.{table} t WHERE tenant_id = $1 AND position($2 IN t::text) > 0");
        let found: i64 = o
            .world
            .owner
            .query_one(&sql, &[&o.shop.tenant.0, &part])
            .await
            .unwrap()
            .get(0);
        assert_eq!(found, 0, "{table}");
    }
}

#[tokio::test]
async fn a_machine_gets_a_role_of_its_kind_and_no_other() {
    let o = office().await;
    for (kind, role) in [
        ("INTEGRATION", "buyer"),
        ("INTEGRATION", "ai_agent"),
        ("AGENT", "integration_client"),
        ("AGENT", "partner_admin"),
        ("AGENT", "supplier_user"),
        ("AGENT", "none_such"),
        ("AGENT", "*"),
    ] {
        let mut new = o.new_key(&o.owner);
        (new["input"]["kind"], new["input"]["role"]) = (json!(kind), json!(role));
        let error = o.sec.refused(PROPOSE, new).await;
        assert_eq!(
            (&error["code"], &error["field"]),
            (&json!("INVALID_INPUT"), &json!(["role"])),
            "{kind} {role}"
        );
    }
    let mut agent = o.new_key(&o.owner);
    (agent["input"]["kind"], agent["input"]["role"]) = (json!("AGENT"), json!("ai_agent"));
    o.key_of(agent).await;
}

#[tokio::test]
async fn an_active_person_answers_for_a_machine_and_nothing_and_nobody_else() {
    let o = office().await;
    let (_, machine) = o.machine().await;
    let viewer = machine.run(VIEWER, json!({})).await;
    let mut by_machine = o.new_key(&o.owner);
    by_machine["input"]["ownerId"] = viewer["memberId"].clone();
    let refused = o.sec.refused(PROPOSE, by_machine).await;
    assert_eq!(
        (&refused["code"], &refused["field"]),
        (&json!("INVALID_INPUT"), &json!(["ownerId"]))
    );

    let stop = "mutation($id: ID!) { memberDeactivate(input: { id: $id, reason: \"left\" }) { userErrors { code } } }";
    let leaving = o.world.member(&o.shop, &["buyer"]).await;
    let waiting = o.sec.done(PROPOSE, o.new_key(&leaving)).await["apiKey"]["id"].clone();
    o.sec.done(stop, json!({ "id": mem(&leaving) })).await;
    let refused = o.sec.refused(PROPOSE, o.new_key(&leaving)).await;
    assert_eq!(
        (&refused["code"], &refused["field"]),
        (&json!("INACTIVE"), &json!(["ownerId"]))
    );
    // Whoever left after the proposal is found at the approval.
    assert_eq!(
        o.adm.refused(APPROVE, json!({ "id": waiting })).await["code"],
        "INACTIVE"
    );
    let mut unknown = o.new_key(&o.owner);
    unknown["input"]["ownerId"] = json!(quartermaster_tenants::id::MemberId::fresh().to_string());
    assert_eq!(o.sec.refused(PROPOSE, unknown).await["code"], "NOT_FOUND");
}

#[tokio::test]
async fn what_a_machine_holds_its_owner_holds_and_static_rules_look_at_both() {
    let o = office().await;
    let treasurer = o.world.member(&o.shop, &["treasurer"]).await;
    let refused = o.sec.refused(PROPOSE, o.new_key(&treasurer)).await;
    assert_eq!(
        (&refused["rule"], &refused["field"]),
        (&json!("S-03"), &json!(["role"]))
    );
    // A role that came between proposal and approval is found at the approval.
    let clerk = o.world.member(&o.shop, &["requester"]).await;
    let id = o.sec.done(PROPOSE, o.new_key(&clerk)).await["apiKey"]["id"].clone();
    o.world
        .owner
        .execute(
            "UPDATE qm.role_assignment SET role = 'treasurer' WHERE tenant_id = $1 AND account_id = $2",
            &[&o.shop.tenant.0, &clerk.op.account],
        )
        .await
        .unwrap();
    assert_eq!(o.adm.refused(APPROVE, json!({ "id": id })).await["rule"], "S-03");
}

#[tokio::test]
async fn bad_input_is_refused_by_its_field_and_changes_nothing() {
    let o = office().await;
    let cases = [
        ("name", json!("  "), "REQUIRED"),
        ("name", json!("x".repeat(101)), "TOO_LARGE"),
        ("validUntil", json!("2020-01-01T00:00:00Z"), "INVALID_INPUT"),
        ("duties", json!([]), "REQUIRED"),
        ("duties", json!(["PO.APPROVE"]), "INVALID_INPUT"),
        ("duties", json!(["nonsense"]), "INVALID_INPUT"),
        ("locationIds", json!([]), "REQUIRED"),
        (
            "locationIds",
            json!([quartermaster_tenants::id::LocationId::fresh().to_string()]),
            "NOT_FOUND",
        ),
    ];
    for (field, value, code) in cases {
        let mut new = o.new_key(&o.owner);
        new["input"][field] = value;
        let error = o.sec.refused(PROPOSE, new).await;
        assert_eq!((&error["code"], &error["field"]), (&json!(code), &json!([field])));
    }
    let nobody = o.world.member(&o.shop, &["buyer"]).await;
    assert_eq!(nobody.refused(PROPOSE, o.new_key(&o.owner)).await["code"], "FORBIDDEN");
    let all = o.sec.run("{ apiKeys { totalCount } }", json!({})).await;
    assert_eq!(all["totalCount"], 0);
}

#[tokio::test]
async fn a_refused_key_and_one_taken_back_are_never_approved() {
    let o = office().await;
    let (one, two) = (o.proposed().await, o.proposed().await);
    let rejected = o.adm.done(REJECT, json!({ "id": one })).await;
    assert_eq!(
        rejected["apiKey"],
        json!({ "status": "REJECTED", "reason": "Not needed" })
    );
    let taken_back = o.sec.done(REVOKE, json!({ "id": two })).await;
    assert_eq!(taken_back["apiKey"]["status"], "REVOKED");
    for (id, state) in [(one, "REJECTED"), (two, "REVOKED")] {
        let refused = o.adm.refused(APPROVE, json!({ "id": id })).await;
        assert_eq!(
            (&refused["code"], &refused["state"]),
            (&json!("INVALID_STATE"), &json!(state))
        );
        assert_eq!(refused["allowedCommands"], json!([]));
    }
    let waiting = "{ apiKeys(filter: { statuses: [PENDING, ACTIVE] }) { totalCount } }";
    assert_eq!(o.sec.run(waiting, json!({})).await["totalCount"], 0);
}

#[tokio::test]
async fn the_life_of_a_key_and_the_acts_of_its_machine_are_on_record() {
    let o = office().await;
    let auditor = o.world.member(&o.shop, &["auditor"]).await;
    let (id, machine) = o.machine().await;
    machine
        .done(crate::world::CREATE, crate::world::order_input(&o.shop, true))
        .await;
    let account = o.sec.run(KEY, json!({ "id": id })).await["machine"]["id"].clone();
    o.sec.done(REVOKE, json!({ "id": id })).await;
    let log = "query($ids: [ID!], $types: [String!]) { events(filter: { documentIds: $ids, types: $types }, orderBy: OLDEST) { nodes { type documentId actorKind onBehalfOf } } }";
    let types = async |of: &Value| {
        let found = auditor.run(log, json!({ "ids": [of] })).await;
        let nodes = found["nodes"].as_array().unwrap().clone();
        nodes
            .iter()
            .map(|e| e["type"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        types(&id).await,
        ["api-key-proposed", "api-key-approved", "api-key-revoked"]
    );
    assert_eq!(types(&account).await, ["member-created", "member-deactivated"]);
    let created = auditor.run(log, json!({ "types": ["purchase-order-created"] })).await;
    let person = quartermaster_tenants::id::encode("per", o.owner.op.person.unwrap());
    assert_eq!(
        (&created["nodes"][0]["actorKind"], &created["nodes"][0]["onBehalfOf"]),
        (&json!("INTEGRATION"), &json!(person))
    );
    let proof = auditor.run("{ auditIntegrity { broken } }", json!({})).await;
    assert_eq!(proof["broken"], json!([]));
}
