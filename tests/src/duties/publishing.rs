//! A policy while people act under it: published, damaged, widened for oneself; and a clock that goes backwards.

use super::company::Company;
use crate::world::Person;
use quartermaster_tenants::id::decode;
use serde_json::{Value, json};
use uuid::Uuid;

fn uuid(id: &Value) -> Uuid {
    decode(id.as_str().expect("an id")).expect("an id").1
}

/// A draft of the tenant's policy.
async fn drafted(company: &Company, edit: Value) -> Value {
    let editor = company.person(&["security_admin"]).await;
    let made = editor.does("sodPolicyEdit", "sodPolicyDraft { id }", edit).await;
    json!({ "id": made["sodPolicyDraft"]["id"] })
}

/// Waits until somebody waits for this connection of the database: who.
async fn waiter(company: &Company, behind: i32) -> i32 {
    let sql = "SELECT pid FROM pg_stat_activity WHERE $1 = ANY(pg_blocking_pids(pid)) LIMIT 1";
    for _ in 0..600 {
        if let Some(row) = company.world.owner.query_opt(sql, &[&behind]).await.expect("activity") {
            return row.get(0);
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("nobody waits");
}

/// H-04: an approval hangs at a row that somebody else has locked; the policy that is published meanwhile waits for it, and it
/// commits under the one that it read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_policy_is_published_when_the_act_under_way_has_ended_and_the_act_knows_the_old_one() {
    let company = Company::open().await;
    let (buyer, approver) = (company.person(&["buyer"]).await, company.person(&["approver_l2"]).await);
    let publisher = company.person(&["tenant_admin"]).await;
    let draft = drafted(&company, json!({ "rulesOff": ["ADM-18"] })).await;
    let order = company.ordered(&buyer).await;
    let mut elsewhere = crate::database::fixture::client(&crate::database::fixture::url("DATABASE_OWNER_URL")).await;
    let lock = elsewhere.transaction().await.expect("transaction");
    let mine: i32 = lock
        .query_one("SELECT pg_backend_pid()", &[])
        .await
        .expect("pid")
        .get(0);
    let sql = "SELECT id FROM qm.purchase_order WHERE tenant_id = $1 AND id = $2 FOR UPDATE";
    lock.query_one(sql, &[&company.shop.tenant.0, &uuid(&order)])
        .await
        .expect("the order");

    let order_id = order.clone();
    let act = tokio::spawn(async move {
        approver
            .does("purchaseOrderApprove", "", json!({ "id": order_id }))
            .await
    });
    let acting = waiter(&company, mine).await;
    let publication = tokio::spawn(async move { publisher.does("sodPolicyPublish", "", draft).await });
    waiter(&company, acting).await;
    assert!(!act.is_finished() && !publication.is_finished());
    let version = "{ sodPolicy { version } }";
    assert_eq!(buyer.sees(version).await["version"], 1, "not yet");
    lock.rollback().await.expect("rollback");
    act.await.expect("the act");
    publication.await.expect("the publication");
    assert_eq!(buyer.sees(version).await["version"], 2);
    let hand =
        "SELECT policy_version FROM qm.authz_hand WHERE tenant_id = $1 AND document_id = $2 AND duty = 'PO.APPROVE'";
    let row = company
        .world
        .owner
        .query_one(hand, &[&company.shop.tenant.0, &uuid(&order)])
        .await;
    assert_eq!(row.expect("one hand").get::<_, i32>(0), 1);
    // What comes later is decided by the new one.
    let later = company.released(&buyer, &company.person(&["approver_l2"]).await).await;
    let row = company
        .world
        .owner
        .query_one(hand, &[&company.shop.tenant.0, &uuid(&later)])
        .await;
    assert_eq!(row.expect("one hand").get::<_, i32>(0), 2);
}

/// H-06: rows that do not come to the digest that was published are no policy.
#[tokio::test]
async fn a_policy_that_was_damaged_or_is_gone_allows_nothing() {
    for damage in [
        "UPDATE qm.policy_version SET rules_off = '{}' WHERE tenant_id = $1 AND version = 2",
        "UPDATE qm.policy_version SET roles = '{\"broken\": 1}' WHERE tenant_id = $1 AND version = 2",
        "DELETE FROM qm.policy_version WHERE tenant_id = $1 AND version = 2",
    ] {
        let company = Company::open().await;
        let buyer = company.person(&["buyer"]).await;
        // Nobody else has this one, so no server has it compiled.
        let role = json!({ "name": "clerk", "title": Uuid::now_v7().to_string(), "accountKind": "HUMAN", "duties": [{ "duty": "PO.CREATE", "maxLevel": 0 }] });
        let draft = drafted(&company, json!({ "rulesOff": ["ADM-18"], "roles": [role] })).await;
        company
            .person(&["tenant_admin"])
            .await
            .does("sodPolicyPublish", "", draft)
            .await;
        company.ordered(&buyer).await;
        let changed = company.world.owner.execute(damage, &[&company.shop.tenant.0]).await;
        assert_eq!(changed.expect("damaged"), 1);
        let fresh = company.world.another_server().await;
        let there = buyer.through(&fresh);
        let before = company.events().await;
        let order = json!({ "input": company.order(true) });
        let document = crate::world::command::command("purchaseOrderCreate", "");
        let answer = there.ask(&document, order).await;
        assert_eq!(
            answer["errors"][0]["extensions"]["code"], "INTERNAL",
            "{damage} {answer:#}"
        );
        assert_eq!(company.events().await, before, "{damage}");
        fresh.shutdown().await;
    }
}

/// H-18: by the roles that he holds already.
#[tokio::test]
async fn nobody_publishes_a_policy_that_widens_a_role_of_his_own() {
    let company = Company::open().await;
    let (gains, other) = (
        company.person(&["tenant_admin", "desk"]).await,
        company.person(&["tenant_admin"]).await,
    );
    let role = |duties: &[&str]| {
        let duties: Vec<Value> = duties.iter().map(|d| json!({ "duty": d, "maxLevel": 0 })).collect();
        json!({ "roles": [{ "name": "desk", "title": "Desk", "accountKind": "HUMAN", "duties": duties }] })
    };
    let draft = drafted(&company, role(&["REQ.CREATE"])).await;
    let refused = gains.cannot("sodPolicyPublish", draft.clone()).await;
    assert_eq!(refused["code"], "FORBIDDEN", "{refused:#}");
    other.does("sodPolicyPublish", "", draft).await;
    let wider = drafted(&company, role(&["REQ.CREATE", "DISC.RAISE"])).await;
    assert_eq!(
        gains.cannot("sodPolicyPublish", wider.clone()).await["code"],
        "FORBIDDEN"
    );
    assert_eq!(other.sees("{ sodPolicy { version } }").await["version"], 2);
    other.does("sodPolicyPublish", "", wider).await;
}

/// H-20: the clock was set back by an hour after some acts: they count, and what follows them follows them.
#[tokio::test]
async fn acts_that_seem_to_lie_ahead_count_and_keep_their_place() {
    let company = Company::open().await;
    let maker = company.person(&["buyer", "approver_l2"]).await;
    let keeper = company.person(&["category_manager"]).await;
    let (supplier, change) = company.proposed_supplier(&keeper).await;
    let agrees = company.person(&["supplier_approver"]).await;
    agrees.does("supplierChangeApprove", "", json!({ "id": change })).await;
    company.now_holds(&keeper, "approver_l2").await;
    let order = company.order_of(&maker, company.order_to(&supplier)).await;
    let back = "UPDATE qm.authz_hand SET at = at + interval '1 hour' WHERE tenant_id = $1";
    company
        .world
        .owner
        .execute(back, &[&company.shop.tenant.0])
        .await
        .expect("an hour back");

    let approve = json!({ "id": order });
    let can = async |who: &Person| who.cannot("purchaseOrderApprove", approve.clone()).await["rule"].clone();
    assert_eq!(can(&maker).await, "P2P-02");
    assert_eq!(
        can(&keeper).await,
        "VND-03",
        "within the last ninety days, if not within the last hour"
    );
    let approver = company.person(&["approver_l2"]).await;
    approver.does("purchaseOrderApprove", "", approve.clone()).await;
    let sql = "SELECT sequence, duty, person_id, at < lag(at) OVER (ORDER BY sequence) FROM qm.authz_hand WHERE tenant_id = $1 AND document_id = $2 ORDER BY sequence";
    let rows = company
        .world
        .owner
        .query(sql, &[&company.shop.tenant.0, &uuid(&order)])
        .await
        .expect("hands");
    let sequence: Vec<i32> = rows.iter().map(|r| r.get(0)).collect();
    assert_eq!(sequence, (1..=i32::try_from(rows.len()).unwrap()).collect::<Vec<_>>());
    let last = rows.last().expect("a hand");
    assert_eq!(
        (last.get::<_, &str>(1), last.get::<_, Uuid>(2)),
        ("PO.APPROVE", approver.op.person.unwrap())
    );
    assert_eq!(
        last.get::<_, Option<bool>>(3),
        Some(true),
        "the later act bears the earlier time"
    );
    // Times are told in UTC, whatever zone a store is in.
    let ask = "query($id: ID!) { purchaseOrder(id: $id) { createdAt updatedAt } }";
    let told = approver.run(ask, json!({ "id": order })).await;
    assert!(
        ["createdAt", "updatedAt"]
            .iter()
            .all(|t| told[t].as_str().unwrap().ends_with('Z')),
        "{told:#}"
    );
}
