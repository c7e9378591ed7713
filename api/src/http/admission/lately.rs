//! What came lately: whose it was, and whether it was more than could be done.

use super::Whose;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// What came and was sent away is counted for so long.
pub(super) const COUNTED: Duration = Duration::from_millis(500);
/// Whoever came no longer ago is still here: his next request is to find room. Whoever flooded no longer ago still does.
pub(super) const LATELY: Duration = Duration::from_secs(2);

/// Who came last, who of the others, and who floods.
#[derive(Default)]
pub(super) struct Seen {
    last: Option<(Whose, Instant)>,
    other: Option<(Whose, Instant)>,
    floods: HashMap<Whose, Instant>,
}

impl Seen {
    pub(super) fn came(&mut self, whose: Whose, at: Instant) {
        if self.last.is_some_and(|(last, _)| last != whose) {
            self.other = self.last;
        }
        self.last = Some((whose, at));
    }

    /// He asks for more than he can have.
    pub(super) fn flooded(&mut self, whose: Whose, at: Instant) {
        if self.floods.insert(whose, at).is_none() {
            self.floods.retain(|_, when| is_lately(*when, at));
        }
    }

    /// Does he, while others are here?
    pub(super) fn floods_others(&self, whose: Whose, at: Instant) -> bool {
        let floods = self.floods.get(&whose).is_some_and(|when| is_lately(*when, at));
        let mut all = [self.last, self.other].into_iter().flatten();
        floods && all.any(|(who, when)| who != whose && is_lately(when, at))
    }
}

fn is_lately(when: Instant, at: Instant) -> bool {
    at.saturating_duration_since(when) < LATELY
}

/// Does more come than can be done?
pub(super) struct Strain {
    pub(super) strained: bool,
    began: Instant,
    came: u32,
    sent_away: u32,
}

impl Strain {
    pub(super) fn new(at: Instant) -> Self {
        Self {
            strained: false,
            began: at,
            came: 0,
            sent_away: 0,
        }
    }

    pub(super) fn came(&mut self, at: Instant) {
        let age = at.saturating_duration_since(self.began);
        if age >= COUNTED {
            // A pause, or nineteen of twenty could stay.
            if age >= COUNTED * 2 || self.sent_away.saturating_mul(20) <= self.came {
                self.strained = false;
            }
            (self.began, self.came, self.sent_away) = (at, 0, 0);
        }
        self.came += 1;
    }

    pub(super) fn sent_away(&mut self) {
        self.sent_away += 1;
        self.strained = true;
    }
}
