//! How many requests work at a time. More of them than the machine has use for get nothing done sooner, they only wait for each other
//! inside: for a processor, for a connection, for the database's disk.
//!
//! The signal is the look at who asks, which every request begins with and which is the same work for all of them, whatever they ask for:
//! what a request takes as a whole says more about the request than about the load. While looks take about what they do on a quiet
//! server and somebody waits to work, one more may; when they take much longer, one in eight less.

use std::time::{Duration, Instant};

/// Looks are judged together: at least so many …
const ENOUGH: usize = 20;
/// … and for at least so long, but not longer than `LONGEST`.
const SHORTEST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(1);
/// More are not kept.
const MOST: usize = 1_000;

pub(super) struct Limit {
    now: usize,
    least: usize,
    most: usize,
    /// What a look takes on a quiet server, in microseconds.
    usual: Option<u64>,
    looks: Vec<u64>,
    began: Instant,
    /// Somebody waited.
    crowded: bool,
    /// So many worked that looks may have been in each other's way.
    busy: bool,
}

impl Limit {
    pub(super) fn new(least: usize, most: usize, at: Instant) -> Self {
        let most = most.max(1);
        let least = least.clamp(1, most);
        Self {
            now: least,
            least,
            most,
            usual: None,
            looks: Vec::new(),
            began: at,
            crowded: false,
            busy: false,
        }
    }

    pub(super) fn now(&self) -> usize {
        self.now
    }

    /// Somebody waits.
    pub(super) fn crowded(&mut self, at: Instant) {
        self.crowded = true;
        self.judge(at);
    }

    /// So many work.
    pub(super) fn at_work(&mut self, working: usize) {
        self.busy |= working.saturating_mul(2) > self.least;
    }

    /// A look at who asks took so long.
    pub(super) fn look(&mut self, took: Duration, at: Instant) {
        if self.looks.len() < MOST {
            self.looks.push(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
        }
        self.judge(at);
    }

    fn judge(&mut self, at: Instant) {
        let age = at.saturating_duration_since(self.began);
        if age < LONGEST && (age < SHORTEST || self.looks.len() < ENOUGH) {
            return;
        }
        self.looks.sort_unstable();
        let middle = self.looks.get(self.looks.len() / 2).copied();
        match (middle, self.usual) {
            // Nothing speaks against more: all who work wait for something that is no load, such as a lock.
            (None, _) => self.grow(),
            (Some(middle), None) => self.usual = Some(middle),
            (Some(middle), Some(usual)) if middle > usual.saturating_mul(5) / 2 => {
                self.now = (self.now - self.now.div_ceil(8)).max(self.least);
                self.learn(middle, usual);
            }
            (Some(middle), Some(usual)) => {
                self.grow();
                self.learn(middle, usual);
            }
        }
        self.looks.clear();
        self.began = at;
        (self.crowded, self.busy) = (false, false);
    }

    fn grow(&mut self) {
        if self.crowded {
            self.now = (self.now + 1).min(self.most);
        }
    }

    /// Down at once, up slowly, and only from a quiet server.
    fn learn(&mut self, middle: u64, usual: u64) {
        if middle < usual {
            self.usual = Some(middle);
        } else if !self.busy {
            self.usual = Some(usual + (middle - usual).div_ceil(16));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Limit;
    use std::time::{Duration, Instant};

    /// So many windows of looks that take so long, with somebody who waits.
    fn windows(limit: &mut Limit, at: &mut Instant, windows: usize, micros: u64, crowded: bool) {
        for _ in 0..windows {
            for _ in 0..25 {
                *at += Duration::from_millis(5);
                if crowded {
                    limit.at_work(limit.now());
                    limit.crowded(*at);
                } else {
                    limit.at_work(1);
                }
                limit.look(Duration::from_micros(micros), *at);
            }
        }
    }

    #[test]
    fn it_grows_while_looks_are_quick_and_somebody_waits_and_shrinks_when_they_are_slow() {
        let mut at = Instant::now();
        let mut limit = Limit::new(8, 16, at);
        assert_eq!(limit.now(), 8);
        windows(&mut limit, &mut at, 30, 500, false);
        assert_eq!(limit.now(), 8, "nobody needs more");
        windows(&mut limit, &mut at, 30, 900, true);
        assert_eq!(limit.now(), 16, "there is use for all connections");
        windows(&mut limit, &mut at, 30, 4_000, true);
        assert_eq!(limit.now(), 8, "they are in each other's way");
        windows(&mut limit, &mut at, 30, 900, true);
        assert_eq!(limit.now(), 16, "no more");
    }

    #[test]
    fn it_grows_where_all_who_work_wait_for_something_else_than_the_machine() {
        let mut at = Instant::now();
        let mut limit = Limit::new(2, 4, at);
        for _ in 0..40 {
            at += Duration::from_millis(100);
            limit.crowded(at);
        }
        assert_eq!(limit.now(), 4);
    }

    #[test]
    fn a_database_that_became_slower_for_good_is_the_new_measure_once_it_is_quiet() {
        let mut at = Instant::now();
        let mut limit = Limit::new(8, 16, at);
        windows(&mut limit, &mut at, 5, 500, false);
        windows(&mut limit, &mut at, 5, 5_000, true);
        assert_eq!(limit.now(), 8);
        windows(&mut limit, &mut at, 40, 5_000, false);
        windows(&mut limit, &mut at, 10, 5_000, true);
        assert_eq!(limit.now(), 16);
    }
}
