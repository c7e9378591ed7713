//! What of a replay is done, in a file that survives a kill.
//!
//! One line for each thing done, appended and never rewritten: `checksum <tab> key <tab> note`. Each line is one write, so
//! a killed process loses nothing; it is forced to disk every [`FORCED_EVERY`] lines and on [`Journal::force`], so a
//! power cut loses the last few. That is harmless, since a repeat says the same idempotency keys. A torn last line is cut
//! off; any other damage is refused.
//!
//! A thing is written when *all* its steps are done; a document killed half way is repeated from its first step, and
//! the steps that were done answer as they did before. The first line names the world and where it is lived, so that a
//! journal is never continued in another database.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::plan::WorldDigest;

/// Lines after which the file is forced to disk.
pub const FORCED_EVERY: u32 = 256;

const FORMAT: &str = "quartermaster-replay-1";

/// An open journal. One process at a time has it.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    /// Bytes of whole lines.
    length: u64,
    done: HashMap<String, String>,
    unforced: u32,
}

/// Why a journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file system refused.
    #[error("cannot keep the journal {path}: {source}")]
    Io {
        /// The journal.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// Another process is writing it.
    #[error("another replay is writing the journal {path}; wait for it, or end it")]
    InUse {
        /// The journal.
        path: String,
    },
    /// It belongs to another world, or to the same world lived elsewhere.
    #[error("the journal {path} belongs to another replay ({found}); name another journal, or delete it to begin anew")]
    OfAnother {
        /// The journal.
        path: String,
        /// What its first line says.
        found: String,
    },
    /// A line other than the last is damaged.
    #[error("the journal {path} is damaged in line {line}; delete it to begin anew, nothing will be doubled")]
    Damaged {
        /// The journal.
        path: String,
        /// Counted from 1.
        line: usize,
    },
    /// A key or note with a tab or line break.
    #[error("{0:?} cannot stand in a journal")]
    Unwritable(String),
}

impl Journal {
    /// Opens the journal of `world` lived at `target` (the identity of the database, say), or begins it.
    ///
    /// # Errors
    /// If it cannot be written, is in use, belongs to another replay or is damaged before its last line.
    pub fn open(path: &Path, world: &WorldDigest, target: &str) -> Result<Self, JournalError> {
        let failed = |source| JournalError::Io {
            path: path.display().to_string(),
            source,
        };
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(path)
            .map_err(failed)?;
        file.try_lock().map_err(|error| match error {
            std::fs::TryLockError::WouldBlock => JournalError::InUse {
                path: path.display().to_string(),
            },
            std::fs::TryLockError::Error(source) => failed(source),
        })?;
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(0))
            .and_then(|_| file.read_to_end(&mut bytes))
            .map_err(failed)?;
        let (lines, whole) = intact(&bytes).map_err(|line| JournalError::Damaged {
            path: path.display().to_string(),
            line,
        })?;
        if lines.is_empty() && bytes.contains(&b'\n') {
            return Err(JournalError::Damaged {
                path: path.display().to_string(),
                line: 1,
            });
        }
        file.set_len(whole as u64).map_err(failed)?;

        let title = format!("{world} at {target}");
        let mut journal = Self {
            path: path.to_path_buf(),
            file,
            length: whole as u64,
            done: HashMap::new(),
            unforced: 0,
        };
        let mut lines = lines.into_iter();
        match lines.next() {
            None => {
                journal.append(FORMAT, &title)?;
                journal.force()?;
            }
            Some((format, found)) if format != FORMAT || found != title => {
                return Err(JournalError::OfAnother {
                    path: path.display().to_string(),
                    found,
                });
            }
            Some(_) => journal.done.extend(lines),
        }
        Ok(journal)
    }

    /// Whether this is done.
    #[must_use]
    pub fn is_done(&self, key: &str) -> bool {
        self.done.contains_key(key)
    }

    /// What was noted when it was done, such as the id that the server gave.
    #[must_use]
    pub fn note(&self, key: &str) -> Option<&str> {
        self.done.get(key).map(String::as_str)
    }

    /// How many things are done.
    #[must_use]
    pub fn len(&self) -> usize {
        self.done.len()
    }

    /// Whether nothing is done yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.done.is_empty()
    }

    /// Writes that this is done. Saying it twice is once.
    ///
    /// # Errors
    /// If the file system refuses, or key or note hold a tab or a line break.
    pub fn done(&mut self, key: &str, note: &str) -> Result<(), JournalError> {
        if self.is_done(key) {
            return Ok(());
        }
        self.append(key, note)?;
        self.done.insert(key.to_owned(), note.to_owned());
        if self.unforced >= FORCED_EVERY {
            self.force()
        } else {
            Ok(())
        }
    }

    /// Forces what is written to disk.
    ///
    /// # Errors
    /// If the file system refuses.
    pub fn force(&mut self) -> Result<(), JournalError> {
        self.unforced = 0;
        self.file.sync_data().map_err(|source| self.failed(source))
    }

    fn append(&mut self, key: &str, note: &str) -> Result<(), JournalError> {
        for text in [key, note] {
            if text.contains(['\t', '\n', '\r']) {
                return Err(JournalError::Unwritable(text.to_owned()));
            }
        }
        let line = format!("{}\t{key}\t{note}\n", checksum(key, note));
        if let Err(source) = self.file.write_all(line.as_bytes()) {
            // A full disk may have taken half of it. If that cannot be undone either, the next opening cuts it off.
            self.file.set_len(self.length).ok();
            return Err(self.failed(source));
        }
        self.length += line.len() as u64;
        self.unforced += 1;
        Ok(())
    }

    fn failed(&self, source: io::Error) -> JournalError {
        JournalError::Io {
            path: self.path.display().to_string(),
            source,
        }
    }
}

/// The lines and the number of bytes that they take. Whatever follows the last intact line is a torn write, unless an
/// intact line follows it: then its number is the error.
fn intact(bytes: &[u8]) -> Result<(Vec<(String, String)>, usize), usize> {
    let mut lines = Vec::new();
    let (mut whole, mut torn) = (0, None);
    for (at, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        match (understand(line), torn) {
            (Some(_), Some(torn)) => return Err(torn),
            (Some(entry), None) => {
                whole += line.len();
                lines.push(entry);
            }
            (None, _) => torn = torn.or(Some(at + 1)),
        }
    }
    Ok((lines, whole))
}

fn understand(line: &[u8]) -> Option<(String, String)> {
    let mut parts = std::str::from_utf8(line).ok()?.strip_suffix('\n')?.split('\t');
    let (sum, key, note) = (parts.next()?, parts.next()?, parts.next()?);
    (parts.next().is_none() && sum == checksum(key, note)).then(|| (key.to_owned(), note.to_owned()))
}

fn checksum(key: &str, note: &str) -> String {
    let hash = Sha256::new()
        .chain_update(key)
        .chain_update("\t")
        .chain_update(note)
        .finalize();
    hex::encode(&hash[..4])
}
