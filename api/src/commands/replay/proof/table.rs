//! Prints what was proved: a row for each tenant, and every difference.

use super::Proved;
use rust_decimal::Decimal;
use std::fmt::Write as _;

/// So many differences are shown for each tenant.
const SHOWN: usize = 10;
const HEAD: [&str; 9] = [
    "tenant", "orders", "lines", "bottles", "ordered", "received", "returns", "returned", "proof",
];

/// The table, and below it what differs.
#[must_use]
pub fn table(tenants: &[Proved]) -> String {
    let mut rows = vec![HEAD.map(str::to_owned)];
    for tenant in tenants {
        let found = &tenant.found;
        rows.push([
            tenant.name.clone(),
            grouped(&found.orders.to_string()),
            grouped(&found.order_lines.to_string()),
            grouped(&found.bottles_ordered.to_string()),
            money(found.ordered),
            money(found.received),
            grouped(&found.returns.to_string()),
            money(found.returned),
            match tenant.differences.len() {
                0 => "equal".to_owned(),
                n => format!("{n} differ"),
            },
        ]);
    }
    let mut out = String::new();
    let width = |at: usize| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..HEAD.len()).map(width).collect();
    for (at, row) in rows.iter().enumerate() {
        let _ = write!(out, "  {:<1$}", row[0], widths[0]);
        for (cell, width) in row.iter().zip(&widths).skip(1) {
            let _ = write!(out, "  {cell:>width$}");
        }
        out.push('\n');
        if at == 0 {
            let all = widths.iter().sum::<usize>() + 2 * (widths.len() - 1);
            let _ = writeln!(out, "  {}", "─".repeat(all));
        }
    }
    for tenant in tenants.iter().filter(|tenant| !tenant.differences.is_empty()) {
        let _ = writeln!(out, "\n  {} differs:", tenant.name);
        for difference in tenant.differences.iter().take(SHOWN) {
            let _ = writeln!(out, "    {difference}");
        }
        if tenant.differences.len() > SHOWN {
            let _ = writeln!(out, "    and {} more", tenant.differences.len() - SHOWN);
        }
    }
    out
}

fn money(amount: Decimal) -> String {
    let text = format!("{amount:.2}");
    match text.split_once('.') {
        Some((whole, cents)) => format!("{}.{cents}", grouped(whole)),
        None => text,
    }
}

/// Thousands apart: `1,234,567`.
#[must_use]
pub fn grouped(digits: &str) -> String {
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |rest| ("-", rest));
    let mut out = String::from(sign);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use quartermaster_demo::expectation::{Difference, Sums};

    #[test]
    fn a_difference_is_in_the_row_and_told_below() {
        let differences = vec![Difference {
            what: "ordered".into(),
            expected: "1".into(),
            found: "2".into(),
        }];
        let found = Sums {
            ordered: Decimal::new(123_456_789, 2),
            ..Sums::default()
        };
        let shown = table(&[Proved {
            name: "Shop".into(),
            found,
            differences,
        }]);
        assert!(shown.contains("1,234,567.89"), "{shown}");
        assert!(shown.contains("1 differ"), "{shown}");
        assert!(shown.contains("ordered: expected 1, found 2"), "{shown}");
    }
}
