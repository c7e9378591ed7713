//! The codes at the top level of an answer. What they mean stands here; which of them the server gives is read from its sources.

use super::generated::rows;
use crate::house::{files, root};
use std::collections::BTreeSet;

struct Code {
    code: &'static str,
    /// The status where `application/graphql-response+json` is accepted.
    status: &'static str,
    means: &'static str,
    then: &'static str,
}

const fn code(code: &'static str, status: &'static str, means: &'static str, then: &'static str) -> Code {
    Code {
        code,
        status,
        means,
        then,
    }
}

const CODES: [Code; 14] = [
    code(
        "GRAPHQL_PARSE_FAILED",
        "400",
        "The document is not GraphQL.",
        "Mend the document; `locations` says where.",
    ),
    code(
        "GRAPHQL_VALIDATION_FAILED",
        "400",
        "The document does not fit the schema.",
        "Mend the document, or fetch the schema again.",
    ),
    code(
        "BAD_USER_INPUT",
        "400 or 200",
        "A value cannot be read: a scalar, an id of another type, a cursor of another list; or the request itself is malformed (400, 405, 406, 413, 415).",
        "Mend the value; `message` and `locations` say which.",
    ),
    code(
        "UNAUTHENTICATED",
        "401",
        "No credential, or one that is not valid.",
        "Get a new token and repeat.",
    ),
    code(
        "FORBIDDEN",
        "403 or 200",
        "The account, its tenant or its roles do not allow this.",
        "Tell the user; a repeat changes nothing.",
    ),
    code(
        "PERSISTED_QUERY_NOT_FOUND",
        "200",
        "The hash of an automatic persisted query is not known here.",
        "Send the document with its hash once; clients do so by themselves.",
    ),
    code(
        "DOCUMENT_NOT_REGISTERED",
        "400",
        "Only registered documents are run here, or none has the id that was given.",
        "Register the documents of your app before you publish it.",
    ),
    code(
        "WITHDRAWN",
        "400",
        "The document uses what is no longer there.",
        "Use what `message` says instead; before that day the answers' header `Sunset` announced it ([Versioning](versioning.md)).",
    ),
    code(
        "QUERY_TOO_COMPLEX",
        "400",
        "The operation asks for more than is answered at once.",
        "Ask for fewer rows, or for less of each.",
    ),
    code(
        "IDEMPOTENCY_KEY_REUSED",
        "422",
        "The key was used for another request.",
        "Use a new key for each thing that you do.",
    ),
    code("NOT_FOUND", "404", "There is no such path.", "Ask `/graphql`."),
    code(
        "RATE_LIMITED",
        "429",
        "Too often.",
        "Wait for as many seconds as `Retry-After` says.",
    ),
    code(
        "UNAVAILABLE",
        "503",
        "Not at the moment.",
        "Repeat after as many seconds as `Retry-After` says; a mutation with its idempotency key.",
    ),
    code(
        "INTERNAL",
        "500 or 200",
        "A mistake on our side. The message is a request id and nothing else.",
        "Report the id.",
    ),
];

/// The codes that the server gives, of those that are described.
pub fn table() -> String {
    let given = given();
    let rows_of = CODES.iter().filter(|c| given.contains(c.code));
    rows(
        &["code", "status", "meaning", "what to do"],
        rows_of.map(|c| {
            vec![
                format!("`{}`", c.code),
                c.status.to_owned(),
                c.means.to_owned(),
                c.then.to_owned(),
            ]
        }),
    )
}

/// Where a code is made: nothing else stands there in quotation marks.
const MADE: [&str; 3] = ["Fault::new(\"", "coded(\"", "code: \""];

/// The sources that make answers of GraphQL, without their tests.
fn sources() -> impl Iterator<Item = (String, String)> {
    let all = ["api/src/http", "api/src/graphql", "api/src/lifecycle"]
        .iter()
        .flat_map(|folder| files(folder, &[".rs"]));
    all.map(|path| {
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        let place = path.strip_prefix(root()).unwrap().display().to_string();
        let words: Vec<&str> = text.split_whitespace().collect();
        (place, words.join(" ").replace("( ", "("))
    })
}

fn given() -> BTreeSet<&'static str> {
    let texts: Vec<_> = sources().collect();
    let written = |code: &&str| texts.iter().any(|(_, text)| text.contains(&format!("\"{code}\"")));
    CODES.iter().map(|c| c.code).filter(written).collect()
}

#[test]
fn every_code_that_the_server_gives_is_described() {
    assert!(given().len() > 10);
    for (place, text) in sources() {
        for made in MADE {
            for (at, _) in text.match_indices(made) {
                let code = text[at + made.len()..].split('"').next().unwrap_or_default();
                let known = CODES.iter().any(|c| c.code == code);
                assert!(
                    known,
                    "{place}: {code} is not described: add it to CODES in tests/src/docs/codes.rs"
                );
            }
        }
    }
}
