//! A page of an export: one statement, one short transaction.

use super::{LINES, items, locations, prices, suppliers};
use crate::imports::{ImportKind, written};
use chrono::NaiveDate;
use quartermaster_tenants::{Flight, Op, Result, TenantTx, Tenants};
use tokio_postgres::Row;
use uuid::Uuid;

/// A record that a page ended with: the next one begins behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The record with this code or SKU.
    Code(String),
    /// A price: supplier, item, first day, id.
    Price(Uuid, Uuid, NaiveDate, Uuid),
}

/// A part of a file.
#[derive(Debug, Clone)]
pub struct Page {
    /// Its lines, each with its end.
    pub lines: String,
    /// Where the next one begins; none after the last.
    pub next: Option<Place>,
}

/// The first line of a file: the columns of an import.
#[must_use]
pub fn header(kind: ImportKind) -> String {
    line_of(kind.columns().iter().map(|c| c.name.to_owned()))
}

/// The lines behind a place, or from the beginning.
///
/// # Errors
/// What the database said.
pub async fn page(db: &Tenants, op: &Op, kind: ImportKind, after: Option<&Place>) -> Result<Page> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let code = match after {
        Some(Place::Code(code)) => code.clone(),
        _ => String::new(),
    };
    let rows = match kind {
        ImportKind::Suppliers => suppliers::behind(op, code, &mut flight),
        ImportKind::Items => items::behind(op, code, &mut flight),
        ImportKind::Locations => locations::behind(op, code, &mut flight),
        ImportKind::Prices => prices::behind(op, after, &mut flight),
    };
    let landing = tx.fly(flight).await?;
    let rows = landing.get(rows);
    let mut lines = String::new();
    for row in rows {
        lines.push_str(&line(kind, row)?);
    }
    let last = rows.last().filter(|_| rows.len() == LINES);
    let next = last.map(|row| match kind {
        ImportKind::Suppliers | ImportKind::Locations => Ok(Place::Code(row.try_get("code")?)),
        ImportKind::Items => Ok(Place::Code(row.try_get("sku")?)),
        ImportKind::Prices => prices::place(row),
    });
    Ok(Page {
        lines,
        next: next.transpose()?,
    })
}

/// The statements give each column as text, under the name that it has in the file.
fn line(kind: ImportKind, row: &Row) -> Result<String> {
    let mut fields = Vec::with_capacity(kind.columns().len());
    for column in kind.columns() {
        let field: Option<String> = row.try_get(column.name)?;
        fields.push(field.unwrap_or_default());
    }
    Ok(line_of(fields.into_iter()))
}

fn line_of(fields: impl Iterator<Item = String>) -> String {
    let mut line = written(fields);
    line.push_str("\r\n");
    line
}
