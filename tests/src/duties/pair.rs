//! A pair: one person is refused by a rule because of what he did before, and another may do the very same.

use super::company::Company;
use crate::world::Person;
use crate::world::command::command;
use quartermaster_tenants::policy::{Tier, standard_rules};
use serde_json::{Value, json};

pub struct Pair {
    /// Whose hand is on the earlier act.
    pub same: Person,
    /// Has the authority too, and did nothing before.
    pub other: Person,
    pub mutation: &'static str,
    pub input: Value,
}

/// The command that is refused to the first and allowed to the second.
pub fn pair(same: Person, other: Person, mutation: &'static str, input: Value) -> Pair {
    Pair {
        same,
        other,
        mutation,
        input,
    }
}

impl Pair {
    /// Refused with the rule's id, tier and a sentence, changing nothing; then done by the other, word for word.
    pub async fn prove(self, company: &Company, rule: &str) {
        let tier = standard_rules().iter().find(|r| r.id == rule).expect("a rule").tier;
        let before = company.events().await;
        let refused = self.same.cannot(self.mutation, self.input.clone()).await;
        assert_eq!(
            (refused["code"].as_str(), refused["rule"].as_str()),
            (Some("SEGREGATION_OF_DUTIES"), Some(rule)),
            "{refused:#}"
        );
        let expected = if tier == Tier::Mandatory {
            "MANDATORY"
        } else {
            "DEFAULT"
        };
        assert_eq!(refused["tier"], expected);
        assert_eq!(refused["conflictsWith"]["personDisplay"], "you");
        assert!(
            refused["message"].as_str().is_some_and(|m| m.contains(rule)),
            "{refused:#}"
        );
        assert_eq!(company.events().await, before, "a refusal changes nothing");
        let document = command(self.mutation, "");
        self.other.done(&document, json!({ "input": self.input })).await;
    }
}
