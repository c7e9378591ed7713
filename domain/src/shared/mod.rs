//! What all capabilities speak with: typed ids, money, quantity, pages.

pub mod ids;
pub mod listing;
pub mod money;
pub mod quantity;
pub mod unit;

pub use ids::*;
pub use listing::{Cursor, Listing, Order, Page, Window};
pub use money::{Currency, round_to};
pub use quantity::{quantity, unit_price};

use quartermaster_tenants::Refusal;

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
            quartermaster_tenants::error::Code::TooLarge,
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
        return Err(Refusal::new(
            quartermaster_tenants::error::Code::Required,
            field,
            "This must not be empty.",
        ));
    }
    Ok(value)
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
