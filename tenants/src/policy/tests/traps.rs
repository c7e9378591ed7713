//! What Casbin accepts or ignores silently, and must not reach it.

use casbin::{CoreApi, DefaultModel, Enforcer, MgmtApi, Model as _, NullAdapter};
use futures::executor::block_on;

use super::facts::{compile, standard};
use crate::policy::models::Model;
use crate::policy::shard::{Row, Shard, ShardError};
use crate::policy::*;

fn row(words: &[&str]) -> Row {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn build(model: Model, rows: &[&[&str]]) -> Result<Shard, ShardError> {
    block_on(Shard::build(
        model,
        &rows.iter().map(|words| row(words)).collect::<Vec<_>>(),
    ))
}

const GRANT: &[&str] = &["buyer", "PO.CREATE", "0", "allow"];

#[test]
fn an_empty_policy_denies_even_an_empty_request() {
    for model in Model::ALL {
        let shard = build(model, &[]).unwrap();
        let words = model.text().lines().nth(1).unwrap().split(',').count();
        assert!(!shard.ask(&vec![""; words]).unwrap(), "{}", model.code());
        assert!(!shard.ask(&vec!["*"; words]).unwrap(), "{}", model.code());
    }
}

#[test]
fn an_effect_other_than_allow_or_deny_is_refused() {
    for effect in ["Deny", "ALLOW", "permit", "allowed"] {
        let built = build(Model::Grant, &[GRANT, &["buyer", "PO.CREATE", "1", effect]]);
        assert!(matches!(built, Err(ShardError::Effect { .. })), "{effect}");
    }
}

#[test]
fn a_row_of_another_width_is_refused_and_a_question_of_another_width_has_no_answer() {
    for words in [
        &["buyer", "PO.CREATE", "allow"][..],
        &["buyer", "PO.CREATE", "0", "1", "allow"],
    ] {
        assert!(matches!(build(Model::Grant, &[words]), Err(ShardError::Columns { .. })));
    }
    let shard = build(Model::Grant, &[GRANT]).unwrap();
    assert!(shard.ask(&["buyer", "PO.CREATE", "0"]).unwrap());
    assert!(shard.ask(&["buyer", "PO.CREATE"]).is_err());
    assert!(shard.ask(&["buyer", "PO.CREATE", "0", "0"]).is_err());
}

#[test]
fn an_empty_untrimmed_or_foreign_field_is_refused() {
    for field in ["", " ", " buyer", "buyer ", "b\u{fc}yer", "\u{ff42}uyer", "buy\ner"] {
        let built = build(Model::Grant, &[&[field, "PO.CREATE", "0", "allow"]]);
        assert!(matches!(built, Err(ShardError::Field { .. })), "{field:?}");
    }
}

#[test]
fn a_row_twice_is_refused() {
    assert!(matches!(
        build(Model::Grant, &[GRANT, GRANT]),
        Err(ShardError::Duplicate { .. })
    ));
    let mut rows = PolicyRows::standard();
    rows.grants.push(rows.grants[0].clone());
    assert!(matches!(
        block_on(Policy::compile(&rows)),
        Err(PolicyError::Shard(ShardError::Duplicate { .. }))
    ));
}

#[test]
fn a_question_put_to_the_wrong_shard_or_about_an_unknown_duty_is_denied() {
    let policy = standard();
    let ask = |shard: Duty, words: &[&str]| policy.shards.ask(Model::Dsod, shard, words).unwrap();
    let free = |duty: &'static str| ["*", duty, "PO.SEND", "same_document", "disjoint"];
    assert!(ask(Duty::PoApprove, &free("PO.APPROVE")));
    assert!(!ask(Duty::PoApprove, &free("PO.CREATE")));
    assert!(!ask(Duty::PoApprove, &free("PO.DELETE")));
    assert!(
        !ask(Duty::SupplierParty, &free("SUPPLIER.PARTY")),
        "a party fact never acts"
    );
    assert!(!ask(
        Duty::PoApprove,
        &["*", "PO.APPROVE", "PO.SEND", "same_document", "unknown"]
    ));
    assert!(
        !policy
            .shards
            .ask(Model::Ssod, Duty::PoApprove, &["*", "PO.CREATE", "PO.SEND"])
            .unwrap()
    );
    assert!(
        !policy
            .shards
            .ask(
                Model::Access,
                Duty::PoApprove,
                &["PO.CREATE", "PURCHASE_ORDER", "create"]
            )
            .unwrap()
    );
}

#[test]
fn enforcer_new_erases_the_rows_of_a_model_and_our_builder_does_not() {
    let model = || {
        let mut model = block_on(DefaultModel::from_str(Model::Grant.text())).unwrap();
        assert!(model.add_policy("p", "p", row(GRANT)));
        model
    };
    let erased = block_on(Enforcer::new(model(), NullAdapter)).unwrap();
    assert_eq!(erased.get_policy().len(), 0);
    let kept = block_on(Enforcer::new_raw(model(), NullAdapter)).unwrap();
    assert_eq!(kept.get_policy().len(), 1);
    assert!(
        build(Model::Grant, &[GRANT])
            .unwrap()
            .ask(&["buyer", "PO.CREATE", "0"])
            .unwrap()
    );
}

#[test]
fn an_exception_covers_an_approved_default_rule_and_no_mandatory_one() {
    let shard = build(Model::Exception, &[&["e1", "P2P-04", "p1", "tenant:*", "allow"]]).unwrap();
    assert!(shard.ask(&["P2P-04", "default", "p1", "tenant:*", "approved"]).unwrap());
    for words in [
        ["P2P-04", "mandatory", "p1", "tenant:*", "approved"],
        ["P2P-04", "default", "p1", "tenant:*", "expired"],
        ["P2P-04", "default", "p2", "tenant:*", "approved"],
        ["P2P-05", "default", "p1", "tenant:*", "approved"],
        ["P2P-04", "default", "p1", "location:l1", "approved"],
    ] {
        assert!(!shard.ask(&words).unwrap(), "{words:?}");
    }
}

#[test]
fn half_a_policy_does_not_compile() {
    let broken = |change: fn(&mut PolicyRows)| {
        let mut rows = PolicyRows::standard();
        change(&mut rows);
        block_on(Policy::compile(&rows)).err()
    };
    assert!(matches!(
        broken(|rows| rows.dsod.clear()),
        Some(PolicyError::Empty("dsod"))
    ));
    assert!(matches!(
        broken(|rows| rows.grants.clear()),
        Some(PolicyError::Empty("grants"))
    ));
    assert!(matches!(
        broken(|rows| drop(rows.duties.pop())),
        Some(PolicyError::DutyRow(_))
    ));
    assert!(matches!(
        broken(|rows| rows.dsod[0].duty_a = "PO.DELETE".into()),
        Some(PolicyError::UnknownWord(_))
    ));
    assert!(matches!(
        broken(|rows| rows.dsod[0].tier = "Mandatory".into()),
        Some(PolicyError::UnknownWord(_))
    ));
    assert!(matches!(
        broken(|rows| rows.dsod[0].days = 5),
        Some(PolicyError::UnknownWord(_))
    ));
    assert!(matches!(
        broken(|rows| rows.dsod[0].rule = "*".into()),
        Some(PolicyError::RuleId(_))
    ));
    assert!(matches!(
        broken(|rows| rows.roles[0].role = "*".into()),
        Some(PolicyError::RoleName(_))
    ));
    assert!(matches!(
        broken(|rows| rows.grants[0].max_level = 5),
        Some(PolicyError::Level(..))
    ));
    assert!(matches!(
        broken(|rows| rows.grants[0].duty = "AGENT.ACTOR".into()),
        Some(PolicyError::Grant(..))
    ));
}

#[test]
fn a_tenant_switches_off_default_rules_only_and_names_roles_of_its_own() {
    let off = |rule: &str| PolicyRows::tenant(&[rule.to_owned()], &[]);
    assert!(matches!(off("P2P-03"), Err(PolicyError::MandatoryRule(_))));
    assert!(matches!(off("P2P-99"), Err(PolicyError::UnknownRule(_))));
    let policy = compile(&off("P2P-04").unwrap());
    assert_ne!(policy.digest(), standard().digest());
    for name in ["buyer", "*", "", "Buyer", "b\u{fc}yer", "1st", "a b"] {
        let role = CustomRole {
            role: name.into(),
            title: "x".into(),
            account_kind: "human".into(),
            grants: vec![],
        };
        assert!(
            matches!(PolicyRows::tenant(&[], &[role]), Err(PolicyError::RoleName(_))),
            "{name}"
        );
    }
}

#[test]
fn a_decision_is_not_re_asked_under_another_policy_and_a_wrong_table_is_noticed() {
    use super::facts::{prior, question};
    let mut q = question(Duty::PoApprove, ControlState::Submitted, &["approver_l1"]);
    q.prior = vec![prior(1, Duty::ReqCreate, 2)];
    let lenient = compile(&PolicyRows::tenant(&["P2P-04".to_owned()], &[]).unwrap());
    let Decision::Allowed(asked) = decide(&lenient, &q) else {
        panic!("refused")
    };
    lenient.reask(&asked).unwrap();
    assert!(matches!(
        standard().reask(&asked),
        Err(Disagreement::OtherPolicy { .. })
    ));
    let mut mixed_up = compile(&PolicyRows::standard());
    mixed_up.tables = lenient.tables;
    let Decision::Allowed(asked) = decide(&mixed_up, &q) else {
        panic!("refused")
    };
    assert!(matches!(mixed_up.reask(&asked), Err(Disagreement::Differs(_))));
    // H-06: nothing is done under it, and nothing is published under it any more.
    let (policies, digest) = (PolicyCache::default(), mixed_up.digest());
    crate::act::reask::reask(&policies, &standard(), &standard_answer()).unwrap();
    assert!(!policies.is_frozen(&digest));
    assert!(crate::act::reask::reask(&policies, &mixed_up, &asked).is_err());
    assert!(policies.is_frozen(&digest));
}

#[test]
fn what_live_casbin_was_asked_it_is_not_asked_again_except_about_another_policy() {
    let answer = standard_answer();
    let mut known = AskedQuestions::new(answer.digest());
    assert_eq!(answer.beyond(&known), answer);
    known.extend(answer.clone());
    assert!(answer.beyond(&known).is_empty());
    let lenient = compile(&PolicyRows::tenant(&["P2P-04".to_owned()], &[]).unwrap());
    let q = super::facts::question(Duty::PoApprove, ControlState::Submitted, &["approver_l1"]);
    let Decision::Allowed(theirs) = decide(&lenient, &q) else {
        panic!("refused")
    };
    assert_eq!(answer.beyond(&theirs), answer);
}

fn standard_answer() -> AskedQuestions {
    let q = super::facts::question(Duty::PoApprove, ControlState::Submitted, &["approver_l1"]);
    match decide(&standard(), &q) {
        Decision::Allowed(asked) => asked,
        other => panic!("{other:?}"),
    }
}
