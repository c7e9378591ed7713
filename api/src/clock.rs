//! The one clock of the process: for the times in tokens. Business time is the database's.

use chrono::{DateTime, TimeDelta, Utc};
use std::time::SystemTime;

/// The system's clock, moved by the configured offset.
#[derive(Debug, Clone, Copy, Default)]
pub struct Clock {
    offset: TimeDelta,
}

impl Clock {
    /// A clock that is this far ahead of the system's.
    #[must_use]
    pub fn ahead_by(offset: TimeDelta) -> Self {
        Self { offset }
    }

    /// The time.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "the one clock: times in tokens are not the database's"
    )]
    pub fn now(&self) -> DateTime<Utc> {
        DateTime::<Utc>::from(SystemTime::now()) + self.offset
    }

    /// How far it is moved.
    #[must_use]
    pub fn offset(&self) -> TimeDelta {
        self.offset
    }
}
