//! What the lines of a file claim for themselves: a key, a GTIN. Kept as digests, so that the longest file fits into a few megabytes.

use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// What lines read so far claim, and which line was first.
#[derive(Debug, Default)]
pub(super) struct Claims(HashMap<[u8; 16], u32>);

/// What a record claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Claim {
    /// Nobody else in the file may have it: column, value.
    Alone(&'static str, String),
    /// Whoever else has it must say the same about it: column, thing, what is said.
    Agreed(&'static str, String, String),
}

impl Claims {
    /// Claims it for a line; answers the line that was first, if that is another. A line may claim again.
    pub(super) fn take(&mut self, claim: &Claim, line: u32) -> Option<u32> {
        let first = match claim {
            Claim::Alone(column, value) => self.first(&[column, value], line),
            Claim::Agreed(column, thing, said) => {
                let about = self.first(&[column, thing], line);
                let alike = self.first(&[column, thing, said], line);
                if alike == about { line } else { about }
            }
        };
        (first != line).then_some(first)
    }

    fn first(&mut self, parts: &[&str], line: u32) -> u32 {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(part.len().to_be_bytes());
            hash.update(part.as_bytes());
        }
        let mut key = [0; 16];
        key.copy_from_slice(&hash.finalize()[..16]);
        *self.0.entry(key).or_insert(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_line_learns_which_was_first_and_a_line_may_ask_again() {
        let mut claims = Claims::default();
        let sku = |s: &str| Claim::Alone("sku", s.to_owned());
        assert_eq!(claims.take(&sku("A"), 2), None);
        assert_eq!(claims.take(&sku("A"), 2), None);
        assert_eq!(claims.take(&sku("A"), 5), Some(2));
        assert_eq!(claims.take(&sku("B"), 5), None);
    }

    #[test]
    fn terms_may_stand_on_many_lines_when_they_agree() {
        let mut claims = Claims::default();
        let terms = |said: &str| Claim::Agreed("lead_time_days", "ACME/A-1".to_owned(), said.to_owned());
        assert_eq!(claims.take(&terms("5"), 2), None);
        assert_eq!(claims.take(&terms("5"), 3), None);
        assert_eq!(claims.take(&terms("7"), 4), Some(2));
        assert_eq!(claims.take(&terms("7"), 5), Some(2));
    }
}
