//! The states of a receipt, the commands that each allows, and the control state behind each.

use quartermaster_tenants::policy::{ControlState, Duty};

/// The states that people see (UBL ReceiptAdvice; X12 861). Inspection and finance come with their capabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReceiptStatus {
    /// The goods are being counted.
    Open,
    /// Taken into stock; what came differs from what was ordered, and somebody is to decide.
    Discrepant,
    /// Taken into stock, nothing left to decide.
    Accepted,
    /// Taken back.
    Reversed,
    /// Given up before anything was taken into stock.
    Cancelled,
}

/// What people may do to a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReceiptCommand {
    /// Enter what came.
    RecordLines,
    /// Take it into stock.
    Complete,
    /// Give it up.
    Cancel,
    /// Take it back.
    Reverse,
    /// Say by hand that something differs.
    RaiseDiscrepancy,
}

impl ReceiptCommand {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::RecordLines,
        Self::Complete,
        Self::Cancel,
        Self::Reverse,
        Self::RaiseDiscrepancy,
    ];

    /// The duty that it exercises.
    #[must_use]
    pub fn duty(self) -> Duty {
        match self {
            Self::RecordLines | Self::Complete | Self::Cancel => Duty::RcvRecord,
            Self::Reverse => Duty::RcvReverse,
            Self::RaiseDiscrepancy => Duty::DiscRaise,
        }
    }

    /// The mutation.
    #[must_use]
    pub fn mutation(self) -> &'static str {
        match self {
            Self::RecordLines => "receiptRecordLines",
            Self::Complete => "receiptComplete",
            Self::Cancel => "receiptCancel",
            Self::Reverse => "receiptReverse",
            Self::RaiseDiscrepancy => "discrepancyRaise",
        }
    }
}

impl ReceiptStatus {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Open,
        Self::Discrepant,
        Self::Accepted,
        Self::Reversed,
        Self::Cancelled,
    ];

    /// The word in the database and in GraphQL.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Discrepant => "DISCREPANT",
            Self::Accepted => "ACCEPTED",
            Self::Reversed => "REVERSED",
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
    pub fn allows(self, command: ReceiptCommand) -> bool {
        use ReceiptCommand as C;
        match self {
            Self::Open => matches!(command, C::RecordLines | C::Complete | C::Cancel),
            Self::Discrepant | Self::Accepted => matches!(command, C::Reverse | C::RaiseDiscrepancy),
            Self::Reversed | Self::Cancelled => false,
        }
    }

    /// The mutations that this state allows to somebody.
    #[must_use]
    pub fn allowed(self) -> Vec<String> {
        ReceiptCommand::ALL
            .into_iter()
            .filter(|c| self.allows(*c))
            .map(|c| c.mutation().to_owned())
            .collect()
    }

    /// Are its goods in stock?
    #[must_use]
    pub fn is_posted(self) -> bool {
        matches!(self, Self::Discrepant | Self::Accepted)
    }

    /// The control state behind it (`sod/duties.csv`).
    #[must_use]
    pub fn control(self) -> Option<ControlState> {
        match self {
            Self::Open => Some(ControlState::Open),
            Self::Discrepant | Self::Accepted => Some(ControlState::Posted),
            Self::Reversed => Some(ControlState::Reversed),
            Self::Cancelled => Some(ControlState::Cancelled),
        }
    }
}
