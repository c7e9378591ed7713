//! The states of a transfer, and what people may do to it in each.

use crate::words;
use quartermaster_tenants::act::Standing;
use quartermaster_tenants::policy::{ControlState, Duty};

words! {
    /// The states of a transfer that people see.
    TransferStatus {
        /// Requested, waiting to be approved: only for a moment, as no duty approves transfers.
        Requested "REQUESTED",
        /// Waits to be picked or shipped.
        Approved "APPROVED",
        /// Its stock is promised at the sender and being picked.
        Picking "PICKING",
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
        /// Promise its stock at the sender, and pick it.
        Pick "transferPick",
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
            Self::Pick | Self::Ship => Duty::TrfShip,
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
            Self::Approved => matches!(command, C::Pick | C::Ship | C::Cancel),
            Self::Picking => matches!(command, C::Ship | C::Cancel),
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
            (Self::Requested | Self::Approved | Self::Picking, _) => Some(ControlState::Open),
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
