//! The receipt: what came, and where it goes in stock. Pure.

use super::status::{ReceiptCommand, ReceiptStatus};
use crate::inventory::{Movement, Place, Reason, StockStatus};
use crate::purchasing::PurchaseOrder;
use crate::shared::ReceiptId;
use chrono::NaiveDate;
use quartermaster_tenants::act::{Standing, Subject};
use quartermaster_tenants::event::Trail;
use quartermaster_tenants::policy::DocumentKind;
use rust_decimal::Decimal;
use uuid::Uuid;

/// A goods receipt with its lines.
#[derive(Debug, Clone, PartialEq)]
pub struct Receipt {
    /// Its id.
    pub id: ReceiptId,
    /// Who delivered.
    pub supplier: Uuid,
    /// Where.
    pub location: Uuid,
    /// Its state.
    pub status: ReceiptStatus,
    /// The receiver does not see what was ordered.
    pub blind: bool,
    /// Business date.
    pub received_on: NaiveDate,
    /// The number on the supplier's paper.
    pub delivery_note: Option<String>,
    /// Why it was cancelled or reversed.
    pub reason: Option<String>,
    /// Who opened it.
    pub receiver: Uuid,
    /// The orders that it is against, in the order of their ids.
    pub orders: Vec<Uuid>,
    /// What came.
    pub lines: Vec<ReceiptLine>,
    /// Version and end of its chain of events.
    pub trail: Trail,
}

/// One line of it: what came of one thing.
#[derive(Debug, Clone, PartialEq)]
pub struct ReceiptLine {
    /// Unique in the receipt.
    pub number: i32,
    /// The order and its line that it came for, if any.
    pub order: Option<(Uuid, i32)>,
    /// What came.
    pub item: Uuid,
    /// How much, damaged goods among it.
    pub quantity: Decimal,
    /// How much of it is damaged.
    pub damaged: Decimal,
    /// UN/ECE Rec 20.
    pub unit: String,
    /// Base units in one unit.
    pub base_per_unit: Decimal,
    /// What one base unit costs, in the tenant's currency; zero for goods that nobody ordered.
    pub unit_cost: Decimal,
    /// Its lot; empty for none.
    pub lot: String,
    /// Best before.
    pub expires_on: Option<NaiveDate>,
    /// The receiver expects no more of the order line.
    pub is_final: bool,
    /// Its place in the input, for refusals.
    pub entered: usize,
}

impl ReceiptLine {
    /// The quantity in base units.
    #[must_use]
    pub fn base(&self) -> Decimal {
        self.quantity * self.base_per_unit
    }

    /// Is it the item that its order line asks for? Anything else waits in quarantine.
    #[must_use]
    pub fn fits(&self, orders: &[PurchaseOrder]) -> bool {
        self.order
            .and_then(|(order, number)| line_of(orders, order, number))
            .is_some_and(|l| l.item == self.item)
    }
}

/// A line of one of some orders.
#[must_use]
pub fn line_of(orders: &[PurchaseOrder], order: Uuid, number: i32) -> Option<&crate::purchasing::OrderLine> {
    orders
        .iter()
        .find(|o| o.id.0 == order)?
        .lines
        .iter()
        .find(|l| l.number == number)
}

impl Receipt {
    /// What an act on it is about.
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject::new(DocumentKind::Receipt, self.id)
            .of_supplier(self.supplier)
            .from_orders(&self.orders)
            .touching(self.location, self.items())
    }

    /// Where it stands for a command.
    #[must_use]
    pub fn standing(&self, command: ReceiptCommand, expected_version: Option<i32>) -> Standing {
        Standing {
            state: self.status.as_str().to_owned(),
            control: self.status.control(),
            permits: self.status.allows(command),
            allowed: self.status.allowed(),
            versions: expected_version.map(|e| (e, self.trail.version)),
            ..Standing::default()
        }
    }

    /// Its items, each once.
    #[must_use]
    pub fn items(&self) -> Vec<Uuid> {
        let mut items: Vec<Uuid> = self.lines.iter().map(|l| l.item).collect();
        items.sort_unstable();
        items.dedup();
        items
    }

    /// What it moves: good and ordered to what is available, all else to quarantine.
    #[must_use]
    pub fn movements(&self, orders: &[PurchaseOrder]) -> Vec<Movement> {
        let mut out = Vec::with_capacity(self.lines.len());
        for line in &self.lines {
            let fits = line.fits(orders);
            let good = if fits {
                StockStatus::Available
            } else {
                StockStatus::Quarantine
            };
            let parts = [
                (good, line.quantity - line.damaged),
                (StockStatus::Quarantine, line.damaged),
            ];
            for (status, quantity) in parts.into_iter().filter(|(_, q)| *q > Decimal::ZERO) {
                out.push(Movement {
                    place: Place {
                        item: line.item,
                        location: self.location,
                        lot: line.lot.clone(),
                        status,
                    },
                    quantity: quantity * line.base_per_unit,
                    unit_cost: fits.then_some(line.unit_cost),
                    reason: Reason::Receipt,
                    document_line: Some(line.number),
                });
            }
        }
        out
    }
}
