//! Figures: integers all the way, so that they print the same everywhere.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// How many times as much, in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Ratio(pub u64);

impl Ratio {
    /// `one / other`; nothing where there is nothing to compare with.
    pub fn of(one: u64, other: u64) -> Option<Self> {
        one.checked_mul(1_000)?.checked_div(other).map(Self)
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hundredths = (self.0 + 5) / 10;
        write!(f, "{}.{:02}", hundredths / 100, hundredths % 100)
    }
}

/// The one in the middle; of two, the lower.
pub fn median<T: Ord + Copy>(mut of: Vec<T>) -> Option<T> {
    of.sort_unstable();
    of.get(of.len().checked_sub(1)? / 2).copied()
}

/// Microseconds as people read them: `0.35`, `4.2`, `27` milliseconds.
pub fn milliseconds(micros: u64) -> String {
    match micros {
        0..1_000 => format!("0.{:02}", (micros + 5) / 10),
        1_000..10_000 => format!("{}.{}", micros / 1_000, micros % 1_000 / 100),
        _ => (micros / 1_000).to_string(),
    }
}

/// How long single things took: in microseconds, or all of them in nanoseconds.
#[derive(Debug, Clone, Default)]
pub struct Latencies(Vec<u64>);

impl Latencies {
    pub fn add(&mut self, took: Duration) {
        self.0.push(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
    }

    pub fn add_nanos(&mut self, took: Duration) {
        self.0.push(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX));
    }

    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    pub fn count(&self) -> u64 {
        self.0.len() as u64
    }

    /// The latency that so many of a hundred stay under.
    pub fn percentile(&mut self, percent: usize) -> u64 {
        self.0.sort_unstable();
        let last = self.0.len().saturating_sub(1);
        self.0.get((last * percent).div_ceil(100)).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_rounded_to_hundredths() {
        assert_eq!(Ratio::of(1, 3).map(|r| r.to_string()).as_deref(), Some("0.33"));
        assert_eq!(Ratio(1_995).to_string(), "2.00");
        assert_eq!(Ratio::of(1, 0), None);
    }

    #[test]
    fn percentiles_are_values_that_were_seen() {
        let mut latencies = Latencies::default();
        for micros in 1..=200 {
            latencies.add(Duration::from_micros(micros));
        }
        assert_eq!((latencies.percentile(50), latencies.percentile(99)), (101, 199));
        assert_eq!(Latencies::default().percentile(99), 0);
        assert_eq!(median(vec![5, 1, 9]), Some(5));
    }
}
