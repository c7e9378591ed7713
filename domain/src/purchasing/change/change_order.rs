//! The change of an order decides about itself and about what it does to the order. Pure.

use super::super::line::OrderLine;
use super::super::purchase_order::{Approval, PurchaseOrder};
use crate::shared::ChangeOrderId;
use chrono::NaiveDate;
use quartermaster_tenants::act::{Standing, Subject};
use quartermaster_tenants::event::Trail;
use quartermaster_tenants::policy::{ControlState, DocumentKind, Duty, Level};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The states of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChangeStatus {
    /// Waiting for approval.
    InApproval,
    /// Part of the order.
    Effective,
    /// Refused.
    Rejected,
    /// Taken back by whoever proposed it.
    Withdrawn,
}

impl ChangeStatus {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::InApproval, Self::Effective, Self::Rejected, Self::Withdrawn];

    /// The word in the database and in GraphQL.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InApproval => "IN_APPROVAL",
            Self::Effective => "EFFECTIVE",
            Self::Rejected => "REJECTED",
            Self::Withdrawn => "WITHDRAWN",
        }
    }

    /// Reads the word in the database.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == word)
    }

    /// The control state behind it.
    #[must_use]
    pub fn control(self) -> Option<ControlState> {
        match self {
            Self::InApproval => Some(ControlState::Submitted),
            Self::Effective => Some(ControlState::Approved),
            Self::Rejected | Self::Withdrawn => None,
        }
    }
}

/// What people may do to a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChangeCommand {
    /// Approve (a step of) it.
    Approve,
    /// Refuse it.
    Reject,
    /// Take it back.
    Withdraw,
}

impl ChangeCommand {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Approve, Self::Reject, Self::Withdraw];

    /// The duty that it exercises.
    #[must_use]
    pub fn duty(self) -> Duty {
        match self {
            Self::Approve | Self::Reject => Duty::CoApprove,
            Self::Withdraw => Duty::CoCreate,
        }
    }

    /// The mutation.
    #[must_use]
    pub fn mutation(self) -> &'static str {
        match self {
            Self::Approve => "changeOrderApprove",
            Self::Reject => "changeOrderReject",
            Self::Withdraw => "changeOrderWithdraw",
        }
    }
}

/// One field of one line, before and after, as people read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FieldChange {
    /// The line.
    pub line_number: i32,
    /// `quantity`, `unitPrice`, `expectedOn`, or `line` for a new one.
    pub field: String,
    /// As it is; none for a new line.
    pub before: Option<String>,
    /// As it would be.
    pub after: String,
}

/// A line as it would be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProposedLine {
    /// Its number; of a new line the next one.
    pub number: i32,
    /// What is ordered.
    pub item: Uuid,
    /// How much.
    pub quantity: Decimal,
    /// Its unit.
    pub unit: String,
    /// Base units in one unit.
    pub base_per_unit: Decimal,
    /// The price of one unit.
    pub unit_price: Decimal,
    /// In percent.
    pub tax_rate: Decimal,
    /// When it is wanted.
    pub expected_on: Option<NaiveDate>,
}

/// A proposed change of a released order.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangeOrder {
    /// Its id.
    pub id: ChangeOrderId,
    /// The order.
    pub order: Uuid,
    /// The revision that the order would have.
    pub revision: i32,
    /// Its state.
    pub status: ChangeStatus,
    /// Why it is proposed.
    pub reason: String,
    /// Why it was refused or taken back.
    pub decision_reason: Option<String>,
    /// The readable difference.
    pub changes: Vec<FieldChange>,
    /// The lines that change, as they would be.
    pub proposed: Vec<ProposedLine>,
    /// The order's net amount before and after.
    pub net: (Decimal, Decimal),
    /// The order's currency.
    pub currency: String,
    /// The pass through approval.
    pub round: i32,
    /// The level that it asks for: of the larger amount.
    pub required_level: Level,
    /// Approvals so far.
    pub approvals: i16,
    /// Who proposed it.
    pub creator: Uuid,
    /// Version and end of its chain of events.
    pub trail: Trail,
}

impl ChangeOrder {
    /// What an act on it is about.
    #[must_use]
    pub fn subject(&self, order: &PurchaseOrder) -> Subject {
        Subject::new(DocumentKind::ChangeOrder, self.id)
            .in_round(self.round)
            .of_supplier(order.supplier)
            .from_orders(&[self.order])
            .at(order.location)
    }

    /// Where it stands for a command.
    #[must_use]
    pub fn standing(&self, expected_version: Option<i32>) -> Standing {
        let open = self.status == ChangeStatus::InApproval;
        Standing {
            state: self.status.as_str().to_owned(),
            control: self.status.control(),
            permits: open,
            allowed: if open {
                ChangeCommand::ALL.iter().map(|c| c.mutation().to_owned()).collect()
            } else {
                vec![]
            },
            level: self.required_level,
            versions: expected_version.map(|e| (e, self.trail.version)),
        }
    }

    /// The same for this command. Taking it back is editing it: the maker's duty, which starts from a draft.
    #[must_use]
    pub fn standing_for(&self, command: ChangeCommand, expected_version: Option<i32>) -> Standing {
        let mut standing = self.standing(expected_version);
        if command == ChangeCommand::Withdraw {
            standing.control = standing.permits.then_some(ControlState::Draft);
        }
        standing
    }

    /// May this account take it back? Only whoever proposed it.
    #[must_use]
    pub fn is_own(&self, account: Uuid) -> bool {
        self.creator == account
    }

    /// One approval; level 4 needs two.
    pub fn approve(&mut self) -> Approval {
        self.approvals += 1;
        if self.required_level.get() >= 4 && self.approvals < 2 {
            return Approval::Step;
        }
        self.status = ChangeStatus::Effective;
        Approval::Last
    }

    /// The order becomes its next revision.
    pub fn apply(&self, order: &mut PurchaseOrder) {
        for p in &self.proposed {
            let fresh = || OrderLine {
                number: p.number,
                item: p.item,
                quantity: p.quantity,
                unit: p.unit.clone(),
                base_per_unit: p.base_per_unit,
                unit_price: p.unit_price,
                tax_rate: p.tax_rate,
                net: Decimal::ZERO,
                tax: Decimal::ZERO,
                expected_on: p.expected_on,
                received: Decimal::ZERO,
                returned: Decimal::ZERO,
                closed: Decimal::ZERO,
                is_open: true,
            };
            let at = order
                .lines
                .iter()
                .position(|l| l.number == p.number)
                .unwrap_or_else(|| {
                    order.lines.push(fresh());
                    order.lines.len() - 1
                });
            let currency = order.currency;
            let line = &mut order.lines[at];
            (line.quantity, line.unit_price, line.expected_on) = (p.quantity, p.unit_price, p.expected_on);
            line.net = currency.round(line.quantity * line.unit_price);
            line.tax = currency.round(line.net * line.tax_rate / Decimal::ONE_HUNDRED);
        }
        order.revision = self.revision;
        order.settle();
    }
}
