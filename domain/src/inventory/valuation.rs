//! Moving average cost: what comes in changes the average, what goes out goes at it.

use crate::shared::round_to;
use rust_decimal::Decimal;

/// Decimals that an average cost is kept with.
const DECIMALS: u32 = 6;

/// What lies in a place and what one base unit of it cost on average.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Balance {
    /// In base units; below zero only where the tenant lets stock go negative.
    pub quantity: Decimal,
    /// In the tenant's currency, for one base unit.
    pub average_cost: Decimal,
}

impl Balance {
    /// Nothing, worth nothing.
    pub const EMPTY: Self = Self {
        quantity: Decimal::ZERO,
        average_cost: Decimal::ZERO,
    };

    /// What it is worth.
    #[must_use]
    pub fn value(&self) -> Decimal {
        self.quantity * self.average_cost
    }

    /// Moves `quantity` in (at `unit_cost`, or at the average) or out (at the average), and gives the cost of one base unit
    /// that it moved at. Stock that was below zero takes the cost of what comes in: it was issued at a guess. What is taken
    /// back leaves at the `unit_cost` that it came at, as if it had never come; at the average when less than that is left.
    pub fn apply(&mut self, quantity: Decimal, unit_cost: Option<Decimal>) -> Decimal {
        let after = self.quantity + quantity;
        if quantity <= Decimal::ZERO {
            let left = unit_cost.map(|c| self.value() + quantity * c);
            let taken_back = left
                .zip(unit_cost)
                .filter(|(left, _)| *left >= Decimal::ZERO && after > Decimal::ZERO);
            self.quantity = after;
            if let Some((left, cost)) = taken_back {
                self.average_cost = round_to(left / after, DECIMALS);
                return cost;
            }
            return self.average_cost;
        }
        let cost = unit_cost.map_or(self.average_cost, |c| round_to(c, DECIMALS));
        self.average_cost = if self.quantity < Decimal::ZERO {
            cost
        } else {
            round_to((self.value() + quantity * cost) / after, DECIMALS)
        };
        self.quantity = after;
        cost
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rust_decimal::dec;

    #[test]
    fn the_worked_example_of_a_textbook_comes_out() {
        let mut b = Balance::EMPTY;
        assert_eq!(b.apply(dec!(100), Some(dec!(10))), dec!(10));
        b.apply(dec!(50), Some(dec!(13)));
        assert_eq!(b.average_cost, dec!(11));
        assert_eq!(b.apply(dec!(-60), None), dec!(11));
        assert_eq!((b.quantity, b.average_cost), (dec!(90), dec!(11)));
        b.apply(dec!(30), Some(dec!(15.4)));
        assert_eq!(b.average_cost, dec!(12.1));
        assert_eq!(b.value(), dec!(1452));
        b.apply(dec!(-120), None);
        assert_eq!((b.quantity, b.average_cost), (dec!(0), dec!(12.1)));
        b.apply(dec!(1), Some(dec!(3)));
        assert_eq!(b.average_cost, dec!(3));
    }

    #[test]
    fn stock_that_was_negative_takes_the_cost_of_what_comes_in() {
        let mut b = Balance {
            quantity: dec!(-5),
            average_cost: dec!(2),
        };
        b.apply(dec!(8), Some(dec!(4)));
        assert_eq!((b.quantity, b.average_cost), (dec!(3), dec!(4)));
    }

    #[test]
    fn what_is_taken_back_leaves_as_if_it_had_never_come() {
        let mut b = Balance::EMPTY;
        b.apply(dec!(100), Some(dec!(10)));
        let before = b;
        b.apply(dec!(50), Some(dec!(13)));
        assert_eq!(b.apply(dec!(-50), Some(dec!(13))), dec!(13));
        assert_eq!(b, before);
        // Most of it was used at the average: what is left is not worth what came.
        b.apply(dec!(1), Some(dec!(1000)));
        b.apply(dec!(-91), None);
        let average = b.average_cost;
        assert_eq!(b.apply(dec!(-1), Some(dec!(1000))), average);
        assert_eq!((b.quantity, b.average_cost), (dec!(9), average));
    }

    fn moves() -> impl Strategy<Value = Vec<(bool, i64, i64)>> {
        prop::collection::vec((any::<bool>(), 1..1_000_000i64, 0..10_000_000i64), 1..40)
    }

    proptest! {
        #[test]
        fn value_follows_the_movements_but_for_the_rounding_of_the_average(moves in moves()) {
            let mut b = Balance::EMPTY;
            let (mut value, mut slack) = (Decimal::ZERO, Decimal::ZERO);
            for (incoming, quantity, cost) in moves {
                let quantity = Decimal::new(quantity, 3);
                let quantity = if incoming { quantity } else { -quantity.min(b.quantity) };
                let moved_at = b.apply(quantity, incoming.then(|| Decimal::new(cost, 4)));
                value += quantity * moved_at;
                slack += b.quantity * dec!(0.0000005);
            }
            prop_assert!((b.value() - value).abs() <= slack, "{} and {value}, slack {slack}", b.value());
        }

        #[test]
        fn the_average_lies_between_the_old_average_and_the_new_cost(q in 0..1_000_000i64, avg in 0..1_000_000i64, n in 1..1_000_000i64, c in 0..1_000_000i64) {
            let (avg, c) = (Decimal::new(avg, 2), Decimal::new(c, 2));
            let mut b = Balance { quantity: Decimal::new(q, 2), average_cost: avg };
            b.apply(Decimal::new(n, 2), Some(c));
            prop_assert!(b.average_cost >= avg.min(c) && b.average_cost <= avg.max(c) || q == 0 && b.average_cost == c);
        }

        #[test]
        fn what_goes_out_leaves_the_average_alone(q in 1..1_000_000i64, avg in 0..1_000_000i64) {
            let avg = Decimal::new(avg, 6);
            let mut b = Balance { quantity: Decimal::new(q, 2), average_cost: avg };
            prop_assert_eq!(b.apply(-Decimal::ONE, None), avg);
            prop_assert_eq!(b.average_cost, avg);
        }
    }
}
