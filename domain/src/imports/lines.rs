//! Records of a CSV file (RFC 4180) out of bytes that arrive in pieces of any size. Nothing but the record at hand is kept.

use super::LONGEST_RECORD;
use csv_core::{ReadRecordResult, Reader};
use futures::{Stream, StreamExt};
use quartermaster_tenants::error::Code;
use quartermaster_tenants::{Error, Refusal, Result};
use sha2::{Digest, Sha256};
use std::collections::VecDeque;

/// The most fields of a record.
const MOST_FIELDS: usize = 128;

/// A record, with what is wrong with its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    /// The number of its first line in the file.
    pub line: u32,
    /// Its fields; what could not be read stands there as U+FFFD.
    pub fields: Vec<String>,
    /// Bytes that are no text.
    pub problems: Vec<Refusal>,
}

/// What has arrived of a file.
pub(super) struct Lines<S> {
    source: S,
    parser: Parser,
    ready: VecDeque<Record>,
    digest: Sha256,
    ended: bool,
}

/// What the next step of reading brought.
pub(super) enum Arrived {
    /// A record.
    Record(Record),
    /// Nothing for a while: whoever waits may do something else.
    Silence,
    /// The file is at its end.
    End,
}

impl<S, B> Lines<S>
where
    S: Stream<Item = Result<B>> + Unpin,
    B: AsRef<[u8]>,
{
    /// Reads from a source. An empty piece of it says that nothing has arrived for a while.
    pub(super) fn of(source: S) -> Self {
        Self {
            source,
            parser: Parser::new(),
            ready: VecDeque::new(),
            digest: Sha256::new(),
            ended: false,
        }
    }

    /// The next record, or that there is none yet, or none any more.
    ///
    /// # Errors
    /// What the source said; a record that is too long, which means that nothing behind it can be trusted.
    pub(super) async fn next(&mut self) -> Result<Arrived> {
        loop {
            if let Some(record) = self.ready.pop_front() {
                return Ok(Arrived::Record(record));
            }
            if self.ended {
                return Ok(Arrived::End);
            }
            match self.source.next().await {
                None => {
                    self.ended = true;
                    self.parser.end(&mut self.ready)?;
                }
                Some(piece) => {
                    let piece = piece?;
                    let bytes = piece.as_ref();
                    if bytes.is_empty() {
                        return Ok(Arrived::Silence);
                    }
                    self.digest.update(bytes);
                    self.parser.feed(bytes, &mut self.ready)?;
                }
            }
        }
    }

    /// Reads to the end, only for the digest.
    ///
    /// # Errors
    /// What the source said.
    pub(super) async fn drain(&mut self) -> Result<()> {
        while let Some(piece) = self.source.next().await {
            self.digest.update(piece?.as_ref());
        }
        Ok(())
    }

    /// SHA-256 of what has arrived so far.
    pub(super) fn digest(&self) -> Vec<u8> {
        self.digest.clone().finalize().to_vec()
    }
}

/// The state machine with the record that it is in.
struct Parser {
    machine: Reader,
    text: Vec<u8>,
    ends: Vec<usize>,
    filled: usize,
    fields: usize,
}

impl Parser {
    fn new() -> Self {
        Self {
            machine: Reader::new(),
            text: vec![0; LONGEST_RECORD],
            ends: vec![0; MOST_FIELDS],
            filled: 0,
            fields: 0,
        }
    }

    fn feed(&mut self, mut bytes: &[u8], out: &mut VecDeque<Record>) -> Result<()> {
        while !bytes.is_empty() {
            let read = self.step(bytes, out)?;
            bytes = &bytes[read..];
        }
        Ok(())
    }

    fn end(&mut self, out: &mut VecDeque<Record>) -> Result<()> {
        let before = out.len();
        self.step(&[], out)?;
        if out.len() > before {
            self.step(&[], out)?;
        }
        Ok(())
    }

    fn step(&mut self, bytes: &[u8], out: &mut VecDeque<Record>) -> Result<usize> {
        let (result, read, wrote, ended) =
            self.machine
                .read_record(bytes, &mut self.text[self.filled..], &mut self.ends[self.fields..]);
        self.filled += wrote;
        self.fields += ended;
        match result {
            ReadRecordResult::InputEmpty | ReadRecordResult::End => Ok(read),
            ReadRecordResult::OutputFull => Err(self.too_large(format!("{LONGEST_RECORD} bytes"))),
            ReadRecordResult::OutputEndsFull => Err(self.too_large(format!("{MOST_FIELDS} fields"))),
            ReadRecordResult::Record => {
                // A record that CR LF ends is complete at its CR, one that LF ends behind it.
                let behind = u64::from(read > 0 && bytes[read - 1] == b'\n');
                out.push_back(self.record(self.machine.line() - behind));
                (self.filled, self.fields) = (0, 0);
                Ok(read)
            }
        }
    }

    fn record(&self, last_line: u64) -> Record {
        let text = &self.text[..self.filled];
        let breaks = text.iter().filter(|b| **b == b'\n').count() as u64;
        let mut problems = Vec::new();
        let mut from = 0;
        let mut fields = Vec::with_capacity(self.fields);
        for end in &self.ends[..self.fields] {
            let field = String::from_utf8_lossy(&text[from..*end]);
            let message = if field.contains('\0') {
                Some("It holds NUL, which is no text.")
            } else if field.contains('\u{fffd}') {
                Some("It holds bytes that are not UTF-8, or the sign � in their place.")
            } else {
                None
            };
            problems.extend(message.map(|m| Refusal::invalid(&[&fields.len().to_string()], m)));
            // The database keeps no NUL; the line is refused, and its report shows where it was.
            fields.push(field.replace('\0', "\u{fffd}"));
            from = *end;
        }
        Record {
            line: u32::try_from(last_line.saturating_sub(breaks)).unwrap_or(u32::MAX),
            fields,
            problems,
        }
    }

    fn too_large(&self, limit: String) -> Error {
        let breaks = self.text[..self.filled].iter().filter(|b| **b == b'\n').count() as u64;
        let line = self.machine.line().saturating_sub(breaks);
        let message = format!("Line {line} has more than {limit}. Is a quotation mark not closed?");
        Refusal::new(Code::TooLarge, &[], message).into()
    }
}

/// One line of CSV, without its end.
#[must_use]
pub fn written(fields: impl Iterator<Item = String>) -> String {
    let quoted = |field: String| {
        let plain = !field.contains([',', '"', '\n', '\r']) && field.trim() == field;
        if plain {
            field
        } else {
            format!("\"{}\"", field.replace('"', "\"\""))
        }
    };
    fields.map(quoted).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(pieces: &[&[u8]]) -> Result<Vec<Record>> {
        let mut parser = Parser::new();
        let mut out = VecDeque::new();
        for piece in pieces {
            parser.feed(piece, &mut out)?;
        }
        parser.end(&mut out)?;
        Ok(out.into())
    }

    fn lines(text: &str) -> Vec<(u32, Vec<String>)> {
        let records = read(&[text.as_bytes()]).unwrap();
        records.into_iter().map(|r| (r.line, r.fields)).collect()
    }

    #[test]
    fn records_know_their_line_whatever_ends_lines() {
        let strings = |f: &[&str]| f.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        let told = vec![
            (1, strings(&["a", "b"])),
            (2, strings(&["1", "x\ny"])),
            (5, strings(&["2", ""])),
        ];
        assert_eq!(lines("a,b\n1,\"x\ny\"\n\n2,\n"), told);
        assert_eq!(lines("a,b\n1,\"x\ny\"\n\n2,"), told);
        assert_eq!(lines("a,b\r\n1,\"x\ny\"\r\n\r\n2,\r\n"), told);
    }

    #[test]
    fn bytes_that_are_no_text_refuse_their_line_alone() {
        let records = read(&[b"a,b\n\xff,x\nn\0l,y\nfine,z\n"]).unwrap();
        let wrong: Vec<usize> = records.iter().map(|r| r.problems.len()).collect();
        assert_eq!(wrong, [0, 1, 1, 0]);
        assert_eq!(records[2].fields[0], "n\u{fffd}l");
    }

    #[test]
    fn a_quotation_mark_that_is_not_closed_ends_the_file_at_its_line() {
        let mut text = b"a,b\n1,\"open\n".to_vec();
        text.extend(std::iter::repeat_n(b'x', LONGEST_RECORD));
        let told = read(&[&text]).unwrap_err().to_string();
        assert!(told.contains("Line 2"), "{told}");
        assert!(read(&[&[b','; MOST_FIELDS + 1]]).is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again_however_it_is_cut(
            rows in prop::collection::vec(prop::collection::vec("[a-z\",;\r\n é]{0,6}", 2..4), 1..6),
            cuts in prop::collection::vec(1_usize..5, 1..40),
        ) {
            let rows: Vec<Vec<String>> = rows.into_iter().map(|r| r.into_iter().map(|f| f.replace('\r', "")).collect()).collect();
            let text = rows.iter().map(|r| written(r.iter().cloned()) + "\r\n").collect::<String>();
            let mut pieces = Vec::new();
            let (mut rest, mut cuts) = (text.as_bytes(), cuts.into_iter().cycle());
            while !rest.is_empty() {
                let (piece, more) = rest.split_at(cuts.next().unwrap_or(1).min(rest.len()));
                pieces.push(piece);
                rest = more;
            }
            let back: Vec<Vec<String>> = read(&pieces).unwrap().into_iter().map(|r| r.fields).collect();
            // An empty line is no record.
            let told: Vec<Vec<String>> = rows.into_iter().collect();
            prop_assert_eq!(back, told);
        }
    }
}
