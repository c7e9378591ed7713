//! A line of a purchase order, and how its amounts come about.

use crate::shared::{Currency, line_field, quantity, unit_price};
use chrono::NaiveDate;
use quartermaster_tenants::{Refusal, error::Code};
use rust_decimal::Decimal;
use std::collections::HashMap;
use uuid::Uuid;

/// The most lines that an order may have.
pub const MOST_LINES: usize = 10_000;
/// No line has a higher number: lines that a change adds count on from the highest.
const MOST_NUMBER: i32 = 999_999;

/// The largest amount of one line.
const MOST_AMOUNT: Decimal = rust_decimal::dec!(10000000000);

/// A line of a purchase order. Quantities are in its own unit.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderLine {
    /// Unique in the order; receipts refer to it.
    pub number: i32,
    /// What is ordered.
    pub item: Uuid,
    /// How much.
    pub quantity: Decimal,
    /// In which unit: the item's base unit or one of its packs.
    pub unit: String,
    /// How many base units one unit holds.
    pub base_per_unit: Decimal,
    /// The price of one unit, up to four decimals.
    pub unit_price: Decimal,
    /// In percent.
    pub tax_rate: Decimal,
    /// quantity × price, rounded to the currency.
    pub net: Decimal,
    /// Tax on it, rounded to the currency.
    pub tax: Decimal,
    /// When it is wanted.
    pub expected_on: Option<NaiveDate>,
    /// Received so far.
    pub received: Decimal,
    /// Sent back so far.
    pub returned: Decimal,
    /// Short-closed: expected no more.
    pub closed: Decimal,
    /// Something of it is expected: inbound stock once the order is released.
    pub is_open: bool,
}

impl OrderLine {
    /// Ordered, and neither received nor closed.
    #[must_use]
    pub fn outstanding(&self) -> Decimal {
        (self.quantity - self.received - self.closed).max(Decimal::ZERO)
    }
}

/// A line as people enter it.
#[derive(Debug, Clone)]
pub struct NewLine {
    /// Given, or counted from 1.
    pub number: Option<i32>,
    /// The item.
    pub item: Uuid,
    /// How much.
    pub quantity: Decimal,
    /// The item's base unit when not given.
    pub unit: Option<String>,
    /// The supplier's agreed price when not given.
    pub unit_price: Option<Decimal>,
    /// Zero when not given.
    pub tax_rate: Option<Decimal>,
    /// The order's when not given.
    pub expected_on: Option<NaiveDate>,
}

/// What a line needs to know of its item.
#[derive(Debug, Clone)]
pub struct ItemReference {
    /// Its base unit.
    pub base_unit: String,
    /// May it be ordered?
    pub active: bool,
    /// Its packs: unit and base units in one.
    pub packs: Vec<(String, Decimal)>,
    /// Agreed prices of this supplier for this item, in force on the order's date: unit, least quantity, price.
    pub prices: Vec<(String, Decimal, Decimal)>,
    /// Least quantity of an order, and the multiple it must be of, in base units.
    pub minimum: Option<(Decimal, Decimal)>,
}

/// Checks all lines and works out their amounts; every problem of every line is told at once.
///
/// # Errors
/// The refusals, each with its path.
pub fn check(
    lines: &[NewLine],
    items: &HashMap<Uuid, ItemReference>,
    currency: Currency,
    ordered_on: NaiveDate,
) -> Result<Vec<OrderLine>, Vec<Refusal>> {
    if lines.is_empty() {
        return Err(vec![Refusal::new(
            Code::Required,
            &["lines"],
            "An order needs at least one line.",
        )]);
    }
    if lines.len() > MOST_LINES {
        return Err(vec![Refusal::new(
            Code::TooLarge,
            &["lines"],
            format!("An order has at most {MOST_LINES} lines."),
        )]);
    }
    let mut refusals = Vec::new();
    let mut numbers = std::collections::HashSet::new();
    let mut out = Vec::with_capacity(lines.len());
    for (i, line) in lines.iter().enumerate() {
        let number = line.number.unwrap_or_else(|| i32::try_from(i + 1).unwrap_or(i32::MAX));
        let at = line_field("lines", i, "lineNumber");
        if !(1..=MOST_NUMBER).contains(&number) {
            let message = format!("A line number is between 1 and {MOST_NUMBER}.");
            refusals.push(Refusal::invalid(&[], message).under(&at));
        } else if !numbers.insert(number) {
            refusals.push(Refusal::new(Code::Duplicate, &[], "This line number stands twice.").under(&at));
        }
        match check_line(line, i, number, items, currency, ordered_on) {
            Ok(line) => out.push(line),
            Err(found) => refusals.extend(found),
        }
    }
    if refusals.is_empty() { Ok(out) } else { Err(refusals) }
}

fn check_line(
    line: &NewLine,
    i: usize,
    number: i32,
    items: &HashMap<Uuid, ItemReference>,
    currency: Currency,
    ordered_on: NaiveDate,
) -> Result<OrderLine, Vec<Refusal>> {
    let at = |field: &str| line_field("lines", i, field);
    let Some(item) = items.get(&line.item) else {
        return Err(vec![Refusal::not_found(&[], "item").under(&at("itemId"))]);
    };
    let mut refusals = crate::shared::Refusals::default();
    if !item.active {
        refusals.push(Refusal::new(Code::Inactive, &[], "This item is not active.").under(&at("itemId")));
    }
    let amount = refusals.take(quantity(&[], line.quantity).map_err(|r| r.under(&at("quantity"))));
    let unit = line.unit.clone().unwrap_or_else(|| item.base_unit.clone());
    let base_per_unit = if unit == item.base_unit {
        Some(Decimal::ONE)
    } else {
        item.packs.iter().find(|(u, _)| *u == unit).map(|(_, n)| *n)
    };
    let base_per_unit = refusals.take(base_per_unit.ok_or_else(|| {
        Refusal::new(Code::UnknownCode, &[], "The item has no pack with this unit.").under(&at("unitCode"))
    }));
    let tax_rate = refusals.take(
        crate::shared::quantity::percent(&[], line.tax_rate.unwrap_or_default()).map_err(|r| r.under(&at("taxRate"))),
    );
    let price = match line.unit_price {
        Some(price) => refusals.take(unit_price(&[], price).map_err(|r| r.under(&at("unitPrice")))),
        None => refusals.take(agreed(item, &unit, line.quantity).ok_or_else(|| {
            Refusal::new(
                Code::Required,
                &[],
                "There is no agreed price for this item, quantity and date: give one.",
            )
            .under(&at("unitPrice"))
        })),
    };
    if line.expected_on.is_some_and(|d| d < ordered_on) {
        refusals.push(Refusal::invalid(&[], "The line is expected before it is ordered.").under(&at("expectedOn")));
    }
    let (Some(quantity), Some(base_per_unit), Some(tax_rate), Some(price)) = (amount, base_per_unit, tax_rate, price)
    else {
        return Err(refusals.0);
    };
    if let Some((minimum, multiple)) = item.minimum {
        let base = quantity * base_per_unit;
        if base < minimum {
            refusals.push(
                Refusal::invalid(
                    &[],
                    format!("The supplier's least quantity is {minimum} {}.", item.base_unit),
                )
                .under(&at("quantity")),
            );
        } else if multiple > Decimal::ZERO && !(base % multiple).is_zero() {
            refusals.push(
                Refusal::invalid(
                    &[],
                    format!("The supplier sells multiples of {multiple} {}.", item.base_unit),
                )
                .under(&at("quantity")),
            );
        }
    }
    refusals.finish()?;
    let net = currency.round(quantity * price);
    if net > MOST_AMOUNT {
        return Err(vec![
            Refusal::new(Code::TooLarge, &[], "The amount of a line is at most 10,000,000,000.").under(&at("quantity")),
        ]);
    }
    let tax = currency.round(net * tax_rate / Decimal::ONE_HUNDRED);
    Ok(OrderLine {
        number,
        item: line.item,
        quantity,
        unit,
        base_per_unit,
        unit_price: price,
        tax_rate,
        net,
        tax,
        expected_on: line.expected_on,
        received: Decimal::ZERO,
        returned: Decimal::ZERO,
        closed: Decimal::ZERO,
        is_open: true,
    })
}

/// The agreed price with the largest quantity break that the quantity reaches.
fn agreed(item: &ItemReference, unit: &str, quantity: Decimal) -> Option<Decimal> {
    item.prices
        .iter()
        .filter(|(u, least, _)| u == unit && *least <= quantity)
        .max_by_key(|(_, least, _)| *least)
        .map(|(_, _, price)| *price)
}
