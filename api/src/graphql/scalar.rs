//! Scalars: parsed once, at the edge, each with the standard that specifies it.

use super::plan::text;
use crate::leaf;
use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{NaiveDate, SecondsFormat, SubsecRound, Utc};
use compact_str::CompactString;
use std::io::Write;

/// A moment in UTC.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct DateTime(pub chrono::DateTime<Utc>);

/// A moment in UTC, by RFC 3339: `2026-03-14T09:26:53.589Z`.
#[Scalar(specified_by_url = "https://scalars.graphql.org/andimarek/date-time.html")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let text = string(&value)?;
        chrono::DateTime::parse_from_rfc3339(text)
            // A moment is kept and written in microseconds: what is finer is no part of it.
            .map(|t| t.with_timezone(&Utc).trunc_subsecs(6))
            .ok()
            // In another zone a year of four digits may be one of five, which RFC 3339 cannot write.
            .filter(|t| (1..=9999).contains(&chrono::Datelike::year(t)))
            .map(Self)
            .ok_or_else(|| bad("A moment by RFC 3339 is expected, such as 2026-03-14T09:26:53Z."))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_rfc3339_opts(SecondsFormat::Micros, true))
    }
}

/// A calendar date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(pub NaiveDate);

/// A calendar date, by ISO 8601: `2026-03-14`.
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

/// An exact decimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decimal(pub rust_decimal::Decimal);

/// An exact decimal, as a string: `"12.50"`. Never a floating-point number; no exponent; at most 28 significant digits.
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

        $(#[$doc])*
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
leaf!(Decimal, |value, out| decimal(value.0, out));

/// Writes what holds nothing that JSON would escape.
fn quoted(value: impl std::fmt::Display, out: &mut Vec<u8>) {
    // Writing to memory does not fail.
    let _ = write!(out, "\"{value}\"");
}

/// Writes a decimal without the zeros at its end, as `normalize` and `Display` do: a page of orders has thousands, and nearly all fit
/// into 64 bits, where that takes a fifth of the time.
fn decimal(value: rust_decimal::Decimal, out: &mut Vec<u8>) {
    let Ok(mut digits) = u64::try_from(value.mantissa().unsigned_abs()) else {
        return quoted(value.normalize(), out);
    };
    let mut scale = value.scale();
    while scale > 0 && digits.is_multiple_of(10) {
        (digits, scale) = (digits / 10, scale - 1);
    }
    // From the back: at most 20 digits, or 28 decimals behind a zero and a point.
    let (mut text, mut at, mut decimals) = ([b'0'; 32], 31, 0);
    text[at] = b'"';
    let negative = value.is_sign_negative() && digits > 0;
    while digits > 0 || decimals <= scale {
        at -= 1;
        text[at] = b'0' + u8::try_from(digits % 10).unwrap_or_default();
        (digits, decimals) = (digits / 10, decimals + 1);
        if decimals == scale {
            at -= 1;
            text[at] = b'.';
        }
    }
    out.extend_from_slice(if negative { b"\"-" } else { b"\"" });
    out.extend_from_slice(&text[at..]);
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What a scalar reads it writes, and reads again as the same.
    fn survives<T: ScalarType + PartialEq + std::fmt::Debug>(given: Value) -> Result<(), TestCaseError> {
        if let Ok(read) = T::parse(given) {
            let again = T::parse(read.to_value());
            prop_assert_eq!(again.ok(), Some(read));
        }
        Ok(())
    }

    fn each(given: &Value) -> Result<(), TestCaseError> {
        survives::<DateTime>(given.clone())?;
        survives::<Date>(given.clone())?;
        survives::<Decimal>(given.clone())?;
        survives::<CurrencyCode>(given.clone())?;
        survives::<CountryCode>(given.clone())?;
        survives::<UnitCode>(given.clone())?;
        survives::<Gtin>(given.clone())?;
        survives::<Gln>(given.clone())
    }

    #[test]
    fn a_moment_whose_year_in_utc_has_five_digits_is_none() {
        for text in ["9999-12-31T23:59:59-01:00", "0001-01-01T00:00:00+01:00"] {
            assert!(DateTime::parse(Value::from(text)).is_err(), "{text}");
        }
    }

    #[test]
    fn nothing_has_no_sign() {
        for scale in [0, 2, 28] {
            let mut value = Decimal(rust_decimal::Decimal::new(0, scale));
            value.0.set_sign_negative(true);
            let mut written = Vec::new();
            super::decimal(value.0, &mut written);
            assert_eq!((&written[..], value.to_value()), (&b"\"0\""[..], Value::from("0")));
        }
    }

    #[test]
    fn a_moment_that_is_finer_than_microseconds_is_the_one_that_is_written() {
        for second in ["00.0000001", "59.9999999", "60.9999999"] {
            let text = format!("0001-01-01T00:00:{second}Z");
            let read = DateTime::parse(Value::from(text.clone())).unwrap_or_else(|_| panic!("{text} is refused"));
            assert_eq!(DateTime::parse(read.to_value()).ok(), Some(read), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics_and_what_is_read_survives(text: String) {
            each(&Value::from(text))?;
        }

        #[test]
        fn what_looks_like_a_number_or_a_time_survives(text in "[-+0-9.eE_]{0,32}|[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,12})?(Z|[+-][0-9]{2}:[0-9]{2}))?") {
            each(&Value::from(text))?;
        }

        #[test]
        fn a_decimal_is_written_alike_by_plan_and_by_the_general_executor(mantissa in prop_oneof![any::<i64>().prop_map(i128::from), -79_228_162_514_264_337_593_543_950_335_i128..=79_228_162_514_264_337_593_543_950_335, (-99_i128..=99).prop_map(|n| n * 1_000_000)], scale in 0_u32..=28) {
            let value = Decimal(rust_decimal::Decimal::from_i128_with_scale(mantissa, scale));
            let mut written = Vec::new();
            super::decimal(value.0, &mut written);
            let json = value.to_value().into_json().map_err(|e| TestCaseError::fail(e.to_string()))?;
            prop_assert_eq!(String::from_utf8_lossy(&written), json.to_string());
        }

        #[test]
        fn every_integer_is_an_exact_decimal(number: i64) {
            let read = Decimal::parse(Value::from(number)).map_err(|_| TestCaseError::fail("refused"))?;
            prop_assert_eq!(read.0, rust_decimal::Decimal::from(number));
        }

        #[test]
        fn no_floating_point_number_is_a_decimal(number in proptest::num::f64::NORMAL) {
            let number = async_graphql::Number::from_f64(number).map(Value::Number);
            prop_assert!(number.is_none_or(|n| Decimal::parse(n).is_err()));
        }
    }
}
