//! The media types in which answers are had.

use axum::http::{HeaderMap, HeaderValue, header};

/// The media type of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    /// `application/graphql-response+json`: the status says how it went.
    GraphqlResponse,
    /// `application/json`: 200 for every well-formed request, as older clients want it.
    Json,
    /// `text/event-stream`: server-sent events. What is wrong with the request itself is answered in JSON all the same.
    Events,
}

impl Media {
    /// What the client likes most; `None` when it accepts none of it.
    #[must_use]
    pub fn accepted(headers: &HeaderMap) -> Option<Self> {
        let any = headers.contains_key(header::ACCEPT);
        let best = ranges(headers).fold(None, |best: Option<(u32, Self)>, range| match best {
            Some((weight, _)) if range.0 <= weight => best,
            _ => Some(range),
        });
        match best {
            Some((_, media)) => Some(media),
            None => (!any).then_some(Self::Json),
        }
    }

    /// Does the client take events, whatever it likes most?
    #[must_use]
    pub fn takes_events(headers: &HeaderMap) -> bool {
        ranges(headers).any(|(_, media)| media == Self::Events)
    }

    /// As a header says it.
    #[must_use]
    pub fn value(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json | Self::Events => "application/json; charset=utf-8",
        })
    }
}

/// The media types that are accepted and that we have, with their weight in thousandths.
fn ranges(headers: &HeaderMap) -> impl Iterator<Item = (u32, Media)> {
    let values = headers.get_all(header::ACCEPT).iter();
    values
        .flat_map(|value| value.to_str().unwrap_or_default().split(','))
        .filter_map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let media = match parts.next().unwrap_or_default().to_ascii_lowercase().as_str() {
                "application/graphql-response+json" => Media::GraphqlResponse,
                "application/json" | "application/*" | "*/*" => Media::Json,
                "text/event-stream" => Media::Events,
                _ => return None,
            };
            let weight = parts.find_map(|p| p.strip_prefix("q=")).map_or(1_000, thousandths);
            (weight > 0).then_some((weight, media))
        })
}

/// A quality value (RFC 9110 section 12.4.2) in thousandths.
fn thousandths(text: &str) -> u32 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if whole == "1" {
        return 1_000;
    }
    format!("{fraction:0<3}")
        .get(..3)
        .and_then(|d| d.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{HeaderMap, HeaderValue, Media, header};

    fn accepted(text: &str) -> Option<Media> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_str(text).unwrap());
        Media::accepted(&headers)
    }

    proptest::proptest! {
        #[test]
        fn no_accept_header_panics(text in "[ -~]{0,60}|(application/(json|graphql-response\\+json)|\\*/\\*)(;q=[0-9.]{0,6})?(, ?[a-z*/]{0,9}(;q=[0-9.]{0,30})?){0,3}") {
            let _ = accepted(&text);
        }
    }

    #[test]
    fn the_media_type_is_the_one_that_the_client_likes_most() {
        assert_eq!(Media::accepted(&HeaderMap::new()), Some(Media::Json));
        assert_eq!(accepted("*/*"), Some(Media::Json));
        assert_eq!(
            accepted("application/graphql-response+json"),
            Some(Media::GraphqlResponse)
        );
        assert_eq!(
            accepted("application/graphql-response+json, application/json;q=0.9"),
            Some(Media::GraphqlResponse)
        );
        assert_eq!(
            accepted("application/json;q=0.5, application/graphql-response+json;q=0.51"),
            Some(Media::GraphqlResponse)
        );
        assert_eq!(accepted("text/event-stream"), Some(Media::Events));
        assert_eq!(accepted("application/json, text/event-stream"), Some(Media::Json));
        assert_eq!(accepted("text/html"), None);
        assert_eq!(accepted("application/json;q=0"), None);
    }
}
