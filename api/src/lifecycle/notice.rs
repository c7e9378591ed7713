//! What a deprecation says, by the one form that its reason has.

use chrono::NaiveDate;

/// A member of the schema that is on its way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Which: `Event.actorDisplay`, `Query.events(filter:)`, `EventOrder.NEWEST`.
    pub coordinate: String,
    /// What to use in its place, as a sentence.
    pub instead: String,
    /// The day on which it was deprecated.
    pub since: NaiveDate,
    /// The day from which on it is no longer answered.
    pub until: NaiveDate,
}

impl Notice {
    /// Reads a reason: `Use … instead. Deprecated on 2026-01-31, withdrawn on 2027-01-31.`
    #[must_use]
    pub fn read(coordinate: &str, reason: &str) -> Option<Self> {
        let (instead, rest) = reason.split_once(" Deprecated on ")?;
        let (since, until) = rest.strip_suffix('.')?.split_once(", withdrawn on ")?;
        let notice = Self {
            coordinate: coordinate.to_owned(),
            instead: instead.to_owned(),
            since: since.parse().ok()?,
            until: until.parse().ok()?,
        };
        (notice.instead.starts_with("Use ") && notice.since < notice.until).then_some(notice)
    }
}

#[cfg(test)]
mod tests {
    use super::Notice;

    #[test]
    fn a_reason_says_what_to_use_since_when_and_until_when() {
        let read = Notice::read(
            "A.b",
            "Use `c { d }`. Deprecated on 2026-01-31, withdrawn on 2027-01-31.",
        )
        .unwrap();
        assert_eq!(
            (read.instead.as_str(), read.since.to_string().as_str()),
            ("Use `c { d }`.", "2026-01-31")
        );
        assert_eq!(read.until.to_string(), "2027-01-31");
        for vague in [
            "No longer supported",
            "Use `c`.",
            "Use `c`. Deprecated on 2026-01-31.",
            "Use `c`. Deprecated on 2027-01-31, withdrawn on 2026-01-31.",
            "Use `c`. Deprecated on soon, withdrawn on 2026-01-31.",
        ] {
            assert_eq!(Notice::read("A.b", vague), None, "{vague}");
        }
    }
}
