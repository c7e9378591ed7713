//! Looks at the text of a document before it is parsed: a parser that recurses must not meet what nests too deep, and
//! escapes that no PostgreSQL text can hold are refused here with a sentence.

/// The most tokens of a document. An order of 10,000 lines belongs into variables.
const TOKENS: usize = 20_000;
/// The most brackets of all kinds that may be open at once. Queries may nest 15 deep, each with arguments and objects.
const NESTING: usize = 50;
/// The longest document, in bytes.
const LENGTH: usize = 256 * 1024;

/// Why a text is not given to the parser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// Too long, too many tokens, or nested too deep.
    TooComplex(&'static str),
    /// A NUL, written or escaped, in a string.
    Nul,
    /// An escape for half a character.
    Surrogate,
}

/// Looks once at each byte.
///
/// # Errors
/// [`Unfit`]
pub fn scan(text: &str) -> Result<(), Unfit> {
    if text.len() > LENGTH {
        return Err(Unfit::TooComplex(
            "The document is longer than 256 KiB. Put data into variables.",
        ));
    }
    let bytes = text.as_bytes();
    let (mut at, mut tokens, mut open) = (0, 0_usize, 0_usize);
    while let Some(&b) = bytes.get(at) {
        match b {
            0 => return Err(Unfit::Nul),
            b'#' => at += line(&bytes[at..]),
            b'"' => {
                tokens += 1;
                at = if bytes[at..].starts_with(b"\"\"\"") {
                    block(bytes, at + 3)?
                } else {
                    string(bytes, at + 1)?
                };
            }
            b'{' | b'[' | b'(' => {
                (tokens, open, at) = (tokens + 1, open + 1, at + 1);
                if open > NESTING {
                    return Err(Unfit::TooComplex("The document nests too deep."));
                }
            }
            b'}' | b']' | b')' => (tokens, open, at) = (tokens + 1, open.saturating_sub(1), at + 1),
            b if b.is_ascii_alphanumeric() || b == b'_' => {
                tokens += 1;
                at += bytes[at..]
                    .iter()
                    .take_while(|b| b.is_ascii_alphanumeric() || **b == b'_')
                    .count();
            }
            b if b.is_ascii_whitespace() || b == b',' => at += 1,
            _ => (tokens, at) = (tokens + 1, at + 1),
        }
        if tokens > TOKENS {
            return Err(Unfit::TooComplex(
                "The document has more than 20,000 tokens. Put data into variables.",
            ));
        }
    }
    Ok(())
}

fn line(rest: &[u8]) -> usize {
    rest.iter().take_while(|b| !matches!(b, b'\n' | b'\r')).count()
}

/// The end of a block string that begins at `at`; an open one ends with the text, and the parser will say so.
fn block(bytes: &[u8], mut at: usize) -> Result<usize, Unfit> {
    while at < bytes.len() {
        if bytes[at..].starts_with(b"\\\"\"\"") {
            at += 4;
        } else if bytes[at..].starts_with(b"\"\"\"") {
            return Ok(at + 3);
        } else if bytes[at] == 0 {
            return Err(Unfit::Nul);
        } else {
            at += 1;
        }
    }
    Ok(at)
}

fn string(bytes: &[u8], mut at: usize) -> Result<usize, Unfit> {
    while let Some(&b) = bytes.get(at) {
        match b {
            b'"' => return Ok(at + 1),
            b'\n' | b'\r' => return Ok(at),
            0 => return Err(Unfit::Nul),
            b'\\' if bytes.get(at + 1) == Some(&b'u') => {
                let digits = bytes.get(at + 2..at + 6).and_then(|d| std::str::from_utf8(d).ok());
                match digits.and_then(|d| u32::from_str_radix(d, 16).ok()) {
                    Some(0) => return Err(Unfit::Nul),
                    Some(0xD800..=0xDFFF) => return Err(Unfit::Surrogate),
                    _ => at += 2,
                }
            }
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    Ok(at)
}

#[cfg(test)]
mod tests {
    use super::{Unfit, scan};

    #[test]
    fn a_document_that_nests_a_hundred_deep_is_refused_before_it_is_parsed() {
        for (open, close) in [("{a", "}"), ("[", "]"), ("(a:", ")")] {
            let text = format!("{}{}", open.repeat(100), close.repeat(100));
            assert!(matches!(scan(&text), Err(Unfit::TooComplex(_))), "{open}");
        }
        assert_eq!(scan(&format!("{}{}", "{a".repeat(40), "}".repeat(40))), Ok(()));
    }

    #[test]
    fn brackets_in_strings_and_comments_do_not_count() {
        let many = "{".repeat(100);
        for text in [
            format!("{{ a(b: \"{many}\") }}"),
            format!("{{ a(b: \"\"\"{many} \\\"\"\" {many}\"\"\") }}"),
            format!("# {many}\n{{ a }}"),
            format!("{{ a(b: \"\\\"{many}\") }}"),
        ] {
            assert_eq!(scan(&text), Ok(()), "{text}");
        }
    }

    #[test]
    fn escapes_that_are_no_text_are_refused() {
        assert_eq!(scan(r#"{ a(b: "x\u0000") }"#), Err(Unfit::Nul));
        assert_eq!(scan("{ a(b: \"x\0\") }"), Err(Unfit::Nul));
        assert_eq!(scan(r#"{ a(b: "\ud800") }"#), Err(Unfit::Surrogate));
        assert_eq!(scan(r#"{ a(b: "\\u0000 \u0041") }"#), Ok(()));
    }

    #[test]
    fn a_million_tokens_are_too_many() {
        assert!(matches!(scan(&"a ".repeat(21_000)), Err(Unfit::TooComplex(_))));
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text: String) {
            let _ = scan(&text);
        }
    }
}
