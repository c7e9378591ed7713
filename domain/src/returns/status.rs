//! The states of a return, the commands that each allows, and the control state behind each.

use quartermaster_tenants::policy::{ControlState, Duty};

/// The states that people see. Authorisation by the supplier, packing and credit come with their capabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReturnStatus {
    /// Being written.
    Draft,
    /// Waiting for approval.
    InApproval,
    /// May leave.
    Approved,
    /// Left; a credit is expected.
    Shipped,
    /// Nothing more is expected.
    Closed,
    /// Refused by an approver.
    Rejected,
    /// Withdrawn before it left.
    Cancelled,
}

/// What people may do to a return.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReturnCommand {
    /// Ask for approval.
    Submit,
    /// Approve (a step of) it.
    Approve,
    /// Refuse it.
    Reject,
    /// Let it leave.
    Ship,
    /// Withdraw it.
    Cancel,
}

impl ReturnCommand {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Submit, Self::Approve, Self::Reject, Self::Ship, Self::Cancel];

    /// The duty that it exercises: a draft is withdrawn by whoever may write it, an approved one by whoever may ship it.
    #[must_use]
    pub fn duty(self, status: ReturnStatus) -> Duty {
        match (self, status) {
            (Self::Submit, _) => Duty::RtvCreate,
            (Self::Approve | Self::Reject, _) => Duty::RtvApprove,
            (Self::Cancel, ReturnStatus::Draft) => Duty::RtvCreate,
            (Self::Ship | Self::Cancel, _) => Duty::RtvShip,
        }
    }

    /// The mutation.
    #[must_use]
    pub fn mutation(self) -> &'static str {
        match self {
            Self::Submit => "supplierReturnSubmit",
            Self::Approve => "supplierReturnApprove",
            Self::Reject => "supplierReturnReject",
            Self::Ship => "supplierReturnShip",
            Self::Cancel => "supplierReturnCancel",
        }
    }
}

impl ReturnStatus {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Draft,
        Self::InApproval,
        Self::Approved,
        Self::Shipped,
        Self::Closed,
        Self::Rejected,
        Self::Cancelled,
    ];

    /// The word in the database and in GraphQL.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "DRAFT",
            Self::InApproval => "IN_APPROVAL",
            Self::Approved => "APPROVED",
            Self::Shipped => "SHIPPED",
            Self::Closed => "CLOSED",
            Self::Rejected => "REJECTED",
            Self::Cancelled => "CANCELLED",
        }
    }

    /// Reads the word in the database.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == word)
    }

    /// Does this state allow the command?
    #[must_use]
    pub fn allows(self, command: ReturnCommand) -> bool {
        use ReturnCommand as C;
        match self {
            Self::Draft => matches!(command, C::Submit | C::Cancel),
            Self::InApproval => matches!(command, C::Approve | C::Reject),
            Self::Approved => matches!(command, C::Ship | C::Cancel),
            Self::Shipped | Self::Closed | Self::Rejected | Self::Cancelled => false,
        }
    }

    /// The mutations that this state allows to somebody.
    #[must_use]
    pub fn allowed(self) -> Vec<String> {
        let allowed = ReturnCommand::ALL.into_iter().filter(|c| self.allows(*c));
        allowed.map(|c| c.mutation().to_owned()).collect()
    }

    /// The control state behind it (`sod/duties.csv`).
    #[must_use]
    pub fn control(self) -> Option<ControlState> {
        match self {
            Self::Draft => Some(ControlState::Draft),
            Self::InApproval => Some(ControlState::Pending),
            Self::Approved => Some(ControlState::Approved),
            Self::Shipped | Self::Closed => Some(ControlState::Shipped),
            Self::Rejected => None,
            Self::Cancelled => Some(ControlState::Cancelled),
        }
    }
}
