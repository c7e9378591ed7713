//! The segregation policy by two people.

use super::{code, refusals, sod_rule};
use crate::database::fixture::{database, member, order, shop};
use quartermaster_domain::purchasing;
use quartermaster_domain::shared::PurchaseOrderId;
use quartermaster_tenants::act::{CustomRoleBody, Tailoring};
use quartermaster_tenants::error::Code;
use quartermaster_tenants::id::{RoleAssignmentId, SodPolicyId};
use quartermaster_tenants::members::{self, NewAssignment};
use quartermaster_tenants::op::Op;
use quartermaster_tenants::settings::Settings;
use quartermaster_tenants::sod_policy::queries::current;
use quartermaster_tenants::sod_policy::{self, PolicyEdit};
use quartermaster_tenants::{Outcome, Tenants};
use std::collections::BTreeMap;
use std::time::Duration;

fn role(account_kind: &str, grants: &[(&str, u8)]) -> CustomRoleBody {
    CustomRoleBody {
        title: "Own role".to_owned(),
        account_kind: account_kind.to_owned(),
        grants: grants.iter().map(|(d, l)| ((*d).to_owned(), *l)).collect(),
    }
}

fn draft(rules_off: &[&str], roles: &[(&str, CustomRoleBody)]) -> PolicyEdit {
    PolicyEdit {
        tailoring: Tailoring {
            rules_off: rules_off.iter().map(|r| (*r).to_owned()).collect(),
            roles: roles
                .iter()
                .map(|(n, r)| ((*n).to_owned(), r.clone()))
                .collect::<BTreeMap<_, _>>(),
        },
        note: None,
    }
}

async fn edited(db: &Tenants, op: &Op, edit: &PolicyEdit) -> SodPolicyId {
    let outcome: Outcome = sod_policy::edit(db, op, edit).await.unwrap();
    SodPolicyId(outcome.document.unwrap())
}

#[tokio::test]
async fn whoever_edits_a_policy_cannot_publish_it_and_another_can() {
    let (db, owner) = database().await;
    let shop = shop(&owner, &Settings::default()).await;
    let both = member(&owner, shop.tenant, &["security_admin", "tenant_admin"]).await;
    let second = member(&owner, shop.tenant, &["tenant_admin"]).await;
    let id = edited(&db, &both, &draft(&["ADM-18"], &[])).await;
    assert_eq!(sod_rule(sod_policy::publish(&db, &both, id, None).await), "ADM-04");
    assert_eq!(sod_rule(sod_policy::reject(&db, &both, id, "no", None).await), "ADM-04");
    assert_eq!(current(&db, &both).await.unwrap().version, 1);

    // Drafted from the same version: it is not published over the other.
    let stale = edited(&db, &both, &draft(&["ADM-19"], &[])).await;
    sod_policy::publish(&db, &second, id, None).await.unwrap();
    let now = current(&db, &second).await.unwrap();
    assert_eq!((now.version, now.tailoring.rules_off), (2, vec!["ADM-18".to_owned()]));
    assert_eq!(
        code(sod_policy::publish(&db, &second, stale, None).await),
        Code::Conflict
    );
    sod_policy::reject(&db, &second, stale, "Old", None).await.unwrap();
    assert_eq!(
        code(sod_policy::publish(&db, &second, stale, None).await),
        Code::InvalidState
    );
}

#[tokio::test]
async fn a_role_of_the_tenants_own_gives_its_duties_once_it_is_published() {
    let (db, owner) = database().await;
    let shop = shop(&owner, &Settings::default()).await;
    let editor = member(&owner, shop.tenant, &["security_admin"]).await;
    let publisher = member(&owner, shop.tenant, &["tenant_admin"]).await;
    let clerk = member(&owner, shop.tenant, &["order_clerk"]).await;
    assert_eq!(
        code(purchasing::create(&db, &clerk, &order(&shop), false).await),
        Code::Forbidden
    );
    let own = role("human", &[("PO.CREATE", 0)]);
    let id = edited(&db, &editor, &draft(&[], &[("order_clerk", own)])).await;
    sod_policy::publish(&db, &publisher, id, None).await.unwrap();
    let made = purchasing::create(&db, &clerk, &order(&shop), false).await.unwrap();
    let made = PurchaseOrderId(made.document.unwrap());
    assert_eq!(code(purchasing::submit(&db, &clerk, made, None).await), Code::Forbidden);
}

#[tokio::test]
async fn a_draft_that_is_no_policy_is_refused_with_its_fields() {
    let (db, owner) = database().await;
    let shop = shop(&owner, &Settings::default()).await;
    let editor = member(&owner, shop.tenant, &["security_admin"]).await;
    let bad = [
        draft(&["P2P-02"], &[]),
        draft(&["S-99"], &[]),
        draft(&[], &[("buyer", role("human", &[("PO.CREATE", 0)]))]),
        draft(&[], &[("*", role("human", &[("PO.CREATE", 0)]))]),
        draft(&[], &[("own", role("robot", &[("PO.CREATE", 0)]))]),
        draft(&[], &[("own", role("human", &[("ROLE.BENEFIT", 0)]))]),
        draft(&[], &[("own", role("human", &[("PO.APPROVE", 5)]))]),
        draft(&[], &[("own", role("human", &[]))]),
    ];
    for edit in bad {
        assert!(
            !refusals(sod_policy::edit(&db, &editor, &edit).await).is_empty(),
            "{edit:?}"
        );
    }
}

#[tokio::test]
async fn the_gate_refuses_roles_that_conflict_machines_that_approve_and_a_publisher_who_gains() {
    let (db, owner) = database().await;
    let shop = shop(&owner, &Settings::default()).await;
    let editor = member(&owner, shop.tenant, &["security_admin"]).await;
    let publisher = member(&owner, shop.tenant, &["tenant_admin", "own"]).await;
    let other = member(&owner, shop.tenant, &["tenant_admin"]).await;
    let said = async |edit: PolicyEdit, by: &Op| {
        let id = edited(&db, &editor, &edit).await;
        refusals(sod_policy::publish(&db, by, id, None).await)
    };
    let conflicting = role("human", &[("INV.CAPTURE", 0), ("PAY.RELEASE", 4)]);
    let found = said(draft(&[], &[("own2", conflicting)]), &other).await;
    assert!(found.iter().any(|r| r.message.contains("S-03")), "{found:?}");
    let machine = role("agent", &[("PO.APPROVE", 1)]);
    let found = said(draft(&[], &[("own2", machine)]), &other).await;
    assert!(found.iter().any(|r| r.message.contains("PO.APPROVE")), "{found:?}");
    let wider = role("human", &[("AUD.READ", 0)]);
    let found = said(draft(&[], &[("own", wider.clone())]), &publisher).await;
    assert_eq!(found[0].code, Code::Forbidden, "{found:?}");
    let id = edited(&db, &editor, &draft(&[], &[("own", wider)])).await;
    sod_policy::publish(&db, &other, id, None).await.unwrap();
}

#[tokio::test]
async fn a_policy_that_puts_a_mandatory_conflict_into_one_hand_is_not_published() {
    let (db, owner) = database().await;
    let shop = shop(&owner, &Settings::default()).await;
    let editor = member(&owner, shop.tenant, &["security_admin"]).await;
    let publisher = member(&owner, shop.tenant, &["tenant_admin"]).await;
    let _ = member(&owner, shop.tenant, &["treasurer", "own"]).await;
    let own = role("human", &[("INV.CAPTURE", 0)]);
    let id = edited(&db, &editor, &draft(&[], &[("own", own)])).await;
    let found = refusals(sod_policy::publish(&db, &publisher, id, None).await);
    assert!(found.iter().any(|r| r.message.contains("S-03")), "{found:?}");
}

/// H-04.
#[tokio::test]
async fn a_policy_waits_for_an_act_in_flight() {
    use quartermaster_tenants::act::Subject;
    use quartermaster_tenants::policy::{DocumentKind, Duty};
    use quartermaster_tenants::{Flight, TenantTx};
    let (db, owner) = database().await;
    let shop = shop(&owner, &Settings::default()).await;
    let buyer = member(&owner, shop.tenant, &["buyer"]).await;
    let editor = member(&owner, shop.tenant, &["security_admin"]).await;
    let publisher = member(&owner, shop.tenant, &["tenant_admin"]).await;
    let id = edited(&db, &editor, &draft(&["ADM-18"], &[])).await;
    let mut act = TenantTx::begin(&db, &buyer).await.unwrap();
    let subject = Subject::new(DocumentKind::PurchaseOrder, uuid::Uuid::now_v7());
    act.facts(subject, &[Duty::PoCreate], Flight::new()).await.unwrap();
    let publishing = tokio::spawn({
        let (db, publisher) = (db.clone(), publisher.clone());
        async move { sod_policy::publish(&db, &publisher, id, None).await }
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(!publishing.is_finished(), "the publication did not wait");
    assert_eq!(current(&db, &buyer).await.unwrap().version, 1);
    act.commit(Flight::new(), Outcome::default()).await.unwrap();
    publishing.await.unwrap().unwrap();
    assert_eq!(current(&db, &buyer).await.unwrap().version, 2);
}

#[tokio::test]
async fn a_role_of_the_tenants_own_goes_to_the_kind_of_account_that_it_is_for() {
    let (db, owner) = database().await;
    let shop = shop(&owner, &Settings::default()).await;
    let editor = member(&owner, shop.tenant, &["security_admin"]).await;
    let publisher = member(&owner, shop.tenant, &["tenant_admin"]).await;
    let person = member(&owner, shop.tenant, &[]).await;
    let machine = role("integration", &[("PO.CREATE", 0)]);
    let human = role("human", &[("PO.CREATE", 0)]);
    let id = edited(&db, &editor, &draft(&[], &[("feeder", machine), ("clerk", human)])).await;
    sod_policy::publish(&db, &publisher, id, None).await.unwrap();
    let wanted = |role: &str| NewAssignment {
        member: person.account,
        role: role.to_owned(),
        valid_from: None,
        valid_until: None,
    };
    let refused = refusals(members::propose(&db, &editor, &wanted("feeder")).await);
    assert_eq!(
        (refused[0].code, refused[0].field.clone()),
        (Code::InvalidInput, vec!["role".to_owned()])
    );
    assert!(
        members::sod_conflicts(&db, &editor, person.account, "feeder")
            .await
            .is_err()
    );
    let proposed = members::propose(&db, &editor, &wanted("clerk")).await.unwrap();
    let id = RoleAssignmentId(proposed.document.unwrap());
    members::approve(&db, &publisher, id, None).await.unwrap();
}
