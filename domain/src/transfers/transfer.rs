//! The transfer: the aggregate decides. Pure.

use crate::inventory::{Movement, Place, Reason, Stock, StockStatus};
use crate::shared::{TransferId, line_field};
use crate::words;
use chrono::NaiveDate;
use quartermaster_tenants::Refusal;
use quartermaster_tenants::act::{Standing, Subject};
use quartermaster_tenants::error::Code;
use quartermaster_tenants::event::Trail;
use quartermaster_tenants::policy::{ControlState, DocumentKind, Duty};
use rust_decimal::Decimal;
use uuid::Uuid;

words! {
    /// The states of a transfer that people see.
    TransferStatus {
        /// Requested, waiting to be approved: only for a moment, as no duty approves transfers.
        Requested "REQUESTED",
        /// Waits to be shipped.
        Approved "APPROVED",
        /// On its way.
        InTransit "IN_TRANSIT",
        /// Something arrived.
        PartiallyReceived "PARTIALLY_RECEIVED",
        /// Everything that was shipped arrived.
        Received "RECEIVED",
        /// Not everything that was shipped arrived.
        Discrepant "DISCREPANT",
        /// Done.
        Closed "CLOSED",
        /// Called off before it was shipped.
        Cancelled "CANCELLED",
    }
}

words! {
    /// What people may do to a transfer; the word is the mutation.
    TransferCommand {
        /// Send it.
        Ship "transferShip",
        /// Take it in.
        Receive "transferReceive",
        /// Settle its difference.
        Settle "transferClose",
        /// Call it off.
        Cancel "transferCancel",
    }
}

impl TransferCommand {
    /// The duty that it exercises.
    #[must_use]
    pub fn duty(self) -> Duty {
        match self {
            Self::Ship => Duty::TrfShip,
            Self::Receive => Duty::TrfReceive,
            Self::Settle | Self::Cancel => Duty::TrfCreate,
        }
    }
}

impl TransferStatus {
    /// Does this state allow the command?
    #[must_use]
    pub fn allows(self, command: TransferCommand) -> bool {
        use TransferCommand as C;
        match self {
            Self::Requested => command == C::Cancel,
            Self::Approved => matches!(command, C::Ship | C::Cancel),
            Self::InTransit | Self::PartiallyReceived => command == C::Receive,
            Self::Discrepant => command == C::Settle,
            Self::Received | Self::Closed | Self::Cancelled => false,
        }
    }

    /// The control state behind it. To who orders transfers, one that can be called off or has to be settled is his draft.
    #[must_use]
    pub fn control(self, command: TransferCommand) -> Option<ControlState> {
        match (self, command) {
            (Self::Received | Self::Closed | Self::Cancelled, _) => None,
            (_, TransferCommand::Cancel | TransferCommand::Settle) => Some(ControlState::Draft),
            (Self::Requested | Self::Approved, _) => Some(ControlState::Open),
            (Self::InTransit | Self::PartiallyReceived, _) => Some(ControlState::InTransit),
            (Self::Discrepant, _) => Some(ControlState::Received),
        }
    }

    /// Where a transfer in this state stands for a command.
    #[must_use]
    pub fn standing(self, command: TransferCommand) -> Standing {
        let allowed = TransferCommand::ALL.iter().filter(|c| self.allows(**c));
        Standing {
            state: self.as_str().to_owned(),
            control: self.control(command),
            permits: self.allows(command),
            allowed: allowed.map(|c| c.as_str().to_owned()).collect(),
            ..Standing::default()
        }
    }
}

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

    /// Approved → InTransit: what lines say that was shipped leaves the sender at his cost.
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
