//! Money: decimals with a currency of ISO 4217, rounded half away from zero to the currency's minor unit.

use quartermaster_tenants::Refusal;
use quartermaster_tenants::error::Code;
use rust_decimal::{Decimal, RoundingStrategy};

/// A currency of ISO 4217 that money can be counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// The currency with this alphabetic code.
    ///
    /// # Errors
    /// A refusal that names the field.
    pub fn parse(field: &[&str], code: &str) -> Result<Self, Refusal> {
        iso_currency::Currency::from_code(code)
            .filter(|c| c.exponent().is_some())
            .map(Self)
            .ok_or_else(|| Refusal::new(Code::UnknownCode, field, "This is no currency code of ISO 4217."))
    }

    /// Its alphabetic code.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// Digits of its minor unit: 2 for USD, 0 for JPY, 3 for KWD.
    #[must_use]
    pub fn exponent(self) -> u32 {
        u32::from(self.0.exponent().unwrap_or(2))
    }

    /// An amount in this currency, rounded to its minor unit.
    #[must_use]
    pub fn round(self, amount: Decimal) -> Decimal {
        round_to(amount, self.exponent())
    }
}

/// Rounds half away from zero, as invoices do.
#[must_use]
pub fn round_to(amount: Decimal, digits: u32) -> Decimal {
    amount.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rust_decimal::dec;

    proptest! {
        #[test]
        fn no_text_panics_as_a_currency_and_a_known_one_keeps_its_code(text in "[A-Z]{3}|.{0,6}") {
            if let Ok(currency) = Currency::parse(&["currencyCode"], &text) {
                prop_assert_eq!(currency.code(), text.as_str());
            }
            if let Ok(unit) = crate::shared::unit::parse(&["unit"], &text) {
                prop_assert_eq!(unit, text.as_str());
            }
        }
    }

    #[test]
    fn money_is_rounded_half_away_from_zero_to_the_currency() {
        let usd = Currency::parse(&[], "USD").unwrap();
        let jpy = Currency::parse(&[], "JPY").unwrap();
        assert_eq!(usd.round(dec!(2.345)), dec!(2.35));
        assert_eq!(usd.round(dec!(-2.345)), dec!(-2.35));
        assert_eq!(jpy.round(dec!(2.5)), dec!(3));
    }

    #[test]
    fn codes_that_are_no_money_are_refused() {
        for code in ["XTS", "usd", "", "US", "ZZZ"] {
            assert!(Currency::parse(&["currency"], code).is_err(), "{code}");
        }
    }
}
