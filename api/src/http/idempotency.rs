//! The `Idempotency-Key` header (draft-ietf-httpapi-idempotency-key-header-07).

use super::answer::Fault;
use super::document::{Document, Operation};
use super::request::{Parameters, digest};
use async_graphql::parser::types::OperationType;
use axum::http::HeaderMap;
use quartermaster_tenants::op::IdempotencyKey;
use sha2::{Digest, Sha256};

/// The longest key, in characters.
const LONGEST: usize = 255;

/// The key of a request: a string of RFC 8941 (`"…"`), as the draft wants it, or bare.
///
/// # Errors
/// `BAD_USER_INPUT`: no such key, or no request that could have one.
pub fn key(
    headers: &HeaderMap,
    document: &Document,
    operation: &Operation,
    parameters: &Parameters,
) -> Result<Option<IdempotencyKey>, Fault> {
    let Some(key) = given(headers)? else { return Ok(None) };
    if operation.kind != OperationType::Mutation {
        return Ok(None);
    }
    if operation.root_fields != 1 {
        return Err(Fault::bad_input(
            "A request with an Idempotency-Key has exactly one mutation field.",
        ));
    }
    let mut hash = Sha256::new();
    hash.update(document.hash);
    let name = operation.name.as_deref().unwrap_or_default();
    hash.update(name.len().to_be_bytes());
    hash.update(name);
    let mut variables: Vec<_> = parameters.variables.iter().collect();
    variables.sort_by(|a, b| a.0.as_str().cmp(b.0.as_str()));
    for (name, value) in variables {
        hash.update(name.as_str().len().to_be_bytes());
        hash.update(name.as_str());
        digest(value, &mut hash);
    }
    Ok(Some(IdempotencyKey {
        key,
        fingerprint: hash.finalize().into(),
    }))
}

/// The key as the client gave it.
///
/// # Errors
/// `BAD_USER_INPUT`: no such key, or two.
pub fn given(headers: &HeaderMap) -> Result<Option<String>, Fault> {
    let mut values = headers.get_all("idempotency-key").iter();
    let Some(value) = values.next() else { return Ok(None) };
    let malformed =
        || Fault::bad_input("The Idempotency-Key is 1 to 255 visible ASCII characters, in quotation marks or bare.");
    if values.next().is_some() {
        return Err(malformed());
    }
    value.to_str().ok().and_then(read).ok_or_else(malformed).map(Some)
}

fn read(text: &str) -> Option<String> {
    let text = text.trim();
    let bare = match text.strip_prefix('"') {
        Some(rest) => unquoted(rest.strip_suffix('"')?)?,
        None => text.to_owned(),
    };
    ((1..=LONGEST).contains(&bare.len()) && bare.bytes().all(|b| b.is_ascii_graphic())).then_some(bare)
}

/// RFC 8941 section 3.3.3: only `\"` and `\\` are escapes.
fn unquoted(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.push(chars.next().filter(|c| matches!(c, '"' | '\\'))?),
            '"' => return None,
            c => out.push(c),
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::read;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_key_survives_its_quotation_marks(key in "[!-~]{1,200}") {
            let quoted = format!("\"{}\"", key.replace('\\', "\\\\").replace('"', "\\\""));
            prop_assert_eq!(read(&quoted), Some(key));
        }

        #[test]
        fn no_text_panics_and_every_key_is_short_and_visible(text: String) {
            let key = read(&text);
            prop_assert!(key.is_none_or(|k| (1..=255).contains(&k.len()) && k.bytes().all(|b| b.is_ascii_graphic())));
        }
    }

    #[test]
    fn a_key_is_the_same_quoted_and_bare() {
        assert_eq!(read("\"8e03978e\""), read("8e03978e"));
        assert_eq!(read(r#""a\"b""#).as_deref(), Some("a\"b"));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for wrong in ["", "\"\"", "\"a", "a b", "\"a\\x\"", "ä", &"k".repeat(256)] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert!(read(&"k".repeat(255)).is_some());
    }
}
