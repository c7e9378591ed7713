//! What goes wrong where people are many, fast or clever.

use super::company::Company;
use super::estate::one_of_each;
use crate::database::fixture::strict;
use crate::world::Person;
use futures::future::join_all;
use quartermaster_tenants::settings::Settings;
use rust_decimal::Decimal;
use serde_json::{Value, json};

fn is_done(payload: &Value) -> bool {
    payload["userErrors"] == json!([])
}

/// H-01, for an amount that needs two.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_people_give_an_order_its_two_approvals_and_no_third() {
    let company = Company::of_two_approvals().await;
    let order = company.ordered(&company.person(&["buyer"]).await).await;
    let mut people = Vec::new();
    for _ in 0..32 {
        let person = company.person(&["approver_l4"]).await;
        // Everybody presses twice: the second of one person is never the second of the order.
        people.extend([person.clone(), person]);
    }
    let all = people
        .iter()
        .map(|p| p.tries("purchaseOrderApprove", "", json!({ "id": order })));
    let answers = join_all(all).await;
    assert_eq!(answers.iter().filter(|a| is_done(a)).count(), 2, "two approvals");
    let by = people.chunks(2).zip(answers.chunks(2));
    for (_, both) in by {
        assert!(!(is_done(&both[0]) && is_done(&both[1])), "one person approved twice");
    }
    let hands =
        "SELECT count(*), count(DISTINCT person_id) FROM qm.authz_hand WHERE tenant_id = $1 AND duty = 'PO.APPROVE'";
    let row = company
        .world
        .owner
        .query_one(hands, &[&company.shop.tenant.0])
        .await
        .unwrap();
    assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1)), (2, 2));
}

/// H-02: no row is shared by the two documents, only the person and the supplier (VND-07).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_person_at_64_places_does_one_of_each_two_things_that_no_one_may_do_both() {
    let company = Company::open().await;
    let (steward, approver) = (
        company.person(&["supplier_steward"]).await,
        company.person(&["supplier_approver"]).await,
    );
    // Two persons, since one is told why no more than thirty times.
    let mut people = Vec::new();
    for _ in 0..2 {
        people.push(company.person(&["supplier_approver", "buyer"]).await);
    }
    let mut pairs = Vec::new();
    for n in 0..32 {
        let new = json!({ "code": format!("S-{n}"), "legalName": "New", "currencyCode": "USD" });
        let made = steward
            .does("supplierCreate", "supplier { id } change { id }", new)
            .await;
        let supplier = made["supplier"]["id"].clone();
        approver
            .does("supplierChangeApprove", "", json!({ "id": made["change"]["id"] }))
            .await;
        let other = json!({ "id": supplier, "legalName": "Newer" });
        let change = steward.does("supplierUpdate", "change { id }", other).await["change"]["id"].clone();
        pairs.push((json!({ "id": change }), company.order_to(&supplier)));
    }
    let both = pairs.into_iter().enumerate().map(|(n, (change, order))| {
        let person = &people[n % 2];
        async move {
            let acts = tokio::join!(
                person.tries("supplierChangeApprove", "", change),
                person.tries("purchaseOrderCreate", "", order)
            );
            (is_done(&acts.0), is_done(&acts.1))
        }
    });
    for (approved, ordered) in join_all(both).await {
        assert!(
            approved != ordered,
            "exactly one: approved {approved}, ordered {ordered}"
        );
    }
}

/// H-03: whatever the race comes to, who acted did so before his role was gone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_approval_and_the_loss_of_the_role_come_one_after_the_other() {
    let company = Company::open().await;
    let (security, admin) = (
        company.person(&["security_admin"]).await,
        company.person(&["tenant_admin"]).await,
    );
    let buyer = company.person(&["buyer"]).await;
    let at = |kind: &'static str, after: &Value| {
        let (company, since) = (&company, after.as_str().unwrap_or_default().to_owned());
        async move {
            let sql = "SELECT max(at) FROM qm.event WHERE tenant_id = $1 AND type = $2 AND document_id = $3";
            let (_, id) = quartermaster_tenants::id::decode(&since).expect("an id");
            let row = company
                .world
                .owner
                .query_one(sql, &[&company.shop.tenant.0, &kind, &id])
                .await;
            row.unwrap().get::<_, Option<chrono::DateTime<chrono::Utc>>>(0)
        }
    };
    for _ in 0..8 {
        let approver = company.person(&["approver_l2"]).await;
        let query = format!(
            "{{ roleAssignments(filter: {{ memberIds: [{}] }}) {{ nodes {{ id }} }} }}",
            Company::member(&approver)
        );
        let role = security.sees(&query).await["nodes"][0]["id"].clone();
        security
            .does("roleAssignmentProposeRemoval", "", json!({ "id": role }))
            .await;
        let order = company.ordered(&buyer).await;
        let (approved, removed) = tokio::join!(
            approver.tries("purchaseOrderApprove", "", json!({ "id": order })),
            admin.does("roleAssignmentApprove", "", json!({ "id": role }))
        );
        assert!(is_done(&removed));
        if is_done(&approved) {
            let (act, loss) = (
                at("purchase-order-approved", &order).await,
                at("role-assignment-removed", &role).await,
            );
            assert!(act.is_some() && loss.is_some() && act < loss, "{act:?} after {loss:?}");
        }
        let late = company.ordered(&buyer).await;
        let refused = approver.cannot("purchaseOrderApprove", json!({ "id": late })).await;
        assert_eq!(refused["code"], "FORBIDDEN");
    }
}

/// H-05: the tables that a server keeps are those of the policy that the transaction reads.
#[tokio::test]
async fn another_server_decides_by_the_new_policy_at_once() {
    let company = Company::open().await;
    let other = company.world.another_server().await;
    let person = company.person(&["buyer", "receiver"]).await;
    let order = company.released(&person, &company.person(&["approver_l2"]).await).await;
    let there = person.through(&other);
    let delivery = Company::delivery(&order);
    assert_eq!(there.cannot("receiptCreate", delivery.clone()).await["rule"], "P2P-08");
    let off = json!({ "rulesOff": ["P2P-08"] });
    let draft = company
        .person(&["security_admin"])
        .await
        .does("sodPolicyEdit", "sodPolicyDraft { id }", off)
        .await;
    let publish = json!({ "id": draft["sodPolicyDraft"]["id"] });
    company
        .person(&["tenant_admin"])
        .await
        .does("sodPolicyPublish", "", publish)
        .await;
    there.does("receiptCreate", "", delivery).await;
    other.shutdown().await;
}

/// H-15: a round begins anew, and whoever made the order once has made it for good.
#[tokio::test]
async fn approvals_count_for_their_round_and_makers_for_ever() {
    let company = Company::of_two_approvals().await;
    let maker = company.person(&["buyer", "approver_l4"]).await;
    let (first, second) = (
        company.person(&["approver_l4"]).await,
        company.person(&["approver_l4"]).await,
    );
    let order = company.ordered(&maker).await;
    let id = json!({ "id": order });
    first.does("purchaseOrderApprove", "", id.clone()).await;
    second
        .does("purchaseOrderReturn", "", json!({ "id": order, "reason": "Too much" }))
        .await;
    // Another submits it: the maker is still the maker.
    company
        .person(&["buyer"])
        .await
        .does("purchaseOrderSubmit", "", id.clone())
        .await;
    assert_eq!(maker.cannot("purchaseOrderApprove", id.clone()).await["rule"], "P2P-02");
    let again = first
        .does("purchaseOrderApprove", "purchaseOrder { status approvals }", id.clone())
        .await;
    assert_eq!(
        again["purchaseOrder"],
        json!({ "status": "IN_APPROVAL", "approvals": 1 }),
        "the first of the new round"
    );
    assert_eq!(
        first.cannot("purchaseOrderApprove", id.clone()).await["rule"],
        "DUAL-01"
    );
    let last = second
        .does("purchaseOrderApprove", "purchaseOrder { status }", id)
        .await;
    assert_eq!(last["purchaseOrder"]["status"], "RELEASED");
}

/// H-16.
#[tokio::test]
async fn nobody_edits_an_order_that_waits_for_approval_or_has_it() {
    let company = Company::open().await;
    let buyer = company.person(&["buyer"]).await;
    for order in [company.ordered(&buyer).await, company.some_released().await] {
        let input = json!({ "id": order, "order": company.order(false)["order"] });
        assert_eq!(
            buyer.cannot("purchaseOrderUpdate", input).await["code"],
            "INVALID_STATE"
        );
    }
}

/// H-23: two orders instead of one, below the limit each.
#[tokio::test]
async fn orders_that_were_split_add_up_inside_the_window() {
    let limits = [300, 5_000, 50_000, 500_000].map(Decimal::from);
    for (days, second) in [(0, "RELEASED"), (7, "IN_APPROVAL")] {
        let company = Company::with(Settings {
            approval_limits: limits,
            aggregation_window_days: days,
            ..strict()
        })
        .await;
        let (buyer, other) = (company.person(&["buyer"]).await, company.person(&["buyer"]).await);
        let status = async |by: &Person| {
            let made = by
                .does("purchaseOrderCreate", "purchaseOrder { status }", company.order(true))
                .await;
            made["purchaseOrder"]["status"].clone()
        };
        assert_eq!(status(&buyer).await, "RELEASED", "250 of 300");
        assert_eq!(status(&buyer).await, second, "500 of 300 within {days} days");
        assert_eq!(status(&other).await, "RELEASED", "another's orders are another's");
    }
}

/// H-23: nor by drafts that are kept until the window has passed, by another currency, or by a change.
#[tokio::test]
async fn neither_old_drafts_nor_other_currencies_nor_changes_go_around_the_window() {
    let company = Company::with(Settings {
        approval_limits: [300, 5_000, 50_000, 500_000].map(Decimal::from),
        aggregation_window_days: 7,
        exchange_rates: [("EUR".to_owned(), Decimal::TWO)].into(),
        ..strict()
    })
    .await;
    let submit = async |by: &Person, order: &Value| {
        let payload = by
            .does(
                "purchaseOrderSubmit",
                "purchaseOrder { status }",
                json!({ "id": order }),
            )
            .await;
        payload["purchaseOrder"]["status"].clone()
    };
    let patient = company.person(&["buyer"]).await;
    let drafts = [
        company.order_of(&patient, company.order(false)).await,
        company.order_of(&patient, company.order(false)).await,
    ];
    let old = "UPDATE qm.purchase_order SET created_at = created_at - interval '30 days' WHERE tenant_id = $1";
    company
        .world
        .owner
        .execute(old, &[&company.shop.tenant.0])
        .await
        .unwrap();
    assert_eq!(submit(&patient, &drafts[0]).await, "RELEASED", "250 of 300");
    assert_eq!(
        submit(&patient, &drafts[1]).await,
        "IN_APPROVAL",
        "500 of 300, submitted within minutes"
    );

    let travelled = company.person(&["buyer"]).await;
    let few = |currency: &str| {
        let mut order = company.order(true);
        order["order"]["currencyCode"] = json!(currency);
        order["order"]["lines"].as_array_mut().unwrap().truncate(4);
        order
    };
    let first = company.order_of(&travelled, few("EUR")).await;
    let made = travelled
        .does("purchaseOrderCreate", "purchaseOrder { status }", few("USD"))
        .await;
    assert_eq!(made["purchaseOrder"]["status"], "RELEASED", "200 and 100 of 300");
    let change =
        json!({ "purchaseOrderId": first, "reason": "More", "lines": [{ "lineNumber": 1, "quantity": "11" }] });
    let changed = travelled
        .does("changeOrderCreate", "changeOrder { status }", change)
        .await;
    assert_eq!(changed["changeOrder"]["status"], "IN_APPROVAL", "205 and 100 of 300");
}

/// H-24: whoever asks again and again finds out nothing more.
#[tokio::test]
async fn the_thirty_first_explanation_of_a_minute_is_refused() {
    let company = Company::open().await;
    let both = company.person(&["buyer", "approver_l2"]).await;
    let order = company.ordered(&both).await;
    let approve = json!({ "id": order });
    for _ in 0..30 {
        assert_eq!(
            both.cannot("purchaseOrderApprove", approve.clone()).await["rule"],
            "P2P-02"
        );
    }
    let document = crate::world::command::command("purchaseOrderApprove", "");
    let (status, answer) = both.send(&document, json!({ "input": approve }), None).await;
    assert_eq!(
        (status, answer["errors"][0]["extensions"]["code"].as_str()),
        (429, Some("RATE_LIMITED"))
    );
    assert!(!answer.to_string().contains("P2P-02"), "{answer:#}");
    // What he may do he may do, and others are told why as ever.
    company.ordered(&both).await;
    let another = company.person(&["buyer", "approver_l2"]).await;
    let theirs = json!({ "id": company.ordered(&another).await });
    assert_eq!(another.cannot("purchaseOrderApprove", theirs).await["rule"], "P2P-02");
    let later = "UPDATE qm.event SET at = at - interval '1 minute' WHERE tenant_id = $1 AND document_kind = 'REFUSAL'";
    company
        .world
        .owner
        .execute(later, &[&company.shop.tenant.0])
        .await
        .unwrap();
    assert_eq!(both.cannot("purchaseOrderApprove", approve).await["rule"], "P2P-02");
}

/// H-26: what is written past the product stands out.
#[tokio::test]
async fn a_state_that_no_hand_explains_is_told_to_the_auditor() {
    let company = Company::open().await;
    one_of_each(&company).await;
    let (buyer, auditor) = (company.person(&["buyer"]).await, company.person(&["auditor"]).await);
    company.some_released().await;
    let forged = company.ordered(&buyer).await;
    // The test's own people have their roles from the owner of the database: those are told, rightly.
    let unexplained = async || {
        let all = auditor.sees("{ auditIntegrity { unexplained } }").await["unexplained"].clone();
        let told = all
            .as_array()
            .unwrap()
            .iter()
            .filter(|id| !id.as_str().unwrap().starts_with("rla_"));
        told.cloned().collect::<Vec<Value>>()
    };
    assert_eq!(unexplained().await, Vec::<Value>::new());
    let (_, id) = quartermaster_tenants::id::decode(forged.as_str().unwrap()).unwrap();
    let past = "UPDATE qm.purchase_order SET status = 'APPROVED' WHERE tenant_id = $1 AND id = $2";
    company
        .world
        .owner
        .execute(past, &[&company.shop.tenant.0, &id])
        .await
        .unwrap();
    assert_eq!(unexplained().await, [forged]);
    let denied = buyer.ask("{ auditIntegrity { unexplained } }", json!({})).await;
    assert_eq!(denied["errors"][0]["extensions"]["code"], "FORBIDDEN");
}
