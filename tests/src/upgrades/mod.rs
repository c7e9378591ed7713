//! From one release to the next: the release's database, its clients, and its servers while they still run beside newer ones.
//!
//! What the last release was stands in `tests/release/`, written by `make release` when one is made and changed by nothing else.

mod client;
mod database;
mod keep;
mod rolling;
mod sdl;

use crate::house::root;
use std::path::PathBuf;

/// A file of the last release.
fn kept(name: &str) -> PathBuf {
    root().join("tests/release").join(name)
}

fn read(name: &str) -> String {
    let path = kept(name);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The steps that the release's database has: name and SHA-256 of each, in the order in which they are applied.
fn steps() -> Vec<(String, String)> {
    let text = read("steps.txt");
    let steps = text.lines().filter_map(|line| line.split_once(' '));
    steps
        .map(|(name, digest)| (name.to_owned(), digest.to_owned()))
        .collect()
}
