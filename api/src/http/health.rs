//! Is the process alive; may it be given requests?

use super::App;
use crate::clock::Clock;
use crate::live::Live;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

/// How far our clock may be from the database's.
const APART: TimeDelta = TimeDelta::seconds(2);

/// The process answers.
pub async fn alive() -> &'static str {
    "alive\n"
}

/// The database answers, is migrated, its role is safe, its clock and ours agree, by the last look at it: a second ago, or as long as it
/// says nothing. (The policy was compiled at start.) No connection of the pool is needed to tell, however busy they are. What it does
/// without, and serves all the same, is told as degraded: subscriptions, while events cannot be read.
pub async fn ready(State(app): State<App>) -> Response {
    let problems = if app.draining.is_cancelled() {
        vec!["stopping"]
    } else {
        app.database.problems()
    };
    let status = if problems.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let events = app.live.as_ref().map_or("off", Live::state);
    let degraded: Vec<&str> = (events == "unreachable").then_some("events").into_iter().collect();
    let state = match (problems.is_empty(), degraded.is_empty()) {
        (true, true) => "ready",
        (true, false) => "degraded",
        (false, _) => "unready",
    };
    let database = if problems.is_empty() { "ok" } else { "failing" };
    let told = json!({
        "ready": problems.is_empty(),
        "state": state,
        "problems": problems,
        "degraded": degraded,
        "components": { "database": database, "events": events },
    });
    (status, Json(told)).into_response()
}

/// Is our clock further from the database's than tokens can bear?
#[must_use]
pub fn clock_is_off(ours: Clock, database: DateTime<Utc>) -> bool {
    (ours.now() - ours.offset() - database).abs() > APART
}

#[cfg(test)]
mod tests {
    use super::*;

    /// H-20.
    #[test]
    fn a_clock_more_than_two_seconds_from_the_databases_is_off_in_either_direction() {
        let ours = Clock::default();
        for (milliseconds, off) in [
            (0, false),
            (1_000, false),
            (-1_000, false),
            (5_000, true),
            (-5_000, true),
        ] {
            let database = ours.now() + TimeDelta::milliseconds(milliseconds);
            assert_eq!(clock_is_off(ours, database), off, "{milliseconds} ms");
        }
        // One that is moved on purpose, as a test or a demo does, is not off for that.
        let moved = Clock::ahead_by(TimeDelta::hours(9));
        assert!(!clock_is_off(moved, ours.now()) && clock_is_off(moved, moved.now()));
    }
}
