//! Who works, who waits, who is sent away. Pure: times are handed in, and calls are handed out.
//!
//! In a calm hour everybody waits for his turn, a burst like everybody else. Once somebody found no room to wait in, or waited in vain,
//! more comes than can be done: from then on only half as many wait as work, and who finds no room is sent away. So nobody waits for long,
//! since work for somebody who waited long is work for somebody who may have left; and who is sent away hears it at once, at the cost of
//! a look: nothing waits for him, nothing wakes him. It is calm again when all but few of those who come can stay.
//!
//! Among those who wait, whoever has least at work is next, and whoever has most here makes room for those who have less. Whoever has as
//! many waiting as can work, or was sent away, floods. While others are here too, he begins more only while more than half of the places
//! stay free. So whoever asks for little finds a place at once, and processors that are not all at work for somebody else: turns alone
//! would give him a place only when one who floods has done with it, and then a machine to share with all the others of that one. Who is
//! alone has all places.

use super::Whose;
use super::lately::{Seen, Strain};
use super::limit::Limit;
use std::collections::HashMap;
use std::time::{Duration, Instant};
use tokio::sync::oneshot::{Receiver, Sender, channel};

/// What takes longer than this waits for something, such as a lock: it keeps nobody else's work from beginning, not even his own.
const STUCK: Duration = Duration::from_millis(500);

pub(super) struct Gate<T> {
    pub(super) limit: Limit,
    /// The most that wait in a calm hour.
    room: usize,
    working: usize,
    /// Since when each of their requests works.
    at_work: HashMap<Whose, Vec<Instant>>,
    /// Oldest first.
    waiting: Vec<Waiter<T>>,
    seen: Seen,
    strain: Strain,
}

struct Waiter<T> {
    whose: Whose,
    call: Sender<T>,
}

pub(super) enum Arrival<T> {
    /// Since now.
    Works,
    /// Until he is called, or hears that nobody will call him.
    Waits(Receiver<T>),
    SentAway,
}

/// Somebody whose turn has come, and who is counted as working since then.
pub(super) struct Call<T> {
    pub(super) whose: Whose,
    pub(super) since: Instant,
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
            self.begin(whose, at);
            return Arrival::Works;
        }
        if self.working >= self.limit.now() {
            self.limit.crowded(at);
        }
        self.tidy(at);
        while self.waiting.len() >= self.room() {
            let Some(other) = self.makes_room(whose) else {
                self.sent_away(whose, at);
                return Arrival::SentAway;
            };
            self.take_out(other, at);
        }
        let (call, called) = channel();
        self.waiting.push(Waiter { whose, call });
        if self.waiting_of(whose) >= self.limit.now() {
            self.seen.flooded(whose, at);
        }
        Arrival::Waits(called)
    }

    /// Somebody has done his work that he began then; who is next.
    pub(super) fn leave(&mut self, whose: Whose, since: Instant, at: Instant) -> Vec<Call<T>> {
        self.working -= 1;
        if let Some(all) = self.at_work.get_mut(&whose) {
            if let Some(one) = all.iter().position(|began| *began == since) {
                all.swap_remove(one);
            }
            if all.is_empty() {
                self.at_work.remove(&whose);
            }
        }
        self.next(at)
    }

    /// Somebody waited in vain.
    pub(super) fn gave_up(&mut self, at: Instant) {
        self.strain.sent_away();
        self.tidy(at);
    }

    /// Those who may begin now.
    pub(super) fn next(&mut self, at: Instant) -> Vec<Call<T>> {
        let mut calls = Vec::new();
        if self.waiting.is_empty() {
            return calls;
        }
        self.tidy(at);
        while let Some(turn) = self.turn(at) {
            let Waiter { whose, call } = self.waiting.remove(turn);
            self.begin(whose, at);
            calls.push(Call { whose, since: at, call });
        }
        calls
    }

    /// Which of those who wait is next, if one may begin.
    fn turn(&self, at: Instant) -> Option<usize> {
        let all = self.waiting.iter().enumerate();
        let may = all.filter(|(_, waiter)| self.may_begin(waiter.whose, at));
        let next = may.min_by_key(|(nth, waiter)| (self.working_of(waiter.whose), *nth));
        next.map(|(nth, _)| nth)
    }

    fn may_begin(&self, whose: Whose, at: Instant) -> bool {
        let most = self.limit.now();
        let Some(left) = most.checked_sub(self.working + 1) else {
            return false;
        };
        let at_work = self.at_work.get(&whose).into_iter().flatten();
        let mut moving = at_work.filter(|since| at.saturating_duration_since(**since) < STUCK);
        left > most / 2 || moving.next().is_none() || !self.seen.floods_others(whose, at)
    }

    pub(super) fn figures(&self) -> Figures {
        Figures {
            working: self.working,
            most: self.limit.now(),
            waiting: self.waiting.len(),
        }
    }

    fn begin(&mut self, whose: Whose, at: Instant) {
        self.working += 1;
        self.limit.at_work(self.working);
        self.at_work.entry(whose).or_default().push(at);
    }

    fn working_of(&self, whose: Whose) -> usize {
        self.at_work.get(&whose).map_or(0, Vec::len)
    }

    fn waiting_of(&self, whose: Whose) -> usize {
        self.waiting.iter().filter(|waiter| waiter.whose == whose).count()
    }

    fn sent_away(&mut self, whose: Whose, at: Instant) {
        self.strain.sent_away();
        self.seen.flooded(whose, at);
    }

    /// He hears that nobody will call him.
    fn take_out(&mut self, nth: usize, at: Instant) {
        let waiter = self.waiting.remove(nth);
        self.sent_away(waiter.whose, at);
    }

    /// The most that wait now.
    fn room(&self) -> usize {
        if self.strain.strained {
            self.room.min(self.limit.now().div_ceil(2))
        } else {
            self.room
        }
    }

    /// Forgets who has hung up, and sends away those for whom there is no room any more.
    fn tidy(&mut self, at: Instant) {
        self.waiting.retain(|waiter| !waiter.call.is_closed());
        while self.waiting.len() > self.room() {
            let Some(waiter) = self.heaviest() else { return };
            self.take_out(waiter, at);
        }
    }

    /// Who is taken out for the one who comes, if anybody is: one of whoever has most here, if that is more than the one who comes would
    /// have.
    fn makes_room(&self, comes: Whose) -> Option<usize> {
        let heaviest = self.heaviest()?;
        let whose = self.waiting.get(heaviest)?.whose;
        (self.here(whose) > self.here(comes) + 1).then_some(heaviest)
    }

    /// The first who came of whoever has most here.
    fn heaviest(&self) -> Option<usize> {
        let mut here: HashMap<Whose, usize> = HashMap::new();
        for waiter in &self.waiting {
            *here
                .entry(waiter.whose)
                .or_insert_with(|| self.working_of(waiter.whose)) += 1;
        }
        let all = self.waiting.iter().enumerate();
        let heaviest = all.max_by_key(|(nth, waiter)| (here.get(&waiter.whose), usize::MAX - nth));
        heaviest.map(|(nth, _)| nth)
    }

    fn here(&self, whose: Whose) -> usize {
        self.working_of(whose) + self.waiting_of(whose)
    }
}

#[cfg(test)]
mod tests;
