//! What lies in a place and how much of it is promised.

use super::valuation::Balance;
use rust_decimal::Decimal;

/// A balance, and what of it is promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    /// What lies there, at which cost.
    pub balance: Balance,
    /// Promised to documents that have not taken it yet, in base units. More than lies there only where the tenant flags
    /// what falls short.
    pub allocated: Decimal,
}

impl Holding {
    /// Nothing, promised to nobody.
    pub const EMPTY: Self = Self {
        balance: Balance::EMPTY,
        allocated: Decimal::ZERO,
    };

    /// What is left to promise or to take.
    #[must_use]
    pub fn free(&self) -> Decimal {
        self.balance.quantity - self.allocated
    }

    /// How much too much was taken or promised on the way from `was` to here; nothing where what was short already did not
    /// get worse. What is taken by the document that it was promised to leaves what is free alone.
    #[must_use]
    pub fn missing_since(&self, was: &Self) -> Option<Decimal> {
        let worse = |is: Decimal, was: Decimal| (is < Decimal::ZERO && is < was).then_some(-is);
        worse(self.free(), was.free()).max(worse(self.balance.quantity, was.balance.quantity))
    }

    /// Did it begin to fall short on the way from `was` to here?
    #[must_use]
    pub fn fell_short_since(&self, was: &Self) -> bool {
        let crossed = |is: Decimal, was: Decimal| is < Decimal::ZERO && was >= Decimal::ZERO;
        crossed(self.free(), was.free()) || crossed(self.balance.quantity, was.balance.quantity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn holding(quantity: i64, allocated: i64) -> Holding {
        Holding {
            balance: Balance {
                quantity: Decimal::from(quantity),
                average_cost: Decimal::ONE,
            },
            allocated: Decimal::from(allocated),
        }
    }

    #[test]
    fn what_is_promised_is_missing_to_whoever_takes_it_without_a_promise() {
        let was = holding(50, 45);
        assert_eq!(holding(45, 45).missing_since(&was), None);
        assert_eq!(holding(40, 45).missing_since(&was), Some(Decimal::from(5)));
        assert_eq!(holding(50, 51).missing_since(&was), Some(Decimal::ONE));
        assert_eq!(holding(5, 0).missing_since(&was), None);
    }

    proptest! {
        #[test]
        fn no_step_that_is_let_through_takes_more_than_there_is(q in 0..100i64, a in 0..100i64, take in 0..100i64, promise in -100..100i64) {
            prop_assume!(a <= q && a + promise >= 0);
            let (was, is) = (holding(q, a), holding(q - take, a + promise));
            let short = is.free() < Decimal::ZERO || is.balance.quantity < Decimal::ZERO;
            prop_assert_eq!(is.missing_since(&was).is_some(), short);
            prop_assert_eq!(is.fell_short_since(&was), short);
        }

        #[test]
        fn what_comes_in_or_is_freed_is_never_refused(q in -100..100i64, a in 0..100i64, come in 0..100i64, free in 0..100i64) {
            let (was, is) = (holding(q, a), holding(q + come, a - free.min(a)));
            prop_assert_eq!(is.missing_since(&was), None);
        }
    }
}
