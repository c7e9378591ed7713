//! What a store orders from a vendor on a day, or sends back to it.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Names a document of a world for ever: `2026-06-01/20011/021/order`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DocumentKey(String);

/// Which way the goods go. Orders sort before returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// A purchase order, received on the same day.
    PurchaseOrder,
    /// A return to the supplier.
    SupplierReturn,
}

/// One document to be lived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Unique in the world.
    pub key: DocumentKey,
    /// Which way the goods go.
    pub kind: DocumentKind,
    /// Code of the tenant.
    pub tenant: String,
    /// The store's number.
    pub store: String,
    /// The vendor's number.
    pub vendor: String,
    /// The business date.
    pub date: NaiveDate,
    /// One line for each line of the file (two where a price cannot be said in four decimals), by invoice line.
    pub lines: Vec<DocumentLine>,
    /// Orders that must have been received before, since this return sends back what they brought: the latest ones that
    /// hold enough. Empty for orders: apart from returns, documents may be lived in any order and at once.
    pub after: Vec<DocumentKey>,
}

/// One line of a document. The same item may stand on several lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentLine {
    /// Counted from 1.
    pub number: u32,
    /// The item's number.
    pub item: String,
    /// Base units; positive also on a return.
    pub quantity: u64,
    /// For one base unit, four decimals at most.
    #[serde(with = "rust_decimal::serde::str")]
    pub unit_price: Decimal,
    /// Quantity times price, rounded to the cent; positive also on a return.
    #[serde(with = "rust_decimal::serde::str")]
    pub amount: Decimal,
    /// The invoice line of the file.
    pub source: String,
}

impl DocumentKey {
    pub(super) fn new(date: NaiveDate, store: &str, vendor: &str, kind: DocumentKind) -> Self {
        let kind = match kind {
            DocumentKind::PurchaseOrder => "order",
            DocumentKind::SupplierReturn => "return",
        };
        Self(format!("{date}/{store}/{vendor}/{kind}"))
    }

    /// As it stands in a journal.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for DocumentKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Document {
    /// Sum of the lines' amounts.
    #[must_use]
    pub fn total(&self) -> Decimal {
        self.lines.iter().map(|line| line.amount).sum()
    }
}
