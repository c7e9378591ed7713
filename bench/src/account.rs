//! CPU time and memory as the kernel accounts them (Linux, `/proc`).

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// A clock tick of `/proc`: USER_HZ is 100 on every Linux that Rust runs on.
const TICK: Duration = Duration::from_millis(10);

struct Process {
    parent: u32,
    /// Its own ticks, and those of children that have ended.
    own: u64,
    ended_children: u64,
}

fn process(pid: u32) -> Option<Process> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may hold spaces. Behind it: state, parent, …, utime, stime, cutime, cstime.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<u64>().ok();
    Some(Process {
        parent: fields.get(1)?.parse().ok()?,
        own: ticks(11)? + ticks(12)?,
        ended_children: ticks(13)? + ticks(14)?,
    })
}

fn processes() -> HashMap<u32, Process> {
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return HashMap::new();
    };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(|pid| Some((pid, process(pid)?)))
        .collect()
}

fn time(ticks: u64) -> Duration {
    TICK.saturating_mul(u32::try_from(ticks).unwrap_or(u32::MAX))
}

/// CPU time of a process, all its threads.
pub fn of_process(pid: u32) -> Duration {
    process(pid).map_or(Duration::ZERO, |p| time(p.own))
}

/// What a process uses of processors since then.
pub struct Spending {
    pid: u32,
    spent: Duration,
    since: Instant,
}

impl Spending {
    pub fn of(pid: u32) -> Self {
        Self {
            pid,
            spent: of_process(pid),
            since: Instant::now(),
        }
    }

    /// In thousandths of a processor.
    pub fn so_far(&self) -> u64 {
        let spent = of_process(self.pid).saturating_sub(self.spent).as_millis();
        let per_second = spent * 1_000 / self.since.elapsed().as_millis().max(1);
        u64::try_from(per_second).unwrap_or(u64::MAX)
    }
}

/// CPU time of a process and of all its descendants, those that have ended included.
pub fn of_tree(root: u32) -> Duration {
    let all = processes();
    let mut tree = vec![root];
    let mut at = 0;
    while let Some(parent) = tree.get(at).copied() {
        tree.extend(all.iter().filter(|(_, p)| p.parent == parent).map(|(pid, _)| *pid));
        at += 1;
    }
    let ticks = tree
        .iter()
        .filter_map(|pid| all.get(pid))
        .map(|p| p.own + p.ended_children);
    time(ticks.sum())
}

/// The parent of a process.
pub fn parent(pid: u32) -> Option<u32> {
    process(pid).map(|p| p.parent)
}

/// CPU time of everything on this machine.
pub fn of_machine() -> Duration {
    let text = std::fs::read_to_string("/proc/stat").unwrap_or_default();
    let fields: Vec<u64> = text
        .lines()
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .skip(1)
        .filter_map(|n| n.parse().ok())
        .collect();
    // user, nice, system, irq, softirq, steal; not idle and iowait.
    let busy = [0, 1, 2, 5, 6, 7].iter().filter_map(|at| fields.get(*at));
    time(busy.sum())
}

/// The most memory that a process ever had resident, in KiB.
pub fn peak_memory(pid: u32) -> u64 {
    status(pid, "VmHWM:")
}

/// The memory that a process has resident, in KiB.
pub fn memory(pid: u32) -> u64 {
    status(pid, "VmRSS:")
}

fn status(pid: u32, name: &str) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).unwrap_or(0)
}
