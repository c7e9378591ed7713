//! Unit prices of four decimals under which a line's amount stays what the file says, to the cent.

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

/// Decimals of a unit price.
const PRICE_DECIMALS: u32 = 4;
/// Decimals of an amount.
const AMOUNT_DECIMALS: u32 = 2;

/// A quantity, its unit price and its amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PricedLine {
    /// Base units, at least one.
    pub quantity: u64,
    /// Four decimals at most.
    #[serde(with = "rust_decimal::serde::str")]
    pub unit_price: Decimal,
    /// Quantity times price, rounded to the cent.
    #[serde(with = "rust_decimal::serde::str")]
    pub amount: Decimal,
}

/// Prices a line of `quantity` (not zero) base units for `amount` (not negative, whole cents).
///
/// Nearly always one line. Its product of quantity and price lies less than half a cent from the amount, so that every
/// way of rounding gives the amount. Where four decimals cannot do that (from a hundred units on they may not), two lines
/// with prices of whole cents, a cent apart, make the amount exactly.
#[must_use]
pub fn price(quantity: u64, amount: Decimal) -> Vec<PricedLine> {
    let units = Decimal::from(quantity.max(1));
    let near = (amount / units).round_dp_with_strategy(PRICE_DECIMALS, RoundingStrategy::MidpointAwayFromZero);
    let line = |quantity: u64, unit_price| PricedLine {
        quantity,
        unit_price,
        amount: unit_price * Decimal::from(quantity),
    };
    if (units * near - amount).abs() < Decimal::new(5, 3) {
        return vec![PricedLine {
            quantity,
            unit_price: near,
            amount,
        }];
    }
    let cent = Decimal::new(1, 2);
    let low = (amount / units).round_dp_with_strategy(AMOUNT_DECIMALS, RoundingStrategy::ToZero);
    // As many units cost a cent more as there are cents left over.
    let dearer = ((amount - low * units) / cent).to_u64().unwrap_or(0);
    vec![line(quantity - dearer, low), line(dearer, low + cent)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_price_of_four_decimals_gives_the_amount_back() {
        // 149.85 for 6 is 24.975 each.
        let lines = price(6, Decimal::new(14_985, 2));
        assert_eq!(
            lines,
            [PricedLine {
                quantity: 6,
                unit_price: Decimal::new(24_975, 3),
                amount: Decimal::new(14_985, 2)
            }]
        );
    }

    #[test]
    fn what_four_decimals_cannot_say_becomes_two_lines() {
        // 100.01 for 300: 0.3334 each would be 100.02, 0.3333 each 99.99.
        let lines = price(300, Decimal::new(10_001, 2));
        let low = PricedLine {
            quantity: 199,
            unit_price: Decimal::new(33, 2),
            amount: Decimal::new(6_567, 2),
        };
        let high = PricedLine {
            quantity: 101,
            unit_price: Decimal::new(34, 2),
            amount: Decimal::new(3_434, 2),
        };
        assert_eq!(lines, [low, high]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]
        #[test]
        fn quantities_and_amounts_add_up_and_each_line_is_the_rounded_product(quantity in 1..100_000_u64, cents in 0..100_000_000_i64) {
            let amount = Decimal::new(cents, 2);
            let lines = price(quantity, amount);
            prop_assert!(lines.len() <= 2);
            prop_assert!(quantity >= 100 || lines.len() == 1);
            prop_assert_eq!(lines.iter().map(|line| line.quantity).sum::<u64>(), quantity);
            prop_assert_eq!(lines.iter().map(|line| line.amount).sum::<Decimal>(), amount);
            for line in lines {
                prop_assert!(line.quantity > 0 && line.unit_price >= Decimal::ZERO && line.amount >= Decimal::ZERO);
                prop_assert_eq!(line.unit_price, line.unit_price.round_dp(4));
                let product = Decimal::from(line.quantity) * line.unit_price;
                for way in [RoundingStrategy::MidpointAwayFromZero, RoundingStrategy::MidpointNearestEven, RoundingStrategy::MidpointTowardZero] {
                    prop_assert_eq!(product.round_dp_with_strategy(2, way), line.amount);
                }
            }
        }
    }
}
