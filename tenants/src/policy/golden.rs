//! The checked-in cases that every deny row must be reached by: `golden/cases.txt`, one line for each rule, acting duty,
//! opposite duty and relation.

use super::relation::Relation;
use super::rules::{DynamicRule, StaticRule};
use super::vocabulary::Duty;

/// "This duty is refused by that rule to whoever did, or holds, the other."
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Case {
    pub(super) rule: String,
    pub(super) duty: Duty,
    pub(super) opposite: Duty,
    /// None for static rules.
    pub(super) relation: Option<Relation>,
}

/// The cases of the file, without its comments, as text.
pub(super) fn lines() -> impl Iterator<Item = &'static str> {
    include_str!("golden/cases.txt")
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
}

impl Case {
    /// The cases that rules call for: each direction, each member of a group.
    pub(super) fn of_rules(ssod: &[StaticRule], dsod: &[DynamicRule]) -> Vec<Self> {
        let mut cases = Vec::new();
        for rule in dsod {
            for &b in &rule.b {
                cases.extend(both_ways(&rule.id, rule.a, b, Some(rule.relation)));
            }
        }
        for rule in ssod {
            cases.extend(both_ways(&rule.id, rule.a, rule.b, None));
        }
        cases
    }

    /// The line of the file.
    pub(super) fn line(&self) -> String {
        match self.relation {
            Some(relation) => format!("{}: {} after {}, {relation}", self.rule, self.duty, self.opposite),
            None => format!("{}: {} while holding {}", self.rule, self.duty, self.opposite),
        }
    }
}

/// Both orders of two duties; a party fact never acts.
fn both_ways(rule: &str, a: Duty, b: Duty, relation: Option<Relation>) -> Vec<Case> {
    let case = |duty, opposite| Case {
        rule: rule.to_owned(),
        duty,
        opposite,
        relation,
    };
    let mut cases = vec![case(a, b)];
    if a != b {
        cases.push(case(b, a));
    }
    cases.retain(|case| !case.duty.is_party_fact());
    cases
}
