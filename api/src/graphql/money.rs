//! Money and quantities as clients see them.

use super::scalar::{CurrencyCode, Decimal, UnitCode};
use crate::plan;
use async_graphql::SimpleObject;

/// An amount in a currency.
#[derive(SimpleObject, Debug, Clone)]
pub struct Money {
    /// The amount, exact.
    pub amount: Decimal,
    /// ISO 4217.
    pub currency_code: CurrencyCode,
}

/// A quantity in a unit.
#[derive(SimpleObject, Debug, Clone)]
pub struct Quantity {
    /// How much, exact.
    pub value: Decimal,
    /// UN/ECE Recommendation 20.
    pub unit: UnitCode,
}

plan!(Money { amount, currency_code });
plan!(Quantity { value, unit });

/// An amount in a currency.
#[must_use]
pub fn money(amount: rust_decimal::Decimal, currency: &str) -> Money {
    Money {
        amount: Decimal(amount),
        currency_code: currency.into(),
    }
}

/// A quantity in a unit.
#[must_use]
pub fn quantity(value: rust_decimal::Decimal, unit: &str) -> Quantity {
    Quantity {
        value: Decimal(value),
        unit: unit.into(),
    }
}
