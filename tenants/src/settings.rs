//! What a tenant decides for itself, by two people: limits, tolerances, automations, numbering (6.10).

use crate::error::{Code, Refusal};
use crate::input::{Refusals, currency};
use crate::tx::Numbering;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// No approval limit is above this, in the tenant's currency.
const MOST_LIMIT: i64 = 999_999_999_999_999;

/// The kinds of documents that have numbers, and how those begin.
const NUMBERED: [(&str, &str); 7] = [
    ("PURCHASE_ORDER", "PO"),
    ("RECEIPT", "RC"),
    ("SUPPLIER_RETURN", "RTV"),
    ("ADJUSTMENT", "ADJ"),
    ("STOCK_COUNT", "CNT"),
    ("TRANSFER", "TRF"),
    ("DISCREPANCY", "DSC"),
];

/// What happens to a movement that would make stock negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum NegativeStock {
    /// It is refused.
    Refuse,
    /// It is posted, and an event asks for attention.
    Flag,
}

/// The settings that weaken or strengthen a control. Each version is a published WORKFLOW_RULE document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Settings {
    /// The tenant's currency (ISO 4217); amounts here are in it.
    pub currency: String,
    /// Four rising limits: the level of an amount is the number of limits that it exceeds.
    pub approval_limits: [Decimal; 4],
    /// Orders of one maker to one supplier inside this many days add up for their level; 0 is off.
    pub aggregation_window_days: u32,
    /// How much more than ordered may be received, in percent of the line's quantity.
    pub over_receipt_tolerance_percent: Decimal,
    /// How much less than ordered is no discrepancy when the receipt completes a line, in percent.
    pub under_receipt_tolerance_percent: Decimal,
    /// An approved order is released at once, as a system act.
    pub release_on_approval: bool,
    /// What happens to a movement that would make stock negative.
    pub negative_stock: NegativeStock,
    /// A count within this percentage of the expected quantity needs no recount.
    pub count_tolerance_percent: Decimal,
    /// Receivers do not see what was ordered.
    pub blind_receiving: bool,
    /// The tenant's API runs registered documents and no others.
    pub registered_documents_only: bool,
    /// What one unit of a foreign currency (ISO 4217) is worth in the tenant's: for approval levels.
    pub exchange_rates: BTreeMap<String, Decimal>,
    /// How documents are numbered, by kind.
    pub numbering: BTreeMap<String, Numbering>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            currency: "USD".to_owned(),
            approval_limits: [
                Decimal::from(500),
                Decimal::from(5_000),
                Decimal::from(50_000),
                Decimal::from(500_000),
            ],
            aggregation_window_days: 0,
            over_receipt_tolerance_percent: Decimal::ZERO,
            under_receipt_tolerance_percent: Decimal::ZERO,
            release_on_approval: false,
            negative_stock: NegativeStock::Refuse,
            count_tolerance_percent: Decimal::ZERO,
            blind_receiving: false,
            registered_documents_only: false,
            exchange_rates: BTreeMap::new(),
            numbering: NUMBERED
                .into_iter()
                .map(|(kind, prefix)| (kind.to_owned(), Numbering::plain(prefix)))
                .collect(),
        }
    }
}

impl Settings {
    /// All that is wrong with them.
    #[must_use]
    pub fn problems(&self) -> Vec<Refusal> {
        let mut found = Refusals::default();
        found.take(currency(&["settings", "currencyCode"], &self.currency));
        let limits = &self.approval_limits;
        if limits[0] < Decimal::ZERO || limits.windows(2).any(|pair| pair[0] > pair[1]) {
            let message = "The four approval limits rise, and none is negative.";
            found.push(Refusal::invalid(&["settings", "approvalLimits"], message));
        }
        if limits
            .iter()
            .any(|l| *l > Decimal::from(MOST_LIMIT) || l.normalize().scale() > 4)
        {
            let message = "An approval limit has at most 15 digits and 4 decimals.";
            found.push(Refusal::new(Code::TooLarge, &["settings", "approvalLimits"], message));
        }
        if self.aggregation_window_days > 365 {
            let message = "The window has at most 365 days.";
            found.push(Refusal::new(
                Code::TooLarge,
                &["settings", "aggregationWindowDays"],
                message,
            ));
        }
        let percentages = [
            ("overReceiptTolerancePercent", self.over_receipt_tolerance_percent),
            ("underReceiptTolerancePercent", self.under_receipt_tolerance_percent),
            ("countTolerancePercent", self.count_tolerance_percent),
        ];
        for (field, value) in percentages {
            if value < Decimal::ZERO || value > Decimal::ONE_HUNDRED || value.normalize().scale() > 4 {
                let message = "A tolerance is a percentage from 0 to 100 with at most 4 decimals.";
                found.push(Refusal::invalid(&["settings", field], message));
            }
        }
        for (code, rate) in &self.exchange_rates {
            found.take(currency(&["settings", "exchangeRates", code], code));
            if *rate <= Decimal::ZERO {
                found.push(Refusal::invalid(
                    &["settings", "exchangeRates", code],
                    "A rate is above zero.",
                ));
            }
        }
        for (kind, numbering) in &self.numbering {
            if !NUMBERED.iter().any(|(numbered, _)| kind == numbered) {
                let message = "Documents of this kind have no number.";
                found.push(Refusal::invalid(&["settings", "numbering", kind], message));
            }
            if let Some(problem) = numbering.problem() {
                found.push(Refusal::invalid(&["settings", "numbering", kind], problem));
            }
        }
        found.0
    }

    /// How documents of this kind are numbered.
    #[must_use]
    pub fn numbering(&self, kind: &str) -> Numbering {
        self.numbering
            .get(kind)
            .cloned()
            .unwrap_or_else(|| Numbering::plain(kind.get(..3).unwrap_or("DOC")))
    }
}
