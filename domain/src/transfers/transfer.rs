//! The transfer: the aggregate decides. Pure.

use super::status::{TransferCommand, TransferStatus};
use crate::inventory::{Allocation, Movement, Place, Reason, Stock, StockStatus};
use crate::shared::{TransferId, line_field};
use chrono::NaiveDate;
use quartermaster_tenants::Refusal;
use quartermaster_tenants::act::{Standing, Subject};
use quartermaster_tenants::error::Code;
use quartermaster_tenants::event::Trail;
use quartermaster_tenants::policy::DocumentKind;
use rust_decimal::Decimal;
use uuid::Uuid;

/// A line. Quantities are in base units.
#[derive(Debug, Clone, PartialEq)]
pub struct TransferLine {
    /// Counted from 1.
    pub number: i32,
    /// What.
    pub item: Uuid,
    /// Its lot; empty for none.
    pub lot: String,
    /// How much is wanted.
    pub quantity: Decimal,
    /// How much is promised at the sender and not sent yet.
    pub reserved: Decimal,
    /// How much was sent.
    pub shipped: Decimal,
    /// How much arrived, damaged or not.
    pub received: Decimal,
    /// How much of that was damaged.
    pub damaged: Decimal,
    /// How much did not arrive.
    pub lost: Decimal,
}

impl TransferLine {
    fn place(&self, location: Uuid, status: StockStatus) -> Place {
        Place {
            item: self.item,
            location,
            lot: self.lot.clone(),
            status,
        }
    }

    fn allocation(&self, location: Uuid, quantity: Decimal) -> Allocation {
        let place = self.place(location, StockStatus::Available);
        Allocation { place, quantity }
    }

    /// Sent, and neither received nor lost.
    #[must_use]
    pub fn on_its_way(&self) -> Decimal {
        self.shipped - self.received - self.lost
    }
}

/// A transfer with its lines.
#[derive(Debug, Clone, PartialEq)]
pub struct Transfer {
    /// Its id.
    pub id: TransferId,
    /// The sender.
    pub from: Uuid,
    /// The receiver.
    pub to: Uuid,
    /// Its state.
    pub status: TransferStatus,
    /// When it is wanted.
    pub expected_on: Option<NaiveDate>,
    /// For people.
    pub note: Option<String>,
    /// Why it was called off, or how its difference was settled.
    pub reason: Option<String>,
    /// Who asked for it.
    pub requester: Uuid,
    /// At least one.
    pub lines: Vec<TransferLine>,
    /// Version and end of its chain of events.
    pub trail: Trail,
}

impl Transfer {
    /// What an act at one of its two places is about.
    #[must_use]
    pub fn subject(&self, at: Uuid) -> Subject {
        Subject::new(DocumentKind::Transfer, self.id).at(at)
    }

    /// Where it stands for a command.
    #[must_use]
    pub fn standing(&self, command: TransferCommand, expected_version: Option<i32>) -> Standing {
        Standing {
            versions: expected_version.map(|e| (e, self.trail.version)),
            ..self.status.standing(command)
        }
    }

    /// The places where picking promises stock.
    pub fn picking_places(&self) -> impl Iterator<Item = Place> {
        self.lines.iter().map(|l| l.place(self.from, StockStatus::Available))
    }

    /// The places where something is promised to it.
    pub fn promised_places(&self) -> impl Iterator<Item = Place> {
        let promised = self.lines.iter().filter(|l| !l.reserved.is_zero());
        promised.map(|l| l.place(self.from, StockStatus::Available))
    }

    /// The places that shipping touches.
    pub fn shipping_places(&self) -> impl Iterator<Item = Place> {
        self.lines.iter().flat_map(|l| {
            [
                l.place(self.from, StockStatus::Available),
                l.place(self.to, StockStatus::InTransit),
            ]
        })
    }

    /// The places that receiving touches.
    pub fn receiving_places(&self) -> impl Iterator<Item = Place> {
        self.lines
            .iter()
            .flat_map(|l| StockStatus::ALL.iter().map(|s| l.place(self.to, *s)))
    }

    /// The line with a number.
    ///
    /// # Errors
    /// There is none; `i` is its place in the input.
    pub fn line(&mut self, i: usize, number: i32) -> Result<&mut TransferLine, Refusal> {
        let found = self.lines.iter_mut().find(|l| l.number == number);
        found.ok_or_else(|| Refusal::not_found(&[], "line").under(&line_field("lines", i, "lineNumber")))
    }

    /// Approved → Picking: all that is wanted is promised at the sender.
    #[must_use]
    pub fn pick(&mut self) -> Vec<Allocation> {
        self.status = TransferStatus::Picking;
        let from = self.from;
        let promise = |line: &mut TransferLine| {
            line.reserved = line.quantity;
            line.allocation(from, line.reserved)
        };
        self.lines.iter_mut().map(promise).collect()
    }

    /// Nothing is promised to it any more: it is shipped, short or whole, or called off.
    #[must_use]
    pub fn free(&mut self) -> Vec<Allocation> {
        let from = self.from;
        let promised = self.lines.iter_mut().filter(|l| !l.reserved.is_zero());
        let free = |line: &mut TransferLine| {
            let reserved = std::mem::take(&mut line.reserved);
            line.allocation(from, -reserved)
        };
        promised.map(free).collect()
    }

    /// Picking → InTransit: what lines say that was shipped leaves the sender at his cost.
    #[must_use]
    pub fn ship(&mut self, stock: &Stock) -> Vec<Movement> {
        self.status = TransferStatus::InTransit;
        let mut movements = Vec::with_capacity(self.lines.len() * 2);
        for line in self.lines.iter().filter(|l| !l.shipped.is_zero()) {
            let from = line.place(self.from, StockStatus::Available);
            let cost = stock.at(&from).average_cost;
            let one = |place, quantity, unit_cost| Movement {
                place,
                quantity,
                unit_cost,
                reason: Reason::TransferShip,
                document_line: Some(line.number),
            };
            movements.push(one(from, -line.shipped, None));
            movements.push(one(
                line.place(self.to, StockStatus::InTransit),
                line.shipped,
                Some(cost),
            ));
        }
        movements
    }

    /// Takes in what arrived of a line: out of transit, into stock or quarantine, at the cost of the transit stock.
    ///
    /// # Errors
    /// More than was shipped.
    pub fn receive(
        &mut self,
        i: usize,
        (number, arrived, damaged): (i32, Decimal, Decimal),
        stock: &Stock,
    ) -> Result<Vec<Movement>, Refusal> {
        let to = self.to;
        let line = self.line(i, number)?;
        if arrived > line.on_its_way() {
            let message = format!("Only {} of this line are on their way.", line.on_its_way().normalize());
            return Err(Refusal::new(Code::OverTolerance, &[], message).under(&line_field("lines", i, "quantity")));
        }
        if damaged > arrived {
            let message = "More is damaged than arrived.";
            return Err(Refusal::invalid(&[], message).under(&line_field("lines", i, "damagedQuantity")));
        }
        line.received += arrived;
        line.damaged += damaged;
        let transit = line.place(to, StockStatus::InTransit);
        let cost = Some(stock.at(&transit).average_cost);
        let number = Some(line.number);
        let one = |place, quantity, unit_cost| Movement {
            place,
            quantity,
            unit_cost,
            reason: Reason::TransferReceive,
            document_line: number,
        };
        let mut movements = vec![
            one(transit, -arrived, None),
            one(line.place(to, StockStatus::Available), arrived - damaged, cost),
            one(line.place(to, StockStatus::Quarantine), damaged, cost),
        ];
        movements.retain(|m| !m.quantity.is_zero());
        Ok(movements)
    }

    /// Nothing more will arrive: what is still on its way is lost.
    #[must_use]
    pub fn give_up(&mut self) -> Vec<Movement> {
        let to = self.to;
        let mut movements = Vec::new();
        for line in &mut self.lines {
            let lost = line.on_its_way();
            if lost.is_zero() {
                continue;
            }
            line.lost += lost;
            movements.push(Movement {
                place: line.place(to, StockStatus::InTransit),
                quantity: -lost,
                unit_cost: None,
                reason: Reason::TransferLoss,
                document_line: Some(line.number),
            });
        }
        movements
    }

    /// After something arrived: which state follows.
    pub fn settle(&mut self) {
        let waiting = self.lines.iter().any(|l| !l.on_its_way().is_zero());
        let lost = self.lines.iter().any(|l| !l.lost.is_zero());
        self.status = match (waiting, lost) {
            (true, _) => TransferStatus::PartiallyReceived,
            (false, true) => TransferStatus::Discrepant,
            (false, false) => TransferStatus::Received,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use quartermaster_tenants::event::Trail;
    use std::collections::BTreeMap;

    fn line(number: usize, item: u128, quantity: i64) -> TransferLine {
        TransferLine {
            number: i32::try_from(number).unwrap(),
            item: Uuid::from_u128(item),
            lot: String::new(),
            quantity: Decimal::new(quantity, 3),
            reserved: Decimal::ZERO,
            shipped: Decimal::ZERO,
            received: Decimal::ZERO,
            damaged: Decimal::ZERO,
            lost: Decimal::ZERO,
        }
    }

    /// Some of them of the same item.
    fn transfers() -> impl Strategy<Value = Transfer> {
        prop::collection::vec((0..3u128, 1..1_000_000i64), 1..8).prop_map(|lines| Transfer {
            id: TransferId::fresh(),
            from: Uuid::from_u128(1),
            to: Uuid::from_u128(2),
            status: TransferStatus::Approved,
            expected_on: None,
            note: None,
            reason: None,
            requester: Uuid::nil(),
            lines: lines
                .iter()
                .enumerate()
                .map(|(n, (item, q))| line(n + 1, *item, *q))
                .collect(),
            trail: Trail::new(),
        })
    }

    fn by_place(allocations: &[Allocation]) -> BTreeMap<Place, Decimal> {
        let mut sums = BTreeMap::new();
        for a in allocations {
            *sums.entry(a.place.clone()).or_default() += a.quantity;
        }
        sums
    }

    proptest! {
        #[test]
        fn what_is_promised_is_what_is_wanted_and_all_of_it_is_freed_once(mut t in transfers()) {
            let promised = by_place(&t.pick());
            let reserved: Decimal = t.lines.iter().map(|l| l.reserved).sum();
            prop_assert_eq!(promised.values().sum::<Decimal>(), reserved);
            prop_assert!(t.lines.iter().all(|l| l.reserved == l.quantity));
            prop_assert!(promised.keys().all(|p| p.location == t.from && p.status == StockStatus::Available));
            let freed = by_place(&t.free()).into_iter().map(|(p, q)| (p, -q)).collect();
            prop_assert_eq!(promised, freed);
            prop_assert!(t.lines.iter().all(|l| l.reserved.is_zero()));
            prop_assert!(t.free().is_empty());
        }

        #[test]
        fn shipping_short_never_takes_more_than_was_promised(mut t in transfers(), part in 0..=4i64) {
            let promised = by_place(&t.pick());
            t.lines.iter_mut().for_each(|l| l.shipped = l.quantity * Decimal::new(part * 25, 2));
            let freed = by_place(&t.free());
            let mut left: BTreeMap<Place, Decimal> = BTreeMap::new();
            for m in t.ship(&Stock::default()).iter().filter(|m| m.place.location == t.from) {
                *left.entry(m.place.clone()).or_default() -= m.quantity;
            }
            for (place, quantity) in left {
                prop_assert!(quantity <= promised[&place]);
            }
            prop_assert_eq!(promised.values().sum::<Decimal>(), -freed.values().sum::<Decimal>());
            prop_assert_eq!(t.status, TransferStatus::InTransit);
        }
    }

    #[test]
    fn a_transfer_is_picked_once_and_called_off_until_it_is_shipped() {
        use TransferStatus as S;
        let states = |command| S::ALL.iter().copied().filter(|s| s.allows(command)).collect::<Vec<_>>();
        assert_eq!(states(TransferCommand::Pick), [S::Approved]);
        assert_eq!(states(TransferCommand::Ship), [S::Approved, S::Picking]);
        assert_eq!(states(TransferCommand::Cancel), [S::Requested, S::Approved, S::Picking]);
    }
}
