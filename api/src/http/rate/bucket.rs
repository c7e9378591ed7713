//! A bucket of points that fills evenly. It is one moment: when it will be full again. What is taken out moves that moment on; a
//! request is let in while something is left, so a large one leaves a debt, and whoever sent it waits until that is paid.

use std::time::Duration;

/// A bucket holds what flows into it in so many seconds: longer, and a flood would last as long before anybody stopped it.
pub const WINDOW: u64 = 10;
const MICROS: u64 = WINDOW * 1_000_000;

/// Moments are microseconds since the process began to count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bucket {
    full_at: u64,
}

/// How a bucket stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level {
    /// Points that are left.
    pub left: u64,
    /// Until it is full.
    pub full_in: Duration,
    /// Until something is in it: zero while there is.
    pub open_in: Duration,
}

impl Bucket {
    /// Takes points out, whether they are there or not.
    pub fn take(&mut self, points: u64, quota: u32, now: u64) {
        let cost = points.saturating_mul(MICROS) / u64::from(quota.max(1));
        self.full_at = self.full_at.max(now).saturating_add(cost);
    }

    /// How it stands.
    #[must_use]
    pub fn level(self, quota: u32, now: u64) -> Level {
        let used = self.full_at.saturating_sub(now);
        let left = MICROS.saturating_sub(used);
        Level {
            left: left.saturating_mul(u64::from(quota)) / MICROS,
            full_in: Duration::from_micros(used),
            open_in: Duration::from_micros((used + 1).saturating_sub(MICROS)),
        }
    }

    /// Is there nothing to remember of it?
    #[must_use]
    pub fn is_full(self, now: u64) -> bool {
        self.full_at <= now
    }
}

#[cfg(test)]
mod tests {
    use super::{Bucket, MICROS, WINDOW};
    use proptest::prelude::*;
    use std::time::Duration;

    #[test]
    fn a_quota_can_be_used_at_once_and_comes_back_evenly() {
        let mut bucket = Bucket::default();
        bucket.take(60, 60, 0);
        assert_eq!(bucket.level(60, 0).left, 0);
        assert!(bucket.level(60, 0).open_in > Duration::ZERO);
        let later = bucket.level(60, MICROS / 5);
        assert_eq!((later.left, later.open_in), (12, Duration::ZERO));
        assert!(bucket.is_full(MICROS) && !bucket.is_full(MICROS - 1));
    }

    #[test]
    fn what_was_taken_too_much_is_waited_for() {
        let mut bucket = Bucket::default();
        bucket.take(180, 60, 0);
        assert_eq!(bucket.level(60, 0).open_in.as_secs(), 2 * WINDOW);
        assert_eq!(bucket.level(60, 2 * MICROS + 1).open_in, Duration::ZERO);
    }

    proptest! {
        #[test]
        fn nobody_gets_more_than_a_full_bucket_and_what_flows_in(
            quota in 1_u32..1_000_000, steps in proptest::collection::vec((0_u64..2_000_000, 0_u64..10_000), 1..50),
        ) {
            let (mut bucket, mut now, mut spent, mut largest) = (Bucket::default(), 0_u64, 0_u64, 0_u64);
            for (wait, points) in steps {
                now += wait;
                if bucket.level(quota, now).open_in.is_zero() {
                    bucket.take(points, quota, now);
                    (spent, largest) = (spent + points, largest.max(points));
                }
            }
            let flowed = now.saturating_mul(u64::from(quota)) / MICROS;
            // One request may go into debt; each may be rounded by less than a point.
            prop_assert!(spent <= u64::from(quota) + flowed + largest + 50);
        }
    }
}
