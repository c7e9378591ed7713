//! What the journal of a replay survives.
#![allow(clippy::unwrap_used)]

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;

use quartermaster_demo::journal::JournalError;
use quartermaster_demo::plan::WorldDigest;
use quartermaster_demo::{Journal, Plan, Size, write_world};

fn world(seed: u64) -> WorldDigest {
    let dir = tempfile::tempdir().unwrap();
    write_world(dir.path(), seed, Size::TINY).unwrap();
    Plan::read(dir.path()).unwrap().digest
}

fn open(path: &Path) -> Result<Journal, JournalError> {
    Journal::open(path, &WorldDigest::try_from("ab".repeat(32)).unwrap(), "here")
}

#[test]
fn what_was_done_is_known_after_opening_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal");
    let mut journal = open(&path).unwrap();
    assert!(journal.is_empty());
    journal.done("a", "po_1").unwrap();
    journal.done("b", "").unwrap();
    journal.done("a", "another").unwrap();
    drop(journal);
    let journal = open(&path).unwrap();
    assert_eq!(
        (journal.len(), journal.note("a"), journal.note("b"), journal.note("c")),
        (2, Some("po_1"), Some(""), None)
    );
}

#[test]
fn a_journal_cut_anywhere_keeps_every_whole_line_and_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal");
    let mut journal = open(&path).unwrap();
    for number in 0..5 {
        journal.done(&format!("document {number}"), "note").unwrap();
    }
    drop(journal);
    let bytes = fs::read(&path).unwrap();
    for cut in 0..=bytes.len() {
        fs::write(&path, &bytes[..cut]).unwrap();
        let whole = bytes[..cut].iter().filter(|byte| **byte == b'\n').count();
        let mut journal = open(&path).unwrap();
        assert_eq!(journal.len(), whole.saturating_sub(1), "cut at {cut}");
        journal.done("after", "").unwrap();
        drop(journal);
        assert!(open(&path).unwrap().is_done("after"));
    }
}

#[test]
fn damage_before_the_last_line_is_refused_with_its_line() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal");
    let mut journal = open(&path).unwrap();
    journal.done("first", "").unwrap();
    journal.done("second", "").unwrap();
    drop(journal);
    let text = fs::read_to_string(&path).unwrap().replace("first", "fisrt");
    fs::write(&path, &text).unwrap();
    assert!(matches!(open(&path), Err(JournalError::Damaged { line: 2, .. })));
    fs::write(&path, &text[..text.find("second").unwrap()]).unwrap();
    assert!(open(&path).unwrap().is_empty());
}

#[test]
fn a_journal_of_another_world_or_another_place_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal");
    let (one, other) = (world(1), world(2));
    assert_ne!(one, other);
    drop(Journal::open(&path, &one, "here").unwrap());
    assert!(matches!(
        Journal::open(&path, &other, "here"),
        Err(JournalError::OfAnother { .. })
    ));
    assert!(matches!(
        Journal::open(&path, &one, "there"),
        Err(JournalError::OfAnother { .. })
    ));
    assert!(Journal::open(&path, &one, "here").is_ok());
}

#[test]
fn two_replays_cannot_share_a_journal() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal");
    let first = open(&path).unwrap();
    assert!(matches!(open(&path), Err(JournalError::InUse { .. })));
    drop(first);
    assert!(open(&path).is_ok());
}

#[test]
fn a_key_that_would_break_the_lines_is_refused_and_nothing_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal");
    let mut journal = open(&path).unwrap();
    let before = fs::metadata(&path).unwrap().len();
    for key in ["a\tb", "a\nb", "a\rb"] {
        assert!(matches!(journal.done(key, ""), Err(JournalError::Unwritable(_))));
        assert!(matches!(journal.done("a", key), Err(JournalError::Unwritable(_))));
    }
    assert_eq!(fs::metadata(&path).unwrap().len(), before);
}

#[test]
fn a_file_that_is_no_journal_is_not_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal");
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path)
        .unwrap()
        .write_all(b"my diary\n")
        .unwrap();
    assert!(open(&path).is_err());
    assert_eq!(fs::read(&path).unwrap(), b"my diary\n");
}
