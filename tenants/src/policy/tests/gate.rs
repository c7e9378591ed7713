//! One test for each reason why a draft is not published.

use std::sync::{Arc, LazyLock};

use futures::executor::block_on;

use super::facts::{compile, person, standard};
use crate::policy::*;

fn role(name: &str, kind: &str, grants: &[(Duty, u8)]) -> CustomRole {
    CustomRole {
        role: name.into(),
        title: name.into(),
        account_kind: kind.into(),
        grants: grants.to_vec(),
    }
}

fn gate<'a>(draft: &'a PolicyRows, change: impl FnOnce(&mut Publication<'a>)) -> Vec<String> {
    static IN_FORCE: LazyLock<Arc<Policy>> = LazyLock::new(standard);
    let mut publication = Publication {
        draft,
        in_force: &IN_FORCE,
        publisher: person(1),
        publisher_roles: &[],
        editors: &[],
        people: &[],
        frozen: false,
    };
    change(&mut publication);
    let refusals = block_on(publish_gate(&publication)).err().unwrap_or_default();
    refusals.iter().map(ToString::to_string).collect()
}

fn refused(change: impl FnOnce(&mut PolicyRows)) -> Vec<String> {
    let mut draft = PolicyRows::standard();
    change(&mut draft);
    gate(&draft, |_| {})
}

#[test]
fn the_standard_policy_and_one_without_a_default_rule_are_published() {
    assert_eq!(refused(|_| {}), [""; 0]);
    let draft = PolicyRows::tenant(&["P2P-04".into()], &[role("clerk", "human", &[(Duty::ReqCreate, 0)])]).unwrap();
    assert_eq!(gate(&draft, |_| {}), [""; 0]);
}

#[test]
fn a_missing_or_changed_mandatory_row_is_refused() {
    assert_eq!(
        refused(|draft| drop(draft.dsod.remove(1))),
        ["mandatory rule P2P-02 is missing or changed"]
    );
    assert_eq!(
        refused(|draft| drop(draft.ssod.remove(0))),
        ["mandatory rule S-01 is missing or changed"]
    );
    let weaker = refused(|draft| draft.dsod[1].tier = "default".into());
    assert_eq!(weaker, ["mandatory rule P2P-02 is missing or changed"]);
}

#[test]
fn a_duty_without_its_allow_row_is_refused() {
    assert_eq!(
        refused(|draft| drop(draft.duties.remove(0))),
        ["duty SUP.PROPOSE lacks its allow row"]
    );
    let moved = refused(|draft| draft.duties[0].document = "INVOICE".into());
    assert_eq!(moved, ["duty SUP.PROPOSE lacks its allow row"]);
}

#[test]
fn a_role_that_conflicts_in_itself_is_refused() {
    let both = role("both", "human", &[(Duty::PoApprove, 1), (Duty::RcvRecord, 0)]);
    let draft = PolicyRows::tenant(&[], &[both]).unwrap();
    assert_eq!(gate(&draft, |_| {}), ["role `both` holds both duties of rule S-16"]);
}

#[test]
fn a_machine_role_that_approves_is_refused() {
    let draft = PolicyRows::tenant(&[], &[role("robot", "agent", &[(Duty::PoApprove, 1)])]).unwrap();
    assert_eq!(gate(&draft, |_| {}), ["machine role `robot` holds PO.APPROVE"]);
}

#[test]
fn an_assignment_that_breaks_a_mandatory_rule_is_refused_and_one_that_breaks_a_default_rule_is_not() {
    let held = |roles: [&str; 2]| HeldRoles {
        person: person(5),
        roles: roles.map(RoleRef::from).to_vec(),
    };
    let people = [held(["auditor", "security_admin"]), held(["approver_l1", "receiver"])];
    let found = gate(&PolicyRows::standard(), |publication| publication.people = &people);
    assert_eq!(found, ["a person in force holds both duties of mandatory rule S-08"]);
}

#[test]
fn a_deny_row_that_no_golden_case_reaches_is_refused() {
    let found = refused(|draft| {
        draft.dsod.push(DsodRow {
            rule: "OWN-01".into(),
            duty_a: "PO.SEND".into(),
            duty_b: "RCV.RECORD".into(),
            relation: "same_chain".into(),
            days: 0,
            tier: "default".into(),
        });
    });
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].contains("OWN-01: PO.SEND after RCV.RECORD, same_chain"));
    let altered = refused(|draft| draft.dsod[27].days = 1);
    assert_eq!(altered.len(), 2, "{altered:?}");
}

#[test]
fn an_editor_and_a_publisher_who_gains_are_refused() {
    let draft = PolicyRows::standard();
    let editors = [person(1)];
    let found = gate(&draft, |publication| publication.editors = &editors);
    assert_eq!(found, ["whoever edited a policy does not publish it"]);
    let wider = |draft: &mut PolicyRows| {
        draft.grants.push(GrantRow {
            role: "auditor".into(),
            duty: "REQ.CREATE".into(),
            max_level: 0,
        });
    };
    let mut draft = PolicyRows::standard();
    wider(&mut draft);
    let roles = [RoleRef::from("auditor"), RoleRef::from("buyer")];
    let found = gate(&draft, |publication| publication.publisher_roles = &roles);
    assert_eq!(found, ["the draft widens role `auditor`, which the publisher holds"]);
}

#[test]
fn a_frozen_digest_and_rows_that_are_no_policy_are_refused() {
    let found = gate(&PolicyRows::standard(), |publication| publication.frozen = true);
    assert_eq!(
        found,
        ["publishing under this digest is frozen: table and engine disagreed"]
    );
    assert_eq!(
        refused(|draft| draft.grants.clear()),
        ["the grants table of the policy is empty"]
    );
}

#[test]
fn compiled_policies_are_shared_by_digest_and_can_be_frozen() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let cache = PolicyCache::default();
    let one = runtime.block_on(cache.compiled(&PolicyRows::standard())).unwrap();
    let mut shuffled = PolicyRows::standard();
    shuffled.dsod.reverse();
    let two = runtime.block_on(cache.compiled(&shuffled)).unwrap();
    assert!(std::sync::Arc::ptr_eq(&one, &two));
    assert_eq!(
        compile(&shuffled).tables,
        one.tables,
        "row order in the policy changes nothing"
    );
    assert!(!cache.is_frozen(&one.digest()));
    cache.freeze(one.digest());
    assert!(cache.is_frozen(&two.digest()));
}
