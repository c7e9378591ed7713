//! A discrepancy. Pure.

use super::kind::{DiscrepancyStatus, Kind, Resolution};
use crate::shared::{DiscrepancyId, ReceiptId};
use chrono::{DateTime, NaiveDate, Utc};
use quartermaster_tenants::act::{Standing, Subject};
use quartermaster_tenants::event::Trail;
use quartermaster_tenants::id::encode;
use quartermaster_tenants::policy::{ControlState, DocumentKind, Duty, Level};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use uuid::Uuid;

/// Days that its owner has.
const DAYS: u64 = 7;

/// What came otherwise than it should.
#[derive(Debug, Clone, PartialEq)]
pub struct Discrepancy {
    /// Its id.
    pub id: DiscrepancyId,
    /// The receipt that it was found on.
    pub receipt: ReceiptId,
    /// The line of the receipt.
    pub receipt_line: Option<i32>,
    /// The order line that asked for something else.
    pub order: Option<(Uuid, i32)>,
    /// Who delivered.
    pub supplier: Uuid,
    /// Where.
    pub location: Uuid,
    /// The item.
    pub item: Option<Uuid>,
    /// What differs.
    pub kind: Kind,
    /// How much, in `unit`.
    pub quantity: Decimal,
    /// UN/ECE Rec 20.
    pub unit: Option<String>,
    /// What it is worth, in the tenant's currency.
    pub amount: Decimal,
    /// In the words of who raised it, or of the system that found it.
    pub reason: Option<String>,
    /// The account that is to settle it: the order's buyer.
    pub owner: Uuid,
    /// Until when.
    pub due_on: NaiveDate,
    /// Where it stands.
    pub status: DiscrepancyStatus,
    /// What was decided.
    pub resolution: Option<Resolution>,
    /// Why.
    pub resolution_note: Option<String>,
    /// When.
    pub resolved_at: Option<DateTime<Utc>>,
    /// Found by comparing, not raised by hand.
    pub found_by_system: bool,
    /// Version and end of its chain of events.
    pub trail: Trail,
}

/// What people may do to a discrepancy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DiscrepancyCommand {
    /// Decide.
    Resolve,
}

impl DiscrepancyCommand {
    /// All of them.
    pub const ALL: [Self; 1] = [Self::Resolve];

    /// The duty that it exercises.
    #[must_use]
    pub fn duty(self) -> Duty {
        Duty::DiscResolve
    }

    /// The mutation.
    #[must_use]
    pub fn mutation(self) -> &'static str {
        "discrepancyResolve"
    }
}

impl DiscrepancyStatus {
    /// Does this state allow the command?
    #[must_use]
    pub fn allows(self, command: DiscrepancyCommand) -> bool {
        matches!((self, command), (Self::Open, DiscrepancyCommand::Resolve))
    }

    /// The control state behind it (`sod/duties.csv`).
    #[must_use]
    pub fn control(self) -> Option<ControlState> {
        match self {
            Self::Open => Some(ControlState::Open),
            Self::Resolved => Some(ControlState::Resolved),
        }
    }
}

impl Discrepancy {
    /// What an act on it is about.
    #[must_use]
    pub fn subject(&self, orders: &[Uuid]) -> Subject {
        Subject::new(DocumentKind::Discrepancy, self.id)
            .of_supplier(self.supplier)
            .at(self.location)
            .from_orders(orders)
            .derived_from(self.receipt.0)
    }

    /// Where it stands for a command; `level` is that of its amount.
    #[must_use]
    pub fn standing(&self, command: DiscrepancyCommand, level: Level, expected_version: Option<i32>) -> Standing {
        let permits = self.status.allows(command);
        Standing {
            state: self.status.as_str().to_owned(),
            control: self.status.control(),
            permits,
            allowed: if self.status == DiscrepancyStatus::Open {
                vec![command.mutation().to_owned()]
            } else {
                vec![]
            },
            level,
            versions: expected_version.map(|e| (e, self.trail.version)),
        }
    }

    /// Decided.
    pub fn resolve(&mut self, resolution: Resolution, note: Option<String>, now: DateTime<Utc>) {
        self.status = DiscrepancyStatus::Resolved;
        self.resolution = Some(resolution);
        self.resolution_note = note;
        self.resolved_at = Some(now);
    }

    /// What its events say.
    #[must_use]
    pub fn data(&self) -> Value {
        json!({
            "status": self.status.as_str(),
            "kind": self.kind.as_str(),
            "receiptId": encode("rcp", self.receipt.0),
            "receiptLineNumber": self.receipt_line,
            "orderId": self.order.map(|o| encode("po", o.0)),
            "orderLineNumber": self.order.map(|o| o.1),
            "supplierId": encode("sup", self.supplier),
            "locationId": encode("loc", self.location),
            "itemId": self.item.map(|i| encode("itm", i)),
            "quantity": self.quantity,
            "unit": self.unit,
            "amount": self.amount,
            "dueOn": self.due_on,
            "resolution": self.resolution.map(Resolution::as_str),
        })
    }

    /// When a discrepancy found on this day is to be settled.
    #[must_use]
    pub fn due(found_on: NaiveDate) -> NaiveDate {
        found_on + chrono::Days::new(DAYS)
    }
}
