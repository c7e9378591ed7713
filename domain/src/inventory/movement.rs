//! The words of the stock ledger.

use rust_decimal::Decimal;
use uuid::Uuid;

/// The state that stock is in at its place (EPCIS dispositions, coarse).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StockStatus {
    /// May be used.
    Available,
    /// Waits for a decision on its quality.
    Quarantine,
    /// On its way to this location.
    InTransit,
}

impl StockStatus {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Available, Self::Quarantine, Self::InTransit];

    /// The word in the database and in GraphQL.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Available => "AVAILABLE",
            Self::Quarantine => "QUARANTINE",
            Self::InTransit => "IN_TRANSIT",
        }
    }

    /// Reads the word in the database.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == word)
    }
}

/// Why stock moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// Goods came from a supplier.
    Receipt,
    /// A receipt was taken back.
    ReceiptReversal,
    /// Goods went back to the supplier.
    SupplierReturn,
    /// A return was taken back.
    SupplierReturnReversal,
    /// Broken.
    Damage,
    /// Stolen.
    Theft,
    /// Past its date.
    Expiry,
    /// Given away or tested.
    Sample,
    /// There was more than the books said.
    Found,
    /// It was booked in a wrong unit.
    UnitError,
    /// An error of a system is put right.
    SystemRepair,
    /// An adjustment was taken back.
    AdjustmentReversal,
    /// A count found another quantity.
    Count,
    /// Sent to another location.
    TransferShip,
    /// Arrived from another location.
    TransferReceive,
    /// Sent to another location, and did not arrive.
    TransferLoss,
}

impl Reason {
    /// The word in the database and in GraphQL.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Receipt => "RECEIPT",
            Self::ReceiptReversal => "RECEIPT_REVERSAL",
            Self::SupplierReturn => "SUPPLIER_RETURN",
            Self::SupplierReturnReversal => "SUPPLIER_RETURN_REVERSAL",
            Self::Damage => "DAMAGE",
            Self::Theft => "THEFT",
            Self::Expiry => "EXPIRY",
            Self::Sample => "SAMPLE",
            Self::Found => "FOUND",
            Self::UnitError => "UNIT_ERROR",
            Self::SystemRepair => "SYSTEM_REPAIR",
            Self::AdjustmentReversal => "ADJUSTMENT_REVERSAL",
            Self::Count => "COUNT",
            Self::TransferShip => "TRANSFER_SHIP",
            Self::TransferReceive => "TRANSFER_RECEIVE",
            Self::TransferLoss => "TRANSFER_LOSS",
        }
    }
}

/// A place in stock, of the tenant's own goods. The order of places is the order in which they are locked.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// What lies there.
    pub item: Uuid,
    /// Where.
    pub location: Uuid,
    /// Its lot; empty for none.
    pub lot: String,
    /// In which state.
    pub status: StockStatus,
}

/// One movement: into a place or out of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    /// The place.
    pub place: Place,
    /// In base units; negative out of the place.
    pub quantity: Decimal,
    /// What one base unit costs that comes in, in the tenant's currency; the place's average where not given. What goes out
    /// goes at the average, whatever stands here.
    pub unit_cost: Option<Decimal>,
    /// Why.
    pub reason: Reason,
    /// The line of the document that moved it.
    pub document_line: Option<i32>,
}
