//! Who works, who waits, who is sent away. Pure: times are handed in, and calls are handed out.
//!
//! In a calm hour everybody waits for his turn, a burst like everybody else. Once somebody found no room to wait in, or waited in vain,
//! more comes than can be done: from then on the last who came is the next to work, and nobody waits longer than a moment, since work for
//! somebody who waited long is work for somebody who may have left. It is calm again when all but few of those who come can stay.
//!
//! Among those who wait, whoever has least at work is next, and whoever has most here is sent away first. While others are here too, one
//! may begin only while he has less at work than is left free: alone against the rest he gets half of the places, two who ask for all
//! there is get two thirds, and whoever asks for little finds a place at once and a machine that has room for him. So one who floods is
//! in nobody's way but his own. Who is alone has all places.

use super::Whose;
use super::limit::Limit;
use std::collections::HashMap;
use std::time::{Duration, Instant};
use tokio::sync::oneshot::{Receiver, Sender, channel};

/// How long somebody waits who came when more came than could be done.
pub(super) const MOMENT: Duration = Duration::from_millis(5);
/// What came and was sent away is counted for so long.
const COUNTED: Duration = Duration::from_millis(500);
/// Whoever came so long ago is still here: the next of his requests is to find room.
pub(super) const LATELY: Duration = Duration::from_secs(10);

pub(super) struct Gate<T> {
    pub(super) limit: Limit,
    /// The most that wait.
    room: usize,
    working: usize,
    at_work: HashMap<Whose, usize>,
    /// Oldest first.
    waiting: Vec<Waiter<T>>,
    seen: Seen,
    strain: Strain,
}

struct Waiter<T> {
    whose: Whose,
    since: Instant,
    call: Sender<T>,
}

pub(super) enum Arrival<T> {
    Works,
    /// Until he is called, at most so long; `None` for as long as anybody does.
    Waits(Receiver<T>, Option<Duration>),
    SentAway,
}

/// Somebody whose turn has come, and who is counted as working.
pub(super) struct Call<T> {
    pub(super) whose: Whose,
    pub(super) call: Sender<T>,
}

/// How many work, how many may, how many wait.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Figures {
    pub(super) working: usize,
    pub(super) most: usize,
    pub(super) waiting: usize,
}

impl<T> Gate<T> {
    pub(super) fn new(limit: Limit, room: usize, at: Instant) -> Self {
        Self {
            limit,
            room,
            working: 0,
            at_work: HashMap::new(),
            waiting: Vec::new(),
            seen: Seen::default(),
            strain: Strain::new(at),
        }
    }

    pub(super) fn arrive(&mut self, whose: Whose, at: Instant) -> Arrival<T> {
        self.strain.came(at);
        self.seen.came(whose, at);
        if self.may_begin(whose, at) {
            self.begin(whose);
            return Arrival::Works;
        }
        if self.working >= self.limit.now() {
            self.limit.crowded(at);
        }
        self.tidy(at);
        if self.waiting.len() >= self.room {
            self.strain.sent_away();
            match self.heaviest(whose) {
                // Whoever is taken out hears that nobody will call him.
                Some(other) => drop(self.waiting.remove(other)),
                None => return Arrival::SentAway,
            }
        }
        let (call, called) = channel();
        self.waiting.push(Waiter { whose, since: at, call });
        Arrival::Waits(called, self.strain.strained.then_some(MOMENT))
    }

    /// Somebody has done his work; who is next.
    pub(super) fn leave(&mut self, whose: Whose, at: Instant) -> Vec<Call<T>> {
        self.working -= 1;
        if let Some(many) = self.at_work.get_mut(&whose) {
            *many -= 1;
            if *many == 0 {
                self.at_work.remove(&whose);
            }
        }
        self.next(at)
    }

    /// Somebody waited in vain.
    pub(super) fn gave_up(&mut self, at: Instant) {
        self.tidy(at);
        self.strain.sent_away();
    }

    /// Those who may begin now.
    pub(super) fn next(&mut self, at: Instant) -> Vec<Call<T>> {
        let mut calls = Vec::new();
        if self.waiting.is_empty() {
            return calls;
        }
        self.tidy(at);
        while let Some(turn) = self.turn(at) {
            let Waiter { whose, call, .. } = self.waiting.remove(turn);
            self.begin(whose);
            calls.push(Call { whose, call });
        }
        calls
    }

    /// Which of those who wait is next, if one may begin.
    fn turn(&self, at: Instant) -> Option<usize> {
        let newest_first = self.strain.strained;
        let order = |nth: usize| if newest_first { usize::MAX - nth } else { nth };
        let all = self.waiting.iter().enumerate();
        let (nth, next) = all.min_by_key(|(nth, waiter)| (self.working_of(waiter.whose), order(*nth)))?;
        // Whoever has more at work may begin less than he.
        self.may_begin(next.whose, at).then_some(nth)
    }

    /// While others are here, nobody takes more than he leaves.
    fn may_begin(&self, whose: Whose, at: Instant) -> bool {
        let free = self.limit.now().saturating_sub(self.working);
        let most = if self.seen.alone(whose, at) { usize::MAX } else { free };
        free > 0 && self.working_of(whose) < most
    }

    pub(super) fn figures(&self) -> Figures {
        Figures {
            working: self.working,
            most: self.limit.now(),
            waiting: self.waiting.len(),
        }
    }

    fn begin(&mut self, whose: Whose) {
        self.working += 1;
        self.limit.at_work(self.working);
        *self.at_work.entry(whose).or_default() += 1;
    }

    fn working_of(&self, whose: Whose) -> usize {
        self.at_work.get(&whose).copied().unwrap_or(0)
    }

    /// Forgets who has hung up, and under strain who has waited longer than a moment.
    fn tidy(&mut self, at: Instant) {
        let Self { waiting, strain, .. } = self;
        waiting.retain(|waiter| {
            let late = strain.strained && at.saturating_duration_since(waiter.since) >= MOMENT;
            let gone = waiter.call.is_closed();
            if late && !gone {
                strain.sent_away();
            }
            !late && !gone
        });
    }

    /// The last to come of whoever has most here, if that is more than the one who comes now would have.
    fn heaviest(&self, comes: Whose) -> Option<usize> {
        let mut here: HashMap<Whose, usize> = HashMap::new();
        for waiter in &self.waiting {
            *here.entry(waiter.whose).or_default() += 1;
        }
        let of = |whose: Whose| here.get(&whose).copied().unwrap_or(0) + self.working_of(whose);
        let (at, heaviest) = self
            .waiting
            .iter()
            .enumerate()
            .max_by_key(|(at, w)| (of(w.whose), *at))?;
        (of(heaviest.whose) > of(comes) + 1).then_some(at)
    }
}

/// Who came last, and who of the others.
#[derive(Default)]
struct Seen {
    last: Option<(Whose, Instant)>,
    other: Option<(Whose, Instant)>,
}

impl Seen {
    fn came(&mut self, whose: Whose, at: Instant) {
        if self.last.is_some_and(|(last, _)| last != whose) {
            self.other = self.last;
        }
        self.last = Some((whose, at));
    }

    /// Was nobody else here lately?
    fn alone(&self, whose: Whose, at: Instant) -> bool {
        let mut others = [self.last, self.other].into_iter().flatten();
        others.all(|(who, when)| who == whose || at.saturating_duration_since(when) >= LATELY)
    }
}

/// Does more come than can be done?
struct Strain {
    strained: bool,
    began: Instant,
    came: u32,
    sent_away: u32,
}

impl Strain {
    fn new(at: Instant) -> Self {
        Self {
            strained: false,
            began: at,
            came: 0,
            sent_away: 0,
        }
    }

    fn came(&mut self, at: Instant) {
        let age = at.saturating_duration_since(self.began);
        if age >= COUNTED {
            // A pause, or nine of ten could stay.
            if age >= COUNTED * 2 || self.sent_away.saturating_mul(10) <= self.came {
                self.strained = false;
            }
            (self.began, self.came, self.sent_away) = (at, 0, 0);
        }
        self.came += 1;
    }

    fn sent_away(&mut self) {
        self.sent_away += 1;
        self.strained = true;
    }
}

#[cfg(test)]
mod tests {
    use super::{Arrival, COUNTED, Gate, LATELY, MOMENT, Whose};
    use crate::http::admission::limit::Limit;
    use std::time::{Duration, Instant};
    use tokio::sync::oneshot::Receiver;
    use uuid::Uuid;

    const A: Whose = Whose::Of(Uuid::from_u128(1));
    const B: Whose = Whose::Of(Uuid::from_u128(2));

    fn gate(most: usize, room: usize, at: Instant) -> Gate<&'static str> {
        Gate::new(Limit::new(most, most, at), room, at)
    }

    fn waits(gate: &mut Gate<&'static str>, whose: Whose, at: Instant) -> Receiver<&'static str> {
        match gate.arrive(whose, at) {
            Arrival::Waits(called, _) => called,
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
        for call in gate.leave(whose, at) {
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

    #[test]
    fn when_more_come_than_can_be_done_nobody_waits_longer_than_a_moment_and_the_last_is_next() {
        let at = Instant::now();
        let mut gate = gate(1, 3, at);
        works(&mut gate, A, at);
        let mut old = waits(&mut gate, A, at);
        let late = at + Duration::from_millis(2);
        let (mut newer, mut newest) = (waits(&mut gate, A, late), waits(&mut gate, A, late));
        sent_away(&mut gate, A, late);
        let soon = at + MOMENT;
        ends(&mut gate, A, soon);
        assert!(matches!(
            old.try_recv(),
            Err(tokio::sync::oneshot::error::TryRecvError::Closed)
        ));
        assert_eq!(newest.try_recv(), Ok("come"));
        assert!(newer.try_recv().is_err());
        let Arrival::Waits(_, Some(MOMENT)) = gate.arrive(A, soon) else {
            panic!("waits too long");
        };
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
        for _ in 0..9 {
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
        let mut gate = gate(2, 3, at);
        works(&mut gate, A, at);
        works(&mut gate, A, at);
        let mut flood: Vec<_> = (0..3).map(|_| waits(&mut gate, A, at)).collect();
        sent_away(&mut gate, A, at);
        let mut quiet = waits(&mut gate, B, at);
        assert_eq!(gate.figures().waiting, 3, "one of the flood made room");
        ends(&mut gate, A, at);
        assert_eq!(quiet.try_recv(), Ok("come"), "and he is next");
        assert_eq!(flood.iter_mut().filter_map(|f| f.try_recv().ok()).count(), 0);
    }

    /// How many of them work now.
    fn work(gate: &Gate<&'static str>, whose: Whose) -> usize {
        gate.working_of(whose)
    }

    /// Comes until he has to wait.
    fn floods(gate: &mut Gate<&'static str>, whose: Whose, at: Instant) -> Receiver<&'static str> {
        loop {
            if let Arrival::Waits(called, _) = gate.arrive(whose, at) {
                return called;
            }
        }
    }

    #[test]
    fn while_others_are_here_nobody_takes_more_than_he_leaves() {
        let at = Instant::now();
        let mut gate = gate(8, 20, at);
        works(&mut gate, B, at);
        ends(&mut gate, B, at);
        let mut flood = floods(&mut gate, A, at);
        assert_eq!(work(&gate, A), 4);
        works(&mut gate, B, at);
        ends(&mut gate, B, at);
        assert!(flood.try_recv().is_err(), "what the other left is left free");
        ends(&mut gate, A, at);
        assert_eq!(flood.try_recv(), Ok("come"));
        assert_eq!(work(&gate, A), 4);
    }

    #[test]
    fn two_who_flood_leave_a_third_of_the_places() {
        let at = Instant::now();
        let mut gate = gate(9, 20, at);
        let _others = (works(&mut gate, B, at), ends(&mut gate, B, at));
        let _waiting = [floods(&mut gate, A, at), floods(&mut gate, B, at)];
        for _ in 0..20 {
            for whose in [A, B] {
                let _another = gate.arrive(whose, at);
                ends(&mut gate, whose, at);
            }
        }
        assert_eq!((work(&gate, A), work(&gate, B)), (3, 3));
    }

    #[test]
    fn who_is_alone_has_all_places_and_again_some_time_after_the_others_left() {
        let at = Instant::now();
        let mut gate = gate(4, 20, at);
        let _waits = floods(&mut gate, A, at);
        assert_eq!(work(&gate, A), 4);
        let _other = waits(&mut gate, B, at);
        ends(&mut gate, A, at);
        ends(&mut gate, B, at);
        ends(&mut gate, A, at);
        assert_eq!((work(&gate, A), work(&gate, B)), (2, 0), "the other may come again");
        let later = at + LATELY;
        let _waits_again = floods(&mut gate, A, later);
        assert_eq!(work(&gate, A), 4);
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
}
