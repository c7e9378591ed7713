//! Who works, who waits, who is sent away. Pure: times are handed in, and calls are handed out.
//!
//! In a calm hour everybody waits for his turn, a burst like everybody else. Once somebody found no room to wait in, or waited in vain,
//! more comes than can be done: from then on the last who came is the next to work, and nobody waits longer than a moment, since work for
//! somebody who waited long is work for somebody who may have left. It is calm again when all but few of those who come can stay.
//!
//! Among those who wait, whoever has least at work is next, and whoever has most here is sent away first. So one who floods is in
//! nobody's way but his own.

use super::Whose;
use super::limit::Limit;
use std::collections::HashMap;
use std::time::{Duration, Instant};
use tokio::sync::oneshot::{Receiver, Sender, channel};

/// How long somebody waits who came when more came than could be done.
pub(super) const MOMENT: Duration = Duration::from_millis(5);
/// What came and was sent away is counted for so long.
const COUNTED: Duration = Duration::from_millis(500);

pub(super) struct Gate<T> {
    pub(super) limit: Limit,
    /// The most that wait.
    room: usize,
    working: usize,
    at_work: HashMap<Whose, usize>,
    /// Oldest first.
    waiting: Vec<Waiter<T>>,
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
            strain: Strain::new(at),
        }
    }

    pub(super) fn arrive(&mut self, whose: Whose, at: Instant) -> Arrival<T> {
        self.strain.came(at);
        if self.working < self.limit.now() {
            self.begin(whose);
            return Arrival::Works;
        }
        self.limit.crowded(at);
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
        while self.working < self.limit.now() && !self.waiting.is_empty() {
            let newest_first = self.strain.strained;
            let order = |at: usize| if newest_first { usize::MAX - at } else { at };
            let turn = |(at, waiter): &(usize, &Waiter<T>)| (self.working_of(waiter.whose), order(*at));
            let Some((at, _)) = self.waiting.iter().enumerate().min_by_key(turn) else {
                break;
            };
            let Waiter { whose, call, .. } = self.waiting.remove(at);
            self.begin(whose);
            calls.push(Call { whose, call });
        }
        calls
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
    use super::{Arrival, COUNTED, Gate, MOMENT, Whose};
    use crate::http::admission::limit::Limit;
    use std::time::{Duration, Instant};
    use tokio::sync::oneshot::Receiver;

    const A: Whose = Whose(1);
    const B: Whose = Whose(2);

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
