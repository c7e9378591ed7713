//! What a source file may not say, and how long it may be.

use super::{files, root, shown};
use std::path::Path;

const CRATES: &[&str] = &["api", "domain", "tenants", "migrations", "demo", "bench"];
const LONGEST: usize = 400;

/// The lines of a source with their numbers, without its comments and without its unit tests, which stand last.
fn code(path: &Path) -> Vec<(usize, String)> {
    let text = std::fs::read_to_string(path).unwrap();
    let tests = text
        .lines()
        .position(|line| line.trim() == "#[cfg(test)]" || line.trim() == "#![cfg(test)]");
    text.lines()
        .enumerate()
        .take(tests.unwrap_or(usize::MAX))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(at, line)| (at + 1, line.to_owned()))
        .collect()
}

fn is_test(path: &Path) -> bool {
    let name = path.file_name().unwrap().to_string_lossy();
    name == "tests.rs" || name.ends_with("_test.rs") || path.components().any(|part| part.as_os_str() == "tests")
}

/// The sources of some crates that are not tests.
fn sources(crates: &[&str]) -> Vec<std::path::PathBuf> {
    let all = crates.iter().flat_map(|name| files(&format!("{name}/src"), &[".rs"]));
    let sources: Vec<_> = all
        .filter(|path| !is_test(path.strip_prefix(root()).unwrap()))
        .collect();
    assert!(
        !sources.is_empty(),
        "no sources of {crates:?} found: this test looks in the wrong place"
    );
    sources
}

/// Whether a line has the word, not as a part of a longer one.
fn has_word(line: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        !line[..at].chars().next_back().is_some_and(part) && !line[at + word.len()..].chars().next().is_some_and(part)
    })
}

fn refuse(crates: &[&str], rule: &str, says: impl Fn(&str) -> bool, but: &[&str]) {
    let mut broken = Vec::new();
    for path in sources(crates)
        .iter()
        .filter(|path| !but.contains(&shown(path).as_str()))
    {
        broken.extend(
            code(path)
                .iter()
                .filter(|(_, line)| says(line))
                .map(|(at, line)| format!("{}:{at}: {}", shown(path), line.trim())),
        );
    }
    assert!(broken.is_empty(), "{rule}:\n{}", broken.join("\n"));
}

#[test]
fn money_and_quantity_never_meet_a_float() {
    refuse(
        &["domain", "tenants"],
        "no f32 and no f64 here: money, quantity and percentage are decimals",
        |line| has_word(line, "f32") || has_word(line, "f64"),
        // Reads any JSON, to refuse a name given twice; keeps nothing of the numbers.
        &["tenants/src/identity/token/strict_json.rs"],
    );
}

#[test]
fn only_the_tenant_function_of_the_database_sets_a_tenant() {
    refuse(
        &["api", "domain", "tenants"],
        "set_config inside a statement may govern another one, by the plan of the day: TenantTx calls set_tenant",
        |line| line.contains("set_config("),
        &[],
    );
}

#[test]
fn what_faces_the_outside_speaks_no_sql_and_opens_no_transaction() {
    let verbs = ["SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM ", "WITH "];
    refuse(
        &["api", "demo"],
        "SQL lives in domain and tenants, behind a verb or a query: call one, or add one there",
        |line| {
            let said = |verb: &&str| line.trim_start().starts_with(*verb) || line.contains(&format!("\"{verb}"));
            verbs.iter().any(said)
                || line.contains(" qm.")
                || ["TenantTx", "DirectoryTx", "Flight", "params"]
                    .iter()
                    .any(|door| has_word(line, door))
        },
        &[],
    );
}

#[test]
fn no_statement_asks_the_database_for_a_time_of_its_own() {
    let clocks = ["now(", "current_timestamp", "localtimestamp", "transaction_timestamp("];
    let said = |line: &str, clocks: &[&str]| {
        // `Instant::now` measures how long something takes and is no time of day; `fn now` hands out Op's.
        let line = line
            .to_lowercase()
            .replace("instant::now(", "")
            .replace("utc::now(", "")
            .replace("fn now(", "");
        clocks.iter().any(|clock| {
            let goes_on = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
            line.match_indices(clock).any(|(at, _)| !line[..at].ends_with(goes_on))
        })
    };
    let rule = "one time for each transaction, read once by TenantTx and carried by Op";
    refuse(
        &["domain", "tenants"],
        rule,
        |line| said(line, &clocks),
        &["tenants/src/tx/health.rs"],
    );
    refuse(
        &["domain"],
        rule,
        |line| said(line, &["statement_timestamp(", "clock_timestamp("]),
        &[],
    );
}

#[test]
fn no_source_is_longer_than_a_reader_holds_in_mind() {
    let long: Vec<_> = sources(CRATES)
        .into_iter()
        .map(|path| (std::fs::read_to_string(&path).unwrap().lines().count(), path))
        .filter(|(lines, _)| *lines > LONGEST)
        .map(|(lines, path)| format!("{}: {lines} lines", shown(&path)))
        .collect();
    assert!(
        long.is_empty(),
        "split these, they are more than one thing:\n{}",
        long.join("\n")
    );
}

#[test]
fn nothing_is_left_for_later_by_a_mark_in_the_text() {
    let marks = [["TO", "DO"].concat(), ["FIX", "ME"].concat()];
    let endings = [
        ".rs",
        ".sql",
        ".toml",
        ".sh",
        ".md",
        ".yml",
        ".graphql",
        "Makefile",
        "run",
        "postgres-run",
    ];
    let mut broken = Vec::new();
    for path in files(".", &endings) {
        let Ok(text) = std::fs::read_to_string(&path) else {
            continue;
        };
        for (at, line) in text.lines().enumerate() {
            if marks.iter().any(|mark| has_word(line, mark)) {
                broken.push(format!("{}:{}: {}", shown(&path), at + 1, line.trim()));
            }
        }
    }
    assert!(
        broken.is_empty(),
        "finish these, or write them down where they are planned:\n{}",
        broken.join("\n")
    );
}

#[test]
fn no_file_is_named_after_nothing() {
    let empty = [
        "service", "services", "manager", "helper", "helpers", "util", "utils", "common", "misc",
    ];
    let broken: Vec<_> = sources(CRATES)
        .iter()
        .filter(|path| {
            path.strip_prefix(root()).unwrap().components().any(|part| {
                let part = part.as_os_str().to_string_lossy();
                empty.contains(&part.trim_end_matches(".rs"))
            })
        })
        .map(|path| shown(path))
        .collect();
    assert!(
        broken.is_empty(),
        "a file is named after its verb or its document:\n{}",
        broken.join("\n")
    );
}
