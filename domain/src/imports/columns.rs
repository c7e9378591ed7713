//! The first line of a file: which columns it has, and where.

use super::job::ImportKind;
use super::lines::{Record, written};
use super::{items, locations, prices, suppliers};
use quartermaster_tenants::Refusal;
use quartermaster_tenants::error::Code;

/// A column that a kind of file may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// As it is written in the first line; case does not matter.
    pub name: &'static str,
    /// A file without it is refused.
    pub required: bool,
}

/// A column that must be there.
pub(super) const fn required(name: &'static str) -> Column {
    Column { name, required: true }
}

/// A column that may be missing.
pub(super) const fn optional(name: &'static str) -> Column {
    Column { name, required: false }
}

/// What the report of refused lines writes before each line; a file that has them may be uploaded as it is.
pub const REFUSAL_COLUMNS: [&str; 3] = ["refused_line", "refused_field", "refused_reason"];

impl ImportKind {
    /// The columns of its files.
    #[must_use]
    pub fn columns(self) -> &'static [Column] {
        match self {
            Self::Suppliers => suppliers::COLUMNS,
            Self::Items => items::COLUMNS,
            Self::Locations => locations::COLUMNS,
            Self::Prices => prices::COLUMNS,
        }
    }
}

/// The columns of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Columns {
    names: Vec<&'static str>,
}

impl Columns {
    /// Reads the first line.
    pub(super) fn read(kind: ImportKind, header: &Record) -> Result<Self, Vec<Refusal>> {
        let known = kind.columns();
        let refuse = |message: String| Refusal::new(Code::InvalidInput, &["header"], message);
        let mut refusals: Vec<Refusal> = header.problems.clone();
        let mut names = Vec::with_capacity(header.fields.len());
        for field in &header.fields {
            let asked = field.trim_start_matches('\u{feff}').trim().to_ascii_lowercase();
            let found = known
                .iter()
                .map(|c| c.name)
                .chain(REFUSAL_COLUMNS)
                .find(|name| *name == asked);
            match found {
                Some(name) if names.contains(&name) => {
                    refusals.push(refuse(format!("The column “{name}” stands twice.")));
                }
                Some(name) => names.push(name),
                None => refusals.push(refuse(unknown(&asked, kind))),
            }
        }
        let missing: Vec<&str> = known
            .iter()
            .filter(|c| c.required && !names.contains(&c.name))
            .map(|c| c.name)
            .collect();
        if !missing.is_empty() {
            refusals.push(Refusal::new(
                Code::Required,
                &["header"],
                format!("These columns are missing: {}.", missing.join(", ")),
            ));
        }
        if let Some(other) = other_delimiter(&header.fields) {
            let message = format!("Fields are separated by commas; this file seems to use {other}.");
            return Err(vec![refuse(message)]);
        }
        if refusals.is_empty() {
            Ok(Self { names })
        } else {
            Err(refusals)
        }
    }

    /// Where a column is, if the file has it.
    pub(super) fn place(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|n| *n == name)
    }

    /// The column at a place.
    pub(super) fn name(&self, place: usize) -> Option<&'static str> {
        self.names.get(place).copied()
    }

    /// How many fields each line has.
    pub(super) fn count(&self) -> usize {
        self.names.len()
    }

    /// The first line as the report writes it again.
    pub(super) fn header(&self) -> String {
        self.without_report(self.names.iter().map(|n| (*n).to_owned()))
    }

    /// A line as the report writes it again: without the columns of an earlier report.
    pub(super) fn without_report(&self, fields: impl Iterator<Item = String>) -> String {
        let names = self.names.iter().map(Some).chain(std::iter::repeat(None));
        let kept = fields
            .zip(names)
            .filter(|(_, name)| name.is_none_or(|n| !REFUSAL_COLUMNS.contains(n)));
        written(kept.map(|(field, _)| field))
    }
}

fn unknown(asked: &str, kind: ImportKind) -> String {
    let shown: String = asked.chars().take(60).collect();
    let known: Vec<&str> = kind.columns().iter().map(|c| c.name).collect();
    format!(
        "There is no column “{shown}” in a file of {}. Known are: {}.",
        kind.as_str().to_lowercase(),
        known.join(", ")
    )
}

/// A first line of one field that holds another separator.
fn other_delimiter(fields: &[String]) -> Option<&'static str> {
    let [only] = fields else { return None };
    [(';', "semicolons"), ('\t', "tabs"), ('|', "vertical bars")]
        .into_iter()
        .find(|(c, _)| only.contains(*c))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(line: &str) -> Record {
        Record {
            line: 1,
            fields: line.split(',').map(str::to_owned).collect(),
            problems: vec![],
        }
    }

    fn said(line: &str) -> String {
        let refusals = Columns::read(ImportKind::Locations, &header(line)).unwrap_err();
        refusals.into_iter().map(|r| r.message).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn order_and_case_of_columns_do_not_matter_and_a_report_is_read_again() {
        let columns = Columns::read(
            ImportKind::Locations,
            &header("\u{feff}refused_line,NAME, code ,kind,time_zone"),
        )
        .unwrap();
        assert_eq!(columns.place("code"), Some(2));
        assert_eq!(columns.place("city"), None);
        assert_eq!(columns.header(), "name,code,kind,time_zone");
        let line = ["9", "A, B", "S1", "STORE", "UTC", "surplus"].map(str::to_owned);
        assert_eq!(
            columns.without_report(line.into_iter()),
            "\"A, B\",S1,STORE,UTC,surplus"
        );
    }

    #[test]
    fn a_header_that_does_not_fit_says_what_is_wrong() {
        assert!(said("code,name,kind").contains("time_zone"));
        assert!(said("code,code,name,kind,time_zone").contains("twice"));
        assert!(said("code,name,kind,time_zone,colour").contains("“colour”"));
        assert!(said("code;name;kind;time_zone").contains("semicolons"));
    }
}
