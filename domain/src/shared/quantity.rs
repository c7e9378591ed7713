//! Quantities and prices as people may enter them.

use quartermaster_tenants::Refusal;
use rust_decimal::Decimal;
use rust_decimal::dec;

/// The largest quantity and price that a line may have.
const MOST: Decimal = dec!(1000000000);

/// A quantity above zero with at most six decimals.
///
/// # Errors
/// A refusal that names the field.
pub fn quantity(field: &[&str], value: Decimal) -> Result<Decimal, Refusal> {
    if value <= Decimal::ZERO {
        return Err(Refusal::invalid(field, "The quantity must be above zero."));
    }
    in_range(field, value, 6)
}

/// A level of stock: zero or more with at most six decimals.
///
/// # Errors
/// A refusal that names the field.
pub fn stock_level(field: &[&str], value: Decimal) -> Result<Decimal, Refusal> {
    if value < Decimal::ZERO {
        return Err(Refusal::invalid(field, "The level must not be negative."));
    }
    in_range(field, value, 6)
}

/// A price of zero or more with at most four decimals.
///
/// # Errors
/// A refusal that names the field.
pub fn unit_price(field: &[&str], value: Decimal) -> Result<Decimal, Refusal> {
    if value < Decimal::ZERO {
        return Err(Refusal::invalid(field, "The price must not be negative."));
    }
    in_range(field, value, 4)
}

/// The cost of one base unit: zero or more with at most six decimals.
///
/// # Errors
/// A refusal that names the field.
pub fn unit_cost(field: &[&str], value: Decimal) -> Result<Decimal, Refusal> {
    if value < Decimal::ZERO {
        return Err(Refusal::invalid(field, "The cost must not be negative."));
    }
    in_range(field, value, 6)
}

/// A percentage between 0 and 100 with at most four decimals.
///
/// # Errors
/// A refusal that names the field.
pub fn percent(field: &[&str], value: Decimal) -> Result<Decimal, Refusal> {
    if value < Decimal::ZERO || value > Decimal::ONE_HUNDRED {
        return Err(Refusal::invalid(field, "A percentage from 0 to 100 is expected."));
    }
    in_range(field, value, 4)
}

fn in_range(field: &[&str], value: Decimal, decimals: u32) -> Result<Decimal, Refusal> {
    let value = value.normalize();
    if value.abs() > MOST {
        return Err(Refusal::invalid(
            field,
            "The number is too large: at most 1,000,000,000.",
        ));
    }
    if value.scale() > decimals {
        return Err(Refusal::invalid(
            field,
            format!("At most {decimals} decimals are allowed."),
        ));
    }
    Ok(value)
}
