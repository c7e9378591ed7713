//! What one person may not hold together: asked before a role is granted, and of every role itself.

use super::compile::Policy;
use super::duty_set::DutySet;
use super::vocabulary::{Duty, Tier};

/// Two duties that would meet in one hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaticConflict {
    /// `S-07`.
    pub rule: String,
    /// Whether it can be lifted at all.
    pub tier: Tier,
    /// One duty of the rule.
    pub a: Duty,
    /// The other.
    pub b: Duty,
}

/// The static conflicts that adding duties to those held would make, in table order: of the added with the held and of
/// the added among themselves. Conflicts among what is already held are not repeated.
pub fn ssod_conflicts(policy: &Policy, held: DutySet, added: DutySet) -> Vec<StaticConflict> {
    let all = held.union(added);
    let meets = |a: Duty, b: Duty| all.contains(a) && all.contains(b) && (added.contains(a) || added.contains(b));
    let rules = policy.ssod.iter().enumerate();
    rules
        .filter(|(place, rule)| {
            let denied = policy.tables.ssod(rule.a, rule.b);
            meets(rule.a, rule.b) && denied.iter().any(|denying| usize::from(*denying) == *place)
        })
        .map(|(_, rule)| StaticConflict {
            rule: rule.id.clone(),
            tier: rule.tier,
            a: rule.a,
            b: rule.b,
        })
        .collect()
}
