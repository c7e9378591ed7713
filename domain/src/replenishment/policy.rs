//! The replenishment policy: its states, its commands, the control state behind each. Pure.

use crate::shared::ReplenishmentPolicyId;
use crate::words;
use quartermaster_tenants::act::{Standing, Subject};
use quartermaster_tenants::event::Trail;
use quartermaster_tenants::policy::{ControlState, DocumentKind, Duty};
use rust_decimal::Decimal;
use uuid::Uuid;

words! {
    /// Where a policy stands.
    PolicyStatus {
        /// Waiting for another person.
        Pending "PENDING",
        /// Approved, and in force from that moment on until another one says otherwise.
        Approved "APPROVED",
        /// Refused.
        Rejected "REJECTED",
        /// Taken back.
        Withdrawn "WITHDRAWN",
    }
}

words! {
    /// What people may do to a policy; the word is the mutation.
    PolicyCommand {
        /// Approve it.
        Approve "replenishmentPolicyApprove",
        /// Refuse it.
        Reject "replenishmentPolicyReject",
        /// Take it back.
        Withdraw "replenishmentPolicyWithdraw",
    }
}

impl PolicyCommand {
    /// The duty that it exercises.
    #[must_use]
    pub fn duty(self) -> Duty {
        match self {
            Self::Approve | Self::Reject => Duty::ReplApprove,
            Self::Withdraw => Duty::ReplEdit,
        }
    }
}

impl PolicyStatus {
    /// Does this state allow the command?
    #[must_use]
    pub fn allows(self, command: PolicyCommand) -> bool {
        match command {
            PolicyCommand::Approve | PolicyCommand::Reject | PolicyCommand::Withdraw => self == Self::Pending,
        }
    }

    /// The control state behind it. To those who propose, what nobody has decided is a draft that they can take back.
    #[must_use]
    pub fn control(self, command: PolicyCommand) -> Option<ControlState> {
        match (self, command) {
            (Self::Pending, PolicyCommand::Withdraw) => Some(ControlState::Draft),
            (Self::Pending, _) => Some(ControlState::Pending),
            (Self::Approved, _) => Some(ControlState::Approved),
            (Self::Rejected | Self::Withdrawn, _) => None,
        }
    }
}

/// What a policy says of an item at a location, in base units.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyLine {
    /// What.
    pub item: Uuid,
    /// Where.
    pub location: Uuid,
    /// Below this it is reordered.
    pub reorder_point: Decimal,
    /// What is kept against surprises; part of the reorder point.
    pub safety_stock: Decimal,
}

/// A policy. Its lines never change.
#[derive(Debug, Clone, PartialEq)]
pub struct ReplenishmentPolicy {
    /// Its id.
    pub id: ReplenishmentPolicyId,
    /// Where it stands.
    pub status: PolicyStatus,
    /// For people.
    pub note: Option<String>,
    /// The locations of its lines, each once.
    pub locations: Vec<Uuid>,
    /// How many lines.
    pub line_count: i32,
    /// Who proposed it.
    pub proposer: Uuid,
    /// Who approved, refused or withdrew it.
    pub decider: Option<Uuid>,
    /// Why it was refused or withdrawn.
    pub reason: Option<String>,
    /// Version and end of its chain of events.
    pub trail: Trail,
}

impl ReplenishmentPolicy {
    /// A new one, with lines at these locations.
    #[must_use]
    pub fn new(proposer: Uuid, mut locations: Vec<Uuid>) -> Self {
        let line_count = i32::try_from(locations.len()).unwrap_or(i32::MAX);
        locations.sort_unstable();
        locations.dedup();
        Self {
            id: ReplenishmentPolicyId::fresh(),
            status: PolicyStatus::Pending,
            note: None,
            locations,
            line_count,
            proposer,
            decider: None,
            reason: None,
            trail: Trail::new(),
        }
    }

    /// The location that it is about, when that is one.
    #[must_use]
    pub fn only_location(&self) -> Option<Uuid> {
        match self.locations.as_slice() {
            [one] => Some(*one),
            _ => None,
        }
    }

    /// What an act on it is about.
    #[must_use]
    pub fn subject(&self) -> Subject {
        let subject = Subject::new(DocumentKind::ReplenishmentPolicy, self.id);
        match self.only_location() {
            Some(location) => subject.at(location),
            None => subject,
        }
    }

    /// Where it stands for a command.
    #[must_use]
    pub fn standing(&self, command: PolicyCommand, expected_version: Option<i32>) -> Standing {
        let allowed = PolicyCommand::ALL.iter().filter(|c| self.status.allows(**c));
        Standing {
            state: self.status.as_str().to_owned(),
            control: self.status.control(command),
            permits: self.status.allows(command),
            allowed: allowed.map(|c| c.as_str().to_owned()).collect(),
            versions: expected_version.map(|e| (e, self.trail.version)),
            ..Standing::default()
        }
    }

    /// Pending → Approved, Rejected or Withdrawn.
    pub fn decide(&mut self, status: PolicyStatus, by: Uuid, reason: Option<String>) {
        self.status = status;
        self.decider = Some(by);
        self.reason = reason;
        self.trail.touch();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_duty_of_every_allowed_command_may_start_from_the_control_state() {
        for status in PolicyStatus::ALL {
            for command in PolicyCommand::ALL.iter().filter(|c| status.allows(**c)) {
                let control = status.control(*command).expect("a control state");
                assert!(
                    command.duty().from_states().contains(&control),
                    "{status:?} {command:?}"
                );
            }
        }
    }

    #[test]
    fn a_policy_names_each_of_its_locations_once() {
        let (a, b) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let of = |locations: &[Uuid]| ReplenishmentPolicy::new(Uuid::nil(), locations.to_vec());
        assert_eq!(of(&[b, a, b]).locations, [a, b]);
        assert_eq!(of(&[b, a, b]).line_count, 3);
        assert_eq!(
            (of(&[a, a]).only_location(), of(&[a, b]).only_location()),
            (Some(a), None)
        );
    }
}
