//! A line of a return, checked against stock's words and against what was received.

use crate::inventory::StockStatus;
use crate::receiving::item::ReceivedItem;
use crate::shared::{Currency, Refusals, line_field, quantity, round_to, text, unit_price};
use quartermaster_tenants::{Refusal, error::Code};
use rust_decimal::Decimal;
use std::collections::HashMap;
use uuid::Uuid;

/// The most lines that a return may have.
pub const MOST_LINES: usize = 1_000;

/// A line of a return. The quantity is in its own unit.
#[derive(Debug, Clone, PartialEq)]
pub struct ReturnLine {
    /// Unique in the return.
    pub number: i32,
    /// What goes back.
    pub item: Uuid,
    /// How much.
    pub quantity: Decimal,
    /// UN/ECE Rec 20.
    pub unit: String,
    /// Base units in one unit.
    pub base_per_unit: Decimal,
    /// The price of one unit that is expected back.
    pub unit_price: Decimal,
    /// quantity × price, rounded to the currency.
    pub net: Decimal,
    /// Its lot; empty for none.
    pub lot: String,
    /// From which stock.
    pub stock_status: StockStatus,
    /// Why, if not as the whole return.
    pub reason: Option<String>,
    /// The receipt and its line that it came with.
    pub receipt: Option<(Uuid, i32)>,
    /// The order and its line that it was ordered with.
    pub order: Option<(Uuid, i32)>,
    /// What one base unit left stock at.
    pub unit_cost: Option<Decimal>,
}

impl ReturnLine {
    /// The quantity in base units.
    #[must_use]
    pub fn base(&self) -> Decimal {
        self.quantity * self.base_per_unit
    }
}

/// A line as people enter it.
#[derive(Debug, Clone, Default)]
pub struct NewReturnLine {
    /// What goes back; that of the receipt line when not given.
    pub item: Option<Uuid>,
    /// How much.
    pub quantity: Decimal,
    /// That of the receipt line, else the item's base unit, when not given.
    pub unit: Option<String>,
    /// The price of one unit; the order's when not given.
    pub unit_price: Option<Decimal>,
    /// For items tracked by lot; that of the receipt line when not given.
    pub lot: Option<String>,
    /// From quarantine, not from what is available.
    pub from_quarantine: bool,
    /// Why, if not as the whole return.
    pub reason: Option<String>,
    /// The receipt and its line that it came with.
    pub receipt: Option<(Uuid, i32)>,
}

/// What is known of a receipt line that goods go back from.
#[derive(Debug, Clone)]
pub struct Came {
    /// The item.
    pub item: Uuid,
    /// The unit that it was received in.
    pub unit: String,
    /// Base units in one.
    pub base_per_unit: Decimal,
    /// Its lot.
    pub lot: String,
    /// What is left to go back, in base units.
    pub left: Decimal,
    /// The order and its line.
    pub order: Option<(Uuid, i32)>,
    /// The order's price for one base unit, in the order's currency.
    pub base_price: Option<(Decimal, String)>,
}

/// Checks all lines; every problem of every line is told at once. `came` is what was received; it gets less by what goes back.
///
/// # Errors
/// The refusals, each with its path.
pub fn check(
    entered: &[NewReturnLine],
    items: &HashMap<Uuid, ReceivedItem>,
    came: &mut HashMap<(Uuid, i32), Came>,
    currency: Currency,
) -> Result<Vec<ReturnLine>, Vec<Refusal>> {
    if entered.is_empty() {
        let message = "A return needs at least one line.";
        return Err(vec![Refusal::new(Code::Required, &["lines"], message)]);
    }
    if entered.len() > MOST_LINES {
        let message = format!("A return has at most {MOST_LINES} lines.");
        return Err(vec![Refusal::new(Code::TooLarge, &["lines"], message)]);
    }
    let mut refusals = Refusals::default();
    let mut lines = Vec::with_capacity(entered.len());
    for ((i, line), number) in entered.iter().enumerate().zip(1..) {
        match one(i, number, line, items, came, currency) {
            Ok(line) => lines.push(line),
            Err(found) => refusals.0.extend(found),
        }
    }
    refusals.finish()?;
    Ok(lines)
}

fn one(
    i: usize,
    number: i32,
    line: &NewReturnLine,
    items: &HashMap<Uuid, ReceivedItem>,
    came: &mut HashMap<(Uuid, i32), Came>,
    currency: Currency,
) -> Result<ReturnLine, Vec<Refusal>> {
    let at = |field: &str| line_field("lines", i, field);
    let fail = |field: &str, r: Refusal| vec![r.under(&at(field))];
    let mut received = match line.receipt {
        None => None,
        Some(key) => Some(
            came.get_mut(&key)
                .ok_or_else(|| fail("receiptLineNumber", Refusal::not_found(&[], "receipt line")))?,
        ),
    };
    let item = line
        .item
        .or(received.as_ref().map(|c| c.item))
        .ok_or_else(|| fail("itemId", Refusal::new(Code::Required, &[], "Say which item goes back.")))?;
    let known = items
        .get(&item)
        .ok_or_else(|| fail("itemId", Refusal::not_found(&[], "item")))?;
    if received.as_ref().is_some_and(|c| c.item != item) {
        let message = "The receipt line is about another item.";
        return Err(fail("itemId", Refusal::invalid(&[], message)));
    }
    let mut refusals = Refusals::default();
    let goes = quantity(&[], line.quantity).map_err(|r| r.under(&at("quantity")));
    let goes = refusals.take(goes).unwrap_or_default();
    let unit = line
        .unit
        .clone()
        .or(received.as_ref().map(|c| c.unit.clone()))
        .unwrap_or_else(|| known.base_unit.clone());
    let base = match &received {
        Some(c) if c.unit == unit => Some(c.base_per_unit),
        _ => known.base_per(&unit),
    };
    let Some(base) = base else {
        let message = "This item is not kept or packed in this unit.";
        return Err(fail("unitCode", Refusal::new(Code::UnknownCode, &[], message)));
    };
    let lot = line.lot.as_deref().or(received.as_ref().map(|c| c.lot.as_str()));
    let lot = refusals.take(known.lot(lot).map_err(|r| r.under(&at("lot"))));
    if let Some(c) = received.as_mut() {
        if goes * base > c.left {
            let message = format!(
                "At most {} {} of this receipt line can go back.",
                c.left.normalize(),
                known.base_unit
            );
            refusals.push(Refusal::invalid(&[], message).under(&at("quantity")));
        }
        c.left -= goes * base;
    }
    let agreed = received
        .as_ref()
        .and_then(|c| c.base_price.as_ref())
        .filter(|(_, code)| code == currency.code())
        .map(|(price, _)| round_to(price * base, 4));
    let price = match line.unit_price.or(agreed) {
        Some(price) => refusals.take(unit_price(&[], price).map_err(|r| r.under(&at("unitPrice")))),
        None => {
            let message = "Say what the supplier gives back for one unit.";
            refusals.push(Refusal::new(Code::Required, &[], message).under(&at("unitPrice")));
            None
        }
    };
    let reason = line.reason.as_deref();
    let reason = refusals.take(
        reason
            .map(|r| text(&[], r, 500).map_err(|r| r.under(&at("reason"))))
            .transpose(),
    );
    refusals.finish()?;
    let price = price.unwrap_or_default();
    Ok(ReturnLine {
        number,
        item,
        quantity: goes,
        unit,
        base_per_unit: base,
        unit_price: price,
        net: currency.round(goes * price),
        lot: lot.unwrap_or_default(),
        stock_status: if line.from_quarantine {
            StockStatus::Quarantine
        } else {
            StockStatus::Available
        },
        reason: reason.flatten(),
        receipt: line.receipt,
        order: received.and_then(|c| c.order),
        unit_cost: None,
    })
}
