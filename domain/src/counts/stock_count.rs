//! The count: the aggregate decides. Pure.

use crate::inventory::{Movement, Place, Reason};
use crate::shared::{StockCountId, round_to};
use crate::words;
use quartermaster_tenants::act::{Standing, Subject};
use quartermaster_tenants::event::Trail;
use quartermaster_tenants::policy::{ControlState, DocumentKind, Duty, Level};
use rust_decimal::Decimal;
use uuid::Uuid;

words! {
    /// The states of a count that people see.
    CountStatus {
        /// Scope and tolerance are known.
        Planned "PLANNED",
        /// The snapshot is taken; people count.
        InProgress "IN_PROGRESS",
        /// Some places were outside the tolerance: others count them again.
        RecountAsked "RECOUNT_ASKED",
        /// Waits for the approval of its variance.
        Reviewed "REVIEWED",
        /// The variance was put right.
        Posted "POSTED",
        /// Called off.
        Cancelled "CANCELLED",
    }
}

words! {
    /// What people may do to a count; the word is the mutation.
    CountCommand {
        /// Take the snapshot.
        Start "stockCountStart",
        /// Enter what was counted.
        Enter "stockCountEnter",
        /// Put a pass forward.
        Submit "stockCountSubmit",
        /// Approve the variance.
        Approve "stockCountApprove",
        /// Call it off.
        Cancel "stockCountCancel",
    }
}

impl CountCommand {
    /// The duty that it exercises.
    #[must_use]
    pub fn duty(self) -> Duty {
        match self {
            Self::Start | Self::Cancel => Duty::CntPlan,
            Self::Enter | Self::Submit => Duty::CntEnter,
            Self::Approve => Duty::CntApprove,
        }
    }
}

impl CountStatus {
    /// Does this state allow the command?
    #[must_use]
    pub fn allows(self, command: CountCommand) -> bool {
        use CountCommand as C;
        match self {
            Self::Planned => matches!(command, C::Start | C::Cancel),
            Self::InProgress | Self::RecountAsked => matches!(command, C::Enter | C::Submit | C::Cancel),
            Self::Reviewed => matches!(command, C::Approve | C::Cancel),
            Self::Posted | Self::Cancelled => false,
        }
    }

    /// The control state behind it. To its planner a count that is not yet decided is still a plan that he may call off.
    #[must_use]
    pub fn control(self, command: CountCommand) -> Option<ControlState> {
        match (self, command) {
            (Self::Posted | Self::Cancelled, _) => None,
            (Self::Planned, _) | (_, CountCommand::Cancel) => Some(ControlState::Draft),
            (Self::InProgress | Self::RecountAsked | Self::Reviewed, _) => Some(ControlState::Open),
        }
    }

    /// Where a count in this state stands for a command.
    #[must_use]
    pub fn standing(self, command: CountCommand, level: Level) -> Standing {
        let allowed = CountCommand::ALL.iter().filter(|c| self.allows(**c));
        Standing {
            state: self.as_str().to_owned(),
            control: self.control(command),
            permits: self.allows(command),
            allowed: allowed.map(|c| c.as_str().to_owned()).collect(),
            level: if command == CountCommand::Approve {
                level
            } else {
                Level::ZERO
            },
            versions: None,
        }
    }
}

/// A place that is counted.
#[derive(Debug, Clone, PartialEq)]
pub struct CountLine {
    /// The place.
    pub place: Place,
    /// Is it to be counted in this pass?
    pub asked: bool,
    /// What was counted; `None` before.
    pub counted: Option<Decimal>,
    /// The position when it was counted.
    pub expected: Option<Decimal>,
    /// The position's average cost then.
    pub unit_cost: Option<Decimal>,
    /// The variance of the pass before.
    pub previous_variance: Option<Decimal>,
}

impl CountLine {
    /// Counted − expected; zero before it was counted.
    #[must_use]
    pub fn variance(&self) -> Decimal {
        self.counted.zip(self.expected).map_or(Decimal::ZERO, |(c, e)| c - e)
    }

    /// Is the variance within `tolerance` percent of what was expected?
    #[must_use]
    pub fn is_within(&self, tolerance: Decimal) -> bool {
        self.variance().abs() * Decimal::ONE_HUNDRED <= self.expected.unwrap_or_default().abs() * tolerance
    }

    /// Is this recount to be believed: does it agree with the books, or with the pass before it?
    fn is_settled(&self, tolerance: Decimal) -> bool {
        self.is_within(tolerance) || self.previous_variance == Some(self.variance())
    }
}

/// A stock count; `lines` are those that the act needs.
#[derive(Debug, Clone, PartialEq)]
pub struct StockCount {
    /// Its id.
    pub id: StockCountId,
    /// Where.
    pub location: Uuid,
    /// Its state.
    pub status: CountStatus,
    /// Counters do not see what is expected.
    pub blind: bool,
    /// In percent of what is expected.
    pub tolerance: Decimal,
    /// What is counted; everything at the location where not given.
    pub items: Option<Vec<Uuid>>,
    /// For people.
    pub note: Option<String>,
    /// 1, then 2 and more for recounts.
    pub pass: i32,
    /// The pass through approval: always one, so that a recounter is another person than every counter before (DUAL-05).
    pub round: i32,
    /// The absolute value of the variance, at cost.
    pub value: Decimal,
    /// The level that the value asked for.
    pub required_level: Option<Level>,
    /// Who planned it.
    pub planner: Uuid,
    /// Why it was called off.
    pub reason: Option<String>,
    /// The places.
    pub lines: Vec<CountLine>,
    /// Version and end of its chain of events.
    pub trail: Trail,
}

/// What the review of a submitted pass came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Review {
    /// All places are within the tolerance, or were counted twice alike.
    Settled,
    /// Others count some places again.
    Recount,
}

impl StockCount {
    /// What an act on it is about.
    #[must_use]
    pub fn subject(&self) -> Subject {
        let mut items: Vec<Uuid> = self.lines.iter().map(|l| l.place.item).collect();
        items.sort_unstable();
        items.dedup();
        Subject::new(DocumentKind::StockCount, self.id)
            .in_round(self.round)
            .touching(self.location, items)
    }

    /// Where it stands for a command.
    #[must_use]
    pub fn standing(&self, command: CountCommand, expected_version: Option<i32>) -> Standing {
        Standing {
            versions: expected_version.map(|e| (e, self.trail.version)),
            ..self.status.standing(command, self.required_level.unwrap_or_default())
        }
    }

    /// How many places of this pass nobody has counted yet.
    #[must_use]
    pub fn missing(&self) -> usize {
        self.lines.iter().filter(|l| l.asked && l.counted.is_none()).count()
    }

    /// The submitted pass is looked at: settled, or the places outside the tolerance are to be counted again.
    pub fn review(&mut self) -> Review {
        let (first, tolerance) = (self.pass == 1, self.tolerance);
        let mut again = 0;
        for line in &mut self.lines {
            let settled = if first {
                line.is_within(tolerance)
            } else {
                line.is_settled(tolerance)
            };
            line.asked = line.asked && !settled;
            if line.asked {
                again += 1;
                line.previous_variance = Some(line.variance());
                line.counted = None;
            }
        }
        if again > 0 {
            self.pass += 1;
            self.status = CountStatus::RecountAsked;
            return Review::Recount;
        }
        self.status = CountStatus::Reviewed;
        let worth = |l: &CountLine| (l.variance() * l.unit_cost.unwrap_or_default()).abs();
        self.value = round_to(self.lines.iter().map(worth).sum(), 4);
        Review::Settled
    }

    /// Was something found that has no cost? Nobody can say what that is worth, so somebody has to look at it.
    #[must_use]
    pub fn found_without_cost(&self) -> bool {
        let without = |l: &CountLine| l.variance() > Decimal::ZERO && l.unit_cost.unwrap_or_default().is_zero();
        self.lines.iter().any(without)
    }

    /// The places whose books are to be put right.
    pub fn varied(&self) -> impl Iterator<Item = &CountLine> {
        self.lines.iter().filter(|l| !l.variance().is_zero())
    }

    /// The movements that put the books right.
    #[must_use]
    pub fn movements(&self) -> Vec<Movement> {
        let movement = |l: &CountLine| Movement {
            place: l.place.clone(),
            quantity: l.variance(),
            unit_cost: None,
            reason: Reason::Count,
            document_line: None,
        };
        self.varied().map(movement).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::StockStatus;
    use rust_decimal::dec;

    fn count(lines: &[(Decimal, Decimal)]) -> StockCount {
        let line = |(counted, expected): &(Decimal, Decimal)| CountLine {
            place: Place {
                item: Uuid::now_v7(),
                location: Uuid::nil(),
                lot: String::new(),
                status: StockStatus::Available,
            },
            asked: true,
            counted: Some(*counted),
            expected: Some(*expected),
            unit_cost: Some(dec!(2.5)),
            previous_variance: None,
        };
        StockCount {
            id: StockCountId::fresh(),
            location: Uuid::nil(),
            status: CountStatus::InProgress,
            blind: true,
            tolerance: dec!(2),
            items: None,
            note: None,
            pass: 1,
            round: 1,
            value: Decimal::ZERO,
            required_level: None,
            planner: Uuid::nil(),
            reason: None,
            lines: lines.iter().map(line).collect(),
            trail: Trail::new(),
        }
    }

    #[test]
    fn a_count_within_the_tolerance_is_reviewed_and_worth_its_variance() {
        let mut c = count(&[(dec!(98), dec!(100)), (dec!(51), dec!(50))]);
        assert_eq!(c.review(), Review::Settled);
        assert_eq!((c.status, c.value), (CountStatus::Reviewed, dec!(7.5)));
        assert_eq!(c.movements().len(), 2);
    }

    #[test]
    fn only_places_outside_the_tolerance_are_counted_again_and_the_same_result_is_believed() {
        let mut c = count(&[(dec!(97.9), dec!(100)), (dec!(50), dec!(50))]);
        assert_eq!(c.review(), Review::Recount);
        assert_eq!((c.status, c.pass, c.missing()), (CountStatus::RecountAsked, 2, 1));
        assert!(!c.lines[1].asked);
        c.lines[0].counted = Some(dec!(90));
        assert_eq!(c.review(), Review::Recount, "another result: a third person counts");
        c.lines[0].counted = Some(dec!(90));
        assert_eq!(c.review(), Review::Settled);
        assert_eq!((c.pass, c.value), (3, dec!(25)));
    }

    #[test]
    fn nothing_expected_tolerates_nothing() {
        assert_eq!(count(&[(dec!(1), dec!(0))]).review(), Review::Recount);
        assert_eq!(count(&[(dec!(0), dec!(0))]).review(), Review::Settled);
    }
}
