//! The decision: section 6.3, steps 1 to 8. The first refusal wins; within steps 7 and 8 mandatory rules come before
//! default ones, then the order of the tables, then the oldest conflicting hand. So the answer, and the rule it names, is
//! a function of the facts.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::asked::{Asked, AskedQuestions};
use super::compile::Policy;
use super::conflict::{Found, HeldUnknown, dynamic_conflict, machine_conflict, static_conflict};
use super::explain::message;
use super::question::{Conflict, Decision, Hand, Held, PriorHand, Question, SodRefusal};
use super::relation::Relation;
use super::roles::RoleRef;
use super::vocabulary::{Duty, DutyKind, Level, Tier, Via};

/// Who acts: the part of a question that differs from one candidate to the next.
pub(super) struct Acting<'a> {
    pub(super) active: bool,
    pub(super) visible: bool,
    pub(super) side_ok: bool,
    pub(super) machine: bool,
    pub(super) hands: &'a [Hand],
    pub(super) roles: &'a [RoleRef],
    pub(super) held: &'a [Held],
}

/// Answers a question from the tables. Nothing is written, read or timed; a policy that panics denies.
pub fn decide(policy: &Policy, question: &Question) -> Decision {
    let acting = Acting {
        active: question.account_active && question.sponsor_active,
        visible: question.visible,
        side_ok: question.side_ok && question.invoker_ok,
        machine: question.machine,
        hands: &question.hands,
        roles: &question.roles,
        held: &question.held,
    };
    catch_unwind(AssertUnwindSafe(|| judge(policy, question, &acting))).unwrap_or(Decision::Internal)
}

/// Step 7 alone, for acts from above a tenant: whether the person may at all is decided above, and he holds nothing inside.
pub fn decide_rules(policy: &Policy, question: &Question) -> Decision {
    let met = || {
        let mut asked = AskedQuestions::new(policy.digest);
        match dynamic_conflict(policy, question, &question.hands, &mut asked) {
            Some(found) => refuse(policy, question.duty, found, asked),
            None => Decision::Allowed(asked),
        }
    };
    catch_unwind(AssertUnwindSafe(met)).unwrap_or(Decision::Internal)
}

/// The refusal of a second act of one duty by one person on one document, where a rule wants two people to do it.
pub fn twice(policy: &Policy, rule: &str, duty: Duty, before: &PriorHand) -> SodRefusal {
    let conflict = Conflict {
        duty,
        person: Some(before.person),
        via: before.via,
        document: Some(before.document_id),
        sequence: Some(before.sequence),
        at: Some(before.at),
        relation: Some(Relation::Document),
    };
    SodRefusal {
        rule: rule.to_owned(),
        tier: Tier::Mandatory,
        duty,
        own_via: Via::Actor,
        message: message(rule, duty, Via::Actor, &conflict),
        conflict,
        asked: AskedQuestions::new(policy.digest),
    }
}

pub(super) fn judge(policy: &Policy, question: &Question, acting: &Acting<'_>) -> Decision {
    let duty = question.duty;
    let mut asked = AskedQuestions::new(policy.digest);
    if !acting.active {
        return Decision::Forbidden;
    }
    if !acting.visible {
        return Decision::NotFound;
    }
    if !acting.side_ok || !policy.opens(duty, question.document) {
        return Decision::Forbidden;
    }
    asked.push(
        Asked::Access {
            duty,
            document: question.document,
        },
        true,
    );
    if acting.machine
        && let Some(found) = machine_conflict(policy, duty, acting.hands)
    {
        return refuse(policy, duty, found, asked);
    }
    let level = if duty.amount_limited() {
        question.required_level
    } else {
        Level::ZERO
    };
    let Some(role) = authority(policy, acting, duty, level) else {
        return Decision::Forbidden;
    };
    asked.push(Asked::Grant { role, duty, level }, true);
    if !question.state.is_some_and(|state| duty.from_states().contains(&state)) {
        return Decision::InvalidState;
    }
    if acting.hands.is_empty() {
        return Decision::Internal;
    }
    if let Some(found) = dynamic_conflict(policy, question, acting.hands, &mut asked) {
        return refuse(policy, duty, found, asked);
    }
    match static_conflict(policy, duty, acting, &mut asked) {
        Err(HeldUnknown) => Decision::Internal,
        Ok(Some(found)) => refuse(policy, duty, found, asked),
        Ok(None) => Decision::Allowed(asked),
    }
}

fn refuse(policy: &Policy, duty: Duty, found: Found, mut asked: AskedQuestions) -> Decision {
    let Found {
        rule,
        own_via,
        conflict,
    } = found;
    let (place, rule) = (rule, usize::from(rule));
    let named = match conflict.relation {
        Some(relation) => {
            let question = Asked::Dsod {
                rule: Some(place),
                duty,
                prior: conflict.duty,
                relation,
                shared: true,
            };
            asked.push(question, false);
            policy.dsod.get(rule).map(|rule| (&rule.id, rule.tier))
        }
        None => {
            asked.push(
                Asked::Ssod {
                    rule: Some(place),
                    duty,
                    held: conflict.duty,
                },
                false,
            );
            policy.ssod.get(rule).map(|rule| (&rule.id, rule.tier))
        }
    };
    let Some((id, tier)) = named else {
        return Decision::Internal;
    };
    let message = message(id, duty, own_via, &conflict);
    Decision::Refused(Box::new(SodRefusal {
        rule: id.clone(),
        tier,
        duty,
        own_via,
        conflict,
        message,
        asked,
    }))
}

/// Step 5: the first role that carries the duty at the level. A duty that machines may not exercise and that no machine
/// rule speaks about (a maker duty without `+`) is beyond the authority of every machine.
fn authority(policy: &Policy, acting: &Acting<'_>, duty: Duty, level: Level) -> Option<usize> {
    let ruled = matches!(duty.kind(), DutyKind::Approver | DutyKind::Admin | DutyKind::Custodian);
    if acting.machine && !duty.machine_ok() && !ruled {
        return None;
    }
    acting
        .roles
        .iter()
        .find(|role| policy.may(role, duty, level))
        .and_then(|role| policy.role(role))
}
