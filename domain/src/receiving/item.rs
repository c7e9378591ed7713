//! What receiving needs to know of an item: units, lots, dates.

use crate::shared::code;
use chrono::NaiveDate;
use quartermaster_tenants::{Refusal, error::Code};
use rust_decimal::Decimal;

/// What a line needs to know of its item.
#[derive(Debug, Clone)]
pub struct ReceivedItem {
    /// Its base unit.
    pub base_unit: String,
    /// Needs a lot.
    pub lot_tracked: bool,
    /// Needs an expiry date.
    pub expiry_tracked: bool,
    /// Its packs: unit and base units in one.
    pub packs: Vec<(String, Decimal)>,
}

impl ReceivedItem {
    /// Base units in one of this unit.
    #[must_use]
    pub fn base_per(&self, unit: &str) -> Option<Decimal> {
        if self.base_unit == unit {
            return Some(Decimal::ONE);
        }
        self.packs.iter().find(|(u, _)| u == unit).map(|(_, base)| *base)
    }

    /// The lot that this item needs, or must not have.
    ///
    /// # Errors
    /// It is missing, not wanted, or no code.
    pub fn lot(&self, lot: Option<&str>) -> Result<String, Refusal> {
        match (self.lot_tracked, lot.filter(|l| !l.trim().is_empty())) {
            (true, None) => Err(Refusal::new(
                Code::Required,
                &[],
                "This item is tracked by lot: the lot is needed.",
            )),
            (true, Some(lot)) => code(&[], lot),
            (false, Some(_)) => Err(Refusal::invalid(&[], "This item is not tracked by lot.")),
            (false, None) => Ok(String::new()),
        }
    }

    /// An expiry date, where the item needs one.
    ///
    /// # Errors
    /// It is missing.
    pub fn expiry(&self, date: Option<NaiveDate>, came: Decimal) -> Result<(), Refusal> {
        if date.is_none() && self.expiry_tracked && came > Decimal::ZERO {
            let message = "This item is tracked by expiry: the expiry date is needed.";
            return Err(Refusal::new(Code::Required, &[], message));
        }
        Ok(())
    }
}
