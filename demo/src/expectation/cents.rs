//! Counting in whole cents and whole bottles.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use rust_decimal::Decimal;

use super::{CannotAdd, Stock, Sums};

/// Sums on the way, in whole cents.
#[derive(Default)]
pub(super) struct Cents {
    stock: Stock,
    orders: BTreeSet<[String; 3]>,
    returns: BTreeSet<[String; 3]>,
    lines: [u64; 2],
    bottles: [i64; 2],
    money: [i64; 2],
}

impl Cents {
    pub(super) fn add(&mut self, document: [&str; 3], item: &str, bottles: i64, cents: i64) {
        let document = document.map(str::to_owned);
        let place = self.stock.entry(document[1].clone()).or_default();
        *place.entry(item.to_owned()).or_default() += bottles;
        let back = usize::from(bottles < 0);
        self.lines[back] += 1;
        self.bottles[back] += bottles;
        self.money[back] += cents;
        if back == 1 { &mut self.returns } else { &mut self.orders }.insert(document);
    }

    pub(super) fn finish(mut self) -> Sums {
        for items in self.stock.values_mut() {
            items.retain(|_, bottles| *bottles != 0);
        }
        self.stock.retain(|_, items| !items.is_empty());
        Sums {
            stock: self.stock,
            orders: self.orders.len() as u64,
            returns: self.returns.len() as u64,
            order_lines: self.lines[0],
            return_lines: self.lines[1],
            bottles_ordered: self.bottles[0],
            bottles_returned: -self.bottles[1],
            ordered: Decimal::new(self.money[0], 2),
            received: Decimal::new(self.money[0], 2),
            returned: Decimal::new(-self.money[1], 2),
        }
    }
}

/// `-108.0` is -10800. `None` for what is no amount of whole cents.
pub(super) fn cents(dollars: &str) -> Option<i64> {
    let (sign, size) = dollars.strip_prefix('-').map_or((1, dollars), |size| (-1, size));
    let (whole, part) = size.split_once('.').unwrap_or((size, ""));
    if !whole.chars().chain(part.chars()).all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let part = match part.trim_end_matches('0') {
        "" => 0,
        tens if tens.len() == 1 => 10 * tens.parse::<u8>().ok()?,
        both if both.len() == 2 => both.parse().ok()?,
        _ => return None,
    };
    let whole: i64 = whole.parse().ok()?;
    whole
        .checked_mul(100)?
        .checked_add(i64::from(part))
        .map(|cents| sign * cents)
}

pub(super) fn each_row<const N: usize>(
    path: &Path,
    columns: [&str; N],
    mut row: impl FnMut([&str; N]) -> Result<(), String>,
) -> Result<(), CannotAdd> {
    let cannot = |why: String| CannotAdd {
        path: path.display().to_string(),
        why,
    };
    let file = File::open(path).map_err(|error| cannot(error.to_string()))?;
    let plain: Box<dyn Read> = if path.to_string_lossy().ends_with(".gz") {
        Box::new(flate2::read::MultiGzDecoder::new(file))
    } else {
        Box::new(file)
    };
    let mut table = csv::Reader::from_reader(plain);
    let header = table.headers().map_err(|error| cannot(error.to_string()))?.clone();
    let mut at = [0; N];
    for (place, column) in at.iter_mut().zip(columns) {
        *place = header
            .iter()
            .position(|own| own == column)
            .ok_or_else(|| cannot(format!("no column {column}")))?;
    }
    let mut record = csv::StringRecord::new();
    while table
        .read_record(&mut record)
        .map_err(|error| cannot(error.to_string()))?
    {
        let line = record.position().map_or(0, csv::Position::line);
        row(at.map(|place| record.get(place).unwrap_or_default()))
            .map_err(|why| cannot(format!("line {line}: {why}")))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_are_read_to_the_cent() {
        for (text, expected) in [
            ("11.16", 1_116),
            ("-108.0", -10_800),
            ("7", 700),
            ("0.05", 5),
            ("-0.5", -50),
            ("36.00", 3_600),
        ] {
            assert_eq!(cents(text), Some(expected), "{text}");
        }
        for text in ["", "-", "1.234", "1e3", "a", "1.2.3", "--1", "-+1", "1.+5"] {
            assert_eq!(cents(text), None, "{text}");
        }
    }
}
