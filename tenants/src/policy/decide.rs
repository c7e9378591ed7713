//! The decision: section 6.3, steps 1 to 8. The first refusal wins; within steps 7 and 8 mandatory rules come before
//! default ones, then the order of the tables, then the oldest conflicting hand. So the answer, and the rule it names, is
//! a function of the facts.

use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::asked::{Asked, AskedQuestions};
use super::compile::Policy;
use super::explain::message;
use super::models::Model;
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

/// A rule that refuses, and what it met.
struct Found {
    rule: u16,
    own_via: Via,
    conflict: Conflict,
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

/// Step 4: what machines never do, through whatever role. The conflict is with the act itself.
fn machine_conflict(policy: &Policy, duty: Duty, hands: &[Hand]) -> Option<Found> {
    let place = policy
        .relations
        .iter()
        .position(|(relation, _)| *relation == Relation::Act)?;
    let rule = *policy.tables.dsod(place, duty, Duty::AgentActor).first()?;
    let behind = hands.iter().min_by_key(|hand| (hand.via, hand.person));
    Some(Found {
        rule,
        own_via: behind.map_or(Via::Actor, |hand| hand.via),
        conflict: Conflict {
            duty: Duty::AgentActor,
            person: behind.map(|hand| hand.person),
            via: Via::Actor,
            document: None,
            at: None,
            relation: Some(Relation::Act),
        },
    })
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

/// Step 7: the first rule, in the order of naming, that an earlier hand of one of these persons meets.
fn dynamic_conflict(policy: &Policy, question: &Question, hands: &[Hand], asked: &mut AskedQuestions) -> Option<Found> {
    type Age = (DateTime<Utc>, i32, Uuid, Uuid, Via);
    let duty = question.duty;
    let mut first: Option<(u16, Age, Found)> = None;
    let untouched = asked.len();
    for prior in &question.prior {
        let Some(own_via) = own_via(hands, prior.person) else {
            continue;
        };
        let mentioned = policy.shards.mentions(Model::Dsod, duty, prior.duty.code());
        for (place, (relation, _)) in policy.relations.iter().enumerate() {
            if !holds(*relation, prior, question) {
                continue;
            }
            let rules = policy.tables.dsod(place, duty, prior.duty);
            let Some(&rule) = rules.first() else {
                if mentioned {
                    asked.push(
                        Asked::Dsod {
                            rule: None,
                            duty,
                            prior: prior.duty,
                            relation: *relation,
                            shared: true,
                        },
                        true,
                    );
                }
                continue;
            };
            let age = (prior.at, prior.sequence, prior.document_id, prior.person, prior.via);
            if first
                .as_ref()
                .is_none_or(|(known, oldest, _)| (rule, age) < (*known, *oldest))
            {
                let conflict = Conflict {
                    duty: prior.duty,
                    person: Some(prior.person),
                    via: prior.via,
                    document: Some(prior.document_id),
                    at: Some(prior.at),
                    relation: Some(*relation),
                };
                first = Some((
                    rule,
                    age,
                    Found {
                        rule,
                        own_via,
                        conflict,
                    },
                ));
            }
        }
    }
    if first.is_none() && asked.len() == untouched {
        // Nobody has met himself: ask once whether the duty is allowed at all, which an empty or mixed-up policy denies.
        let relation = Relation::Document;
        asked.push(
            Asked::Dsod {
                rule: None,
                duty,
                prior: duty,
                relation,
                shared: false,
            },
            true,
        );
    }
    first.map(|(_, _, found)| found)
}

/// How a person is a hand of the act: as actor before all else.
fn own_via(hands: &[Hand], person: Uuid) -> Option<Via> {
    hands
        .iter()
        .filter(|hand| hand.person == person)
        .map(|hand| hand.via)
        .min()
}

/// Whether a prior hand is as near as the relation asks.
fn holds(relation: Relation, prior: &PriorHand, question: &Question) -> bool {
    match relation {
        Relation::Document => prior.same_document,
        Relation::Round => prior.same_document && prior.round == question.round,
        Relation::Act => false,
        Relation::Chain => prior.same_document || prior.same_chain,
        Relation::Supplier { .. } => prior.same_supplier && relation.in_time(prior.at, question.now),
        Relation::Stock { .. } => prior.same_stock && relation.in_time(prior.at, question.now),
    }
}

/// Nobody said what a hand holds.
struct HeldUnknown;

/// Step 8: a hand that now holds the opposite duty of a mandatory static rule.
fn static_conflict(
    policy: &Policy,
    duty: Duty,
    acting: &Acting<'_>,
    asked: &mut AskedQuestions,
) -> Result<Option<Found>, HeldUnknown> {
    let mut first: Option<(u16, Via, Uuid, Duty)> = None;
    asked.push(
        Asked::Ssod {
            rule: None,
            duty,
            held: duty,
        },
        true,
    );
    for hand in acting.hands {
        let held = acting
            .held
            .iter()
            .find(|held| held.person == hand.person)
            .ok_or(HeldUnknown)?;
        for opposite in held.duties.iter() {
            for &rule in policy.tables.ssod(duty, opposite) {
                let mandatory = policy
                    .ssod
                    .get(usize::from(rule))
                    .is_some_and(|rule| rule.tier == Tier::Mandatory);
                let found = (rule, hand.via, hand.person, opposite);
                if mandatory && first.is_none_or(|known| found < known) {
                    first = Some(found);
                }
            }
        }
    }
    Ok(first.map(|(rule, via, person, opposite)| Found {
        rule,
        own_via: via,
        conflict: Conflict {
            duty: opposite,
            person: Some(person),
            via,
            document: None,
            at: None,
            relation: None,
        },
    }))
}
