//! How many sockets one account may have open at the same time. A place is given back when it is dropped.

use quartermaster_tenants::authenticate::Caller;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// Places of accounts, each with the same number.
#[derive(Debug)]
pub struct Places {
    most: usize,
    taken: Arc<Mutex<HashMap<Uuid, usize>>>,
}

/// One place, for as long as this lives.
#[derive(Debug)]
pub struct Place {
    of: Uuid,
    taken: Arc<Mutex<HashMap<Uuid, usize>>>,
}

impl Places {
    /// So many for each.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self {
            most,
            taken: Arc::default(),
        }
    }

    /// A place for whoever asks; `None` when he has as many as he may.
    #[must_use]
    pub fn take(&self, caller: &Caller) -> Option<Place> {
        let of = match caller {
            Caller::Member(op) => op.account,
            Caller::Partner(op) => op.person,
            Caller::Platform(op) => op.person,
        };
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(of).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Place {
            of,
            taken: self.taken.clone(),
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(count) = taken.get_mut(&self.of) else { return };
        *count -= 1;
        if *count == 0 {
            taken.remove(&self.of);
        }
    }
}
