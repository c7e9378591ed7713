//! Scalars: parsed once, at the edge, each with the standard that specifies it.

use super::plan::text;
use crate::leaf;
use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{NaiveDate, SecondsFormat, Utc};
use compact_str::CompactString;
use std::io::Write;

/// A moment in UTC, by RFC 3339: `2026-03-14T09:26:53.589Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DateTime(pub chrono::DateTime<Utc>);

#[Scalar(specified_by_url = "https://scalars.graphql.org/andimarek/date-time.html")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let text = string(&value)?;
        chrono::DateTime::parse_from_rfc3339(text)
            .map(|t| Self(t.with_timezone(&Utc)))
            .map_err(|_| bad("A moment by RFC 3339 is expected, such as 2026-03-14T09:26:53Z."))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_rfc3339_opts(SecondsFormat::Micros, true))
    }
}

/// A calendar date, by ISO 8601: `2026-03-14`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(pub NaiveDate);

#[Scalar(specified_by_url = "https://scalars.graphql.org/andimarek/local-date.html")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        let text = string(&value)?;
        let date = NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .ok()
            .filter(|d| text.len() == 10 && (1900..=2999).contains(&chrono::Datelike::year(d)));
        date.map(Self)
            .ok_or_else(|| bad("A date between 1900 and 2999 is expected, such as 2026-03-14."))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.format("%Y-%m-%d").to_string())
    }
}

/// An exact decimal, as a string: `"12.50"`. Never a floating-point number; no exponent; at most 28 significant digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decimal(pub rust_decimal::Decimal);

#[Scalar(specified_by_url = "https://en.wikipedia.org/wiki/Decimal_data_type")]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        let text = match &value {
            Value::String(text) => text.clone(),
            // An integer is exact whatever reads it.
            Value::Number(n) if n.is_i64() || n.is_u64() => n.to_string(),
            Value::Number(_) => {
                return Err(bad(
                    "A decimal is a string, such as \"12.50\": a floating-point number would not be exact.",
                ));
            }
            _ => return Err(InputValueError::expected_type(value)),
        };
        let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'-');
        let exact = rust_decimal::Decimal::from_str_exact(&text).ok().filter(|_| plain);
        exact
            .map(Self)
            .ok_or_else(|| bad("A decimal with at most 28 digits and no exponent is expected, such as \"12.50\"."))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.normalize().to_string())
    }
}

macro_rules! code_scalar {
    ($(#[$doc:meta])* $name:ident, $url:literal, $check:expr, $message:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name(pub CompactString);

        #[Scalar(specified_by_url = $url)]
        impl ScalarType for $name {
            fn parse(value: Value) -> InputValueResult<Self> {
                let text = string(&value)?;
                let check: fn(&str) -> bool = $check;
                if check(text) { Ok(Self(text.into())) } else { Err(bad($message)) }
            }

            fn to_value(&self) -> Value {
                Value::String(self.0.to_string())
            }
        }

        leaf!($name, |value, out| text(&value.0, out));

        impl From<&str> for $name {
            fn from(text: &str) -> Self { Self(text.into()) }
        }
        impl From<String> for $name {
            fn from(text: String) -> Self { Self(text.into()) }
        }
        impl From<$name> for String {
            fn from(code: $name) -> Self { code.0.into() }
        }
    };
}

code_scalar!(
    /// A currency code of ISO 4217: `USD`.
    CurrencyCode, "https://scalars.graphql.org/jakobmerrild/iso-4217.html", |t| t.len() == 3 && t.bytes().all(|b| b.is_ascii_uppercase()), "A currency code of ISO 4217 is expected, such as USD."
);
code_scalar!(
    /// A country code of ISO 3166-1 alpha-2: `DE`.
    CountryCode, "https://www.iso.org/iso-3166-country-codes.html", |t| t.len() == 2 && t.bytes().all(|b| b.is_ascii_uppercase()), "A country code of ISO 3166-1 is expected, such as DE."
);
code_scalar!(
    /// A unit code of UN/ECE Recommendation 20: `EA`, `KGM`.
    UnitCode, "https://unece.org/trade/documents/2021/06/uncefact-rec20", |t| (2..=3).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()), "A unit code of UN/ECE Recommendation 20 is expected, such as EA."
);
code_scalar!(
    /// A GS1 trade item number of 8, 12, 13 or 14 digits.
    Gtin, "https://www.gs1.org/standards/id-keys/gtin", |t| matches!(t.len(), 8 | 12 | 13 | 14) && t.bytes().all(|b| b.is_ascii_digit()), "A GTIN has 8, 12, 13 or 14 digits."
);
code_scalar!(
    /// A GS1 location number of 13 digits.
    Gln, "https://www.gs1.org/standards/id-keys/gln", |t| t.len() == 13 && t.bytes().all(|b| b.is_ascii_digit()), "A GLN has 13 digits."
);

leaf!(DateTime, |value, out| text(
    &value.0.to_rfc3339_opts(SecondsFormat::Micros, true),
    out
));
leaf!(Date, |value, out| quoted(value.0.format("%Y-%m-%d"), out));
leaf!(Decimal, |value, out| quoted(value.0.normalize(), out));

/// Writes what holds nothing that JSON would escape.
fn quoted(value: impl std::fmt::Display, out: &mut Vec<u8>) {
    // Writing to memory does not fail.
    let _ = write!(out, "\"{value}\"");
}

fn string<T: async_graphql::InputType>(value: &Value) -> Result<&str, InputValueError<T>> {
    match value {
        Value::String(text) => Ok(text),
        other => Err(InputValueError::expected_type(other.clone())),
    }
}

fn bad<T: async_graphql::InputType>(message: &str) -> InputValueError<T> {
    InputValueError::custom(message).with_extension("code", "BAD_USER_INPUT")
}
