//! A line of a file with its columns: values by name, each with the check of its type.

use super::columns::Columns;
use super::lines::Record;
use crate::shared::Refusals;
use chrono::{Datelike, NaiveDate};
use quartermaster_tenants::Refusal;
use quartermaster_tenants::error::Code;
use rust_decimal::Decimal;
use std::sync::Arc;

/// A line of a file.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// Its number in the file; the header has 1.
    pub line: u32,
    /// Why it is refused already, before anybody asked what it means.
    pub refusals: Vec<Refusal>,
    columns: Arc<Columns>,
    fields: Vec<String>,
}

impl Row {
    /// A record as a line of this file.
    pub(super) fn of(columns: &Arc<Columns>, record: Record) -> Self {
        let mut refusals = record.problems;
        let (wanted, has) = (columns.count(), record.fields.len());
        for refusal in &mut refusals {
            let place = refusal.field.first().and_then(|f| f.parse().ok());
            let name = place.and_then(|p| columns.name(p)).unwrap_or_default();
            refusal.field = vec![name.to_owned()];
        }
        if wanted != has {
            let message = format!("The line has {has} fields, the header has {wanted}.");
            refusals.push(Refusal::new(Code::InvalidInput, &[], message));
        }
        Self {
            line: record.line,
            refusals,
            columns: columns.clone(),
            fields: record.fields,
        }
    }

    /// The line as it was, for the report.
    pub(super) fn raw(&self) -> String {
        self.columns.without_report(self.fields.iter().cloned())
    }

    /// Does the file have this column?
    pub(super) fn has(&self, column: &str) -> bool {
        self.columns.place(column).is_some()
    }

    /// What stands in a column; empty when the file does not have it.
    pub(super) fn get(&self, column: &str) -> &str {
        let place = self.columns.place(column);
        place.and_then(|p| self.fields.get(p)).map_or("", |f| f.trim())
    }

    /// What stands in a column; nothing for an empty cell.
    pub(super) fn some(&self, column: &str) -> Option<&str> {
        Some(self.get(column)).filter(|v| !v.is_empty())
    }

    /// A text, or what the record had when the file does not have the column.
    pub(super) fn text(&self, column: &str, kept: Option<String>) -> Option<String> {
        if self.has(column) {
            self.some(column).map(str::to_owned)
        } else {
            kept
        }
    }

    /// A whole number, or what the record had.
    pub(super) fn whole<T: std::str::FromStr>(&self, column: &str, kept: Option<T>, r: &mut Refusals) -> Option<T> {
        self.parsed(column, kept, r, "A whole number is expected, such as 14.", |v| {
            v.parse()
                .ok()
                .filter(|_| v.bytes().all(|b| b.is_ascii_digit() || b == b'-'))
        })
    }

    /// A word of a vocabulary, or what the record had.
    pub(super) fn word<T>(
        &self,
        column: &str,
        kept: Option<T>,
        r: &mut Refusals,
        message: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let before = r.0.len();
        let found = self.parsed(column, kept, r, message, read);
        for refusal in r.0.iter_mut().skip(before) {
            refusal.code = Code::UnknownCode;
        }
        found
    }

    /// A decimal, or what the record had. No exponent, no separator of thousands.
    pub(super) fn decimal(&self, column: &str, kept: Option<Decimal>, r: &mut Refusals) -> Option<Decimal> {
        let message = "A decimal with at most 28 digits is expected, such as 12.50.";
        self.parsed(column, kept, r, message, |v| {
            let plain = v.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'-');
            Decimal::from_str_exact(v).ok().filter(|_| plain)
        })
    }

    /// A date, or what the record had.
    pub(super) fn date(&self, column: &str, kept: Option<NaiveDate>, r: &mut Refusals) -> Option<NaiveDate> {
        let message = "A date between 1900 and 2999 is expected, such as 2026-03-14.";
        self.parsed(column, kept, r, message, |v| {
            NaiveDate::parse_from_str(v, "%Y-%m-%d")
                .ok()
                .filter(|d| v.len() == 10 && (1900..=2999).contains(&d.year()))
        })
    }

    /// true or false, or what the record had; an empty cell is false.
    pub(super) fn flag(&self, column: &str, kept: bool, r: &mut Refusals) -> bool {
        let found = self.parsed(column, Some(kept), r, "true or false is expected.", |v| {
            match v.to_ascii_lowercase().as_str() {
                "true" => Some(true),
                "false" => Some(false),
                _ => None,
            }
        });
        found.unwrap_or_default()
    }

    fn parsed<T>(
        &self,
        column: &str,
        kept: Option<T>,
        r: &mut Refusals,
        message: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        if !self.has(column) {
            return kept;
        }
        let value = self.some(column)?;
        let found = read(value);
        if found.is_none() {
            r.push(Refusal::invalid(&[column], message));
        }
        found
    }
}
