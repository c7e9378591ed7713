//! What a receiver enters, checked and matched to what was ordered.

use super::item::ReceivedItem;
use super::receipt::{ReceiptLine, line_of};
use crate::purchasing::PurchaseOrder;
use crate::purchasing::exposure;
use crate::shared::{Refusals, line_field, quantity, round_to, unit};
use chrono::NaiveDate;
use quartermaster_tenants::settings::Settings;
use quartermaster_tenants::{Refusal, error::Code};
use rust_decimal::Decimal;
use std::collections::HashMap;
use uuid::Uuid;

/// The most lines that a receipt may have.
pub const MOST_LINES: usize = 10_000;

/// A line as a receiver enters it. With `order_line` it is for that line; with `item` alone it is for whichever lines of
/// the orders ask for the item, the first first; for none of them it is goods that nobody ordered.
#[derive(Debug, Clone, Default)]
pub struct EnteredLine {
    /// One of the receipt's orders; not needed when there is only one.
    pub order: Option<Uuid>,
    /// The number of its line.
    pub order_line: Option<i32>,
    /// What came; that of the order line when not given.
    pub item: Option<Uuid>,
    /// How much came, damaged goods among it. Zero only with `is_final`: nothing came.
    pub quantity: Decimal,
    /// How much of it is damaged.
    pub damaged: Option<Decimal>,
    /// The unit of the order line, else the item's base unit, when not given.
    pub unit: Option<String>,
    /// For items tracked by lot.
    pub lot: Option<String>,
    /// For items tracked by expiry.
    pub expires_on: Option<NaiveDate>,
    /// Nothing more is expected for the order line.
    pub is_final: bool,
}

/// What lines are checked against.
pub struct Against<'a> {
    /// The receipt's orders.
    pub orders: &'a [PurchaseOrder],
    /// The items of the orders and of the input.
    pub items: &'a HashMap<Uuid, ReceivedItem>,
    /// The number of the first line.
    pub first_number: i32,
}

impl Against<'_> {
    /// Checks all lines; every problem of every line is told at once.
    ///
    /// # Errors
    /// The refusals, each with its path.
    pub fn check(&self, entered: &[EnteredLine]) -> Result<Vec<ReceiptLine>, Vec<Refusal>> {
        if entered.is_empty() {
            return Err(vec![Refusal::new(
                Code::Required,
                &["lines"],
                "A receipt needs at least one line.",
            )]);
        }
        if entered.len() > MOST_LINES {
            let message = format!("A receipt has at most {MOST_LINES} lines.");
            return Err(vec![Refusal::new(Code::TooLarge, &["lines"], message)]);
        }
        let mut refusals = Refusals::default();
        let mut lines: Vec<ReceiptLine> = Vec::with_capacity(entered.len());
        for (i, line) in entered.iter().enumerate() {
            match self.line(i, line, &lines) {
                Ok(found) => lines.extend(found),
                Err(found) => refusals.0.extend(found),
            }
        }
        refusals.finish()?;
        for (line, number) in lines.iter_mut().zip(self.first_number..) {
            line.number = number;
        }
        Ok(lines)
    }

    fn line(&self, i: usize, line: &EnteredLine, before: &[ReceiptLine]) -> Result<Vec<ReceiptLine>, Vec<Refusal>> {
        let at = |field: &str| line_field("lines", i, field);
        let one = |r: Refusal| vec![r];
        let target = self.target(i, line).map_err(one)?;
        let ordered = target.and_then(|(o, n)| line_of(self.orders, o, n));
        let item = line.item.or(ordered.map(|l| l.item)).ok_or_else(|| {
            one(Refusal::new(Code::Required, &[], "Say which item came, or for which order line.").under(&at("itemId")))
        })?;
        let known = self
            .items
            .get(&item)
            .ok_or_else(|| one(Refusal::not_found(&[], "item").under(&at("itemId"))))?;

        let mut refusals = Refusals::default();
        let came = if line.quantity.is_zero() && line.is_final && target.is_some() {
            Ok(Decimal::ZERO)
        } else {
            quantity(&[], line.quantity).map_err(|r| r.under(&at("quantity")))
        };
        let came = refusals.take(came).unwrap_or_default();
        let damaged = line.damaged.unwrap_or_default();
        if damaged < Decimal::ZERO || damaged > came || damaged.normalize().scale() > 6 {
            let message = "The damaged quantity is between zero and the quantity that came.";
            refusals.push(Refusal::invalid(&[], message).under(&at("damagedQuantity")));
        }
        let word = line.unit.clone().unwrap_or_else(|| match ordered {
            Some(l) if l.item == item => l.unit.clone(),
            _ => known.base_unit.clone(),
        });
        let per_unit = match ordered {
            Some(l) if l.item == item && l.unit == word => Some(l.base_per_unit),
            _ => known.base_per(&word),
        };
        if per_unit.is_none() {
            let refusal = unit::parse(&[], &word).err().unwrap_or_else(|| {
                Refusal::new(Code::UnknownCode, &[], "This item is not kept or packed in this unit.")
            });
            refusals.push(refusal.under(&at("unitCode")));
        }
        let lot = refusals.take(known.lot(line.lot.as_deref()).map_err(|r| r.under(&at("lot"))));
        if let Err(r) = known.expiry(line.expires_on, came) {
            refusals.push(r.under(&at("expiresOn")));
        }
        refusals.finish()?;
        let entered = ReceiptLine {
            number: 0,
            order: target,
            item,
            quantity: came.normalize(),
            damaged: damaged.normalize(),
            unit: word,
            base_per_unit: per_unit.unwrap_or(Decimal::ONE),
            unit_cost: Decimal::ZERO,
            lot: lot.unwrap_or_default(),
            expires_on: line.expires_on,
            is_final: line.is_final,
            entered: i,
        };
        Ok(if target.is_some() {
            vec![entered]
        } else {
            self.allocate(entered, line.order, before, &known.base_unit)
        })
    }

    /// The order line that the receiver named.
    fn target(&self, i: usize, line: &EnteredLine) -> Result<Option<(Uuid, i32)>, Refusal> {
        let at = |field: &str| line_field("lines", i, field);
        if let Some(order) = line.order
            && !self.orders.iter().any(|o| o.id.0 == order)
        {
            return Err(Refusal::not_found(&[], "order of this receipt").under(&at("purchaseOrderId")));
        }
        let Some(number) = line.order_line else {
            return Ok(None);
        };
        let order = match (line.order, self.orders) {
            (Some(order), _) => order,
            (None, [only]) => only.id.0,
            _ => {
                let message = "The receipt is against several orders: say which one.";
                return Err(Refusal::new(Code::Required, &[], message).under(&at("purchaseOrderId")));
            }
        };
        line_of(self.orders, order, number)
            .map(|_| Some((order, number)))
            .ok_or_else(|| Refusal::not_found(&[], "order line").under(&at("orderLineNumber")))
    }

    /// Spreads what came of an item over the order lines that ask for it; what is too much stays on the last of them.
    fn allocate(
        &self,
        line: ReceiptLine,
        order: Option<Uuid>,
        before: &[ReceiptLine],
        base_unit: &str,
    ) -> Vec<ReceiptLine> {
        let asking: Vec<(Uuid, i32, Decimal)> = self
            .orders
            .iter()
            .filter(|o| order.is_none_or(|id| o.id.0 == id))
            .flat_map(|o| o.lines.iter().map(|l| (o.id.0, l)))
            .filter(|(_, l)| l.item == line.item)
            .map(|(o, l)| {
                let taken: Decimal = before
                    .iter()
                    .filter(|b| b.order == Some((o, l.number)))
                    .map(ReceiptLine::base)
                    .sum();
                let open = (l.outstanding() * l.base_per_unit - taken).max(Decimal::ZERO);
                (o, l.number, open)
            })
            .collect();
        let whole = asking
            .iter()
            .find(|(_, _, open)| *open >= line.base())
            .or(if asking.len() == 1 { asking.first() } else { None });
        if asking.is_empty() || whole.is_some() {
            let order = whole.map(|(o, n, _)| (*o, *n));
            return vec![ReceiptLine { order, ..line }];
        }
        let (mut left, mut damaged) = (line.base(), line.damaged * line.base_per_unit);
        let mut out = Vec::new();
        for (n, (order, number, open)) in asking.iter().enumerate() {
            let take = if n + 1 == asking.len() { left } else { left.min(*open) };
            if take <= Decimal::ZERO {
                continue;
            }
            let broken = damaged.min(take);
            left -= take;
            damaged -= broken;
            out.push(ReceiptLine {
                order: Some((*order, *number)),
                quantity: take.normalize(),
                damaged: broken.normalize(),
                unit: base_unit.to_owned(),
                base_per_unit: Decimal::ONE,
                ..line.clone()
            });
        }
        out
    }
}

/// Goods that are past their date are not taken in.
///
/// # Errors
/// The refusals, each with its path.
pub fn check_expiry(lines: &[ReceiptLine], received_on: NaiveDate) -> Result<(), Vec<Refusal>> {
    let mut refusals = Refusals::default();
    for line in lines.iter().filter(|l| l.expires_on.is_some_and(|d| d < received_on)) {
        let refusal = Refusal::invalid(&[], "The goods are past their expiry date.");
        refusals.push(refusal.under(&line_field("lines", line.entered, "expiresOn")));
    }
    refusals.finish()
}

/// Gives each line the price of its order line: for one base unit, in the tenant's currency.
///
/// # Errors
/// A currency without a published rate.
pub fn price(lines: &mut [ReceiptLine], orders: &[PurchaseOrder], settings: &Settings) -> Result<(), Refusal> {
    for line in lines {
        let Some((order, ordered)) = line.order.and_then(|(id, number)| {
            let order = orders.iter().find(|o| o.id.0 == id)?;
            let ordered = order.lines.iter().find(|l| l.number == number)?;
            (ordered.item == line.item).then_some((order, ordered))
        }) else {
            continue;
        };
        let price = exposure(ordered.unit_price, order.currency, settings)?;
        line.unit_cost = round_to(price / ordered.base_per_unit, 6);
    }
    Ok(())
}
