//! The independent sum of a world's files, against which a replay is proved.
//!
//! It shares no code with the product and none with the plan: it reads the files itself and counts in whole cents and
//! whole bottles. All that it has in common with the plan is the description, which says whose a store is.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::description::Description;

mod cents;

use cents::{Cents, cents, each_row};

/// Bottles by store and item.
pub type Stock = BTreeMap<String, BTreeMap<String, i64>>;

/// What must be true of every tenant when all is lived.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Expectation {
    /// By the tenant's code.
    pub tenants: BTreeMap<String, Sums>,
}

/// The sums of one tenant. What a replay finds through the API has the same shape.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sums {
    /// On hand; an item of which nothing is left counts as absent.
    pub stock: Stock,
    /// Purchase orders: one for each store, day and vendor.
    pub orders: u64,
    /// Supplier returns: one for each store, day and vendor.
    pub returns: u64,
    /// Lines of the files that order.
    pub order_lines: u64,
    /// Lines of the files that return.
    pub return_lines: u64,
    /// Bottles ordered, and so received.
    pub bottles_ordered: i64,
    /// Bottles returned.
    pub bottles_returned: i64,
    /// Ordered money.
    #[serde(with = "rust_decimal::serde::str")]
    pub ordered: Decimal,
    /// Received money; all that is ordered is received.
    #[serde(with = "rust_decimal::serde::str")]
    pub received: Decimal,
    /// Returned money, positive.
    #[serde(with = "rust_decimal::serde::str")]
    pub returned: Decimal,
}

/// One way in which what was found differs from what was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What was compared: `ordered`, or `stock of 43076 at 2549`.
    pub what: String,
    /// By the files.
    pub expected: String,
    /// By the product.
    pub found: String,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: expected {}, found {}", self.what, self.expected, self.found)
    }
}

/// Files that cannot be added up.
#[derive(Debug, thiserror::Error)]
#[error("cannot add up {path}: {why}")]
pub struct CannotAdd {
    path: String,
    why: String,
}

impl Expectation {
    /// Adds up order files as `description` divides their stores among tenants.
    ///
    /// # Errors
    /// If a file cannot be read, or a field is no number.
    pub fn of_files(
        description: &Description,
        products: &Path,
        stores: &Path,
        orders: &[PathBuf],
    ) -> Result<Self, CannotAdd> {
        let mut vendor_of = BTreeMap::new();
        each_row(products, ["Item Number", "Vendor"], |[item, vendor]| {
            vendor_of.insert(item.to_owned(), vendor.to_owned());
            Ok(())
        })?;
        let mut name_of = BTreeMap::new();
        each_row(stores, ["Store", "Name"], |[store, name]| {
            name_of.insert(store.to_owned(), name.to_owned());
            Ok(())
        })?;
        let mut sums: BTreeMap<String, Cents> = BTreeMap::new();
        for path in orders {
            each_row(
                path,
                ["date", "store", "item", "bottles", "sale_dollars"],
                |[date, store, item, bottles, dollars]| {
                    let tenant = description
                        .tenant_of(store, name_of.get(store).map(String::as_str))
                        .ok_or_else(|| format!("nobody owns the store {store}"))?;
                    if !sums.contains_key(&tenant.code) {
                        sums.insert(tenant.code.clone(), Cents::default());
                    }
                    let vendor = vendor_of.get(item).map_or("", String::as_str);
                    let bottles = bottles.parse().map_err(|_| format!("{bottles:?} bottles"))?;
                    let cents = cents(dollars).ok_or_else(|| format!("{dollars:?} dollars"))?;
                    if let Some(own) = sums.get_mut(&tenant.code) {
                        own.add([date, store, vendor], item, bottles, cents);
                    }
                    Ok(())
                },
            )?;
        }
        Ok(Self {
            tenants: sums.into_iter().map(|(code, sums)| (code, sums.finish())).collect(),
        })
    }
}

impl Sums {
    /// Whatever differs in what the product says of itself, stock first; empty is the proof.
    #[must_use]
    pub fn differences(&self, found: &Self) -> Vec<Difference> {
        let mut differences = Vec::new();
        let mut compare = |what: String, expected: String, found: String| {
            if expected != found {
                differences.push(Difference { what, expected, found });
            }
        };
        let places: BTreeSet<(&String, &String)> = [&self.stock, &found.stock]
            .into_iter()
            .flat_map(|stock| {
                stock
                    .iter()
                    .flat_map(|(store, items)| items.keys().map(move |item| (store, item)))
            })
            .collect();
        for (store, item) in places {
            let at = |stock: &Stock| {
                stock
                    .get(store)
                    .and_then(|items| items.get(item))
                    .copied()
                    .unwrap_or(0)
                    .to_string()
            };
            compare(format!("stock of {item} at {store}"), at(&self.stock), at(&found.stock));
        }
        let counts = [
            ("orders", self.orders, found.orders),
            ("returns", self.returns, found.returns),
            ("order lines", self.order_lines, found.order_lines),
            ("return lines", self.return_lines, found.return_lines),
        ];
        for (what, expected, found) in counts {
            compare(what.to_owned(), expected.to_string(), found.to_string());
        }
        compare(
            "bottles ordered".into(),
            self.bottles_ordered.to_string(),
            found.bottles_ordered.to_string(),
        );
        compare(
            "bottles returned".into(),
            self.bottles_returned.to_string(),
            found.bottles_returned.to_string(),
        );
        let money = [
            ("ordered", self.ordered, found.ordered),
            ("received", self.received, found.received),
            ("returned", self.returned, found.returned),
        ];
        for (what, expected, found) in money {
            compare(
                what.to_owned(),
                expected.normalize().to_string(),
                found.normalize().to_string(),
            );
        }
        differences
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_difference_is_told() {
        let none = Sums::default();
        let all = Sums {
            stock: [("1".to_owned(), [("2".to_owned(), 3)].into())].into(),
            orders: 1,
            returns: 1,
            order_lines: 1,
            return_lines: 1,
            bottles_ordered: 1,
            bottles_returned: 1,
            ordered: Decimal::ONE,
            received: Decimal::ONE,
            returned: Decimal::ONE,
        };
        assert_eq!(none.differences(&all).len(), 10);
        assert_eq!(
            all.differences(&none)[0].to_string(),
            "stock of 2 at 1: expected 3, found 0"
        );
        assert!(all.differences(&all.clone()).is_empty());
    }
}
