//! What came against what was ordered: progress of the order lines, tolerance, and what differs. Pure.

use super::line::MOST_LINES;
use super::receipt::{Receipt, ReceiptLine};
use crate::discrepancies::Kind;
use crate::purchasing::{OrderLine, PurchaseOrder, exposure};
use crate::shared::{line_field, round_to};
use quartermaster_tenants::settings::Settings;
use quartermaster_tenants::{Refusal, error::Code};
use rust_decimal::{Decimal, dec};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A quantity in another pack than ordered is no round number of the order's unit; less than this many base units is none.
const CRUMB: Decimal = dec!(0.01);

/// A difference that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Which.
    pub kind: Kind,
    /// The receipt's line.
    pub line: i32,
    /// The order line.
    pub order: Option<(Uuid, i32)>,
    /// The item.
    pub item: Uuid,
    /// How much, in `unit`.
    pub quantity: Decimal,
    /// Its unit.
    pub unit: String,
    /// What it is worth, in the tenant's currency.
    pub amount: Decimal,
    /// Who settles it: the order's buyer.
    pub owner: Uuid,
}

/// What comparing came to.
#[derive(Debug, Default, PartialEq)]
pub struct Compared {
    /// The order lines that moved: their states, before and after, are those of the orders now.
    pub lines: std::collections::BTreeSet<(Uuid, i32)>,
    /// The differences.
    pub found: Vec<Found>,
    /// Order lines that were completed within the tolerance for less, and how much of each is expected no more.
    pub closed: Vec<(Uuid, i32, Decimal)>,
}

/// Adds what came to the order lines and finds what differs.
///
/// # Errors
/// More than the tolerance allows, with the path of the line that went beyond.
pub fn compare(receipt: &Receipt, orders: &mut [PurchaseOrder], settings: &Settings) -> Result<Compared, Vec<Refusal>> {
    let mut out = Compared::default();
    let mut refusals = Vec::new();
    let owner = orders.first().map_or(receipt.receiver, |o| o.buyer);
    let mut by_line: BTreeMap<(Uuid, i32), Vec<&ReceiptLine>> = BTreeMap::new();
    for line in &receipt.lines {
        match line.order {
            Some(target) => by_line.entry(target).or_default().push(line),
            None => out
                .found
                .push(difference(Kind::Unordered, line, line.quantity, Decimal::ZERO, owner)),
        }
    }
    for order in orders.iter_mut() {
        let (id, currency, buyer) = (order.id.0, order.currency, order.buyer);
        let worth = |quantity: Decimal, price: Decimal| exposure(currency.round(quantity * price), currency, settings);
        for ordered in &mut order.lines {
            let Some(lines) = by_line.get(&(id, ordered.number)) else {
                continue;
            };
            out.lines.insert((id, ordered.number));
            match receive(ordered, lines, settings, receipt.blind) {
                Err(refusal) => refusals.push(refusal),
                Ok(progress) => {
                    let last = lines[lines.len() - 1];
                    let mut differs = |kind, line, quantity: Decimal| -> Result<(), Refusal> {
                        let amount = worth(quantity, ordered.unit_price)?;
                        let mut found = difference(kind, line, quantity, amount, buyer);
                        found.unit = ordered.unit.clone();
                        out.found.push(found);
                        Ok(())
                    };
                    let mut all = || {
                        for l in lines.iter().filter(|l| l.item != ordered.item) {
                            differs(Kind::WrongItem, l, in_unit(l.base(), ordered))?;
                        }
                        for l in lines.iter().filter(|l| l.damaged > Decimal::ZERO) {
                            differs(Kind::Damaged, l, in_unit(l.damaged * l.base_per_unit, ordered))?;
                        }
                        if progress.over > Decimal::ZERO {
                            differs(Kind::Over, last, progress.over)?;
                        }
                        if progress.short > Decimal::ZERO {
                            differs(Kind::Short, last, progress.short)?;
                        }
                        Ok(())
                    };
                    if let Err(refusal) = all() {
                        refusals.push(refusal);
                    }
                    if progress.closed > Decimal::ZERO {
                        out.closed.push((id, ordered.number, progress.closed));
                    }
                }
            }
        }
    }
    if refusals.is_empty() { Ok(out) } else { Err(refusals) }
}

struct Progress {
    over: Decimal,
    short: Decimal,
    closed: Decimal,
}

fn receive(
    ordered: &mut OrderLine,
    lines: &[&ReceiptLine],
    settings: &Settings,
    blind: bool,
) -> Result<Progress, Refusal> {
    let fitting = || lines.iter().filter(|l| l.item == ordered.item);
    let came: Decimal = fitting().map(|l| l.base()).sum();
    let expected = ordered.quantity - ordered.closed + ordered.returned;
    let before = ordered.received;
    let after = snap(before + in_unit(came, ordered), expected, ordered.base_per_unit);
    let tolerance = ordered.quantity * settings.over_receipt_tolerance_percent / Decimal::ONE_HUNDRED;
    if came > Decimal::ZERO && after > expected + tolerance {
        let entered = fitting().next_back().map_or(MOST_LINES, |l| l.entered);
        let message = if blind {
            // A refusal must not tell what the receiver is to count.
            format!(
                "More came than line {} of the order can take. Count again.",
                ordered.number
            )
        } else {
            format!(
                "Line {} of the order asks for {} {}; {} are received already, and at most {} more may be.",
                ordered.number,
                ordered.quantity.normalize(),
                ordered.unit,
                before.normalize(),
                (expected + tolerance - before).max(Decimal::ZERO).normalize(),
            )
        };
        return Err(Refusal::new(Code::OverTolerance, &[], message).under(&line_field("lines", entered, "quantity")));
    }
    ordered.received = after;
    let over = (after - expected.max(before)).max(Decimal::ZERO);
    let mut progress = Progress {
        over,
        short: Decimal::ZERO,
        closed: Decimal::ZERO,
    };
    let rest = ordered.outstanding();
    if rest > Decimal::ZERO && lines.iter().any(|l| l.is_final) {
        let bearable = ordered.quantity * settings.under_receipt_tolerance_percent / Decimal::ONE_HUNDRED;
        if rest <= bearable {
            ordered.closed += rest;
            progress.closed = rest;
        } else {
            progress.short = rest;
        }
    }
    Ok(progress)
}

/// Base units in the unit of an order line.
#[must_use]
pub fn in_unit(base: Decimal, ordered: &OrderLine) -> Decimal {
    round_to(base / ordered.base_per_unit, 6)
}

/// What is less than a crumb away from the goal has reached it.
#[must_use]
pub fn snap(value: Decimal, goal: Decimal, base_per_unit: Decimal) -> Decimal {
    let apart = (value - goal).abs() * base_per_unit;
    if base_per_unit != Decimal::ONE && apart < CRUMB {
        goal
    } else {
        value
    }
}

fn difference(kind: Kind, line: &ReceiptLine, quantity: Decimal, amount: Decimal, owner: Uuid) -> Found {
    Found {
        kind,
        line: line.number,
        order: line.order,
        item: line.item,
        quantity: quantity.normalize(),
        unit: line.unit.clone(),
        amount,
        owner,
    }
}
