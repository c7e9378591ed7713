//! The change document: its states, its commands, and the control state behind each. Pure.

use crate::words;
use quartermaster_tenants::act::{Standing, Subject};
use quartermaster_tenants::event::Trail;
use quartermaster_tenants::policy::{ControlState, DocumentKind, Duty};
use uuid::Uuid;

words! {
    /// What kind of master data a change is about.
    ChangeKind {
        /// Supplier records.
        Supplier "SUPPLIER_CHANGE",
        /// Items.
        Item "ITEM_CHANGE",
        /// Agreed prices and terms of supplier items.
        Price "PRICE_LIST",
    }
}

words! {
    /// Where a change stands.
    ChangeStatus {
        /// An import is still being read into it.
        Draft "DRAFT",
        /// Waiting for another person.
        Pending "PENDING",
        /// Approved, and applied in the same moment.
        Approved "APPROVED",
        /// Refused.
        Rejected "REJECTED",
        /// Taken back.
        Withdrawn "WITHDRAWN",
    }
}

words! {
    /// What a change, or one line of it, does to a record.
    Action {
        /// A new record.
        Create "CREATE",
        /// Another content.
        Update "UPDATE",
        /// A supplier ends.
        Close "CLOSE",
        /// An item may be ordered again.
        Activate "ACTIVATE",
        /// An item may be ordered no more.
        Deactivate "DEACTIVATE",
        /// A list of prices.
        Prices "PRICES",
        /// Many records of a file.
        Import "IMPORT",
    }
}

/// What people may do to a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeCommand {
    /// Add lines to it, while an import is read.
    Add,
    /// Approve and apply it.
    Approve,
    /// Refuse it.
    Reject,
    /// Take it back.
    Withdraw,
}

impl ChangeCommand {
    /// All that people give by name.
    pub const ALL: [Self; 3] = [Self::Approve, Self::Reject, Self::Withdraw];
}

impl ChangeKind {
    /// The document type of the policy.
    #[must_use]
    pub fn document(self) -> DocumentKind {
        match self {
            Self::Supplier => DocumentKind::SupplierChange,
            Self::Item => DocumentKind::ItemChange,
            Self::Price => DocumentKind::PriceList,
        }
    }

    /// The duty of a command.
    #[must_use]
    pub fn duty(self, command: ChangeCommand) -> Duty {
        use ChangeCommand as C;
        match (self, command) {
            (Self::Supplier, C::Add | C::Withdraw) => Duty::SupPropose,
            (Self::Supplier, C::Approve | C::Reject) => Duty::SupApprove,
            (Self::Item, C::Add | C::Withdraw) => Duty::ItemPropose,
            (Self::Item, C::Approve | C::Reject) => Duty::ItemApprove,
            (Self::Price, C::Add | C::Withdraw) => Duty::PricePropose,
            (Self::Price, C::Approve | C::Reject) => Duty::PriceApprove,
        }
    }

    /// The mutation of a command.
    #[must_use]
    pub fn mutation(self, command: ChangeCommand) -> &'static str {
        use ChangeCommand as C;
        match (self, command) {
            (Self::Supplier, C::Approve) => "supplierChangeApprove",
            (Self::Supplier, C::Reject) => "supplierChangeReject",
            (Self::Supplier, C::Withdraw) => "supplierChangeWithdraw",
            (Self::Item, C::Approve) => "itemChangeApprove",
            (Self::Item, C::Reject) => "itemChangeReject",
            (Self::Item, C::Withdraw) => "itemChangeWithdraw",
            (Self::Price, C::Approve) => "priceListApprove",
            (Self::Price, C::Reject) => "priceListReject",
            (Self::Price, C::Withdraw) => "priceListWithdraw",
            (_, C::Add) => "import",
        }
    }

    /// The event of a state that a change of this kind reached.
    #[must_use]
    pub fn event(self, status: ChangeStatus) -> &'static str {
        use ChangeStatus as S;
        match (self, status) {
            (Self::Supplier, S::Draft) => "supplier-change-started",
            (Self::Supplier, S::Pending) => "supplier-change-proposed",
            (Self::Supplier, S::Approved) => "supplier-change-approved",
            (Self::Supplier, S::Rejected) => "supplier-change-rejected",
            (Self::Supplier, S::Withdrawn) => "supplier-change-withdrawn",
            (Self::Item, S::Draft) => "item-change-started",
            (Self::Item, S::Pending) => "item-change-proposed",
            (Self::Item, S::Approved) => "item-change-approved",
            (Self::Item, S::Rejected) => "item-change-rejected",
            (Self::Item, S::Withdrawn) => "item-change-withdrawn",
            (Self::Price, S::Draft) => "price-list-started",
            (Self::Price, S::Pending) => "price-list-proposed",
            (Self::Price, S::Approved) => "price-list-approved",
            (Self::Price, S::Rejected) => "price-list-rejected",
            (Self::Price, S::Withdrawn) => "price-list-withdrawn",
        }
    }
}

impl ChangeStatus {
    /// The control state behind it (`sod/duties.csv`); `None` allows no duty.
    #[must_use]
    pub fn control(self) -> Option<ControlState> {
        match self {
            Self::Draft => Some(ControlState::Draft),
            Self::Pending => Some(ControlState::Pending),
            Self::Approved => Some(ControlState::Approved),
            Self::Rejected | Self::Withdrawn => None,
        }
    }

    /// Does this state allow the command?
    #[must_use]
    pub fn allows(self, command: ChangeCommand) -> bool {
        use ChangeCommand as C;
        match self {
            Self::Draft => matches!(command, C::Add | C::Withdraw),
            Self::Pending => matches!(command, C::Approve | C::Reject | C::Withdraw),
            Self::Approved | Self::Rejected | Self::Withdrawn => false,
        }
    }
}

/// A change document.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Its id.
    pub id: Uuid,
    /// What it is about.
    pub kind: ChangeKind,
    /// Where it stands.
    pub status: ChangeStatus,
    /// What it does.
    pub action: Action,
    /// The one record that it is about; none for many.
    pub target: Option<Uuid>,
    /// What people call it: a price list's name, an import's file.
    pub name: Option<String>,
    /// How many records.
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

impl Change {
    /// A new one.
    #[must_use]
    pub fn new(kind: ChangeKind, action: Action, proposer: Uuid) -> Self {
        Self {
            id: Uuid::now_v7(),
            kind,
            status: ChangeStatus::Pending,
            action,
            target: None,
            name: None,
            line_count: 0,
            proposer,
            decider: None,
            reason: None,
            trail: Trail::new(),
        }
    }

    /// What an act on it is about.
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject::new(self.kind.document(), self.id)
    }

    /// Where it stands for a command. Taking back is the maker's own act, as long as nobody decided: to it the change is a draft.
    #[must_use]
    pub fn standing(&self, command: ChangeCommand, expected_version: Option<i32>) -> Standing {
        let permits = self.status.allows(command);
        let control = match command {
            ChangeCommand::Withdraw if permits => Some(ControlState::Draft),
            _ => self.status.control(),
        };
        Standing {
            state: self.status.as_str().to_owned(),
            control,
            permits,
            allowed: ChangeCommand::ALL
                .into_iter()
                .filter(|c| self.status.allows(*c))
                .map(|c| self.kind.mutation(c).to_owned())
                .collect(),
            versions: expected_version.map(|e| (e, self.trail.version)),
            ..Standing::default()
        }
    }

    /// Pending → Approved, Rejected or Withdrawn.
    pub fn decide(&mut self, status: ChangeStatus, by: Uuid, reason: Option<String>) {
        self.status = status;
        self.decider = Some(by);
        self.reason = reason;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_duty_of_every_allowed_command_may_start_from_the_control_state() {
        for &kind in ChangeKind::ALL {
            for &status in ChangeStatus::ALL {
                let mut change = Change::new(kind, Action::Update, Uuid::nil());
                change.status = status;
                for command in [ChangeCommand::Add].into_iter().chain(ChangeCommand::ALL) {
                    let standing = change.standing(command, None);
                    let possible = standing
                        .control
                        .is_some_and(|c| kind.duty(command).from_states().contains(&c));
                    assert!(!standing.permits || possible, "{kind:?} {status:?} {command:?}");
                }
            }
        }
    }

    #[test]
    fn what_is_decided_stays_decided() {
        for status in [ChangeStatus::Approved, ChangeStatus::Rejected, ChangeStatus::Withdrawn] {
            assert!(ChangeCommand::ALL.into_iter().all(|c| !status.allows(c)));
        }
    }
}
