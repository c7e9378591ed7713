//! What people type, read once at the edge: texts, codes, and the refusals that are collected on the way.

use crate::error::{Code, Refusal};

/// Several refusals collected, then all answered at once.
#[derive(Debug, Default)]
pub struct Refusals(pub Vec<Refusal>);

impl Refusals {
    /// Adds one.
    pub fn push(&mut self, refusal: Refusal) {
        self.0.push(refusal);
    }

    /// Takes a value, or notes why there is none.
    pub fn take<T>(&mut self, result: Result<T, Refusal>) -> Option<T> {
        result.map_err(|r| self.push(r)).ok()
    }

    /// Ends with the refusals, if there are any.
    ///
    /// # Errors
    /// All that were collected.
    pub fn finish(self) -> Result<(), Vec<Refusal>> {
        if self.0.is_empty() { Ok(()) } else { Err(self.0) }
    }
}

/// A path into the input, for a line of a list: `["lines", "3", "quantity"]`.
#[must_use]
pub fn line_field(list: &str, index: usize, field: &str) -> Vec<String> {
    vec![list.to_owned(), index.to_string(), field.to_owned()]
}

/// Texts that people write: trimmed, without control characters, at most `most` characters.
///
/// # Errors
/// A refusal that names the field.
pub fn text(field: &[&str], value: &str, most: usize) -> Result<String, Refusal> {
    let trimmed = value.trim();
    if trimmed.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(Refusal::invalid(
            field,
            "Control characters (such as NUL) are not allowed.",
        ));
    }
    if trimmed.chars().count() > most {
        return Err(Refusal::new(
            Code::TooLarge,
            field,
            format!("At most {most} characters are allowed."),
        ));
    }
    Ok(trimmed.to_owned())
}

/// The same for a text that must say something.
///
/// # Errors
/// A refusal that names the field.
pub fn required_text(field: &[&str], value: &str, most: usize) -> Result<String, Refusal> {
    let value = text(field, value, most)?;
    if value.is_empty() {
        return Err(Refusal::new(Code::Required, field, "This must not be empty."));
    }
    Ok(value)
}

/// A text that may be missing; an empty one is missing.
///
/// # Errors
/// A refusal that names the field.
pub fn optional_text(field: &[&str], value: Option<&str>, most: usize) -> Result<Option<String>, Refusal> {
    let value = value.map(|v| text(field, v, most)).transpose()?;
    Ok(value.filter(|v| !v.is_empty()))
}

/// A code that people type: letters, digits and - _ . / only, at most 40.
///
/// # Errors
/// A refusal that names the field.
pub fn code(field: &[&str], value: &str) -> Result<String, Refusal> {
    let value = required_text(field, value, 40)?;
    if value.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c)) {
        return Ok(value);
    }
    Err(Refusal::invalid(field, "A code has letters, digits and - _ . / only."))
}

/// A country of ISO 3166-1 by its form: two capital letters.
///
/// # Errors
/// A refusal that names the field.
pub fn country(field: &[&str], value: &str) -> Result<String, Refusal> {
    let value = value.trim();
    if value.len() == 2 && value.chars().all(|c| c.is_ascii_uppercase()) {
        return Ok(value.to_owned());
    }
    let message = "A country is two capital letters (ISO 3166-1), such as US.";
    Err(Refusal::new(Code::UnknownCode, field, message))
}

/// A language tag (BCP 47) by its form, such as `en` or `fr-CA`.
///
/// # Errors
/// A refusal that names the field.
pub fn locale(field: &[&str], value: &str) -> Result<String, Refusal> {
    let value = value.trim();
    let mut parts = value.split('-');
    let language = parts.next().unwrap_or_default();
    let well_formed = (2..=3).contains(&language.len())
        && language.chars().all(|c| c.is_ascii_lowercase())
        && value.len() <= 35
        && parts.all(|p| (2..=8).contains(&p.len()) && p.chars().all(|c| c.is_ascii_alphanumeric()));
    if well_formed {
        return Ok(value.to_owned());
    }
    let message = "A locale is a language tag (BCP 47), such as en-US.";
    Err(Refusal::new(Code::UnknownCode, field, message))
}

/// A time zone of the IANA database by its form, such as `America/Chicago`; whether it exists is asked of the database.
///
/// # Errors
/// A refusal that names the field.
pub fn time_zone(field: &[&str], value: &str) -> Result<String, Refusal> {
    let value = value.trim();
    let part = |p: &str| {
        p.starts_with(|c: char| c.is_ascii_uppercase())
            && p.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c))
    };
    if value == "UTC" || (value.len() <= 40 && value.contains('/') && value.split('/').all(part)) {
        return Ok(value.to_owned());
    }
    let message = "A time zone is one of the IANA database, such as America/Chicago or UTC.";
    Err(Refusal::new(Code::UnknownCode, field, message))
}

/// A currency of ISO 4217.
///
/// # Errors
/// A refusal that names the field.
pub fn currency(field: &[&str], value: &str) -> Result<String, Refusal> {
    iso_currency::Currency::from_code(value)
        .filter(|c| c.exponent().is_some())
        .map(|c| c.code().to_owned())
        .ok_or_else(|| Refusal::new(Code::UnknownCode, field, "This is no currency code of ISO 4217."))
}
