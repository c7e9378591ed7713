//! One example of each step of a decision.

use chrono::TimeDelta;

use super::facts::{noon, person, prior, question, standard};
use crate::policy::*;

fn approving() -> Question {
    question(Duty::PoApprove, ControlState::Submitted, &["approver_l1"])
}

fn refused_by(decision: &Decision) -> &str {
    decision.refusal().map_or("", |refusal| refusal.rule.as_str())
}

#[test]
fn whoever_submitted_an_order_cannot_approve_it_and_is_told_why() {
    let mut q = approving();
    q.prior = vec![prior(2, Duty::PoCreate, 3), prior(1, Duty::PoSubmit, 2)];
    let decision = decide(&standard(), &q);
    let refusal = decision.refusal().unwrap();
    assert_eq!((refusal.rule.as_str(), refusal.tier), ("P2P-03", Tier::Mandatory));
    assert_eq!(refusal.message, "You submitted this purchase order (SoD rule P2P-03).");
    assert_eq!(refusal.conflict.person, Some(person(1)));
    standard().reask(&refusal.asked).unwrap();
}

#[test]
fn another_person_approves_and_live_casbin_agrees() {
    let mut q = approving();
    q.prior = vec![
        prior(2, Duty::PoCreate, 3),
        prior(2, Duty::PoSubmit, 2),
        prior(1, Duty::PoSend, 2),
    ];
    let Decision::Allowed(asked) = decide(&standard(), &q) else {
        panic!("refused")
    };
    standard().reask(&asked).unwrap();
    assert!(asked.len() <= 6, "{asked:?}");
}

#[test]
fn the_steps_come_in_order() {
    let mut q = approving();
    q.state = Some(ControlState::Draft);
    q.prior = vec![prior(1, Duty::PoSubmit, 2)];
    assert_eq!(decide(&standard(), &q), Decision::InvalidState);
    q.required_level = Level::new(2).unwrap();
    assert_eq!(decide(&standard(), &q), Decision::Forbidden);
    q.machine = true;
    assert_eq!(refused_by(&decide(&standard(), &q)), "AGT-01");
    q.side_ok = false;
    assert_eq!(decide(&standard(), &q), Decision::Forbidden);
    q.visible = false;
    assert_eq!(decide(&standard(), &q), Decision::NotFound);
    q.account_active = false;
    assert_eq!(decide(&standard(), &q), Decision::Forbidden);
}

#[test]
fn a_state_without_control_state_allows_no_duty() {
    let mut q = approving();
    q.state = None;
    assert_eq!(decide(&standard(), &q), Decision::InvalidState);
}

#[test]
fn a_hand_that_now_holds_the_opposite_duty_of_a_mandatory_rule_is_refused() {
    let mut q = approving();
    q.held[0].duties = [Duty::PolPublish, Duty::RcvRecord].into_iter().collect();
    let decision = decide(&standard(), &q);
    let refusal = decision.refusal().unwrap();
    assert_eq!(
        (refusal.rule.as_str(), refusal.conflict.duty),
        ("S-07", Duty::PolPublish)
    );
    standard().reask(&refusal.asked).unwrap();
    q.held[0].duties = [Duty::RcvRecord].into_iter().collect();
    assert!(
        decide(&standard(), &q).is_allowed(),
        "a default rule does not stop work"
    );
}

#[test]
fn an_act_with_unknown_hands_or_unknown_holdings_is_denied() {
    let mut q = approving();
    q.held.clear();
    assert_eq!(decide(&standard(), &q), Decision::Internal);
    q.hands.clear();
    assert_eq!(decide(&standard(), &q), Decision::Internal);
}

#[test]
fn the_oldest_conflicting_hand_is_named_and_a_mandatory_rule_before_a_default_one() {
    let mut q = approving();
    q.prior = vec![
        prior(1, Duty::ReqCreate, 9),
        prior(1, Duty::PoSubmit, 2),
        prior(1, Duty::PoSubmit, 5),
    ];
    let decision = decide(&standard(), &q);
    let refusal = decision.refusal().unwrap();
    assert_eq!(refusal.rule, "P2P-03");
    assert_eq!(refusal.conflict.at, Some(noon() - TimeDelta::hours(5)));
}

#[test]
fn a_supplier_proposed_ninety_days_ago_still_counts_and_a_second_later_not() {
    let mut q = approving();
    let mut hand = prior(1, Duty::SupPropose, 90 * 24);
    (hand.same_document, hand.same_chain) = (false, false);
    q.prior = vec![hand];
    assert_eq!(refused_by(&decide(&standard(), &q)), "VND-03");
    q.now += TimeDelta::seconds(1);
    assert!(decide(&standard(), &q).is_allowed());
}

#[test]
fn an_approval_of_an_earlier_round_does_not_count_as_the_first_of_two() {
    let mut q = approving();
    q.prior = vec![prior(1, Duty::PoApprove, 1)];
    assert_eq!(refused_by(&decide(&standard(), &q)), "DUAL-01");
    q.round = 2;
    assert!(decide(&standard(), &q).is_allowed());
}

#[test]
fn a_machine_drafts_in_the_hand_of_its_sponsor_and_takes_no_duty_that_is_not_for_machines() {
    let mut q = question(Duty::PoCreate, ControlState::New, &["ai_agent"]);
    (q.machine, q.hands[0].via) = (true, Via::Sponsor);
    assert!(decide(&standard(), &q).is_allowed());
    let mut bank = question(Duty::SupBankPropose, ControlState::New, &["supplier_steward"]);
    assert!(decide(&standard(), &bank).is_allowed());
    bank.machine = true;
    assert_eq!(decide(&standard(), &bank), Decision::Forbidden);
    let mut q = approving();
    q.prior = vec![PriorHand {
        via: Via::Sponsor,
        ..prior(1, Duty::PoCreate, 1)
    }];
    let decision = decide(&standard(), &q);
    assert!(
        decision
            .refusal()
            .unwrap()
            .message
            .starts_with("Your AI agent, automation or API key created")
    );
}
