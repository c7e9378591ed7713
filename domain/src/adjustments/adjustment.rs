//! The adjustment: the aggregate decides. Pure.

use crate::inventory::{Movement, Place, Reason, Stock};
use crate::shared::{AdjustmentId, line_field, round_to};
use crate::words;
use quartermaster_tenants::Refusal;
use quartermaster_tenants::act::{Standing, Subject};
use quartermaster_tenants::error::Code;
use quartermaster_tenants::event::Trail;
use quartermaster_tenants::policy::{ControlState, DocumentKind, Duty, Level};
use rust_decimal::Decimal;
use uuid::Uuid;

/// The largest value of an adjustment, in the tenant's currency.
const MOST_VALUE: Decimal = rust_decimal::dec!(1000000000000);

words! {
    /// The states of an adjustment that people see.
    AdjustmentStatus {
        /// Being written.
        Draft "DRAFT",
        /// Waiting for approval.
        InApproval "IN_APPROVAL",
        /// Stock was moved.
        Posted "POSTED",
        /// Refused by an approver.
        Rejected "REJECTED",
        /// Taken back by opposite movements.
        Reversed "REVERSED",
    }
}

words! {
    /// What people may do to an adjustment; the word is the mutation.
    AdjustmentCommand {
        /// Ask for approval.
        Submit "adjustmentSubmit",
        /// Approve and post it.
        Approve "adjustmentApprove",
        /// Refuse it.
        Reject "adjustmentReject",
        /// Take it back.
        Reverse "adjustmentReverse",
    }
}

impl AdjustmentCommand {
    /// The duty that it exercises.
    #[must_use]
    pub fn duty(self) -> Duty {
        match self {
            Self::Submit => Duty::StkAdjust,
            Self::Approve | Self::Reject | Self::Reverse => Duty::StkAdjustApprove,
        }
    }
}

impl AdjustmentStatus {
    /// Does this state allow the command?
    #[must_use]
    pub fn allows(self, command: AdjustmentCommand) -> bool {
        use AdjustmentCommand as C;
        match self {
            Self::Draft => command == C::Submit,
            Self::InApproval => matches!(command, C::Approve | C::Reject),
            Self::Posted => command == C::Reverse,
            Self::Rejected | Self::Reversed => false,
        }
    }

    /// The control state behind it. What is posted can be asked about again: a reversal is decided like a pending one (6.10).
    #[must_use]
    pub fn control(self) -> Option<ControlState> {
        match self {
            Self::Draft => Some(ControlState::Draft),
            Self::InApproval | Self::Posted => Some(ControlState::Pending),
            Self::Rejected | Self::Reversed => None,
        }
    }

    /// Where a document in this state stands for a command.
    #[must_use]
    pub fn standing(self, command: AdjustmentCommand, level: Level) -> Standing {
        let allowed = AdjustmentCommand::ALL.iter().filter(|c| self.allows(**c));
        Standing {
            state: self.as_str().to_owned(),
            control: self.control(),
            permits: self.allows(command),
            allowed: allowed.map(|c| c.as_str().to_owned()).collect(),
            level,
            versions: None,
        }
    }
}

/// A line: what is put right where.
#[derive(Debug, Clone, PartialEq)]
pub struct AdjustmentLine {
    /// Counted from 1.
    pub number: i32,
    /// The place.
    pub place: Place,
    /// In base units: more than zero is found, less is lost.
    pub quantity: Decimal,
    /// What one base unit that comes in costs; the place's average when not given.
    pub unit_cost: Option<Decimal>,
    /// What one base unit moved at, once posted.
    pub moved_cost: Option<Decimal>,
}

/// An adjustment with its lines.
#[derive(Debug, Clone, PartialEq)]
pub struct Adjustment {
    /// Its id.
    pub id: AdjustmentId,
    /// Whose stock.
    pub location: Uuid,
    /// Its state.
    pub status: AdjustmentStatus,
    /// Why; one of [`Reason::OF_ADJUSTMENTS`].
    pub reason: Reason,
    /// For people.
    pub note: Option<String>,
    /// The count that it derives from.
    pub count: Option<Uuid>,
    /// At least one.
    pub lines: Vec<AdjustmentLine>,
    /// What it moves at cost, without sign; zero before it is submitted.
    pub value: Decimal,
    /// The level that its value asked for.
    pub required_level: Option<Level>,
    /// The pass through approval.
    pub round: i32,
    /// Who made it.
    pub maker: Uuid,
    /// The person whose approval posted it; nobody's for a system act.
    pub poster: Option<Uuid>,
    /// Why it was rejected or reversed.
    pub refusal: Option<String>,
    /// Version and end of its chain of events.
    pub trail: Trail,
}

impl Adjustment {
    /// What an act on it is about.
    #[must_use]
    pub fn subject(&self) -> Subject {
        let mut items: Vec<Uuid> = self.lines.iter().map(|l| l.place.item).collect();
        items.sort_unstable();
        items.dedup();
        let subject = Subject::new(DocumentKind::Adjustment, self.id)
            .in_round(self.round)
            .touching(self.location, items);
        match self.count {
            Some(count) => subject.derived_from(count),
            None => subject,
        }
    }

    /// Where it stands for a command.
    #[must_use]
    pub fn standing(&self, command: AdjustmentCommand, expected_version: Option<i32>) -> Standing {
        Standing {
            versions: expected_version.map(|e| (e, self.trail.version)),
            ..self.status.standing(command, self.required_level.unwrap_or_default())
        }
    }

    /// What its lines are worth at cost, without sign.
    ///
    /// # Errors
    /// A line that comes in at no known cost.
    pub fn appraise(&self, stock: &Stock) -> Result<Decimal, Vec<Refusal>> {
        let mut value = Decimal::ZERO;
        let mut refusals = Vec::new();
        for (i, line) in self.lines.iter().enumerate() {
            let average = stock.at(&line.place).average_cost;
            if line.quantity > Decimal::ZERO && line.unit_cost.is_none() && average.is_zero() {
                let message = "There is no cost yet to take this in at: say what one base unit costs.";
                refusals.push(Refusal::new(Code::Required, &[], message).under(&line_field("lines", i, "unitCost")));
            }
            let cost = line
                .unit_cost
                .filter(|_| line.quantity > Decimal::ZERO)
                .unwrap_or(average);
            value += (line.quantity * cost).abs();
        }
        if value > MOST_VALUE {
            refusals.push(Refusal::new(
                Code::TooLarge,
                &["lines"],
                "This is worth more than an adjustment may be.",
            ));
        }
        if refusals.is_empty() {
            Ok(round_to(value, 4))
        } else {
            Err(refusals)
        }
    }

    /// Draft → InApproval.
    pub fn submit(&mut self, value: Decimal, level: Level) {
        self.value = value;
        self.required_level = Some(level);
        self.status = AdjustmentStatus::InApproval;
    }

    /// The movements that post it.
    #[must_use]
    pub fn movements(&self) -> Vec<Movement> {
        let movement = |l: &AdjustmentLine| Movement {
            place: l.place.clone(),
            quantity: l.quantity,
            unit_cost: l.unit_cost,
            reason: self.reason,
            document_line: Some(l.number),
        };
        self.lines.iter().map(movement).collect()
    }

    /// The movements that take it back: at the cost that it moved at.
    #[must_use]
    pub fn opposite(&self) -> Vec<Movement> {
        let movement = |l: &AdjustmentLine| Movement {
            place: l.place.clone(),
            quantity: -l.quantity,
            unit_cost: l.moved_cost,
            reason: Reason::AdjustmentReversal,
            document_line: Some(l.number),
        };
        self.lines.iter().map(movement).collect()
    }

    /// The places that it touches.
    pub fn places(&self) -> impl Iterator<Item = Place> {
        self.lines.iter().map(|l| l.place.clone())
    }
}
