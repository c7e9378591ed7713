//! Writes the figures into `bench/RESULTS.md`, between two marks; what stands around them is written by hand.

use crate::allocations::{self, Allocated};
use crate::compare::{Comparison, SAME_ROWS};
use crate::driver::Work;
use crate::fairness::{self, Quiet};
use crate::figures::{Ratio, milliseconds};
use crate::floor;
use crate::kernel::Kernel;
use crate::measure::Measured;
use crate::overload::{Load, Overloaded};
use crate::statements;
use anyhow::{Context, Result};
use clap::Args;
use serde::de::DeserializeOwned;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

const BEGIN: &str = "<!-- make bench writes from here -->";
const END: &str = "<!-- to here -->";

#[derive(Debug, Args)]
pub struct Report {
    /// The file
    results: PathBuf,
    /// What it was built with
    #[arg(long)]
    rustc: String,
}

/// What a comparison with 8 clients should reach: rate at least, CPU and 99th percentile at most, as ratios to pgbench's.
fn bars(work: &str) -> [String; 3] {
    let bars = match work {
        "W1" => ["≥ 0.85", "≤ 1.3", ""],
        "W2" | "W6" => ["≥ 0.60", "≤ 1.7", ""],
        "W7" => ["≥ 0.50", "≤ 2.3", "≤ 3"],
        same_rows if same_rows.ends_with(SAME_ROWS) => ["", "≤ 1.3", "≤ 2"],
        _ => ["", "", ""],
    };
    bars.map(str::to_owned)
}

/// What was measured under this name; nothing, where it was not.
fn list<T: DeserializeOwned>(state: &Path, name: &str) -> Result<Vec<T>> {
    match std::fs::read(state.join(format!("{name}.json"))) {
        Ok(text) => Ok(serde_json::from_slice(&text)?),
        Err(_) => Ok(Vec::new()),
    }
}

impl Report {
    pub fn run(self, state: &Path) -> Result<()> {
        let sizes: Vec<Measured> = ["S1", "S2", "T1000"]
            .iter()
            .filter_map(|size| std::fs::read(state.join(format!("{size}.json"))).ok())
            .map(|text| Ok(serde_json::from_slice(&text)?))
            .collect::<Result<_>>()?;
        let kernel: Kernel = serde_json::from_slice(&std::fs::read(state.join("kernel.json"))?)?;
        let overloaded: Vec<Overloaded> = list(state, "overload")?;
        let fairness: Vec<Quiet> = list(state, "fairness")?;
        let allocated: Vec<Allocated> = list(state, "allocations")?;
        let floor: Vec<Comparison> = list(state, "floor")?;
        let mut text = self.text(&sizes, &overloaded, &kernel, (&floor, &allocated))?;
        fairness::write(&mut text, &fairness)?;
        let old = std::fs::read_to_string(&self.results).unwrap_or_default();
        let (before, rest) = old
            .split_once(BEGIN)
            .context("the results have lost their first mark")?;
        let (_, after) = rest
            .split_once(END)
            .context("the results have lost their second mark")?;
        std::fs::write(&self.results, format!("{before}{BEGIN}\n\n{text}\n{END}{after}"))?;
        print!("{text}");
        Ok(())
    }

    fn text(
        &self,
        sizes: &[Measured],
        overloaded: &[Overloaded],
        kernel: &Kernel,
        (floor, allocated): (&[Comparison], &[Allocated]),
    ) -> Result<String> {
        let mut out = String::new();
        let first = sizes.first().context("nothing was measured")?;
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        writeln!(
            out,
            "{}, PostgreSQL {}, {cores} cores ({}), Linux {}.",
            self.rustc,
            first.postgresql,
            processor(),
            kernel_release(),
        )?;
        for measured in sizes {
            size(&mut out, measured)?;
        }
        let of = |name: &str| sizes.iter().find(|measured| measured.size == name);
        let alike = |a: &Measured, b: &Measured| (a.quick, &a.commit) == (b.quick, &b.commit);
        if let (Some(small), Some(large)) = (of("S1"), of("S2"))
            && alike(small, large)
        {
            growth(&mut out, "ten times the orders: S1 to S2", small, large)?;
        }
        if let (Some(few), Some(many)) = (of("S2"), of("T1000"))
            && alike(few, many)
        {
            growth(&mut out, "a hundred times the tenants: S2 to T1000", few, many)?;
        }
        floor::write(&mut out, floor)?;
        overload(&mut out, overloaded)?;
        if let Some(measured) = sizes.iter().find(|m| !m.statements.is_empty()) {
            writeln!(out, "\n### Statements of each work, {}", measured.size)?;
            statements::write(&mut out, &measured.statements)?;
        }
        allocations::write(&mut out, allocated)?;
        policy_kernel(&mut out, kernel)?;
        Ok(out)
    }
}

fn size(out: &mut String, measured: &Measured) -> Result<()> {
    let size = &measured.size;
    let runs = if measured.quick { "short" } else { "long" };
    let (on, commit) = (&measured.on, &measured.commit);
    writeln!(out, "\n### {size}\n\nBy {runs} runs on {on}, commit {commit}.\n")?;
    writeln!(
        out,
        "| work | clients | rate x | bar | CPU x | bar | p99 x | bar | units/s (pgbench) | CPU ms: server + database (pgbench's) | p50 ms (pgbench) | p99 ms (pgbench) | others | errors |"
    )?;
    writeln!(out, "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|")?;
    for one in &measured.comparisons {
        let (server, pgbench) = (one.server, one.pgbench);
        let [rate, cpu, p99] = if one.clients == 8 {
            bars(&one.work)
        } else {
            Default::default()
        };
        writeln!(
            out,
            "| {} | {} | {} | {rate} | {} | {cpu} | {} | {p99} | {} ({}) | {} + {} ({}) | {} ({}) | {} ({}) | {}.{} cores | {} |",
            one.work,
            one.clients,
            one.rate,
            one.cpu,
            one.p99,
            server.units_per_second,
            pgbench.units_per_second,
            milliseconds(server.server_cpu),
            milliseconds(server.database_cpu),
            milliseconds(pgbench.database_cpu),
            milliseconds(server.p50),
            milliseconds(pgbench.p50),
            milliseconds(server.p99),
            milliseconds(pgbench.p99),
            server.others / 100,
            server.others % 100 / 10,
            one.errors
        )?;
    }
    for one in measured.comparisons.iter().filter(|one| one.first_error.is_some()) {
        let error = one.first_error.as_deref().unwrap_or_default();
        writeln!(
            out,
            "\nThe first error of {} with {} clients: `{error}`",
            one.work, one.clients
        )?;
    }
    steps(out, &measured.comparisons)?;
    let (idle, peak) = measured.memory;
    writeln!(
        out,
        "\nServer: {} MB resident before the load, {} MB at most (bar: 150, S2, 32 clients); first answer {} ms after its start (bar: 1,000).",
        idle / 1_024,
        peak / 1_024,
        measured.first_answer
    )?;
    Ok(())
}

/// The requests of which W7 is made.
fn steps(out: &mut String, comparisons: &[Comparison]) -> Result<()> {
    let cycles: Vec<_> = comparisons.iter().filter(|one| one.work == "W7").collect();
    if cycles.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\n| request of W7 | clients | p50 ms | p99 ms |\n|---|--:|--:|--:|"
    )?;
    for one in cycles {
        let names = ["W3 create and submit", "W4 approve, released", "W5 receive"];
        for (name, (p50, p99)) in names.iter().zip(&one.steps) {
            let (p50, p99) = (milliseconds(*p50), milliseconds(*p99));
            writeln!(out, "| {name} | {} | {p50} | {p99} |", one.clients)?;
        }
    }
    Ok(())
}

fn growth(out: &mut String, what: &str, small: &Measured, large: &Measured) -> Result<()> {
    writeln!(out, "\n### Growth by {what}, 8 clients (bar: CPU ≤ 1.10)\n")?;
    writeln!(
        out,
        "| work | CPU of server and database | pgbench's CPU | CPU x |\n|---|--:|--:|--:|"
    )?;
    for work in Work::ALL {
        let of = |measured: &Measured| {
            let mut all = measured.comparisons.iter();
            all.find(|one| one.work == work.name() && one.clients == 8).cloned()
        };
        let (Some(small), Some(large)) = (of(small), of(large)) else {
            continue;
        };
        let times = |of: fn(&Comparison) -> u64| {
            Ratio::of(of(&large), of(&small)).map_or_else(|| "–".to_owned(), |ratio| ratio.to_string())
        };
        writeln!(
            out,
            "| {} | {} | {} | {} |",
            work.name(),
            times(|one| one.server.server_cpu + one.server.database_cpu),
            times(|one| one.pgbench.database_cpu),
            times(|one| one.cpu.0)
        )?;
    }
    Ok(())
}

/// Each load, and what of the quiet one's latency and of the capacity is left.
fn overload(out: &mut String, all: &[Overloaded]) -> Result<()> {
    if all.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\n### Overload (bars at three times what can be done: answered ≥ 0.90 of it, p99 ≤ 2.00 x that of half)\n"
    )?;
    writeln!(
        out,
        "| work | load | asked/s | answered/s | of what can be done | p50 ms | p99 ms | p99 x | refused/s | refusal p50 ms | refusal p99 ms | asking, cores | server, cores | errors |"
    )?;
    writeln!(out, "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|")?;
    let ratio = |one, other| Ratio::of(one, other).map_or_else(|| "–".to_owned(), |ratio| ratio.to_string());
    for Overloaded { work, loads } in all {
        let quiet = loads.first().map_or(0, |half| half.run.answers.1);
        for Load { capacity, serving, run } in loads {
            let [p50, p99, refusal, late] =
                [run.answers.0, run.answers.1, run.refusals.0, run.refusals.1].map(milliseconds);
            writeln!(
                out,
                "| {work} | {} | {} | {} | {} | {p50} | {p99} | {} | {} | {refusal} | {late} | {} | {} | {} |",
                run.load,
                run.asked,
                run.answered,
                ratio(run.answered, *capacity),
                ratio(run.answers.1, quiet),
                run.refused,
                Ratio(run.asking),
                Ratio(*serving),
                run.errors
            )?;
        }
    }
    for run in all.iter().flat_map(|one| &one.loads).map(|load| &load.run) {
        if let Some(error) = &run.first_error {
            writeln!(out, "\nThe first error at the load “{}”: `{error}`", run.load)?;
        }
    }
    Ok(())
}

fn policy_kernel(out: &mut String, kernel: &Kernel) -> Result<()> {
    let (bytes, enforcers) = kernel.policy;
    let micros = |nanos: u64| format!("{}.{}", nanos / 1_000, nanos % 1_000 / 100);
    writeln!(out, "\n### Policy kernel (best of five rounds)\n")?;
    writeln!(out, "| what | p50 | p99 | bar |\n|---|--:|--:|--:|")?;
    for (what, (p50, p99), bar) in [
        ("table look-up", kernel.lookup, 2),
        ("one question to live Casbin", kernel.question, 50),
        ("deciding an act with 30 earlier hands", kernel.decision, 20),
    ] {
        writeln!(out, "| {what} | {} µs | {} µs | {bar} µs |", micros(p50), micros(p99))?;
    }
    let (publish, each) = (kernel.publish, bytes / 1_024 / enforcers.max(1));
    writeln!(
        out,
        "| publishing a new policy: the whole gate | {publish} ms | | 2,000 ms |"
    )?;
    writeln!(
        out,
        "| one of {enforcers} enforcers, mean, tables included | {each} KiB | | 32 KiB |"
    )?;
    Ok(())
}

fn processor() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("model name"));
    let name = line.and_then(|line| line.split_once(':'));
    name.map_or_else(|| "unknown processor".to_owned(), |(_, name)| name.trim().to_owned())
}

fn kernel_release() -> String {
    let text = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    text.trim().to_owned()
}
