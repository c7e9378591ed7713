//! The words of the stock ledger.

use crate::words;
use rust_decimal::Decimal;
use uuid::Uuid;

words! {
    /// The state that stock is in at its place (EPCIS dispositions, coarse).
    StockStatus {
        /// May be used.
        Available "AVAILABLE",
        /// Waits for a decision on its quality.
        Quarantine "QUARANTINE",
        /// On its way to this location.
        InTransit "IN_TRANSIT",
    }
}

words! {
    /// Why stock moved.
    Reason {
        /// Goods came from a supplier.
        Receipt "RECEIPT",
        /// A receipt was taken back.
        ReceiptReversal "RECEIPT_REVERSAL",
        /// Goods went back to the supplier.
        SupplierReturn "SUPPLIER_RETURN",
        /// A return was taken back.
        SupplierReturnReversal "SUPPLIER_RETURN_REVERSAL",
        /// Broken.
        Damage "DAMAGE",
        /// Stolen.
        Theft "THEFT",
        /// Past its date.
        Expiry "EXPIRY",
        /// Given away or tested.
        Sample "SAMPLE",
        /// There was more than the books said.
        Found "FOUND",
        /// It was booked in a wrong unit.
        UnitError "UNIT_ERROR",
        /// An error of a system is put right.
        SystemRepair "SYSTEM_REPAIR",
        /// An adjustment was taken back.
        AdjustmentReversal "ADJUSTMENT_REVERSAL",
        /// A count found another quantity.
        Count "COUNT",
        /// Sent to another location.
        TransferShip "TRANSFER_SHIP",
        /// Arrived from another location.
        TransferReceive "TRANSFER_RECEIVE",
        /// Sent to another location, and did not arrive.
        TransferLoss "TRANSFER_LOSS",
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

impl Reason {
    /// Those that people give for an adjustment.
    pub const OF_ADJUSTMENTS: [Self; 7] = [
        Self::Damage,
        Self::Theft,
        Self::Expiry,
        Self::Sample,
        Self::Found,
        Self::UnitError,
        Self::SystemRepair,
    ];

    /// May stock come in (`true`) or go out (`false`) for this reason?
    #[must_use]
    pub fn fits(self, incoming: bool) -> bool {
        match self {
            Self::Damage | Self::Theft | Self::Expiry | Self::Sample => !incoming,
            Self::Found => incoming,
            _ => true,
        }
    }
}
