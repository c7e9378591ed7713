//! What a program calls itself: as Apollo's clients say it, else by its `User-Agent`.

use axum::http::{HeaderMap, HeaderName, header};

/// Its name: a header, or a member of what a socket opens with.
pub const NAME: HeaderName = HeaderName::from_static("apollographql-client-name");
/// Its version, likewise.
pub const VERSION: HeaderName = HeaderName::from_static("apollographql-client-version");
/// The most characters that are kept of both.
const LONGEST: usize = 60;

/// Of the program that sent these headers. The first product of a `User-Agent` (RFC 9110 section 10.1.5) has the form of both by itself.
#[must_use]
pub fn client(headers: &HeaderMap) -> String {
    let said = |name: HeaderName| headers.get(name).and_then(|v| v.to_str().ok());
    let product = || said(header::USER_AGENT).and_then(|agent| agent.split_whitespace().next());
    called(said(NAME), said(VERSION))
        .or_else(|| called(product(), None))
        .unwrap_or_else(|| "unknown".to_owned())
}

/// `name/version`, or what there is of it; nothing without a name.
#[must_use]
pub fn called(name: Option<&str>, version: Option<&str>) -> Option<String> {
    let printable = |text: Option<&str>| -> Option<String> {
        let text: String = text?.chars().filter(|c| !c.is_control()).collect();
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    };
    let name = printable(name)?;
    let whole = printable(version).map_or(name.clone(), |version| format!("{name}/{version}"));
    Some(whole.chars().take(LONGEST).collect())
}

#[cfg(test)]
mod tests {
    use super::{called, client};
    use axum::http::{HeaderMap, HeaderValue};

    #[test]
    fn a_client_is_called_what_it_says() {
        let mut headers = HeaderMap::new();
        let mut with = |name: &'static str, value: &str| {
            headers.insert(name, HeaderValue::from_str(value).unwrap());
            client(&headers)
        };
        assert_eq!(with("accept", "*/*"), "unknown");
        assert_eq!(with("user-agent", "shop-till/2.1 (linux)"), "shop-till/2.1");
        assert_eq!(with("apollographql-client-version", "7"), "shop-till/2.1");
        assert_eq!(with("apollographql-client-name", "Back office"), "Back office/7");
        assert_eq!(with("apollographql-client-version", " "), "Back office");
        assert_eq!(with("apollographql-client-name", &"x".repeat(500)).len(), 60);
        assert_eq!(called(Some("a\u{0}\nb"), Some("1")).as_deref(), Some("ab/1"));
        for nothing in [None, Some(""), Some(" \u{1} ")] {
            assert_eq!(called(nothing, Some("1")), None);
        }
    }
}
