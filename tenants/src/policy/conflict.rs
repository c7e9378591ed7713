//! Steps 4, 7 and 8 of a decision: which rule refuses, and what it met. Mandatory rules come before default ones, then the
//! order of the tables, then the oldest conflicting hand.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::asked::{Asked, AskedQuestions};
use super::compile::Policy;
use super::decide::Acting;
use super::models::Model;
use super::question::{Conflict, Hand, PriorHand, Question};
use super::relation::Relation;
use super::vocabulary::{Duty, Tier, Via};

/// A rule that refuses, and what it met.
pub(super) struct Found {
    pub(super) rule: u16,
    pub(super) own_via: Via,
    pub(super) conflict: Conflict,
}

/// Step 4: what machines never do, through whatever role. The conflict is with the act itself.
pub(super) fn machine_conflict(policy: &Policy, duty: Duty, hands: &[Hand]) -> Option<Found> {
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
            sequence: None,
            at: None,
            relation: Some(Relation::Act),
        },
    })
}

/// Step 7: the first rule, in the order of naming, that an earlier hand of one of these persons meets.
pub(super) fn dynamic_conflict(
    policy: &Policy,
    question: &Question,
    hands: &[Hand],
    asked: &mut AskedQuestions,
) -> Option<Found> {
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
                    sequence: Some(prior.sequence),
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
pub(super) struct HeldUnknown;

/// Step 8: a hand that now holds the opposite duty of a mandatory static rule.
pub(super) fn static_conflict(
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
            sequence: None,
            at: None,
            relation: None,
        },
    }))
}
