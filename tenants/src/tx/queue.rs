//! Who gets the next free connection. Tenants take turns, so that one who asks for a thousand things stands in front of nobody who
//! asks for one; and no tenant has all of them, so that one whose transactions wait for each other stops nobody else.

use crate::id::TenantId;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// One part in this many of the connections is kept from whoever has all the others.
const KEPT_FREE: usize = 4;

/// Those who wait for a connection.
pub(super) struct Queue(Mutex<State>);

struct State {
    free: usize,
    /// The most that one tenant may have.
    most_of_one: usize,
    held: HashMap<TenantId, usize>,
    waiting: HashMap<TenantId, VecDeque<oneshot::Sender<Turn>>>,
    /// Tenants with somebody who waits, the next one first.
    order: VecDeque<TenantId>,
}

/// A connection's worth of the pool, for as long as this lives.
pub(super) struct Turn(Option<(Arc<Queue>, TenantId)>);

impl Queue {
    /// For a pool of so many connections.
    pub(super) fn new(connections: usize) -> Arc<Self> {
        Arc::new(Self(Mutex::new(State {
            free: connections,
            most_of_one: connections - connections / KEPT_FREE,
            held: HashMap::new(),
            waiting: HashMap::new(),
            order: VecDeque::new(),
        })))
    }

    /// Waits for the tenant's turn. Whoever stops waiting loses his place, and nobody else does.
    pub(super) async fn turn(self: &Arc<Self>, tenant: TenantId) -> Option<Turn> {
        let place = {
            let mut state = self.lock();
            // Nobody waits who could go: else he would be gone.
            if state.may(tenant) {
                return Some(self.give(&mut state, tenant));
            }
            let (place, called) = oneshot::channel();
            if !state.waiting.contains_key(&tenant) {
                state.order.push_back(tenant);
            }
            state.waiting.entry(tenant).or_default().push_back(place);
            called
        };
        place.await.ok()
    }

    /// How many wait.
    pub(super) fn waiting(&self) -> usize {
        let state = self.lock();
        let all = state.waiting.values().flatten();
        all.filter(|place| !place.is_closed()).count()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn give(self: &Arc<Self>, state: &mut State, tenant: TenantId) -> Turn {
        state.free -= 1;
        *state.held.entry(tenant).or_default() += 1;
        Turn(Some((self.clone(), tenant)))
    }

    fn take_back(self: &Arc<Self>, state: &mut State, tenant: TenantId) {
        state.free += 1;
        if let Some(held) = state.held.get_mut(&tenant) {
            *held -= 1;
            if *held == 0 {
                state.held.remove(&tenant);
            }
        }
    }

    /// Calls those whose turn it is: of each tenant one, then of each the next.
    fn call(self: &Arc<Self>, state: &mut State) {
        let mut passed = 0;
        while state.free > 0 && passed < state.order.len() {
            let Some(tenant) = state.order.pop_front() else { return };
            if !state.may(tenant) {
                state.order.push_back(tenant);
                passed += 1;
                continue;
            }
            match state.waiting.get_mut(&tenant).and_then(VecDeque::pop_front) {
                None => {
                    state.waiting.remove(&tenant);
                    continue;
                }
                Some(place) => {
                    let turn = self.give(state, tenant);
                    if let Err(mut gone) = place.send(turn) {
                        // He waits no more. His turn is taken back here, since dropping it would take the lock again.
                        gone.0 = None;
                        self.take_back(state, tenant);
                        state.order.push_front(tenant);
                        continue;
                    }
                }
            }
            state.order.push_back(tenant);
            passed = 0;
        }
    }
}

impl State {
    fn may(&self, tenant: TenantId) -> bool {
        self.free > 0 && self.held.get(&tenant).is_none_or(|held| *held < self.most_of_one)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let Some((queue, tenant)) = self.0.take() else { return };
        let mut state = queue.lock();
        queue.take_back(&mut state, tenant);
        queue.call(&mut state);
    }
}

#[cfg(test)]
mod tests {
    use super::{Queue, Turn};
    use crate::id::TenantId;
    use futures::future::{BoxFuture, FutureExt};
    use std::sync::Arc;
    use uuid::Uuid;

    type Waiting = BoxFuture<'static, Option<Turn>>;

    fn tenants() -> (TenantId, TenantId) {
        (TenantId(Uuid::from_u128(1)), TenantId(Uuid::from_u128(2)))
    }

    fn waits(queue: &Arc<Queue>, tenant: TenantId) -> Waiting {
        let queue = queue.clone();
        let mut waiting = async move { queue.turn(tenant).await }.boxed();
        assert!((&mut waiting).now_or_never().is_none(), "it should wait");
        waiting
    }

    fn has(queue: &Arc<Queue>, tenant: TenantId) -> Turn {
        queue.turn(tenant).now_or_never().flatten().expect("a free connection")
    }

    fn called(waiting: &mut Waiting) -> Option<Turn> {
        waiting.now_or_never().flatten()
    }

    #[test]
    fn tenants_take_turns_however_many_of_one_wait() {
        let (one, other) = tenants();
        let queue = Queue::new(1);
        let mut held = has(&queue, one);
        let mut crowd: Vec<Waiting> = (0..100).map(|_| waits(&queue, one)).collect();
        let mut late = waits(&queue, other);
        assert_eq!(queue.waiting(), 101);
        let mut before = 0;
        loop {
            drop(held);
            if let Some(turn) = called(&mut late) {
                drop(turn);
                break;
            }
            held = crowd.iter_mut().find_map(called).expect("somebody's turn");
            drop(crowd.remove(0));
            before += 1;
        }
        assert!(
            before <= 1,
            "{before} of the crowd were served before the one who came late"
        );
        assert_eq!(
            crowd.iter_mut().filter_map(called).count(),
            99,
            "and then the crowd goes on, each after the one before"
        );
    }

    #[test]
    fn no_tenant_has_all_connections() {
        let (one, other) = tenants();
        let queue = Queue::new(8);
        let held: Vec<Turn> = (0..6).map(|_| has(&queue, one)).collect();
        let mut seventh = waits(&queue, one);
        let theirs = has(&queue, other);
        drop(theirs);
        assert!(called(&mut seventh).is_none(), "what is kept free is kept free");
        drop(held);
        assert!(called(&mut seventh).is_some());
    }

    #[test]
    fn whoever_stops_waiting_loses_his_place_and_nothing_is_lost_with_it() {
        let (one, other) = tenants();
        let queue = Queue::new(1);
        let held = has(&queue, one);
        let (gone, mut second) = (waits(&queue, one), waits(&queue, one));
        let called_and_gone = waits(&queue, other);
        drop(gone);
        assert_eq!(queue.waiting(), 2);
        drop(held);
        // Either the other tenant's or the second is called now; whoever it is lets it go unseen.
        drop(called_and_gone);
        let turn = called(&mut second).expect("his turn");
        drop(turn);
        drop(has(&queue, other));
        assert_eq!(queue.waiting(), 0);
    }
}
