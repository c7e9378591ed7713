//! A line on the terminal that says how far it is, how fast, and how long it takes.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// How often the line is written anew: on a terminal, and where the output is kept.
const ON_TERMINAL: Duration = Duration::from_millis(200);
const IN_A_LOG: Duration = Duration::from_secs(15);
const WIDTH: u64 = 24;

/// The progress of something that is counted.
pub struct Progress {
    total: u64,
    /// Done before this process began.
    before: u64,
    done: u64,
    unit: &'static str,
    began: Instant,
    written: Option<Instant>,
    terminal: bool,
}

impl Progress {
    /// Begins to measure.
    #[must_use]
    pub fn of(total: u64, unit: &'static str) -> Self {
        Self {
            total,
            before: 0,
            done: 0,
            unit,
            began: Instant::now(),
            written: None,
            terminal: std::io::stderr().is_terminal(),
        }
    }

    /// This much was done by an earlier process: it counts as done, not as speed.
    pub fn was_done(&mut self, count: u64) {
        self.before += count;
    }

    /// This much more is done.
    pub fn step(&mut self, count: u64) {
        self.done += count;
        let every = if self.terminal { ON_TERMINAL } else { IN_A_LOG };
        if self.written.is_none_or(|at| at.elapsed() >= every) {
            self.write();
        }
    }

    /// Writes the last state and ends the line.
    pub fn end(&mut self) {
        self.write();
        if self.terminal {
            eprintln!();
        }
    }

    /// What this process did, and how long it took.
    #[must_use]
    pub fn pace(&self) -> Pace {
        Pace {
            count: self.done,
            took: self.began.elapsed(),
        }
    }

    fn write(&mut self) {
        self.written = Some(Instant::now());
        let pace = self.pace();
        let there = self.before + self.done;
        let full = (WIDTH * there).checked_div(self.total).unwrap_or(WIDTH).min(WIDTH);
        let bar: String = (0..WIDTH).map(|at| if at < full { '█' } else { '░' }).collect();
        let line = format!(
            "  {bar} {there}/{} {}  {}/s  {} left",
            self.total,
            self.unit,
            pace.per_second(),
            pace.left(self.total.saturating_sub(there))
        );
        if self.terminal {
            eprint!("\r{line:<100}");
            let _ = std::io::stderr().flush();
        } else {
            eprintln!("{line}");
        }
    }
}

/// A count over a time.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// How much.
    pub count: u64,
    /// How long.
    pub took: Duration,
}

impl Pace {
    /// A whole number for each second.
    #[must_use]
    pub fn per_second(&self) -> u64 {
        let milliseconds = u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX);
        (self.count * 1_000).checked_div(milliseconds).unwrap_or(0)
    }

    fn left(&self, count: u64) -> String {
        if self.count == 0 {
            return "…".to_owned();
        }
        let seconds = u128::from(count) * self.took.as_millis() / u128::from(self.count) / 1_000;
        format!("{}:{:02}", seconds / 60, seconds % 60)
    }
}

/// CPU time that this process has used, where the system tells (Linux).
#[must_use]
pub fn cpu() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name in parentheses may hold spaces; utime and stime are the 14th and 15th field, in ticks of 10 ms.
    let mut fields = text.rsplit_once(')')?.1.split_whitespace().skip(11);
    let ticks: u64 = fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rate_and_time_left_come_from_what_this_process_did() {
        let pace = Pace {
            count: 300,
            took: Duration::from_secs(2),
        };
        assert_eq!(pace.per_second(), 150);
        assert_eq!(pace.left(15_000), "1:40");
        assert_eq!(Pace { count: 0, ..pace }.left(1), "…");
    }
}
