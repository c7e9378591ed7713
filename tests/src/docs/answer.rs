//! Is what a page shows what was answered? Values are compared one by one, but for what no two worlds have in common:
//!
//! | what | how it is compared |
//! |---|---|
//! | ids (`po_…`), document numbers (`PO-000075`), UUIDs, cursors, operators' credentials (`qmo_…`) | the page's stands for the real one from where both were seen first: it must be the same one ever after, and requests that name it get the real one |
//! | tokens (three parts, beginning with `eyJ`) | both are tokens |
//! | moments (RFC 3339) | both are moments |
//! | dates | equal, or the real one is today |
//!
//! All else is equal: names, amounts, codes, sentences, how many, and in which order.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use std::collections::HashMap;
use uuid::Uuid;

/// Which of this world's ids those of the pages stand for.
#[derive(Default)]
pub struct Known {
    real: HashMap<String, String>,
    shown: HashMap<String, String>,
}

#[derive(Debug, PartialEq, Eq, Clone, Copy)]
enum Kind {
    Plain,
    Name,
    Token,
    Moment,
    Date,
}

/// The members whose whole value is a name that only this server understands.
const CURSORS: [&str; 3] = ["cursor", "startCursor", "endCursor"];

impl Known {
    /// Compares a value of a page with the real one; says where they differ.
    pub fn same(&mut self, shown: &Value, real: &Value, at: &str) -> Result<(), String> {
        match (shown, real) {
            (Value::Object(a), Value::Object(b)) => {
                let (here, there): (Vec<_>, Vec<_>) = (a.keys().collect(), b.keys().collect());
                if here != there {
                    return Err(format!("{at} has {there:?}, not {here:?}"));
                }
                a.iter().try_for_each(|(key, value)| {
                    let (at, real) = (format!("{at}.{key}"), &b[key]);
                    match (value, real) {
                        (Value::String(a), Value::String(b)) if CURSORS.contains(&key.as_str()) => self.bind(a, b, &at),
                        _ => self.same(value, real, &at),
                    }
                })
            }
            (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
                let mut pairs = a.iter().zip(b).enumerate();
                pairs.try_for_each(|(n, (a, b))| self.same(a, b, &format!("{at}[{n}]")))
            }
            (Value::String(a), Value::String(b)) => self.text(a, b, at),
            (a, b) if a == b => Ok(()),
            (a, b) => Err(format!("{at} is {b}, not {a}")),
        }
    }

    /// Compares two texts.
    #[expect(
        clippy::disallowed_methods,
        reason = "pages show the day on which they were written, and answers that of today"
    )]
    pub fn text(&mut self, shown: &str, real: &str, at: &str) -> Result<(), String> {
        let differ = || Err(format!("{at} is “{real}”, not “{shown}”"));
        let (a, b) = (pieces(shown), pieces(real));
        if a.len() != b.len() {
            return differ();
        }
        for (&(kind, a), &(real_kind, b)) in a.iter().zip(&b) {
            let today = || Utc::now().date_naive().to_string();
            match (kind, real_kind) {
                (Kind::Name, Kind::Name) => self.bind(a, b, at)?,
                (Kind::Token, Kind::Token) | (Kind::Moment, Kind::Moment) => {}
                (Kind::Date, Kind::Date) if a == b || b == today() => {}
                (Kind::Plain, Kind::Plain) if a == b => {}
                _ => return differ(),
            }
        }
        Ok(())
    }

    fn bind(&mut self, shown: &str, real: &str, at: &str) -> Result<(), String> {
        let (there, here) = (self.real.get(shown), self.shown.get(real));
        if there.is_some_and(|r| r != real) || here.is_some_and(|s| s != shown) {
            let here = here.map_or("another one", String::as_str);
            return Err(format!("{at} is {real}, which is {here} on the pages, not {shown}"));
        }
        self.real.insert(shown.to_owned(), real.to_owned());
        self.shown.insert(real.to_owned(), shown.to_owned());
        Ok(())
    }

    /// A request as this world understands it.
    pub fn to_real(&self, text: &str) -> String {
        replaced(text, &self.real)
    }

    /// An answer as the pages would write it.
    pub fn to_shown(&self, text: &str) -> String {
        replaced(text, &self.shown)
    }
}

/// A text with some names replaced, the longer ones first.
fn replaced(text: &str, names: &HashMap<String, String>) -> String {
    let mut names: Vec<_> = names.iter().filter(|(from, to)| from != to).collect();
    names.sort_by_key(|(from, _)| std::cmp::Reverse(from.len()));
    let mut out = text.to_owned();
    // By way of what stands in no text, so that nothing is replaced twice.
    for (n, (from, _)) in names.iter().enumerate() {
        out = out.replace(from.as_str(), &format!("\u{1}{n}\u{2}"));
    }
    for (n, (_, to)) in names.iter().enumerate() {
        out = out.replace(&format!("\u{1}{n}\u{2}"), to);
    }
    out
}

/// The words of a text and what stands between them.
fn pieces(text: &str) -> Vec<(Kind, &str)> {
    let part = |c: char| c.is_ascii_alphanumeric() || "_-:.+".contains(c);
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let inside = part(first);
        let end = rest.find(|c| part(c) != inside).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        rest = after;
        // A full stop after a word belongs to the sentence.
        let bare = word.trim_end_matches(['.', ':']);
        found.push((if inside { kind(bare) } else { Kind::Plain }, bare));
        if bare.len() < word.len() {
            found.push((Kind::Plain, &word[bare.len()..]));
        }
    }
    found
}

fn kind(word: &str) -> Kind {
    let all = |text: &str, fits: fn(char) -> bool| !text.is_empty() && text.chars().all(fits);
    let id = |word: &str| {
        word.split_once('_').is_some_and(|(prefix, rest)| {
            let own = rest.split_once('_').map_or(rest, |(own, _)| own);
            all(prefix, |c| c.is_ascii_lowercase())
                && own.len() == 26
                && all(own, |c| c.is_ascii_lowercase() || c.is_ascii_digit())
        })
    };
    let number = |word: &str| {
        word.split_once('-').is_some_and(|(series, n)| {
            all(series, |c| c.is_ascii_uppercase()) && n.len() == 6 && all(n, |c| c.is_ascii_digit())
        })
    };
    let token = word.starts_with("eyJ") && word.split('.').count() == 3;
    if token {
        Kind::Token
    } else if word.starts_with("qmo_")
        || id(word)
        || number(word)
        || (word.len() == 36 && Uuid::parse_str(word).is_ok())
    {
        Kind::Name
    } else if DateTime::parse_from_rfc3339(word).is_ok() {
        Kind::Moment
    } else if word.len() == 10 && word.parse::<NaiveDate>().is_ok() {
        Kind::Date
    } else {
        Kind::Plain
    }
}

#[test]
fn an_id_stands_for_one_real_id_and_everything_else_is_equal() {
    use serde_json::json;
    let a = "po_01m8cm5m2geeh9kwew2nnav7vh";
    let b = "po_01m8cm5m3deh4t2bdf54a18zfb";
    let mut known = Known::default();
    let mut same = |shown: Value, real: Value| known.same(&shown, &real, "answer");
    let shown =
        json!({ "id": a, "at": "2026-11-26T19:08:58.833303Z", "message": format!("See {a}."), "endCursor": "abc" });
    let real = json!({ "id": b, "at": "2026-12-01T00:00:00Z", "message": format!("See {b}."), "endCursor": "xyz" });
    assert_eq!(same(shown, real), Ok(()));
    // The same id is the same thing, and another one is another.
    assert!(same(json!({ "id": a }), json!({ "id": a })).is_err());
    assert!(same(json!({ "id": "po_01m8cm5m4cekd937rqt21q2gsg" }), json!({ "id": b })).is_err());
    for (shown, real) in [
        (json!({ "n": 1 }), json!({ "n": 2 })),
        (json!({ "n": 1 }), json!({ "n": 1, "m": 1 })),
        (json!([1]), json!([1, 2])),
        (json!("5.10"), json!("5.1")),
        (json!("2026-06-01"), json!("2026-06-02")),
        (json!("Draft"), json!("draft")),
        (json!(a), json!("yes")),
        (json!(null), json!("2026-12-01T00:00:00Z")),
    ] {
        assert!(same(shown.clone(), real.clone()).is_err(), "{shown} is not {real}");
    }
    assert_eq!(
        known.to_real(&format!("{{ node(id: \"{a}\") }} abc")),
        format!("{{ node(id: \"{b}\") }} xyz")
    );
    assert_eq!(known.to_shown(b), a);
}
