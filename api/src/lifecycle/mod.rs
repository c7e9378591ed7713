//! Members of the schema that are on their way out: a deprecation says what to use, since when and until when.
//!
//! | question | file |
//! |---|---|
//! | what is deprecated, and when does it go | `notice.rs`, `index.rs` |
//! | which of it does an operation use | `walk.rs`: found once for a document and kept with it |
//! | with which program | `client.rs`: what it calls itself |
//! | who still uses it | `counts.rs`: added up in the process, written now and then, read by the tenant (`deprecatedUses`) |
//!
//! An answer to an operation that uses something deprecated says so (`Deprecation`, RFC 9745; `Sunset`, RFC 8594). From the day of its
//! withdrawal on, such an operation is refused with `WITHDRAWN`. All others pay one look at an empty list.

mod client;
mod counts;
mod index;
mod notice;
mod walk;

pub use client::{NAME, VERSION, called, client};
pub use counts::Counts;
pub use index::Lifecycle;
pub use notice::Notice;
pub use walk::Kept;

use crate::http::answer::Fault;
use crate::http::document::Document;
use async_graphql::Variables;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// When something was deprecated: a structured date (RFC 9745 section 2.1).
pub const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
/// When it goes: an HTTP date (RFC 8594 section 3).
pub const SUNSET: HeaderName = HeaderName::from_static("sunset");

impl Lifecycle {
    /// What a request uses that is deprecated.
    ///
    /// # Errors
    /// `WITHDRAWN`: it uses what is no longer there.
    pub fn pass(
        &self,
        document: &Document,
        operation: Option<&str>,
        variables: &Variables,
        now: impl FnOnce() -> DateTime<Utc>,
    ) -> Result<Vec<Arc<Notice>>, Fault> {
        let used = self.used(document, operation, variables);
        if used.is_empty() {
            return Ok(used);
        }
        let today = now().date_naive();
        match used.iter().find(|notice| notice.until <= today) {
            Some(gone) => Err(Fault::new(
                "WITHDRAWN",
                format!("{} was withdrawn on {}. {}", gone.coordinate, gone.until, gone.instead),
            )),
            None => Ok(used),
        }
    }
}

/// What an answer says of what was used: the first deprecation, and the first withdrawal.
pub fn announce(used: &[Arc<Notice>], headers: &mut HeaderMap) {
    let since = used.iter().map(|notice| notice.since).min();
    let until = used.iter().map(|notice| notice.until).min();
    let (Some(since), Some(until)) = (since, until) else {
        return;
    };
    let at = |day: chrono::NaiveDate| day.and_time(chrono::NaiveTime::MIN).and_utc();
    let texts = [
        (DEPRECATION, format!("@{}", at(since).timestamp())),
        (SUNSET, at(until).format("%a, %d %b %Y %H:%M:%S GMT").to_string()),
    ];
    for (name, text) in texts {
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.insert(name, value);
        }
    }
}
