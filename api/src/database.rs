//! Is the database there? One task asks, once a second; whoever wants to know looks at its last answer. While it is not there, requests
//! are refused at once and those that wait for it wait no longer; when it is back, all go on without a restart.

use crate::clock::Clock;
use crate::http::health::clock_is_off;
use quartermaster_tenants::Tenants;
use quartermaster_tenants::tx::{Missed, Pulse};
use std::time::Duration;
use tokio::sync::watch::{self, Receiver, Sender};
use tokio_util::sync::CancellationToken;

/// Between two questions.
const EVERY: Duration = Duration::from_secs(1);
/// Between two questions while it is not there.
const WHILE_GONE: Duration = Duration::from_millis(250);

/// What the last answer was.
#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    /// It answers; what is wrong with it, in short stable words.
    There(Vec<&'static str>),
    /// It does not; the word for how.
    Gone(&'static str),
}

/// Where to look.
#[derive(Clone)]
pub struct Database(Receiver<State>);

impl Database {
    /// Begins to ask the database of this URL, which answered just now; ends with `stopping`. When it comes back, `db` throws away
    /// the connections that it has.
    #[must_use]
    pub fn watch(pulse: Pulse, db: Tenants, clock: Clock, stopping: CancellationToken) -> Self {
        let (told, state) = watch::channel(State::There(Vec::new()));
        tokio::spawn(async move {
            tokio::select! {
                () = stopping.cancelled() => {}
                () = ask(pulse, &db, clock, &told) => {}
            }
        });
        Self(state)
    }

    /// Is it there?
    #[must_use]
    pub fn is_there(&self) -> bool {
        matches!(*self.0.borrow(), State::There(_))
    }

    /// Waits until it is not; for ever where it stays.
    pub async fn gone(&self) {
        let mut state = self.0.clone();
        if state.wait_for(|s| matches!(s, State::Gone(_))).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// What keeps this server from serving, in short stable words.
    #[must_use]
    pub fn problems(&self) -> Vec<&'static str> {
        match &*self.0.borrow() {
            State::There(problems) => problems.clone(),
            State::Gone(how) => vec![how],
        }
    }
}

async fn ask(mut pulse: Pulse, db: &Tenants, clock: Clock, told: &Sender<State>) {
    loop {
        let state = match pulse.beat().await {
            Ok(beat) => {
                let mut problems: Vec<_> = beat.problems.iter().map(|p| p.code).collect();
                if clock_is_off(clock, beat.at) {
                    problems.push("clock-differs");
                }
                Some(State::There(problems))
            }
            // The pool has its connections, whoever took the others.
            Err(Missed::Full) => None,
            Err(why @ Missed::Silent(_)) => Some(gone(told, "database-silent", &why)),
            Err(why @ Missed::Unreachable(_)) => Some(gone(told, "database-unreachable", &why)),
        };
        let there = !matches!(state, Some(State::Gone(_)));
        if let Some(state) = state {
            let before = told.send_replace(state);
            if there && matches!(before, State::Gone(_)) {
                db.renew();
                tracing::info!("the database is back");
            }
        }
        tokio::time::sleep(if there { EVERY } else { WHILE_GONE }).await;
    }
}

fn gone(told: &Sender<State>, how: &'static str, why: &Missed) -> State {
    if matches!(*told.borrow(), State::There(_)) {
        tracing::warn!(%why, "requests are refused until the database is back");
    }
    State::Gone(how)
}
