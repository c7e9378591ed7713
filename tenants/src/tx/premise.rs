//! What a request takes for granted until its first flight has asked.

use super::{Flight, Rows};
use crate::op::Op;
use std::sync::{Arc, Mutex, PoisonError};
use tokio_postgres::Row;

/// Something that a process remembers and that a request begins with. The request's first flight asks whether it still holds; where it
/// does not, that flight and all that would follow it fail, and whatever came of the request is thrown away. An act's first flight
/// changes nothing, so nothing is done on a premise that does not hold.
pub(crate) trait Premise: Send + Sync {
    /// As whom it is asked.
    fn asked_as(&self) -> &Op;

    /// Adds the statement that asks.
    fn ask(&self, flight: &mut Flight) -> Rows;

    /// Does it hold, by the answer?
    fn holds(&self, rows: &[Row]) -> bool;
}

/// How a request's premise stands.
#[derive(Default)]
pub(super) struct Standing(Mutex<State>);

#[derive(Default)]
enum State {
    /// Nothing was supposed, or it held.
    #[default]
    Firm,
    /// Not asked yet.
    Open(Arc<dyn Premise>),
    /// It did not hold.
    Fallen,
}

impl Standing {
    pub(super) fn suppose(&self, premise: Arc<dyn Premise>) {
        *self.state() = State::Open(premise);
    }

    pub(super) fn open(&self) -> Option<Arc<dyn Premise>> {
        match &*self.state() {
            State::Open(premise) => Some(premise.clone()),
            State::Firm | State::Fallen => None,
        }
    }

    /// Once fallen it stays so, whatever another flight of the request hears.
    pub(super) fn told(&self, holds: bool) {
        let mut state = self.state();
        if !holds {
            *state = State::Fallen;
        } else if matches!(*state, State::Open(_)) {
            *state = State::Firm;
        }
    }

    pub(super) fn has_fallen(&self) -> bool {
        matches!(*self.state(), State::Fallen)
    }

    pub(super) fn is_firm(&self) -> bool {
        matches!(*self.state(), State::Firm)
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
