//! What a refusal says, from the rule, the duty, the way the person is involved, and the relation. Words are looked up, so
//! another language is another table.

use super::phrases::{self, Phrase};
use super::question::Conflict;
use super::relation::Relation;
use super::vocabulary::{Duty, Via};

/// The sentence for people, in English: "You submitted this purchase order (SoD rule P2P-03)."
pub fn message(rule: &str, duty: Duty, own_via: Via, conflict: &Conflict) -> String {
    let Some(relation) = conflict.relation else {
        let who = match own_via {
            Via::Actor => "You hold",
            Via::Delegator => "The person you act for holds",
            Via::Sponsor => "The person who answers for this machine holds",
            Via::Invoker => "The person who started this holds",
            Via::Subject => "The person concerned holds",
        };
        let (other, own) = (phrases::task(conflict.duty), phrases::task(duty));
        return format!(
            "{who} the duty to {other}, which nobody may hold together with the duty to {own} (SoD rule {rule})."
        );
    };
    let fact = match conflict.duty {
        Duty::AgentActor => {
            format!("An AI agent, automation or API key may not {}", phrases::task(duty))
        }
        Duty::SupplierParty => format!("{} a related party of this supplier", be(own_via)),
        Duty::RoleBenefit => format!(
            "{} the person who gains from this {}",
            be(own_via),
            phrases::noun(duty.document())
        ),
        Duty::ExcBenefit => format!("{} the person this exception is for", be(own_via)),
        prior => act(prior, own_via, conflict.via, relation),
    };
    format!("{fact} (SoD rule {rule}).")
}

fn be(own_via: Via) -> &'static str {
    match own_via {
        Via::Actor => "You are",
        Via::Delegator => "The person you act for is",
        Via::Sponsor => "The person who answers for this machine is",
        Via::Invoker => "The person who started this is",
        Via::Subject => "The person concerned is",
    }
}

/// "Your AI agent created a purchase order of this purchase".
fn act(prior: Duty, own_via: Via, via: Via, relation: Relation) -> String {
    let Phrase { verb, .. } = phrases::of(prior);
    let (subject, tail) = match (own_via, via) {
        (Via::Actor, Via::Actor | Via::Subject) => ("You", ""),
        (Via::Actor, Via::Delegator) => ("Your delegate", " for you"),
        (Via::Actor, Via::Sponsor) => ("Your AI agent, automation or API key", ""),
        (Via::Actor, Via::Invoker) => ("An automation that you started", ""),
        (Via::Delegator, Via::Actor | Via::Subject) => ("The person you act for", ""),
        (Via::Delegator, _) => ("Somebody or something acting for the person you act for", ""),
        (Via::Sponsor, Via::Actor | Via::Subject) => ("The person who answers for this machine", ""),
        (Via::Sponsor, Via::Sponsor) => ("A machine of the same owner", ""),
        (Via::Sponsor, _) => (
            "Somebody or something acting for the person who answers for this machine",
            "",
        ),
        (Via::Invoker, Via::Actor | Via::Subject) => ("The person who started this", ""),
        (Via::Invoker, _) => ("Somebody or something acting for the person who started this", ""),
        (Via::Subject, Via::Actor | Via::Subject) => ("The person concerned", ""),
        (Via::Subject, _) => ("Somebody or something acting for the person concerned", ""),
    };
    format!("{subject} {verb} {}{tail}", object(prior, relation))
}

fn object(prior: Duty, relation: Relation) -> String {
    let noun = phrases::noun(prior.document());
    let a = if noun.starts_with(['a', 'e', 'i', 'o', 'A']) {
        "an"
    } else {
        "a"
    };
    let within = relation
        .days()
        .map(|days| format!(" within the last {days} days"))
        .unwrap_or_default();
    match relation {
        Relation::Document | Relation::Act => format!("this {noun}"),
        Relation::Round => format!("this {noun} in this round"),
        Relation::Chain => format!("{a} {noun} of the same purchase"),
        Relation::Supplier { .. } => format!("{a} {noun} of the same supplier{within}"),
        Relation::Stock { .. } => format!("{a} {noun} of the same stock{within}"),
    }
}
