//! The states of a purchase order, the commands that each allows, and the control state behind each.

use quartermaster_tenants::policy::{ControlState, Duty};

/// The states that people see (UBL Order; X12 850). Dispatch and confirmation by the supplier come with their channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OrderStatus {
    /// Being written.
    Draft,
    /// Waiting for approval.
    InApproval,
    /// Approved, not yet given to the supplier.
    Approved,
    /// Given to the supplier.
    Released,
    /// Something was received.
    PartiallyReceived,
    /// Everything was received or short-closed.
    Received,
    /// Refused by an approver.
    Rejected,
    /// Withdrawn before anything was received.
    Cancelled,
    /// Stopped for the time being.
    OnHold,
}

/// What people may do to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OrderCommand {
    /// Edit header and lines of a draft.
    Update,
    /// Ask for approval.
    Submit,
    /// Approve (a step of) it.
    Approve,
    /// Send it back to its maker.
    Return,
    /// Refuse it for good.
    Reject,
    /// Give it to the supplier.
    Release,
    /// Withdraw it.
    Cancel,
    /// Stop it for the time being.
    Hold,
    /// Go on with it.
    Resume,
    /// Expect no more of some lines.
    ShortClose,
    /// Propose a new revision.
    Change,
    /// Receive against it.
    Receive,
}

impl OrderCommand {
    /// All of them, in the order of an order's life.
    pub const ALL: [Self; 12] = [
        Self::Update,
        Self::Submit,
        Self::Approve,
        Self::Return,
        Self::Reject,
        Self::Release,
        Self::Cancel,
        Self::Hold,
        Self::Resume,
        Self::ShortClose,
        Self::Change,
        Self::Receive,
    ];

    /// The duty that it exercises.
    #[must_use]
    pub fn duty(self) -> Duty {
        match self {
            Self::Update => Duty::PoCreate,
            Self::Submit => Duty::PoSubmit,
            Self::Approve | Self::Return | Self::Reject => Duty::PoApprove,
            Self::Release => Duty::PoSend,
            Self::Cancel | Self::Hold | Self::Resume | Self::ShortClose => Duty::PoCancel,
            Self::Change => Duty::CoCreate,
            Self::Receive => Duty::RcvRecord,
        }
    }

    /// The mutation.
    #[must_use]
    pub fn mutation(self) -> &'static str {
        match self {
            Self::Update => "purchaseOrderUpdate",
            Self::Submit => "purchaseOrderSubmit",
            Self::Approve => "purchaseOrderApprove",
            Self::Return => "purchaseOrderReturn",
            Self::Reject => "purchaseOrderReject",
            Self::Release => "purchaseOrderRelease",
            Self::Cancel => "purchaseOrderCancel",
            Self::Hold => "purchaseOrderHold",
            Self::Resume => "purchaseOrderResume",
            Self::ShortClose => "purchaseOrderShortClose",
            Self::Change => "changeOrderCreate",
            Self::Receive => "receiptOpen",
        }
    }
}

impl OrderStatus {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Draft,
        Self::InApproval,
        Self::Approved,
        Self::Released,
        Self::PartiallyReceived,
        Self::Received,
        Self::Rejected,
        Self::Cancelled,
        Self::OnHold,
    ];

    /// The word in the database and in GraphQL.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "DRAFT",
            Self::InApproval => "IN_APPROVAL",
            Self::Approved => "APPROVED",
            Self::Released => "RELEASED",
            Self::PartiallyReceived => "PARTIALLY_RECEIVED",
            Self::Received => "RECEIVED",
            Self::Rejected => "REJECTED",
            Self::Cancelled => "CANCELLED",
            Self::OnHold => "ON_HOLD",
        }
    }

    /// Reads the word in the database.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == word)
    }

    /// Does this state allow the command?
    #[must_use]
    pub fn allows(self, command: OrderCommand) -> bool {
        use OrderCommand as C;
        match self {
            Self::Draft => matches!(command, C::Update | C::Submit | C::Cancel | C::Hold),
            Self::InApproval => matches!(command, C::Approve | C::Return | C::Reject | C::Cancel | C::Hold),
            Self::Approved => matches!(command, C::Release | C::Cancel | C::Hold),
            Self::Released => matches!(command, C::Cancel | C::Hold | C::ShortClose | C::Change | C::Receive),
            Self::PartiallyReceived => {
                matches!(command, C::Hold | C::ShortClose | C::Change | C::Receive)
            }
            Self::OnHold => matches!(command, C::Resume),
            Self::Received | Self::Rejected | Self::Cancelled => false,
        }
    }

    /// The mutations that this state allows to somebody.
    #[must_use]
    pub fn allowed(self) -> Vec<String> {
        OrderCommand::ALL
            .into_iter()
            .filter(|c| self.allows(*c))
            .map(|c| c.mutation().to_owned())
            .collect()
    }

    /// The control state behind it (`sod/duties.csv`). A held order has that of the state it was held in; see
    /// [`super::PurchaseOrder::standing`].
    #[must_use]
    pub fn control(self) -> Option<ControlState> {
        match self {
            Self::Draft => Some(ControlState::Draft),
            Self::InApproval => Some(ControlState::Submitted),
            Self::Approved => Some(ControlState::Approved),
            Self::Released | Self::PartiallyReceived => Some(ControlState::Sent),
            Self::Cancelled => Some(ControlState::Cancelled),
            Self::Received | Self::Rejected | Self::OnHold => None,
        }
    }
}
