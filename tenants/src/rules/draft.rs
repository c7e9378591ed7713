//! The settings that an edit changes; what is not given stays.

use crate::settings::{NegativeStock, Settings};
use crate::tx::Numbering;
use rust_decimal::Decimal;

/// Changed settings; what is `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SettingsDraft {
    /// Four rising limits, in the tenant's currency.
    pub approval_limits: Option<[Decimal; 4]>,
    /// Days in which orders of one maker to one supplier add up.
    pub aggregation_window_days: Option<u32>,
    /// In percent.
    pub over_receipt_tolerance_percent: Option<Decimal>,
    /// In percent.
    pub under_receipt_tolerance_percent: Option<Decimal>,
    /// An approved order is released at once.
    pub release_on_approval: Option<bool>,
    /// Refused or flagged.
    pub negative_stock: Option<NegativeStock>,
    /// In percent.
    pub count_tolerance_percent: Option<Decimal>,
    /// Receivers do not see what was ordered.
    pub blind_receiving: Option<bool>,
    /// The tenant's API runs registered documents and no others.
    pub registered_documents_only: Option<bool>,
    /// All rates, in place of those there are.
    pub exchange_rates: Option<Vec<(String, Decimal)>>,
    /// Patterns of these kinds of document; other kinds keep theirs.
    pub numbering: Vec<(String, Numbering)>,
}

impl SettingsDraft {
    /// The settings with these changes.
    #[must_use]
    pub fn on(&self, current: &Settings) -> Settings {
        fn percent(given: Option<Decimal>, current: Decimal) -> Decimal {
            given.map_or(current, |d| d.normalize())
        }
        let mut s = current.clone();
        if let Some(limits) = self.approval_limits {
            s.approval_limits = limits.map(|l| l.normalize());
        }
        if let Some(days) = self.aggregation_window_days {
            s.aggregation_window_days = days;
        }
        s.over_receipt_tolerance_percent =
            percent(self.over_receipt_tolerance_percent, s.over_receipt_tolerance_percent);
        s.under_receipt_tolerance_percent =
            percent(self.under_receipt_tolerance_percent, s.under_receipt_tolerance_percent);
        s.count_tolerance_percent = percent(self.count_tolerance_percent, s.count_tolerance_percent);
        s.release_on_approval = self.release_on_approval.unwrap_or(s.release_on_approval);
        s.negative_stock = self.negative_stock.unwrap_or(s.negative_stock);
        s.blind_receiving = self.blind_receiving.unwrap_or(s.blind_receiving);
        s.registered_documents_only = self.registered_documents_only.unwrap_or(s.registered_documents_only);
        if let Some(rates) = &self.exchange_rates {
            s.exchange_rates = rates.iter().map(|(c, r)| (c.clone(), r.normalize())).collect();
        }
        for (kind, numbering) in &self.numbering {
            s.numbering.insert(kind.clone(), numbering.clone());
        }
        s
    }
}
