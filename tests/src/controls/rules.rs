//! Settings by two people.

use super::{code, refusals, sod_rule};
use crate::database::fixture::{database, member, order, shop, strict};
use quartermaster_domain::purchasing::{self, OrderStatus, queries};
use quartermaster_tenants::error::Code;
use quartermaster_tenants::id::WorkflowRuleId;
use quartermaster_tenants::op::Op;
use quartermaster_tenants::rules::queries::{RuleFilter, count_rules, rules_by_ids, settings};
use quartermaster_tenants::rules::{self, IssuerBindingDraft, RuleEdit, RuleStatus, SettingsDraft};
use quartermaster_tenants::settings::Settings;
use quartermaster_tenants::tx::Numbering;
use quartermaster_tenants::{Outcome, Tenants};
use rust_decimal::{Decimal, dec};
use uuid::Uuid;

fn limits(limits: [i64; 4]) -> RuleEdit {
    RuleEdit {
        settings: Some(SettingsDraft {
            approval_limits: Some(limits.map(Decimal::from)),
            ..SettingsDraft::default()
        }),
        ..RuleEdit::default()
    }
}

fn id(outcome: &Outcome) -> WorkflowRuleId {
    WorkflowRuleId(outcome.document.unwrap())
}

async fn edited(db: &Tenants, op: &Op, edit: &RuleEdit) -> WorkflowRuleId {
    id(&rules::edit(db, op, edit).await.unwrap())
}

#[tokio::test]
async fn whoever_edits_a_rule_cannot_publish_it_and_another_can() {
    let (db, owner) = database().await;
    let shop = shop(&owner, &strict()).await;
    let both = member(&owner, shop.tenant, &["security_admin", "tenant_admin"]).await;
    let second = member(&owner, shop.tenant, &["tenant_admin"]).await;
    let rule = edited(&db, &both, &limits([1_000, 5_000, 50_000, 500_000])).await;
    assert_eq!(sod_rule(rules::publish(&db, &both, rule, None).await), "ADM-10");
    assert_eq!(sod_rule(rules::reject(&db, &both, rule, "no", None).await), "ADM-10");
    assert_eq!(settings(&db, &both).await.unwrap().version, 1);

    assert_eq!(code(rules::publish(&db, &second, rule, Some(7)).await), Code::Conflict);
    rules::publish(&db, &second, rule, Some(1)).await.unwrap();
    let now = settings(&db, &second).await.unwrap();
    assert_eq!((now.version, now.rule), (2, Some(rule.0)));
    assert_eq!(now.settings.approval_limits[0], dec!(1000));
    assert_eq!(code(rules::publish(&db, &second, rule, None).await), Code::InvalidState);
}

#[tokio::test]
async fn published_limits_decide_the_next_order() {
    let (db, owner) = database().await;
    let shop = shop(&owner, &strict()).await;
    let buyer = member(&owner, shop.tenant, &["buyer"]).await;
    let editor = member(&owner, shop.tenant, &["security_admin"]).await;
    let publisher = member(&owner, shop.tenant, &["tenant_admin"]).await;
    let status = async |outcome: Outcome| {
        let id = outcome.document.unwrap();
        queries::orders_by_ids(&db, &buyer, &[id]).await.unwrap()[&id].status
    };
    let before = purchasing::create(&db, &buyer, &order(&shop), true).await.unwrap();
    assert_eq!(status(before).await, OrderStatus::InApproval);
    let rule = edited(&db, &editor, &limits([1_000, 5_000, 50_000, 500_000])).await;
    rules::publish(&db, &publisher, rule, None).await.unwrap();
    let after = purchasing::create(&db, &buyer, &order(&shop), true).await.unwrap();
    assert_eq!(status(after).await, OrderStatus::Released);
}

#[tokio::test]
async fn a_rule_says_what_it_changes_and_an_earlier_version_comes_back_as_a_new_edit() {
    let (db, owner) = database().await;
    let shop = shop(&owner, &Settings::default()).await;
    let editor = member(&owner, shop.tenant, &["security_admin"]).await;
    let publisher = member(&owner, shop.tenant, &["tenant_admin"]).await;
    let draft = SettingsDraft {
        release_on_approval: Some(true),
        exchange_rates: Some(vec![("EUR".to_owned(), dec!(1.10))]),
        ..SettingsDraft::default()
    };
    let edit = RuleEdit {
        settings: Some(draft),
        note: Some("  Release at once ".to_owned()),
        ..RuleEdit::default()
    };
    let first = edited(&db, &editor, &edit).await;
    let record = rules_by_ids(&db, &editor, &[first])
        .await
        .unwrap()
        .remove(&first)
        .unwrap();
    let paths: Vec<&str> = record.changes.iter().map(|c| c.path.as_str()).collect();
    assert_eq!(paths, ["exchangeRates.EUR", "releaseOnApproval"]);
    assert_eq!(record.changes[0].after, "1.1");
    assert_eq!(record.note.as_deref(), Some("Release at once"));
    rules::publish(&db, &publisher, first, None).await.unwrap();

    let second = edited(&db, &editor, &limits([1, 2, 3, 4])).await;
    rules::publish(&db, &publisher, second, None).await.unwrap();
    let back = RuleEdit {
        restore: Some(first),
        ..RuleEdit::default()
    };
    let third = edited(&db, &editor, &back).await;
    rules::publish(&db, &publisher, third, None).await.unwrap();
    let now = settings(&db, &editor).await.unwrap();
    assert_eq!(now.version, 4);
    assert_eq!(now.settings.approval_limits, Settings::default().approval_limits);
    assert!(now.settings.release_on_approval);
    let published = RuleFilter {
        statuses: Some(vec![RuleStatus::Published]),
        ..RuleFilter::default()
    };
    assert_eq!(count_rules(&db, &editor, &published).await.unwrap(), 3);
}

#[tokio::test]
async fn what_changed_since_the_edit_is_not_published_over() {
    let (db, owner) = database().await;
    let shop = shop(&owner, &Settings::default()).await;
    let editor = member(&owner, shop.tenant, &["security_admin"]).await;
    let publisher = member(&owner, shop.tenant, &["tenant_admin"]).await;
    let one = edited(&db, &editor, &limits([1, 2, 3, 4])).await;
    let other = edited(&db, &editor, &limits([5, 6, 7, 8])).await;
    let apart = RuleEdit {
        settings: Some(SettingsDraft {
            blind_receiving: Some(true),
            ..SettingsDraft::default()
        }),
        ..RuleEdit::default()
    };
    let apart = edited(&db, &editor, &apart).await;
    rules::publish(&db, &publisher, one, None).await.unwrap();
    assert_eq!(code(rules::publish(&db, &publisher, other, None).await), Code::Conflict);
    rules::publish(&db, &publisher, apart, None).await.unwrap();
    let now = settings(&db, &editor).await.unwrap().settings;
    assert_eq!((now.approval_limits[3], now.blind_receiving), (dec!(4), true));

    rules::withdraw(&db, &editor, other, None).await.unwrap();
    assert_eq!(
        code(rules::publish(&db, &publisher, other, None).await),
        Code::InvalidState
    );
}

#[tokio::test]
async fn settings_that_make_no_sense_are_refused_with_their_fields() {
    let (db, owner) = database().await;
    let shop = shop(&owner, &Settings::default()).await;
    let editor = member(&owner, shop.tenant, &["security_admin"]).await;
    let buyer = member(&owner, shop.tenant, &["buyer"]).await;
    let numbering = Numbering {
        pattern: "PO".to_owned(),
        gapless: false,
    };
    let draft = SettingsDraft {
        approval_limits: Some([dec!(-1), dec!(5), dec!(4), dec!(9)]),
        over_receipt_tolerance_percent: Some(dec!(101)),
        exchange_rates: Some(vec![("XYZ".to_owned(), dec!(1)), ("EUR".to_owned(), dec!(0))]),
        numbering: vec![("PURCHASE_ORDER".to_owned(), numbering)],
        ..SettingsDraft::default()
    };
    let edit = RuleEdit {
        settings: Some(draft),
        ..RuleEdit::default()
    };
    assert!(refusals(rules::edit(&db, &editor, &edit).await).len() >= 4);
    assert_eq!(
        code(rules::edit(&db, &editor, &RuleEdit::default()).await),
        Code::Required
    );
    assert_eq!(
        code(rules::edit(&db, &buyer, &limits([1, 2, 3, 4])).await),
        Code::Forbidden
    );
}

#[tokio::test]
async fn an_issuer_speaks_for_a_tenant_once_two_people_said_so() {
    let (db, owner) = database().await;
    let shop = shop(&owner, &Settings::default()).await;
    let (partner, tenant, now) = (Uuid::now_v7(), shop.tenant.0, "statement_timestamp()");
    let sql = format!(
        "INSERT INTO qm.partner VALUES ('{partner}', '{partner}', 'P', {now}); \
         INSERT INTO qm.tenant (id, partner_id, code, name, kind, status, currency, locale, time_zone, country, version, created_at, updated_at, request_digest) \
         VALUES ('{tenant}', '{partner}', 'T', 'T', 'RETAILER', 'ACTIVE', 'USD', 'en', 'UTC', 'US', 1, {now}, {now}, '')"
    );
    owner.batch_execute(&sql).await.unwrap();
    let editor = member(&owner, shop.tenant, &["security_admin"]).await;
    let publisher = member(&owner, shop.tenant, &["tenant_admin"]).await;
    let issuer = format!("https://login.example/{tenant}");
    let bound = async || {
        let sql = "SELECT bound_tenant_id FROM qm.issuer WHERE issuer = $1";
        let row = owner.query_opt(sql, &[&issuer]).await.unwrap();
        row.map(|r| r.get::<_, Uuid>(0))
    };
    let edit = RuleEdit {
        issuer: Some(IssuerBindingDraft {
            issuer: issuer.clone(),
            algorithms: vec!["RS256".to_owned()],
            jwks_url: None,
        }),
        ..RuleEdit::default()
    };
    let rule = edited(&db, &editor, &edit).await;
    assert_eq!(bound().await, None);
    rules::publish(&db, &publisher, rule, None).await.unwrap();
    assert_eq!(bound().await, Some(tenant));
    assert_eq!(code(rules::edit(&db, &editor, &edit).await), Code::Duplicate);
}

/// H-04: the publication waits for an act in flight, and the act commits under what it read.
#[tokio::test]
async fn a_publication_waits_for_an_act_in_flight() {
    use quartermaster_tenants::act::Subject;
    use quartermaster_tenants::policy::{DocumentKind, Duty};
    use quartermaster_tenants::{Flight, TenantTx};
    use std::time::Duration;
    let (db, owner) = database().await;
    let shop = shop(&owner, &Settings::default()).await;
    let buyer = member(&owner, shop.tenant, &["buyer"]).await;
    let editor = member(&owner, shop.tenant, &["security_admin"]).await;
    let publisher = member(&owner, shop.tenant, &["tenant_admin"]).await;
    let rule = edited(&db, &editor, &limits([1, 2, 3, 4])).await;

    let mut act = TenantTx::begin(&db, &buyer).await.unwrap();
    let subject = Subject::new(DocumentKind::PurchaseOrder, Uuid::now_v7());
    let (facts, _) = act.facts(subject, &[Duty::PoCreate], Flight::new()).await.unwrap();
    let publishing = tokio::spawn({
        let (db, publisher) = (db.clone(), publisher.clone());
        async move { rules::publish(&db, &publisher, rule, None).await }
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!publishing.is_finished(), "the publication did not wait");
    assert_eq!(facts.settings.approval_limits[0], dec!(500));
    assert_eq!(settings(&db, &buyer).await.unwrap().version, 1);
    act.commit(Flight::new(), Outcome::default()).await.unwrap();
    publishing.await.unwrap().unwrap();
    assert_eq!(settings(&db, &buyer).await.unwrap().version, 2);
}
