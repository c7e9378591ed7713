//! From an amount to a level.

use rust_decimal::Decimal;

use super::vocabulary::Level;

/// The level an exposure needs: how many of the limits it exceeds; equal to a limit is not above it. Amounts are in the
/// tenant's currency; a negative exposure counts by its absolute amount.
pub fn required_level(exposure: Decimal, limits: &[Decimal; 4]) -> Level {
    let exposure = exposure.abs();
    let exceeded = limits.iter().filter(|limit| exposure > **limit).count();
    Level::ALL.get(exceeded).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use rust_decimal::dec;

    use super::*;

    #[test]
    fn an_amount_equal_to_a_limit_is_not_above_it() {
        let limits = [dec!(500), dec!(5000), dec!(50000), dec!(500000)];
        let level = |amount| required_level(amount, &limits).get();
        assert_eq!(
            [
                level(dec!(0)),
                level(dec!(500)),
                level(dec!(500.0001)),
                level(dec!(5000))
            ],
            [0, 0, 1, 1]
        );
        assert_eq!(
            [level(dec!(5000.01)), level(dec!(500000)), level(dec!(500000.01))],
            [2, 3, 4]
        );
        assert_eq!(level(dec!(-501)), 1);
    }

    #[test]
    fn a_limit_of_zero_makes_every_amount_need_an_approver() {
        let limits = [dec!(0), dec!(5000), dec!(50000), dec!(500000)];
        assert_eq!(required_level(dec!(0.01), &limits).get(), 1);
    }
}
