//! Each of the rules is proved by a pair, or its documents do not exist yet: no rule is in between.

use super::PAIRS;
use crate::house;
use quartermaster_api::graphql::commands::COMMANDS;
use quartermaster_tenants::policy::{Duty, DynamicRule, standard_rules};
use std::collections::BTreeSet;

/// Rules whose pairs stand with the other tests of their documents: the folder under `tests/src`.
const ELSEWHERE: &[(&str, &str)] = &[
    ("ADM-11", "keys"),
    ("ADM-12", "keys"),
    ("ADM-15", "operators"),
    ("ADM-16", "operators"),
    ("AGT-01", "keys"),
    ("AGT-02", "keys"),
    ("AGT-03", "keys"),
];

/// Rules about documents that come later: requisitions, contracts, confirmations, quality, invoices, payments, write-offs,
/// credit notes, the selling side, exceptions, emergencies, merges, reviews, privacy.
#[rustfmt::skip]
const LATER: &[&str] = &[
    "P2P-01", "P2P-04", "P2P-11", "P2P-12", "P2P-13", "P2P-14", "P2P-15", "P2P-16", "P2P-17", "P2P-18", "P2P-19", "P2P-20",
    "P2P-21", "P2P-22", "P2P-26", "P2P-28", "P2P-30", "VND-04", "VND-05", "VND-06", "VND-08", "INV-04", "INV-11", "QC-01",
    "QC-02", "QC-03", "QC-04", "QC-05", "ADM-05", "ADM-06", "ADM-07", "ADM-08", "ADM-09", "ADM-13", "ADM-14", "ADM-17",
    "ADM-18", "DUAL-03", "DUAL-04", "DUAL-06", "XP-04", "XP-05", "XP-06", "XP-07", "XP-08", "XP-09",
];

/// Is there a mutation that is an act of the duty? A party fact comes with the documents that record it.
fn can_be_done(duty: Duty) -> bool {
    let recorded_by = match duty {
        Duty::RoleBenefit => Duty::RoleGrant,
        Duty::ExcBenefit => Duty::ExcRequest,
        Duty::SupplierParty => return COMMANDS.iter().any(|(name, _)| *name == "supplierPartyAdd"),
        Duty::AgentActor => Duty::KeyIssue,
        duty => duty,
    };
    COMMANDS.iter().any(|(_, duties)| duties.contains(&recorded_by))
}

fn has_documents(rule: &DynamicRule) -> bool {
    can_be_done(rule.a) && rule.b.iter().any(|duty| can_be_done(*duty))
}

/// Do the tests of a folder name the rule as one that refused?
fn named_in(folder: &str, rule: &str) -> bool {
    let place = house::root().join("tests/src").join(folder);
    let quoted = format!("\"{rule}\"");
    std::fs::read_dir(place).into_iter().flatten().flatten().any(|file| {
        let text = std::fs::read_to_string(file.path()).unwrap_or_default();
        text.contains(&quoted)
    })
}

#[test]
fn each_of_the_93_rules_has_a_pair_or_no_documents_yet() {
    let rules = standard_rules();
    assert_eq!(rules.len(), 93);
    let known: BTreeSet<&str> = rules.iter().map(|r| r.id.as_str()).collect();
    let elsewhere = ELSEWHERE.iter().map(|(rule, _)| *rule);
    for rule in PAIRS.iter().copied().chain(elsewhere).chain(LATER.iter().copied()) {
        assert!(known.contains(rule), "{rule} is no rule");
    }
    for rule in rules {
        let id = rule.id.as_str();
        let paired = PAIRS.iter().filter(|r| **r == id).count();
        let beside = ELSEWHERE.iter().find(|(r, _)| *r == id);
        let later = LATER.contains(&id);
        let places = paired + usize::from(beside.is_some()) + usize::from(later);
        assert_eq!(places, 1, "{id} stands in {places} lists: it belongs into exactly one");
        match (later, beside) {
            (true, _) => assert!(
                !has_documents(rule),
                "{id}: its duties have mutations now: prove it by a pair"
            ),
            (false, None) => assert!(has_documents(rule), "{id}: a pair without documents"),
            (false, Some((_, folder))) => {
                assert!(
                    !has_documents(rule) || named_in(folder, id),
                    "tests/src/{folder} does not name {id}"
                );
            }
        }
    }
}
