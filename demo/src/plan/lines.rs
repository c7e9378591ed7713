//! Order lines, one at a time, over any number of files.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use chrono::NaiveDate;
use flate2::read::MultiGzDecoder;
use rust_decimal::Decimal;
use serde::Deserialize;

use super::PlanError;

/// One line of an order file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderLine {
    /// The business date.
    pub date: NaiveDate,
    /// The invoice and its line; unique in the file.
    pub invoice_line: String,
    /// The store's number.
    pub store: String,
    /// The item's number.
    pub item: String,
    /// Base units, never zero; negative for a return.
    pub bottles: i64,
    /// Amount of the whole line, with the sign of the quantity.
    pub dollars: Decimal,
    /// Where it stands: line of its file, counted from 1, the header included.
    pub at: u64,
    file: Arc<PathBuf>,
}

impl OrderLine {
    /// Whether goods go back to the vendor.
    #[must_use]
    pub fn is_return(&self) -> bool {
        self.bottles < 0
    }

    /// The file that it stands in.
    #[must_use]
    pub fn path(&self) -> String {
        self.file.display().to_string()
    }
}

/// The lines of some files, one after the other, in time order.
pub struct OrderLines {
    waiting: VecDeque<PathBuf>,
    open: Option<Table>,
    latest: NaiveDate,
    failed: bool,
}

struct Table {
    file: Arc<PathBuf>,
    rows: csv::DeserializeRecordsIntoIter<Box<dyn Read + Send>, Row>,
}

#[derive(Deserialize)]
struct Row {
    date: String,
    invoice_line: String,
    store: String,
    item: String,
    bottles: String,
    sale_dollars: String,
}

impl OrderLines {
    /// Files are opened when their turn comes; one whose name ends in `.gz` is unpacked on the way.
    #[must_use]
    pub fn open(files: &[PathBuf]) -> Self {
        Self {
            waiting: files.iter().cloned().collect(),
            open: None,
            latest: NaiveDate::MIN,
            failed: false,
        }
    }

    fn read(&mut self) -> Result<Option<OrderLine>, PlanError> {
        loop {
            if self.open.is_none() {
                let Some(path) = self.waiting.pop_front() else {
                    return Ok(None);
                };
                self.open = Some(Table::open(path)?);
            }
            let Some(table) = &mut self.open else {
                continue;
            };
            let at = table.rows.reader().position().line();
            match table.rows.next() {
                None => self.open = None,
                Some(row) => {
                    let line = table.understand(row, at)?;
                    if line.date < self.latest {
                        let (date, after) = (line.date, self.latest);
                        return Err(PlanError::OutOfOrder {
                            path: line.path(),
                            line: at,
                            date,
                            after,
                        });
                    }
                    self.latest = line.date;
                    return Ok(Some(line));
                }
            }
        }
    }
}

impl Iterator for OrderLines {
    type Item = Result<OrderLine, PlanError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let read = self.read();
        self.failed = read.is_err();
        read.transpose()
    }
}

impl Table {
    fn open(path: PathBuf) -> Result<Self, PlanError> {
        let file = File::open(&path).map_err(|source| PlanError::Read {
            path: path.display().to_string(),
            source,
        })?;
        let packed = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("gz"));
        let buffered = BufReader::with_capacity(1 << 16, file);
        let plain: Box<dyn Read + Send> = if packed {
            Box::new(MultiGzDecoder::new(buffered))
        } else {
            Box::new(buffered)
        };
        let mut reader = csv::Reader::from_reader(plain);
        reader.headers().map_err(|source| PlanError::Table {
            path: path.display().to_string(),
            source,
        })?;
        Ok(Self {
            file: Arc::new(path),
            rows: reader.into_deserialize(),
        })
    }

    fn understand(&self, row: Result<Row, csv::Error>, at: u64) -> Result<OrderLine, PlanError> {
        let path = || self.file.display().to_string();
        let row = row.map_err(|source| PlanError::Table { path: path(), source })?;
        let wrong = |field, value: &str, wanted| PlanError::Field {
            path: path(),
            line: at,
            field,
            value: value.to_owned(),
            wanted,
        };
        let date = NaiveDate::from_str(&row.date).map_err(|_| wrong("date", &row.date, "date (2022-01-31)"))?;
        let bottles = i64::from_str(&row.bottles).map_err(|_| wrong("bottles", &row.bottles, "whole number"))?;
        let dollars = Decimal::from_str(&row.sale_dollars)
            .ok()
            .filter(|dollars| *dollars == dollars.round_dp(2))
            .ok_or_else(|| wrong("sale_dollars", &row.sale_dollars, "amount in whole cents"))?;
        for (field, value) in [
            ("invoice_line", &row.invoice_line),
            ("store", &row.store),
            ("item", &row.item),
        ] {
            if value.trim().is_empty() {
                return Err(wrong(field, value, "number"));
            }
        }
        let opposed = !dollars.is_zero() && dollars.is_sign_negative() != (bottles < 0);
        if bottles == 0 || opposed {
            return Err(PlanError::Senseless {
                path: path(),
                line: at,
                bottles,
                dollars,
            });
        }
        Ok(OrderLine {
            date,
            invoice_line: row.invoice_line,
            store: row.store,
            item: row.item,
            bottles,
            dollars,
            at,
            file: Arc::clone(&self.file),
        })
    }
}
