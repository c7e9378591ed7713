use super::{Arrival, Gate, STUCK, Whose};
use crate::http::admission::lately::{COUNTED, LATELY};
use crate::http::admission::limit::Limit;
use std::time::{Duration, Instant};
use tokio::sync::oneshot::Receiver;
use tokio::sync::oneshot::error::TryRecvError;
use uuid::Uuid;

const A: Whose = Whose::Of(Uuid::from_u128(1));
const B: Whose = Whose::Of(Uuid::from_u128(2));
const C: Whose = Whose::Stranger;

fn gate(most: usize, room: usize, at: Instant) -> Gate<&'static str> {
    Gate::new(Limit::new(most, most, at), room, at)
}

fn waits(gate: &mut Gate<&'static str>, whose: Whose, at: Instant) -> Receiver<&'static str> {
    match gate.arrive(whose, at) {
        Arrival::Waits(called) => called,
        Arrival::Works => panic!("works"),
        Arrival::SentAway => panic!("sent away"),
    }
}

fn works(gate: &mut Gate<&'static str>, whose: Whose, at: Instant) {
    assert!(matches!(gate.arrive(whose, at), Arrival::Works));
}

fn sent_away(gate: &mut Gate<&'static str>, whose: Whose, at: Instant) {
    assert!(matches!(gate.arrive(whose, at), Arrival::SentAway));
}

fn ends(gate: &mut Gate<&'static str>, whose: Whose, at: Instant) {
    let since = gate.at_work.get(&whose).and_then(|all| all.first()).copied();
    for call in gate.leave(whose, since.expect("he works"), at) {
        let _ = call.call.send("come");
    }
}

#[test]
fn in_a_calm_hour_everybody_waits_for_his_turn() {
    let at = Instant::now();
    let mut gate = gate(1, 2, at);
    works(&mut gate, A, at);
    let (mut first, mut second) = (waits(&mut gate, A, at), waits(&mut gate, A, at));
    ends(&mut gate, A, at + Duration::from_secs(3));
    assert_eq!(first.try_recv(), Ok("come"), "whoever came first");
    assert!(second.try_recv().is_err());
    ends(&mut gate, A, at + Duration::from_secs(4));
    assert_eq!(second.try_recv(), Ok("come"));
    ends(&mut gate, A, at);
    assert_eq!(gate.figures().working, 0);
}

fn is_sent_away(waiting: &mut Receiver<&'static str>) -> bool {
    matches!(waiting.try_recv(), Err(TryRecvError::Closed))
}

#[test]
fn when_more_come_than_can_be_done_few_wait_and_the_others_hear_it_at_once() {
    let at = Instant::now();
    let mut gate = gate(4, 3, at);
    for _ in 0..4 {
        works(&mut gate, A, at);
    }
    let [mut oldest, mut old, mut newer] = [0; 3].map(|_| waits(&mut gate, A, at));
    sent_away(&mut gate, A, at);
    sent_away(&mut gate, A, at);
    assert_eq!(gate.figures().waiting, 2, "half as many as work");
    assert!(is_sent_away(&mut oldest));
    ends(&mut gate, A, at);
    assert_eq!(old.try_recv(), Ok("come"));
    ends(&mut gate, A, at);
    assert_eq!(newer.try_recv(), Ok("come"));
}

#[test]
fn it_is_calm_again_once_those_who_come_can_stay() {
    let at = Instant::now();
    let mut gate = gate(1, 0, at);
    works(&mut gate, A, at);
    sent_away(&mut gate, A, at);
    ends(&mut gate, A, at);
    works(&mut gate, A, at + COUNTED);
    assert!(gate.strain.strained, "half of them were sent away");
    for _ in 0..19 {
        ends(&mut gate, A, at + COUNTED);
        works(&mut gate, A, at + COUNTED);
    }
    ends(&mut gate, A, at + COUNTED);
    works(&mut gate, A, at + COUNTED * 2);
    assert!(!gate.strain.strained);
}

#[test]
fn one_who_floods_is_in_nobodys_way_but_his_own() {
    let at = Instant::now();
    let mut gate = gate(4, 3, at);
    let mut flood: Vec<_> = (0..20).map(|_| gate.arrive(A, at)).collect();
    let mut quiet = waits(&mut gate, B, at);
    assert_eq!(gate.figures().waiting, 2, "one of the flood made room");
    ends(&mut gate, A, at);
    assert_eq!(quiet.try_recv(), Ok("come"), "and he is next");
    let called = flood.iter_mut().filter_map(|one| match one {
        Arrival::Waits(called) => called.try_recv().ok(),
        Arrival::Works | Arrival::SentAway => None,
    });
    assert_eq!(called.count(), 0);
}

/// Comes until as many wait as can work.
fn floods(gate: &mut Gate<&'static str>, whose: Whose, at: Instant) -> Vec<Receiver<&'static str>> {
    let mut waiting = Vec::new();
    while waiting.len() < gate.limit.now() {
        if let Arrival::Waits(called) = gate.arrive(whose, at) {
            waiting.push(called);
        }
    }
    waiting
}

fn comes_and_goes(gate: &mut Gate<&'static str>, whose: Whose, at: Instant) {
    works(gate, whose, at);
    ends(gate, whose, at);
}

#[test]
fn while_others_are_here_one_who_floods_leaves_more_than_half_of_the_places() {
    let at = Instant::now();
    let mut gate = gate(8, 100, at);
    comes_and_goes(&mut gate, B, at);
    let _flood = floods(&mut gate, A, at);
    assert_eq!(gate.working_of(A), 8, "until it is one");
    for _ in 0..8 {
        ends(&mut gate, A, at);
    }
    assert_eq!(gate.working_of(A), 3);
    comes_and_goes(&mut gate, B, at);
    ends(&mut gate, A, at);
    assert_eq!(gate.working_of(A), 3, "and no less");
}

#[test]
fn who_asks_for_less_than_can_be_done_has_what_he_asks_for_whoever_else_is_here() {
    let at = Instant::now();
    let mut gate = gate(4, 100, at);
    comes_and_goes(&mut gate, B, at);
    for _ in 0..4 {
        works(&mut gate, A, at);
    }
}

#[test]
fn where_there_are_few_places_everybody_has_one() {
    let at = Instant::now();
    let mut gate = gate(2, 100, at);
    comes_and_goes(&mut gate, B, at);
    let _flood = floods(&mut gate, A, at);
    ends(&mut gate, A, at);
    assert_eq!(gate.working_of(A), 1);
    works(&mut gate, B, at);
    let mut third = waits(&mut gate, C, at);
    ends(&mut gate, B, at);
    assert_eq!(third.try_recv(), Ok("come"), "before the second of one who floods");
}

#[test]
fn what_waits_for_something_keeps_nobody_from_beginning() {
    let at = Instant::now();
    let mut gate = gate(4, 100, at);
    comes_and_goes(&mut gate, B, at);
    let _flood = floods(&mut gate, A, at);
    for _ in 0..3 {
        ends(&mut gate, A, at);
    }
    assert_eq!(gate.working_of(A), 1);
    for _ in 0..2 {
        comes_and_goes(&mut gate, B, at + STUCK);
        assert_eq!(gate.working_of(A), 2, "one beside the one that is stuck");
    }
}

#[test]
fn who_is_alone_has_all_places_and_again_some_time_after_the_others_left() {
    let at = Instant::now();
    let mut gate = gate(4, 100, at);
    let _flood = floods(&mut gate, A, at);
    ends(&mut gate, A, at);
    assert_eq!(gate.working_of(A), 4);
    let mut other = waits(&mut gate, B, at);
    ends(&mut gate, A, at);
    assert_eq!(other.try_recv(), Ok("come"));
    for whose in [B, A, A, A] {
        ends(&mut gate, whose, at);
    }
    assert_eq!(
        (gate.working_of(A), gate.working_of(B)),
        (1, 0),
        "the other may come again"
    );
    let _flood_again = floods(&mut gate, A, at + LATELY);
    assert_eq!(gate.working_of(A), 4);
}

#[test]
fn whoever_hangs_up_is_not_called() {
    let at = Instant::now();
    let mut gate = gate(1, 2, at);
    works(&mut gate, A, at);
    drop(waits(&mut gate, A, at));
    let mut stays = waits(&mut gate, A, at);
    ends(&mut gate, A, at);
    assert_eq!(stays.try_recv(), Ok("come"));
    assert_eq!(gate.figures().working, 1);
}
